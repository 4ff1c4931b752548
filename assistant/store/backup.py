"""Copies of the database: daily beside it, and before its shape changes. Made while it is in use.

Whole backups with pictures and styles in one file are in ``archive``.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

from sqlite_utils import Database
from sqlite_utils.utils import sqlite3

from assistant.errors import StoreError
from assistant.paths import DataPaths
from assistant.store import staging
from assistant.store.connection import DatabaseError, connect, explain
from models import durable

KEEP_DAILY = 7
KEEP_OTHER = 3


def copy_database(source: Database, target: Path) -> None:
    """Write a consistent copy of an open database to ``target``: whole or not at all.

    SQLite's online backup reads one snapshot, so writing may go on meanwhile. Raises StoreError.
    """
    aside = target.with_name(f"{target.name}.{os.getpid()}.tmp")
    try:
        aside.unlink(missing_ok=True)
        copy = sqlite3.connect(str(aside))
        try:
            source.conn.backup(copy)
            # One file without a -wal beside it.
            copy.execute("PRAGMA journal_mode = DELETE")
        finally:
            copy.close()
        durable.sync(aside)
        os.replace(aside, target)
        durable.sync(target.parent)
    except DatabaseError as error:
        aside.unlink(missing_ok=True)
        raise explain(error) from error
    except OSError as error:
        aside.unlink(missing_ok=True)
        raise StoreError(f"The backup could not be written: {error.strerror or error}.") from error


def newest_first(paths: DataPaths) -> list[Path]:
    """The copies of the database in the backup folder, by the time of writing."""
    return sorted(paths.backups.glob("attune-*.db"), key=lambda path: path.stat().st_mtime, reverse=True)


def before_migration(db: Database, paths: DataPaths, version: int) -> Path:
    """Keep the database as it is before its shape changes from ``version``."""
    stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
    target = paths.backups / f"attune-before-{version}-{stamp}.db"
    with staging.of_backups(paths).held():
        copy_database(db, target)
        keep_last(paths, "attune-before-*.db", KEEP_OTHER, target)
    return target


def daily(paths: DataPaths) -> Path | None:
    """Make today's copy of the database if there is none yet; older ones rotate. Safe on any thread."""
    target = paths.backups / f"attune-daily-{datetime.now(UTC).strftime('%Y%m%d')}.db"
    if target.exists() or not paths.database.exists():
        return None
    with staging.of_backups(paths).held():
        if target.exists():  # another Attune has made it meanwhile
            return None
        try:
            source = connect(paths.database, read_only=True)
        except DatabaseError as error:
            raise explain(error) from error
        try:
            copy_database(source, target)
        finally:
            source.close()
        keep_last(paths, "attune-daily-*.db", KEEP_DAILY, target)
    return target


def keep_last(paths: DataPaths, pattern: str, count: int, made: Path) -> None:
    """Remove all but the last ``count`` copies; never the one just made, even if the clock went backwards."""
    by_name = sorted(paths.backups.glob(pattern), key=lambda path: path.name)
    for path in by_name[:-count]:
        if path != made:
            staging.remove(path)
