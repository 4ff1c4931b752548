"""Style versions on disk: each a plain PEFT adapter folder with a manifest, whole and verified or not there.

A version is written into ``<id>.tmp``, fsynced and renamed. The ledger (which one is in use, what became of the
ratings) is the store's; ``register`` enters a finished update there in one transaction. Loads no torch.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from assistant.errors import BadInput, NotFound, StoreError

MANIFEST = "attune-style.json"
ADAPTER = ("adapter_config.json", "adapter_model.safetensors")
_LARGEST = 2_000_000_000  # bytes of an imported adapter


def begin(styles: Path, version: str) -> Path:
    """An empty temporary folder for a version; left-overs of an interrupted update are dropped."""
    try:
        styles.mkdir(parents=True, exist_ok=True)
        for stale in styles.glob("*.tmp"):
            shutil.rmtree(stale, ignore_errors=True)
        folder = styles / f"{version}.tmp"
        folder.mkdir()
    except OSError as error:
        raise StoreError(f"The style could not be written: {error.strerror}.") from error
    return folder


def finish(folder: Path, manifest: Mapping[str, Any]) -> Path:
    """Hash every file, write the manifest, fsync, and rename ``<id>.tmp`` to ``<id>``."""
    target = folder.with_suffix("")
    try:
        sums = {f.name: _sha256(f) for f in sorted(folder.iterdir()) if f.is_file()}
        path = folder / MANIFEST
        path.write_text(json.dumps({**manifest, "sha256": sums}, indent=1), encoding="utf-8")
        for file in folder.iterdir():
            with open(file, "rb") as handle:
                os.fsync(handle.fileno())
        _sync(folder)
        folder.rename(target)
        _sync(target.parent)
    except OSError as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise StoreError(f"The style could not be written: {error.strerror}.") from error
    return target


def verify(folder: Path) -> dict[str, Any]:
    """The manifest of a version whose files are what they were. Raises NotFound or BadInput."""
    if not folder.is_dir():
        raise NotFound(f"There is no style version {folder.name}.")
    try:
        manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        sums = dict(manifest["sha256"])
        damaged = [name for name, digest in sums.items() if _sha256(folder / name) != digest]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BadInput(f"Style version {folder.name} is damaged.") from error
    if damaged or not set(ADAPTER) <= set(sums):
        raise BadInput(f"Style version {folder.name} is damaged.")
    return manifest


def register(store: Any, model: str, report: Mapping[str, Any], line: str = "") -> str | None:
    """Enter a finished update (the report of ``update.run``) in the ledger; an accepted one is used from now on.

    ``line``: the named style that it is a version of; empty: the user's own.

    Returns the version's id, None when the update made no version (nothing to learn yet).
    """
    version = report.get("version") or report.get("rejected_version")
    if not version:
        return None
    accepted = bool(report["accepted"])
    store.add_style(
        model, style_id=version, parent=report.get("parent"), state="active" if accepted else "rejected",
        used=report.get("used", ()), held_out=report.get("held_out", ()), report=dict(report), make_current=accepted, line=line,
    )  # fmt: skip
    return str(version)


def export(styles: Path, version: str, target: Path) -> None:
    """Copy a version out as a plain PEFT adapter into the new folder ``target``."""
    verify(styles / version)
    if target.exists():
        raise BadInput(f"{target} exists already; name a new folder.")
    try:
        shutil.copytree(styles / version, target)
    except OSError as error:
        raise StoreError(f"The style could not be copied to {target}: {error.strerror}.") from error


def bring_in(source: Path, styles: Path, version: str, model: str) -> Path:
    """Copy a PEFT LoRA adapter in as a version. Only its two files are taken. Raises BadInput when it is none."""
    try:
        config = json.loads((source / ADAPTER[0]).read_text(encoding="utf-8"))
        size = (source / ADAPTER[1]).stat().st_size
    except (OSError, ValueError) as error:
        raise BadInput(f"{source} holds no PEFT adapter that can be read.") from error
    if not isinstance(config, dict) or config.get("peft_type") != "LORA" or config.get("use_dora"):
        raise BadInput(f"{source.name} is a kind of adapter that Attune does not know; LoRA is needed.")
    if not 8 < size <= _LARGEST or not _is_safetensors(source / ADAPTER[1], size):
        raise BadInput(f"The weights in {source.name} are damaged.")
    folder = begin(styles, version)
    try:
        for name in ADAPTER:
            shutil.copyfile(source / name, folder / name)
    except OSError as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise StoreError(f"The style could not be copied: {error.strerror}.") from error
    return finish(folder, {"version": version, "model": model, "imported": True})


def _is_safetensors(path: Path, size: int) -> bool:
    with open(path, "rb") as file:
        length = int.from_bytes(file.read(8), "little")
        if not 2 <= length <= min(size - 8, 50_000_000):
            return False
        try:
            header = json.loads(file.read(length))
            ends = [int(v["data_offsets"][1]) for k, v in header.items() if k != "__metadata__"]
        except (ValueError, KeyError, TypeError, AttributeError, IndexError):
            return False
    return bool(ends) and max(ends) == size - 8 - length


def _sha256(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sync(folder: Path) -> None:
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
