"""The database connection: how it is opened, how a transaction runs, and how its errors read to a person."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlite_utils import Database
from sqlite_utils.utils import sqlite3

from assistant.errors import StoreError, Unwritable

APPLICATION_ID = 0x4154544E  # "ATTN"
BUSY_TIMEOUT_MS = 10_000
TURN_S = 0.12  # SQLite looks every 0.1 s, at the latest, whether it can write

DatabaseError = sqlite3.DatabaseError
# Of a file that may be damaged: SQLite's sentence about a damaged schema need not be UTF-8 itself.
UNREADABLE = (sqlite3.DatabaseError, UnicodeDecodeError)
Row = Any  # sqlite3.Row, of whichever sqlite3 module sqlite-utils has picked


def now() -> str:
    """The time as it is stored: ISO-8601 in UTC with milliseconds."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def new_id() -> str:
    """32 hex digits."""
    return uuid4().hex


def clean(text: str) -> str:
    """``text`` as SQLite can hold and search it: no NUL, no half surrogate pairs."""
    if "\0" in text:
        text = text.replace("\0", "\ufffd")
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def connect(path: Path, *, read_only: bool = False, unchanging: bool = False) -> Database:
    """A connection for the calling thread, with every safety the user's data is promised.

    WAL with ``synchronous=FULL``: a committed row survives a power cut. ``unchanging``: read only, and nobody else can
    write the file, so that nothing need be written beside it. Raises the module's own errors.
    """
    read_only = read_only or unchanging
    how = "?mode=ro&immutable=1" if unchanging else "?mode=ro" if read_only else ""
    uri = path.absolute().as_uri() + how
    connection = sqlite3.connect(uri, uri=True, timeout=BUSY_TIMEOUT_MS / 1000)
    try:
        connection.row_factory = sqlite3.Row
        # A flipped bit in a text costs one character, not the conversation.
        connection.text_factory = lambda data: data.decode("utf-8", "replace")
        connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA trusted_schema = OFF")
        if not read_only:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            # macOS: fsync alone leaves data in the drive's cache.
            connection.execute("PRAGMA fullfsync = ON")
    except DatabaseError:
        connection.close()
        raise
    return Database(connection, execute_plugins=False)


def is_damage(error: Exception) -> bool:
    """Does this error mean that the database file itself is damaged?"""
    name = str(getattr(error, "sqlite_errorname", ""))
    return name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB"))


def explain(error: Exception) -> StoreError:
    """The sentence a person reads for a database error."""
    name = str(getattr(error, "sqlite_errorname", ""))
    if name.startswith("SQLITE_FULL"):
        return Unwritable("The disk is full, so this could not be saved; free some space and try again.")
    if name.startswith("SQLITE_IOERR"):  # what a full disk looks like under a quota
        return Unwritable("The disk is full or failing; free some space and try again.")
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return StoreError("Another Attune is writing to the data folder; try again in a moment.")
    if name.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM")):
        return Unwritable("The data folder cannot be written, so this could not be saved.")
    if is_damage(error):
        return StoreError(
            "The database is damaged; restart Attune and it will keep the file aside and recover what it can."
        )
    return StoreError(f"The database could not be read or written: {error}.")


class Connection:
    """What every part of the store stands on: one connection, used by one thread."""

    db: Database
    read_only: bool = False
    notice: str = ""  # one sentence for the user about how the store was opened

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """All writes inside happen, or none. Nests. Raises StoreError."""
        connection = self.db.conn
        if connection.in_transaction:
            yield
            return
        if self.read_only:
            raise StoreError(self.notice or "The data folder was opened for reading only.")
        try:
            # IMMEDIATE: a second process waits here instead of failing half-way.
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise
        except DatabaseError as error:
            raise self._told(error) from error

    def let_others_write(self) -> None:
        """Between two of many transactions: who waits to write gets a turn."""
        time.sleep(TURN_S)

    def index_soon(self) -> None:
        """Have the messages that wait for it indexed for search, in the background."""

    def _told(self, error: Exception) -> StoreError:
        return self._noticed_damage(error) if is_damage(error) else explain(error)

    def _noticed_damage(self, error: Exception) -> StoreError:
        """What to do and say when the database turns out to be damaged."""
        return explain(error)

    def _write(self, sql: str, values: Sequence[Any] = ()) -> int:
        """Run one writing statement, in the transaction at hand or its own; the number of rows changed."""
        with self.transaction():
            return int(self.db.conn.execute(sql, values).rowcount)

    def _insert(self, table: str, row: dict[str, Any], *, ignore: bool = False) -> int:
        """Insert ``row``; 1 if it was inserted, 0 if ``ignore`` and it was there."""
        columns = ", ".join(row)
        marks = ", ".join("?" * len(row))
        verb = "INSERT OR IGNORE" if ignore else "INSERT"
        return self._write(f"{verb} INTO {table} ({columns}) VALUES ({marks})", list(row.values()))

    def _update(self, table: str, where: str, key: Any, changes: dict[str, Any]) -> int:
        columns = ", ".join(f"{name} = ?" for name in changes)
        return self._write(f"UPDATE {table} SET {columns} WHERE {where} = ?", [*changes.values(), key])

    def _rows(self, sql: str, values: Sequence[Any] = ()) -> list[Row]:
        try:
            return self.db.conn.execute(sql, values).fetchall()
        except DatabaseError as error:
            raise self._told(error) from error

    def _row(self, sql: str, values: Sequence[Any] = ()) -> Row | None:
        try:
            return self.db.conn.execute(sql, values).fetchone()
        except DatabaseError as error:
            raise self._told(error) from error
