"""Pieces of files under their SHA-256: the same bytes are kept once, however many snapshots hold them.

An object is a file named by the hash of its content. Its first byte says how that is written: ``z`` compressed with zlib,
``r`` as it is. A file that changes in places (the database) is cut into blocks; the list of their hashes is kept as
objects, too.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import time
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from assistant.errors import StoreError
from assistant.store.attachments import private
from models import durable

BLOCK_BYTES = 65_536  # a whole number of pages of the database
_DIGEST_BYTES = 32
_COPY_BYTES = 1 << 20
_REST_S = 0.001
_NAME = re.compile(r"[0-9a-f]{64}")


class Damaged(StoreError):
    """An object is missing or its bytes do not match its hash."""


@dataclass(frozen=True, slots=True)
class Blocks:
    """A file cut into blocks; ``lists`` are the hashes of the objects that hold the hashes of its blocks."""

    size_bytes: int
    lists: tuple[str, ...]


class Objects:
    """The objects in one folder. What was added since the last ``sync`` may be lost in a power cut."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._new: list[Path] = []

    def path(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise Damaged("A snapshot names a file that cannot be.")
        return self._folder / name[:2] / name

    # --- in ---------------------------------------------------------------------------------------------

    def put(self, data: bytes) -> str:
        """Keep ``data``; its name. Raises OSError."""
        name = hashlib.sha256(data).hexdigest()
        target = self.path(name)
        if not target.exists():
            packed = zlib.compress(data, 1)
            smaller = len(packed) < 0.95 * len(data)
            with self._aside(target) as aside, open(aside, "wb", opener=private) as file:
                file.write(b"z" if smaller else b"r")
                file.write(packed if smaller else data)
        return name

    def put_file(self, source: Path) -> str:
        """Keep a whole file that never changes; its name. Raises OSError."""
        with source.open("rb") as file:
            name = hashlib.file_digest(file, "sha256").hexdigest()
        target = self.path(name)
        if not target.exists():
            with self._aside(target) as aside, open(aside, "wb", opener=private) as copy:
                copy.write(b"r")
                with source.open("rb") as file:
                    shutil.copyfileobj(file, copy, _COPY_BYTES)
        return name

    def put_blocks(self, data: Iterator[bytes]) -> Blocks:
        """Keep what comes in blocks of ``BLOCK_BYTES`` (the last one may be shorter). Raises OSError."""
        digests = bytearray()
        size = 0
        for block in data:
            digests += bytes.fromhex(self.put(block))
            size += len(block)
        starts = range(0, len(digests), BLOCK_BYTES)
        return Blocks(size, tuple(self.put(bytes(digests[at : at + BLOCK_BYTES])) for at in starts))

    def _aside(self, target: Path) -> _Aside:
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._new.append(target)
        return _Aside(target)

    def sync(self) -> None:
        """Have everything new on the disk. Raises OSError."""
        for path in self._new:
            durable.sync(path)
        for folder in sorted({path.parent for path in self._new}):
            durable.sync(folder)
        if self._new:
            durable.sync(self._folder)
        self._new.clear()

    # --- out --------------------------------------------------------------------------------------------

    def get(self, name: str) -> bytes:
        """The bytes of an object, verified. Raises Damaged."""
        try:
            stored = self.path(name).read_bytes()
            if stored[:1] == b"z":
                unpacker = zlib.decompressobj()
                data = unpacker.decompress(stored[1:], BLOCK_BYTES + 1)
            else:
                data = stored[1:]
        except (OSError, zlib.error) as error:
            raise Damaged("A part of this snapshot is missing or damaged.") from error
        if hashlib.sha256(data).hexdigest() != name:
            raise Damaged("A part of this snapshot is damaged.")
        return data

    def blocks(self, blocks: Blocks) -> Iterator[bytes]:
        """The content of a file that was cut into blocks. Raises Damaged."""
        for name in self.names_in(blocks):
            yield self.get(name)

    def names_in(self, blocks: Blocks) -> Iterator[str]:
        """The names of the blocks of a file. Raises Damaged."""
        for name in blocks.lists:
            digests = self.get(name)
            for at in range(0, len(digests), _DIGEST_BYTES):
                yield digests[at : at + _DIGEST_BYTES].hex()

    def copy_out(self, name: str, target: Path) -> None:
        """Write a whole file to ``target``, verified and flushed; nothing stays there if it is damaged.

        Raises Damaged, OSError.
        """
        digest = hashlib.sha256()
        try:
            with self.path(name).open("rb") as source, open(target, "wb", opener=private) as file:
                packed = source.read(1) == b"z"
                while part := source.read(_COPY_BYTES):
                    if packed:
                        part = zlib.decompress(part + source.read())
                    digest.update(part)
                    file.write(part)
                file.flush()
                os.fsync(file.fileno())
        except (FileNotFoundError, zlib.error) as error:
            target.unlink(missing_ok=True)
            raise Damaged("A part of this snapshot is missing or damaged.") from error
        if digest.hexdigest() != name:
            target.unlink(missing_ok=True)
            raise Damaged("A part of this snapshot is damaged.")

    # --- looking after --------------------------------------------------------------------------------------

    def keep_only(self, wanted: set[str]) -> int:
        """Remove objects that are not ``wanted``; the number of bytes freed. Raises OSError."""
        freed = 0
        for folder in self._folder.glob("??"):
            for path in folder.iterdir():
                if path.name not in wanted:
                    freed += path.stat().st_size
                    path.unlink()
        return freed

    def remove_damaged(self, stopped: Callable[[], bool]) -> int:
        """Remove objects whose bytes do not match their name; how many. Raises OSError."""
        count = 0
        for folder in self._folder.glob("??"):
            for path in folder.iterdir():
                if stopped():
                    return count
                if _NAME.fullmatch(path.name) and not self._is_sound(path):
                    path.unlink(missing_ok=True)
                    count += 1
                time.sleep(_REST_S)
        return count

    def _is_sound(self, path: Path) -> bool:
        digest = hashlib.sha256()
        try:
            with path.open("rb") as file:
                unpack = zlib.decompressobj().decompress if file.read(1) == b"z" else bytes
                while part := file.read(_COPY_BYTES):
                    digest.update(unpack(part))
        except FileNotFoundError:  # thinned meanwhile
            return True
        except zlib.error:
            return False
        return digest.hexdigest() == path.name


class _Aside:
    """A file beside its target, renamed to it at the end of a ``with`` block that went well."""

    def __init__(self, target: Path) -> None:
        self._target = target
        self._path = target.with_name(f"{target.name}.{os.getpid()}.tmp")

    def __enter__(self) -> Path:
        return self._path

    def __exit__(self, kind: type[BaseException] | None, *_rest: object) -> None:
        if kind is None:
            os.replace(self._path, self._target)
        else:
            self._path.unlink(missing_ok=True)
