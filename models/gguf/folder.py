"""A GGUF model on disk: a folder with the file itself (``source.gguf``), the settings read from its header, a record.

The record holds the file's hash, taken once when the file arrived. Torch-free and quick to import: the catalogue and
``models.fetch.trust`` look at such folders through it.
"""

from __future__ import annotations

import hashlib
import json
import os
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

from models.errors import ModelRefused
from models.gguf.header import Header, TensorInfo, read_header

Progress = Callable[[str, float, float], None]  # phase, done, total
How = Literal["copy", "move", "link"]
GGUF_NAME = "source.gguf"
RECORD = "attune-gguf.json"
_CHUNK = 4 << 20
# Kinds of matrices that are no quantised form: such a file is quantised here, like safetensors.
PLAIN_TYPES = frozenset({"F32", "F16", "BF16", "F64"})


class Stopped(Exception):
    """Taking a file in was stopped on request; nothing of it stays."""


@dataclass(frozen=True, slots=True)
class Record:
    """What is known of ``source.gguf`` since it arrived."""

    sha256: str
    size_bytes: int
    architecture: str
    name: str  # the file's own name for the model
    license: str
    parameters: int

    def write(self, folder: Path) -> None:
        path = folder / RECORD
        path.write_text(json.dumps(asdict(self), ensure_ascii=False, indent=2), encoding="utf-8")

    @classmethod
    def read(cls, folder: Path) -> Record | None:
        """None: there is none, or it is damaged."""
        try:
            record = cls(**json.loads((folder / RECORD).read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return None
        numbers, texts = (record.size_bytes, record.parameters), (record.sha256, record.name, record.license)
        whole = all(isinstance(n, int) for n in numbers) and all(isinstance(text, str) for text in texts)
        return record if whole else None


def gguf_in(folder: Path) -> Path | None:
    """The folder's GGUF file (the file itself or a link to it); None: there is none."""
    path = folder / GGUF_NAME
    return path if path.is_file() else None


def is_gguf_model(folder: Path) -> bool:
    """Whether the weights of the model in ``folder`` are its GGUF file alone."""
    named = os.path.lexists(folder / GGUF_NAME)  # a link whose target is gone counts
    return named and not any(folder.glob("*.safetensors"))


def header_in(folder: Path) -> Header:
    """The header of the folder's GGUF file, read once for as long as the file stays as it is. Raises ModelRefused."""
    path = folder / GGUF_NAME
    try:
        found = path.stat()
    except OSError as error:
        where = f" ({path.readlink()})" if path.is_symlink() else ""
        raise ModelRefused(f"The GGUF file of {folder.name}{where} is gone.") from error
    return _cached_header(path, found.st_size, found.st_mtime_ns)


@lru_cache(maxsize=16)
def _cached_header(path: Path, size: int, mtime_ns: int) -> Header:
    return read_header(path)


def stored_as(header: Header) -> str:
    """The type of most of its matrices' weights, by GGML's name."""
    counts: dict[str, int] = {}
    for tensor in matrices(header):
        counts[tensor.type] = counts.get(tensor.type, 0) + tensor.count
    return max(counts, key=lambda kind: counts[kind], default="F32")


def matrices(header: Header) -> list[TensorInfo]:
    return [tensor for tensor in header.tensors.values() if len(tensor.shape) > 1]


def is_quantized(header: Header) -> bool:
    """Whether its matrices come quantised, so that they are used as they are."""
    return stored_as(header) not in PLAIN_TYPES


def matrix_bytes(header: Header) -> int:
    return sum(tensor.size_bytes for tensor in matrices(header))


def place(path: Path, folder: Path, how: How, progress: Progress, stop: threading.Event | None = None) -> str:
    """Make ``path`` the folder's ``source.gguf``; its SHA-256. Raises Stopped, OSError or ModelRefused.

    copy: a copy on the same file system costs no space where the system can share blocks, else as much as the file.
    link: only its path is kept, so the model is gone with the file. move: the file is here afterwards, and only here.
    """
    target = folder / GGUF_NAME
    if how == "copy":
        return _copy(path, target, progress, stop)
    digest = sha256_of(path, progress, stop)
    if how == "move":
        path.replace(target)
    else:
        _link(path, target)
    return digest


def _link(path: Path, target: Path) -> None:
    try:
        target.symlink_to(path.resolve())
    except (
        OSError,
        NotImplementedError,
    ):  # Windows without the right to it; the same file under two names then
        try:
            os.link(path.resolve(), target)
        except OSError as error:
            raise ModelRefused(
                f"This system does not let Attune link to {path.name}; add it without --link to copy it."
            ) from error


def _copy(path: Path, target: Path, progress: Progress, stop: threading.Event | None) -> str:
    digest, done, total = hashlib.sha256(), 0, path.stat().st_size
    with path.open("rb") as source, target.open("xb") as out:
        while chunk := source.read(_CHUNK):
            _check(stop)
            digest.update(chunk)
            out.write(chunk)
            done += len(chunk)
            progress("Copying the model", done, total)
        out.flush()
        os.fsync(out.fileno())
    return digest.hexdigest()


def sha256_of(path: Path, progress: Progress, stop: threading.Event | None = None) -> str:
    """Raises Stopped."""
    digest, done, total = hashlib.sha256(), 0, path.stat().st_size
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            _check(stop)
            digest.update(chunk)
            done += len(chunk)
            progress("Checking the model", done, total)
    return digest.hexdigest()


def _check(stop: threading.Event | None) -> None:
    if stop is not None and stop.is_set():
        raise Stopped


def verify(folder: Path, progress: Progress = lambda phase, done, total: None) -> list[str]:
    """What is wrong with the GGUF file, a sentence each: not the one that arrived. Empty when all is well."""
    record = Record.read(folder)
    if record is None:
        return ["The record of its GGUF file is missing or damaged."]
    try:
        header_in(folder)
    except ModelRefused as error:
        return [str(error)]
    path = folder / GGUF_NAME
    if path.stat().st_size != record.size_bytes or sha256_of(path, progress) != record.sha256:
        return [f"{GGUF_NAME} is not the file that was added."]
    return []


def parameters_of(folder: Path) -> int:
    """Stored numbers in all tensors, from the record or the header."""
    record = Record.read(folder)
    return record.parameters if record else header_in(folder).parameters()


__all__ = ["GGUF_NAME", "RECORD", "Record", "Stopped", "gguf_in", "header_in", "place"]
