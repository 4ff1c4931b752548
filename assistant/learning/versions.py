"""Style versions on disk: each a plain PEFT adapter folder with a manifest, whole and verified or not there.

A version is written into a temporary folder under a lock, fsynced and renamed. The ledger (which one is in use, what
became of the ratings) is the store's; ``register`` enters a finished update there in one transaction. Loads no torch.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assistant import strict_json
from assistant.errors import BadInput, NotFound, StoreError
from assistant.records import STYLE_ID, UpdateReport
from assistant.store import staging
from models import durable
from models.adapters import adapter_files
from models.adapters.adapter_files import ADAPTER
from models.errors import ModelRefused

if TYPE_CHECKING:
    from assistant.store import Store

MANIFEST = "attune-style.json"
UNDER_WAY = "Another update of the style is under way in this data folder; try again when it has ended."


@contextlib.contextmanager
def learning(styles: Path) -> Iterator[None]:
    """Hold the one lock for learning of a data folder; what updates left behind that were cut off is dropped.

    Raises StoreError while another update is under way.
    """
    with contextlib.ExitStack() as lock:
        try:
            styles.mkdir(parents=True, exist_ok=True)
            lock.enter_context(staging.of_learning(styles).held(0.0, UNDER_WAY))
        except OSError as error:
            raise StoreError(f"The style could not be written: {error.strerror}.") from error
        yield


def begin(styles: Path, version: str) -> Path:
    """An empty temporary folder for the version of an update; needs the lock of ``learning``."""
    return _begin(staging.of_learning(styles), version)


def _begin(place: staging.Workplace, version: str) -> Path:
    try:
        place.folder.mkdir(parents=True, exist_ok=True)
        folder = place.folder / f"{version}{place.suffix}"
        folder.mkdir()
    except OSError as error:
        raise StoreError(f"The style could not be written: {error.strerror}.") from error
    return folder


def remove(styles: Path, version: str) -> None:
    """Delete the files of a version, where there are any. BadInput for anything but a folder right in ``styles``."""
    folder = styles / version
    if not STYLE_ID.fullmatch(version) or folder.resolve().parent != styles.resolve():
        raise BadInput(f"{version!r} is no style version, so nothing was deleted.")
    shutil.rmtree(folder, ignore_errors=True)


def finish(folder: Path, manifest: Mapping[str, Any]) -> Path:
    """Hash every file, write the manifest, fsync, and rename ``<id>.tmp`` (or ``<id>.import``) to ``<id>``."""
    target = folder.with_suffix("")
    try:
        sums = {f.name: _sha256(f) for f in sorted(folder.iterdir()) if f.is_file()}
        path = folder / MANIFEST
        whole = strict_json.without_nan({**manifest, "sha256": sums})
        path.write_text(json.dumps(whole, indent=1), encoding="utf-8")
        for file in (*folder.iterdir(), folder):
            durable.sync(file)
        folder.rename(target)
        durable.sync(target.parent)
    except OSError as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise StoreError(f"The style could not be written: {error.strerror}.") from error
    return target


def verify(folder: Path) -> dict[str, Any]:
    """The manifest of a version whose files are what they were. Raises NotFound or BadInput."""
    if not folder.is_dir():
        raise NotFound(f"There is no style version {folder.name}.")
    try:
        manifest: dict[str, Any] = strict_json.without_nan(
            json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        )
        sums = dict(manifest["sha256"])
        damaged = [name for name, digest in sums.items() if _sha256(folder / Path(name).name) != digest]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BadInput(f"Style version {folder.name} is damaged.") from error
    if damaged or not set(ADAPTER) <= set(sums):
        raise BadInput(f"Style version {folder.name} is damaged.")
    return manifest


def register(store: Store, model: str, report: UpdateReport, line: str = "") -> str | None:
    """Enter a finished update (the report of ``update.run``) in the ledger; an accepted one is used from now on.

    ``line``: the named style that it is a version of; empty: the user's own.

    Returns the version's id, None when the update made no version (nothing to learn yet).
    """
    version = report.version or report.rejected_version
    if not version:
        return None
    store.add_style(
        model, style_id=version, parent=report.parent, state="active" if report.accepted else "rejected",
        used=report.used, held_out=report.held_out, report=report, make_current=report.accepted, line=line,
    )  # fmt: skip
    return version


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
    _check(source)
    place = staging.of_imports(styles)
    try:
        styles.mkdir(parents=True, exist_ok=True)
        with place.held():
            folder = _begin(place, version)
            try:
                for name in ADAPTER:
                    shutil.copyfile(source / name, folder / name)
                _check(folder)  # what was copied is what was looked at
                return finish(folder, {"version": version, "model": model, "imported": True})
            finally:
                shutil.rmtree(folder, ignore_errors=True)  # gone already where the version was finished
    except OSError as error:
        raise StoreError(f"The style could not be copied: {error.strerror}.") from error


def _check(folder: Path) -> None:
    """Raises BadInput in a sentence where a folder holds no LoRA adapter that can be used."""
    try:
        adapter_files.check(folder)
    except ModelRefused as error:
        raise BadInput(str(error)) from error


def _sha256(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
