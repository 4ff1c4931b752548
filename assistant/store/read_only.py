"""A data folder that cannot be written, on a full or read-only disk, can still be read: nothing in it is touched."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from pathlib import Path

from sqlite_utils import Database

from assistant.paths import DataPaths
from assistant.store.connection import connect
from assistant.store.migrations import VERSION, migrate


def open_for_reading(paths: DataPaths, cleaning: contextlib.ExitStack) -> Database:
    """A connection to the database, or to a copy of it elsewhere, which ``cleaning`` removes.

    SQLite must write beside a database whose log is not empty, and an older one must be brought forward. Raises OSError
    and the database's errors.
    """
    wal = paths.root / f"{paths.database.name}-wal"
    if not (wal.exists() and wal.stat().st_size):
        db = connect(paths.database, unchanging=True)
        if db.conn.execute("PRAGMA user_version").fetchone()[0] >= VERSION:
            return db
        db.close()
    folder = Path(cleaning.enter_context(tempfile.TemporaryDirectory(prefix="attune-")))
    for file in (paths.database, wal):
        if file.exists():
            shutil.copyfile(file, folder / file.name)
    db = connect(folder / paths.database.name)
    migrate(db)
    return db
