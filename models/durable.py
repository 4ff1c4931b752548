"""Files that survive a power cut: flushed to the disk, and written whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path


def sync(path: Path) -> None:
    """Have the system write a file, or a folder's list of names, to the disk. Raises OSError."""
    if path.is_dir() and os.name == "nt":
        return  # Windows cannot open a folder for syncing; its renames are journalled
    handle = os.open(path, os.O_RDWR if os.name == "nt" else os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write(path: Path, data: bytes, *, private: bool = False) -> None:
    """Write ``path`` whole or not at all: beside it, flushed, then renamed over it. Raises OSError; nothing stays then.

    ``private``: only this user can read it.
    """
    aside = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        handle = os.open(aside, _NEW, 0o600 if private else 0o666)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(aside, path)
        sync(path.parent)
    finally:
        aside.unlink(missing_ok=True)


_NEW = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0)
