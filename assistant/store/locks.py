"""Locks that end with their process, whatever ends it: a flock on a file, portable to Windows.

Used to open and migrate a database one process at a time, and to tell whether the process that was
writing a reply still lives.
"""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from assistant.errors import StoreError, Unwritable

BUSY = "Another Attune is busy with the data folder; try again in a moment."

if sys.platform == "win32":
    import msvcrt

    def _lock(file: IO[bytes]) -> None:
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _lock(file: IO[bytes]) -> None:
        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)


def try_lock(path: Path) -> IO[bytes] | None:
    """Lock ``path`` (made if missing); the open file, whose closing unlocks, or None if another holds it."""
    file = path.open("a+b")
    try:
        _lock(file)
    except OSError:
        file.close()
        return None
    return file


@contextlib.contextmanager
def held(path: Path, timeout_s: float = 30.0, busy: str = BUSY) -> Iterator[None]:
    """Hold the lock on ``path`` for the block; StoreError (``busy``) if another process keeps it for ``timeout_s``."""
    deadline = time.monotonic() + timeout_s
    try:
        while (file := try_lock(path)) is None:
            if time.monotonic() > deadline:
                raise StoreError(busy)
            time.sleep(0.02)
    except OSError as error:
        raise Unwritable(f"The data folder cannot be locked: {error.strerror or error}.") from error
    with file:
        yield


class OwnerLock:
    """Says that the process which opened a store still lives. ``name`` is what it signs its replies with."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.name = os.urandom(8).hex()
        self._file = try_lock(self._path(self.name))

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}.lock"

    def is_alive(self, name: str) -> bool:
        """Does the process that signed with ``name`` still have its store open?"""
        if name == self.name:
            return True
        path = self._path(name)
        if not path.exists():
            return False
        file = try_lock(path)
        if file is None:
            return True
        file.close()
        return False

    def sweep(self) -> None:
        """Remove the locks of processes that are gone."""
        for path in self._folder.glob("*.lock"):
            if path.stem == self.name:
                continue
            file = try_lock(path)
            if file is not None:
                file.close()
                path.unlink(missing_ok=True)

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None
            self._path(self.name).unlink(missing_ok=True)
