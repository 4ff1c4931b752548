"""The store: everything the user wrote, attached and rated, in one SQLite database and a folder of files.

One Store object belongs to one thread; another thread opens its own.
"""

from __future__ import annotations

import contextlib
import logging
import time
from pathlib import Path
from types import TracebackType

from sqlite_utils import Database

from assistant.errors import StoreError, Unwritable
from assistant.paths import DataPaths
from assistant.store import archive, backup, health, locks, recovery
from assistant.store.card_entries import CardEntries
from assistant.store.connection import APPLICATION_ID, UNREADABLE, DatabaseError, connect, explain, is_damage
from assistant.store.daily_jobs import DailyCare
from assistant.store.erasing import Erasing
from assistant.store.files import Files
from assistant.store.indexing import Indexing
from assistant.store.migrations import VERSION, migrate
from assistant.store.own_texts import OwnTexts
from assistant.store.read_only import open_for_reading
from assistant.store.search import Search
from assistant.store.snapshots import snapshot

log = logging.getLogger(__name__)

CHECK_ALWAYS_BYTES = 256_000_000  # checking takes about 2 s per GB
CHECK_EVERY_S = 24 * 3600.0
TIDY_EVERY_S = 24 * 3600.0
UNDO_DAYS = 30.0  # how long a deleted conversation can be brought back


class Store(Erasing, Files, Search, CardEntries, OwnTexts):
    """Open with ``Store.open``; close, or use in a ``with`` block.

    ``notice`` is a sentence for the user about how it was opened (recovered, read-only), mostly empty.
    """

    def __init__(self, paths: DataPaths, db: Database, *, read_only: bool = False, notice: str = "") -> None:
        """Use ``Store.open``, which checks, migrates and recovers."""
        self.paths = paths
        self.db = db
        self.read_only = read_only
        self.notice = notice
        self.owner = None if read_only else locks.OwnerLock(paths.locks)
        self._care: DailyCare | None = None
        self._indexing = Indexing(paths)
        self._cleaning = contextlib.ExitStack()

    @classmethod
    def open(cls, paths: DataPaths) -> Store:
        """Open or make the database, and put right what a crash left behind. Raises StoreError.

        A damaged database is kept aside and recovered, replies that were cut off are finished, a database of
        a newer Attune, or in a folder that cannot be written, is opened for reading only.
        """
        try:
            paths.ensure()
            with locks.held(paths.root / "open.lock"):
                try:
                    return cls._open(paths)
                except DatabaseError as error:
                    raise explain(error) from error
                except OSError as error:
                    raise Unwritable(f"The data folder cannot be used: {error.strerror or error}.") from error
        except Unwritable as why:
            return cls._open_for_reading(paths, why)

    @classmethod
    def _open_for_reading(cls, paths: DataPaths, why: Unwritable) -> Store:
        if not paths.database.is_file():
            raise why
        cleaning = contextlib.ExitStack()
        try:
            db = open_for_reading(paths, cleaning)
        except (*UNREADABLE, OSError) as error:
            cleaning.close()
            raise why from error
        store = cls(paths, db, read_only=True, notice=f"{why} It is opened for reading only.")
        store._cleaning = cleaning
        return store

    @classmethod
    def _open(cls, paths: DataPaths) -> Store:
        archive.finish_interrupted(paths)
        recovery.finish_interrupted(paths)
        notice = ""
        if _looks_damaged(paths):
            log.warning("the database is damaged; recovering")
            notice = recovery.recover(paths, _build, snapshot.databases)
            _marker(paths).unlink(missing_ok=True)
        newer = _newer_version(paths)
        if newer:
            return cls(paths, connect(paths.database, read_only=True), read_only=True, notice=newer)
        db = connect(paths.database)
        try:
            version = db.conn.execute("PRAGMA user_version").fetchone()[0]
            if 0 < version < VERSION:
                backup.before_migration(db, paths, version)
                snapshot.before(paths, "migration", db)
            migrate(db)
        except BaseException:
            db.close()
            raise
        store = cls(paths, db, notice=notice)
        store.recover()
        store.finish_erasing()
        store._tidy()
        if store.owner is not None:
            store.owner.sweep()
        if store.conversation_count():
            store.notice = store.notice or health.notice(paths)
            store._care = DailyCare(paths)
        elif not store.notice and (taken := snapshot.ids(paths)):
            store.notice = (
                f"There are no chats here, but {len(taken)} snapshots are in {paths.snapshots}: "
                "attune snapshots list shows them."
            )
        store.index_soon()
        return store

    def index_soon(self) -> None:
        """Have what waits to be indexed for search indexed in the background."""
        if not self.read_only and self._row("SELECT 1 FROM unindexed LIMIT 1") is not None:
            self._indexing.start()

    def _tidy(self) -> None:
        """Once a day: remove for good what was deleted long ago, and pictures nothing refers to."""
        tidied = self.paths.locks / "tidied"
        if tidied.exists() and 0 <= time.time() - tidied.stat().st_mtime < TIDY_EVERY_S:
            return
        self.purge_deleted(UNDO_DAYS)
        self.collect_garbage(older_than_s=7 * 24 * 3600.0)
        tidied.touch()

    def _noticed_damage(self, error: Exception) -> StoreError:
        """Make the search index anew if only that is damaged, else have the next start recover."""
        if not recovery.problems(self.paths.database):
            return self.rebuild_search()
        _marker(self.paths).touch()
        return explain(error)

    def close(self) -> None:
        if self._care is not None:
            self._care.close()
        self._indexing.close()
        self.db.close()
        self._cleaning.close()
        if self.owner is not None:
            self.owner.close()

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _build(path: Path) -> Database:
    """An empty database of this version's shape."""
    db = connect(path)
    migrate(db)
    return db


def _marker(paths: DataPaths) -> Path:
    """There while damage was noticed and not yet looked after."""
    return paths.root / "damage-noticed"


def _looks_damaged(paths: DataPaths) -> bool:
    database = paths.database
    if not database.exists() or database.stat().st_size == 0:
        # An empty file is an empty database to SQLite; to a user with backups it is a lost one.
        wal = paths.root / (database.name + "-wal")
        return bool(backup.newest_first(paths)) and not (wal.exists() and wal.stat().st_size)
    noticed = _marker(paths).exists()
    checked = paths.locks / "checked"
    recently = checked.exists() and 0 <= time.time() - checked.stat().st_mtime < CHECK_EVERY_S
    if not noticed and recently and database.stat().st_size > CHECK_ALWAYS_BYTES:
        return False
    found = recovery.problems(database)
    if not found:
        _marker(paths).unlink(missing_ok=True)
        checked.touch()
        return False
    log.warning("database check: %s", found[0][:200])
    return True


def _newer_version(paths: DataPaths) -> str:
    """Why the database can only be read, if a newer Attune made it. StoreError for another program's."""
    if not paths.database.exists() or paths.database.stat().st_size == 0:
        return ""
    db = connect(paths.database, read_only=True)
    try:
        application = db.conn.execute("PRAGMA application_id").fetchone()[0]
        version = db.conn.execute("PRAGMA user_version").fetchone()[0]
        tables = db.conn.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    except DatabaseError as error:
        if is_damage(error):
            return ""
        raise
    finally:
        db.close()
    if tables and application not in (0, APPLICATION_ID):
        raise StoreError(f"{paths.database} is another program's database.")
    if version > VERSION:
        return (
            "This data folder was used by a newer Attune, so it can be read but not changed; "
            "install the newer version to go on."
        )
    return ""
