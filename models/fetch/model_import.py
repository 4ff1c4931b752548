"""Models that the user already has: a folder, a PEFT adapter, a GGUF file. Checked before anything of them is used.

A whole model folder stays where it lies and is only linked. An adapter is merged into its base. A GGUF file is copied
(or linked) into a folder in the models folder, with its settings beside it. Each takes the one way of all models then.
"""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable
from pathlib import Path

from models import durable
from models.errors import ModelNotFound, ModelRefused
from models.fetch import catalog
from models.fetch.catalog import Entry
from models.fetch.transfer import SPARE_BYTES
from models.gguf.folder import GGUF_NAME, Stopped, place
from models.starter.sources import Progress

_STALE_S = 600.0


def take_in(
    path: Path,
    models_dir: Path,
    model_id: str | None,
    progress: Progress,
    *,
    link: bool = False,
    stop: threading.Event | None = None,
) -> Entry:
    """Make what lies at ``path`` a model. ``link``: a GGUF file stays where it is instead of being copied.

    Raises ModelNotFound or ModelRefused with the reason in one sentence, Stopped when ``stop`` was set; nothing of the
    model is there then.
    """
    if path.is_dir() and (path / "adapter_config.json").is_file() and not (path / "config.json").is_file():
        from models.adapters.merge import merge, plan

        name = catalog.free_id(model_id or catalog.id_for(path.name), models_dir)
        adapter = plan(path, models_dir)
        size = sum(file.stat().st_size for file in adapter.weights)
        return _build(name, models_dir, size, lambda folder: merge(adapter, folder, progress))
    if path.is_dir():
        return catalog.add(path, models_dir, model_id)
    if path.is_file():
        return _take_in_gguf(path, models_dir, model_id, progress, link, stop)
    raise ModelNotFound(f"There is no model at {path}.")


def _take_in_gguf(
    path: Path,
    models_dir: Path,
    model_id: str | None,
    progress: Progress,
    link: bool,
    stop: threading.Event | None,
) -> Entry:
    from models.gguf import unpack
    from models.gguf.model import examine, make_folder

    header = examine(path)
    name = catalog.free_id(model_id or catalog.id_for(path.stem), models_dir)
    if header.architecture in unpack.ARCHITECTURES:
        need = unpack.unpacked_bytes(header)
        return _build(name, models_dir, need, lambda folder: unpack.unpack(header, folder, progress))

    def fill(folder: Path) -> None:
        sha256 = place(path, folder, "link" if link else "copy", progress, stop)
        make_folder(folder / GGUF_NAME, folder, progress, sha256=sha256)

    # the file, and the weights packed for this processor at the first start
    size = header.size_bytes * (1 if link else 2)
    return _build(name, models_dir, size, fill, stop)


def _build(
    model_id: str,
    models_dir: Path,
    size_bytes: int,
    fill: Callable[[Path], None],
    stop: threading.Event | None = None,
) -> Entry:
    """Fill a temporary folder, then give it its name: a model is there whole or not at all."""
    partial = models_dir / f".{model_id}.tmp"
    models_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    free = shutil.disk_usage(models_dir).free
    if size_bytes + SPARE_BYTES > free:
        raise ModelRefused(
            f"{model_id} needs {(size_bytes + SPARE_BYTES) / 1e9:.1f} GB of disk space, {free / 1e9:.1f} GB are free."
        )
    shutil.rmtree(partial, ignore_errors=True)
    _remove_left(models_dir)
    try:
        partial.mkdir(mode=0o700)
        fill(partial)
        for path in partial.iterdir():
            durable.sync(path)
        if stop is not None and stop.is_set():
            raise Stopped
        partial.replace(models_dir / model_id)
    except OSError as error:
        raise ModelRefused(f"{model_id} could not be written: {error.strerror or error}.") from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return catalog.find(model_id, models_dir)


def _remove_left(models_dir: Path) -> None:
    """What additions left whose process was killed: nothing was written there for a while."""
    for folder in models_dir.glob(".*.tmp"):
        try:
            latest = max(path.stat().st_mtime for path in (folder, *folder.iterdir()))
        except OSError:
            continue  # a file, or gone in between
        if time.time() - latest > _STALE_S:
            shutil.rmtree(folder, ignore_errors=True)
