"""What stands at the beginning of a file of packed weights, and whether such a file is whole. Torch-free.

Layout: 20 bytes of start (magic, version, length and CRC-32 of the index), the index as JSON (what the pack was made of;
place, format and CRC-32 of every weight), and from the second MiB on the weights, each on a multiple of 64 bytes.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import mmap
import os
import struct
import time
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

ALIGN = 64
_MAGIC = b"ATTUNEPK"
_VERSION = 1
_START = struct.Struct("<8sIII")
_DATA_AT = 1 << 20
_PREFIX_BYTES = 1 << 20  # of each weights file that are hashed
_STALE_S = 60.0  # a temporary file that nobody has written to for so long was left by a process that died


@dataclass(frozen=True, slots=True)
class Stamp:
    """Which weights a pack was made of: sizes and times of the files, and a hash of their beginnings."""

    files: tuple[tuple[str, int, int], ...]  # name, bytes, time of change in nanoseconds
    sha256: str

    @classmethod
    def of(cls, paths: list[Path]) -> Stamp:
        """Raises OSError."""
        digest, files = hashlib.sha256(), []
        for path in sorted(paths):
            with path.open("rb") as file:
                digest.update(file.read(_PREFIX_BYTES))
                found = os.fstat(file.fileno())
            files.append((path.name, found.st_size, found.st_mtime_ns))
        return cls(tuple(files), digest.hexdigest())

    def to_json(self) -> dict[str, Any]:
        return {"files": [list(file) for file in self.files], "sha256": self.sha256}


@dataclass(frozen=True, slots=True)
class Place:
    """One matrix or vector in the pack. ``format`` "": a vector of float32."""

    format: str
    shape: tuple[int, ...]
    start: int
    size_bytes: int
    crc32: int


@dataclass(frozen=True, slots=True)
class Part:
    """One matrix or vector on its way into a pack."""

    name: str
    format: str
    shape: tuple[int, ...]
    data: memoryview  # bytes


def read_index(path: Path) -> tuple[dict[str, Any], dict[str, Place]] | None:
    """(stamp, places by name) of a pack; None: there is none, or not a whole one of this version."""
    try:
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            magic, version, length, crc32 = _START.unpack(file.read(_START.size))
            if magic != _MAGIC or version != _VERSION or length > _DATA_AT - _START.size:
                return None
            raw = file.read(length)
        if len(raw) != length or zlib.crc32(raw) != crc32:
            return None
        index = json.loads(raw)
        places = {
            str(name): Place(str(format), tuple(int(n) for n in shape), int(start), int(n_bytes), int(crc))
            for name, (format, shape, start, n_bytes, crc) in index["places"].items()
        }
        stamp = index["stamp"]
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError, struct.error):
        return None
    inside = all(
        place.start % ALIGN == 0
        and place.size_bytes >= 0
        and _DATA_AT <= place.start <= size - place.size_bytes
        for place in places.values()
    )
    return (stamp, places) if inside else None


def write(path: Path, stamp: Stamp, parts: Iterable[Part]) -> None:
    """Write a pack under another name, then give it its own. Raises OSError; nothing stays then."""
    partial = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with partial.open("wb") as out:
            _write(out, stamp, parts)
            out.flush()
            os.fsync(out.fileno())
        partial.replace(path)
    finally:
        with contextlib.suppress(OSError):
            partial.unlink(missing_ok=True)


def _write(out: BinaryIO, stamp: Stamp, parts: Iterable[Part]) -> None:
    """The weights first, at a distance that leaves room for the index, so that what is cut off has no index."""
    places: dict[str, list[Any]] = {}
    at = _DATA_AT
    for part in parts:
        at += -at % ALIGN
        out.seek(at)
        out.write(part.data)
        n_bytes = part.data.nbytes
        places[part.name] = [part.format, list(part.shape), at, n_bytes, zlib.crc32(part.data)]
        at += n_bytes
    raw = json.dumps({"stamp": stamp.to_json(), "places": places}).encode()
    if len(raw) + _START.size > _DATA_AT:
        raise OSError(f"the index of {len(places)} weights is too long")
    out.seek(0)
    out.write(_START.pack(_MAGIC, _VERSION, len(raw), zlib.crc32(raw)) + raw)


def remove_old(path: Path) -> None:
    """Packs of other versions of this program, and what an interrupted preparation left. Raises OSError."""
    kind = path.name.split("-")[1]
    for other in path.parent.glob(f"packed-{kind}-*.bin"):
        if other != path:
            other.unlink(missing_ok=True)
    for left in path.parent.glob(".packed-*.tmp"):
        if time.time() - left.stat().st_mtime > _STALE_S:
            left.unlink(missing_ok=True)


def discard_damaged(folder: Path) -> list[Path]:
    """Delete packs in ``folder`` that are not what was written (a failing disk); their paths."""
    wrong = [path for path in sorted(folder.glob("packed-*.bin")) if not _whole(path)]
    for path in wrong:
        path.unlink(missing_ok=True)
    return wrong


def _whole(path: Path) -> bool:
    index = read_index(path)
    if index is None:
        return False
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        view = memoryview(data)
        try:
            return all(
                zlib.crc32(view[one.start : one.start + one.size_bytes]) == one.crc32
                for one in index[1].values()
            )
        finally:
            view.release()
