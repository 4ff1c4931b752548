"""Places where files are written aside before they are renamed, each under a lock that ends with its process.

What lies half written in one while nobody holds its lock was left behind by a process that died, and can go; what
another process is at work on cannot be touched.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from assistant.errors import StoreError
from assistant.paths import DataPaths
from assistant.store import locks


@dataclass(frozen=True, slots=True)
class Workplace:
    folder: Path
    suffix: str  # of the names of what is half written in it
    lock: Path

    @contextlib.contextmanager
    def held(self, timeout_s: float = 120.0, busy: str = locks.BUSY) -> Iterator[None]:
        """Be the only one at work here; left-overs are gone. Raises StoreError (``busy``) if another stays at it."""
        with locks.held(self.lock, timeout_s, busy):
            try:
                self._sweep()
            except OSError as error:
                raise StoreError(
                    f"What an earlier run left behind stays: {error.strerror or error}."
                ) from error
            yield

    def sweep_if_idle(self) -> None:
        """Remove left-overs unless somebody is at work here."""
        lock = locks.try_lock(self.lock)
        if lock is not None:
            with lock:
                self._sweep()

    def _sweep(self) -> None:
        for left in self.folder.glob(f"*{self.suffix}"):
            remove(left)


def of_backups(paths: DataPaths) -> Workplace:
    """Everything that writes into the folder of backups."""
    return Workplace(paths.backups, ".tmp", paths.root / "backup.lock")


def of_learning(styles: Path) -> Workplace:
    """One update of a style at a time in a data folder."""
    return Workplace(styles, ".tmp", styles.parent / "learning.lock")


def of_imports(styles: Path) -> Workplace:
    """Styles that are copied in; they may come while an update is under way."""
    return Workplace(styles, ".import", styles.parent / "import.lock")


def remove(path: Path) -> None:
    """Delete a file or folder, if it is there; links are not followed. Raises OSError."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def sweep_of_the_dead(folder: Path) -> None:
    """Remove files named ``<name>.<process id>.tmp`` whose process is gone."""
    for path in folder.glob("*.tmp"):
        process = path.stem.rpartition(".")[2]
        if process.isdecimal() and path.is_file() and not _is_alive(int(process)):
            path.unlink(missing_ok=True)


def _is_alive(process: int) -> bool:
    if process == os.getpid() or sys.platform == "win32":  # Windows keeps open files from being removed
        return process == os.getpid()
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:  # another user's
        return True
    return True
