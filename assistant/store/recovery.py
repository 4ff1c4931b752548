"""A damaged database: noticed, kept aside untouched, and whatever is readable brought into a new one.

Three sources, the best first: what SQLite still reads of the damaged file, what its pages still hold
(``pages``), and the newest sound backup or snapshot. Nothing is removed before the new database lies complete on the disk.
"""

from __future__ import annotations

import difflib
import itertools
import os
import re
import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from assistant.errors import StoreError
from assistant.files import document
from assistant.paths import DataPaths
from assistant.store import backup, pages
from assistant.store.connection import APPLICATION_ID, UNREADABLE, Row, connect, now
from assistant.store.messages import text_sha256
from assistant.store.migrations import VERSION, tables_at
from models import durable

TABLES = (
    "conversation",
    "message",
    "generation",
    "attachment",
    "message_attachment",
    "rating",
    "style_version",
    "style_rating",
    "style_current",
    "style_line",
    "card_entry",
    "own_text",
    "value",
)
CHOICES: dict[tuple[str, str], tuple[str, ...]] = {
    ("message", "role"): ("system", "user", "assistant"),
    ("message", "state"): ("streaming", "done"),
    ("rating", "kind"): ("thumb", "stars", "pair", "edit", "kept", "note"),
    ("card_entry", "scope"): ("always", "kind", "chat"),
    ("card_entry", "state"): ("on", "off", "removed"),
}
DAMAGED_TEXT = "This text may be damaged."
Build = Callable[[Path], Database]  # makes an empty database of this version's shape
Spare = Callable[
    [DataPaths, Path], Iterable[Path]
]  # databases from elsewhere, newest first, written into a folder


def problems(path: Path) -> list[str]:
    """What SQLite's own check finds wrong in the tables of a database; empty: nothing. Changes nothing.

    Of the search index only the tables it is kept in are looked at: it can always be made anew, and checking
    what it says takes ten times as long.
    """
    try:
        db = connect(path, read_only=True)
    except UNREADABLE as error:
        return [str(error)]
    try:
        tables = db.conn.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'").fetchall()
        names = [row["name"] for row in tables]
        plain = [row["name"] for row in tables if str(row["sql"]).upper().startswith("CREATE TABLE")]
        found = [f"the table {name} is missing" for name in _wanted(db) if name not in plain]
        for name in names:
            if name != "message_fts":
                found += [
                    row[0] for row in db.conn.execute(f'PRAGMA integrity_check("{name}")') if row[0] != "ok"
                ]
        # On a connection that cannot write, SQLite leaves the CHECK constraints out.
        for (table, column), choices in CHOICES.items():
            if table in names:
                marks = ", ".join("?" * len(choices))
                sql = f"SELECT count(*) FROM {table} WHERE {column} NOT IN ({marks})"
                if db.conn.execute(sql, choices).fetchone()[0]:
                    found.append(f"{table}.{column} has a value that cannot be")
        return found
    except UNREADABLE as error:
        return [str(error)]
    finally:
        db.close()


def _wanted(db: Database) -> tuple[str, ...]:
    """The tables that must be there; none in another program's database or a newer Attune's."""
    application = db.conn.execute("PRAGMA application_id").fetchone()[0]
    version = db.conn.execute("PRAGMA user_version").fetchone()[0]
    return tables_at(version) if application == APPLICATION_ID and version <= VERSION else ()


def finish_interrupted(paths: DataPaths) -> None:
    """Finish a recovery that was cut off after its new database was complete."""
    recovered = _recovered(paths)
    if recovered.exists():
        _put_in_place(paths, recovered)
    shutil.rmtree(_work(paths), ignore_errors=True)


def recover(paths: DataPaths, build: Build, spare: Spare) -> str:
    """Make a new database of what can be read, put the damaged one aside, and say so in a sentence.

    ``spare``: where else to look if no backup is sound.
    """
    work = _work(paths)
    shutil.rmtree(work, ignore_errors=True)
    try:
        work.mkdir(mode=0o700)
        new = work / "new.db"
        db = build(new)
        try:
            counts = _gather(paths, work, db, spare)
            db.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            db.close()
        durable.sync(new)
        os.replace(new, _recovered(paths))
        durable.sync(paths.root)
        aside = _put_in_place(paths, _recovered(paths))
    except OSError as error:
        raise StoreError(
            f"The database is damaged and could not be recovered: {error.strerror or error}."
        ) from error
    finally:
        shutil.rmtree(work, ignore_errors=True)
    kept = f" and is kept in {aside}" if aside else ""
    return (
        f"The database was damaged{kept}; {counts['message']} messages in "
        f"{counts['conversation']} conversations were recovered."
    )


def _work(paths: DataPaths) -> Path:
    return paths.root / "recovery.tmp"


def _recovered(paths: DataPaths) -> Path:
    return paths.root / "attune.db.recovered"


def _put_in_place(paths: DataPaths, recovered: Path) -> Path | None:
    """Move the damaged files aside, then the new database in their place. May be repeated after a crash."""
    aside: Path | None = None
    for suffix in ("", "-wal", "-shm"):
        old = paths.root / (paths.database.name + suffix)
        if old.exists():
            aside = aside or paths.damaged / f"{time.strftime('%Y%m%d-%H%M%S')}-{time.time_ns() % 10**6}"
            aside.mkdir(mode=0o700, parents=True, exist_ok=True)
            os.replace(old, aside / old.name)
    os.replace(recovered, paths.database)
    durable.sync(paths.root)
    return aside


def copy_all(path: Path, db: Database) -> None:
    """Copy every row of a sound database of this version or an older one. Raises the database's errors."""
    source = f"{path.absolute().as_uri()}?mode=ro"
    db.conn.execute("ATTACH DATABASE ? AS source", [source])
    try:
        with db.atomic():
            copy_attached(db)
    finally:
        db.conn.execute("DETACH DATABASE source")


def copy_attached(db: Database) -> None:
    """Copy every row of the database that is attached as ``source``, in the open transaction.

    Only plain tables are read: in a stranger's file a view of the same name could run for ever.
    """
    # Indexed afterwards, in the background.
    db.conn.execute("INSERT OR IGNORE INTO main.unindexed (seq) SELECT seq FROM source.message")
    for table in TABLES:
        columns = ", ".join(shared_columns(db, table))
        if columns:
            db.conn.execute(f"INSERT INTO main.{table} ({columns}) SELECT {columns} FROM source.{table}")


def shared_columns(db: Database, table: str) -> list[str]:
    """The columns that a table has here and in the database that is attached as ``source``."""
    names = [row["name"] for row in db.conn.execute(f'PRAGMA source.table_info("{table}")')]
    here = [row["name"] for row in db.conn.execute(f'PRAGMA main.table_info("{table}")')]
    return [name for name in here if name in names]


def _gather(paths: DataPaths, work: Path, db: Database, spare: Spare) -> dict[str, int]:
    """Fill the new database from every source; the number of rows of each table."""
    damaged = work / "damaged.db"
    db.conn.execute("PRAGMA foreign_keys = OFF")
    whole = False
    if paths.database.exists():
        for suffix in ("", "-wal"):
            old = paths.root / (paths.database.name + suffix)
            if old.exists():
                shutil.copyfile(old, work / ("damaged.db" + suffix))
        whole = _copy_tables(damaged, db)
        if not whole:
            _copy_records(damaged, db)
    if not whole:
        for older in itertools.chain(backup.newest_first(paths), spare(paths, work)):
            if not problems(older):
                _copy_tables(older, db)
                break
    with db.atomic():
        _mend(db, paths)
    db.conn.execute("PRAGMA foreign_keys = ON")
    return {table: db.conn.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in TABLES}


def _columns(db: Database, table: str) -> list[str]:
    return [row["name"] for row in db.conn.execute(f'PRAGMA table_info("{table}")')]


def _insert(db: Database, table: str, row: dict[str, Any]) -> bool:
    """Insert a row unless one of its id is there; its place in the order is kept if that is free.

    False if the row does not fit the table.
    """
    if "seq" in row and db.conn.execute(f"SELECT 1 FROM {table} WHERE seq = ?", [row["seq"]]).fetchone():
        del row["seq"]
    for (of_table, column), choices in CHOICES.items():
        if of_table == table and isinstance(row.get(column), str) and row[column] not in choices:
            row[column] = difflib.get_close_matches(row[column], choices, n=1, cutoff=0.0)[0]
    names = ", ".join(row)
    marks = ", ".join("?" * len(row))
    try:
        db.conn.execute(f"INSERT OR IGNORE INTO {table} ({names}) VALUES ({marks})", list(row.values()))
    except (*UNREADABLE, OverflowError):  # a damaged value that the column cannot hold
        return False
    return True


def _copy_tables(path: Path, db: Database) -> bool:
    """Copy what SQLite can read of ``path``; False if something could not be read."""
    whole = True
    try:
        source = connect(path, read_only=True)
    except UNREADABLE:
        return False
    try:
        for table in TABLES:
            try:
                columns = [name for name in _columns(source, table) if name in _columns(db, table)]
            except UNREADABLE:
                return False
            if not columns:
                whole = False
                continue
            with db.atomic():
                for row in _readable(source, table, columns):
                    if row is None or not _insert(db, table, {name: row[name] for name in columns}):
                        whole = False
        return whole
    finally:
        source.close()


def _readable(source: Database, table: str, columns: list[str]) -> Iterator[Row | None]:
    """The rows of a table in order; None stands for a stretch that cannot be read."""
    names = ", ".join(columns)
    last = -(2**63)
    step = 1
    while True:
        try:
            for row in source.conn.execute(
                f"SELECT rowid AS _rowid, {names} FROM {table} WHERE rowid > ? ORDER BY rowid", [last]
            ):
                last = row["_rowid"]
                step = 1
                yield row
            return
        except UNREADABLE:
            # Go on behind the damage, in ever longer steps until something can be read again.
            yield None
            last += step
            step *= 2
            if step > 2**40 or last > 2**62:
                return


_ID = re.compile(r"[0-9a-f]{32}")


def _is_id(value: Any) -> bool:
    return isinstance(value, str) and _ID.fullmatch(value) is not None


def _table_of(values: tuple[Any, ...]) -> str | None:
    """Which table a row from the pages belongs to, by its shape.

    A row written before a column was added has as many values as the table had columns then.
    """
    size = len(values)
    if size in (12, 14) and _is_id(values[0]) and isinstance(values[4], int):
        return "conversation"
    if size == 11 and values[0] is None and _is_id(values[1]) and _is_id(values[2]):
        return "message"
    if size == 5 and _is_id(values[0]) and isinstance(values[1], str) and isinstance(values[2], bytes):
        return "generation"
    if size in (10, 11) and isinstance(values[0], str) and len(values[0]) == 64:
        return "attachment"
    if size == 4 and _is_id(values[0]) and isinstance(values[2], str) and len(values[2]) == 64:
        return "message_attachment"
    if size in (19, 20) and values[0] is None and _is_id(values[1]):
        return "rating"
    if size in (8, 9) and values[0] is None and isinstance(values[1], str) and isinstance(values[5], str):
        return "style_version"
    if size == 11 and _is_id(values[0]) and values[5] in CHOICES["card_entry", "scope"]:
        return "card_entry"
    if size == 10 and _is_id(values[0]) and isinstance(values[9], str) and len(values[9]) == 64:
        return "own_text"
    return None


def _copy_records(path: Path, db: Database) -> None:
    """Copy the rows that the pages of a file still hold and the new database has not."""
    names = {table: _columns(db, table) for table in TABLES}
    longest: dict[str, int] = {}
    with db.atomic():
        for rowid, values in pages.records(path):
            table = _table_of(values)
            if table is None:
                continue
            row = dict(zip(names[table], values, strict=False))
            if "seq" in row:  # a table's INTEGER PRIMARY KEY is stored as its row's id
                row["seq"] = rowid
            if table == "message" and row["id"] in longest and len(row["text"] or "") > longest[row["id"]]:
                # An older page may hold the beginning of a reply, a newer one all of it.
                db.conn.execute("DELETE FROM message WHERE id = ?", [row["id"]])
            before = db.conn.total_changes
            _insert(db, table, row)
            if table == "message" and db.conn.total_changes > before:
                longest[row["id"]] = len(row["text"] or "")


def _mend(db: Database, paths: DataPaths) -> None:
    """Make the recovered rows agree with each other: no child without a parent, no link into nothing."""
    execute = db.conn.execute
    execute(
        """INSERT INTO conversation (id, title, created_at, updated_at, rank)
           SELECT conversation_id, 'Recovered', min(created_at), max(created_at), min(seq) FROM message
           WHERE conversation_id NOT IN (SELECT id FROM conversation) GROUP BY conversation_id"""
    )
    execute("UPDATE message SET parent_id = NULL WHERE parent_id NOT IN (SELECT id FROM message)")
    execute(
        """UPDATE message SET parent_id = NULL WHERE parent_id IS NOT NULL AND conversation_id !=
           (SELECT parent.conversation_id FROM message AS parent WHERE parent.id = message.parent_id)"""
    )
    execute("DELETE FROM generation WHERE message_id NOT IN (SELECT id FROM message)")
    for row in execute(
        """SELECT DISTINCT sha256, name FROM message_attachment
           WHERE sha256 NOT IN (SELECT sha256 FROM attachment)"""
    ).fetchall():
        _find_attachment(db, paths, row["sha256"], row["name"])
    execute(
        """DELETE FROM message_attachment WHERE message_id NOT IN (SELECT id FROM message)
           OR sha256 NOT IN (SELECT sha256 FROM attachment)"""
    )
    # A rating whose reply is lost still teaches if it carries the texts itself.
    lost = "NOT IN (SELECT id FROM message)"
    execute(f"DELETE FROM rating WHERE (message_id {lost} OR other_id {lost}) AND prompt = ''")
    execute(f"UPDATE rating SET message_id = NULL WHERE message_id {lost}")
    execute(f"UPDATE rating SET other_id = NULL WHERE other_id {lost}")
    execute("DELETE FROM card_entry WHERE conversation_id NOT IN (SELECT id FROM conversation)")
    execute("DELETE FROM style_rating WHERE style_id NOT IN (SELECT id FROM style_version)")
    execute("DELETE FROM style_current WHERE style_id NOT IN (SELECT id FROM style_version)")
    execute(
        """UPDATE conversation SET leaf_id = (SELECT id FROM message
               WHERE conversation_id = conversation.id ORDER BY seq DESC LIMIT 1)
           WHERE leaf_id IS NULL OR leaf_id NOT IN (SELECT id FROM message)"""
    )
    for row in execute(
        "SELECT id, text, text_sha256 FROM message WHERE text_sha256 IS NOT NULL AND error = ''"
    ).fetchall():
        if text_sha256(row["text"]) != row["text_sha256"]:
            execute("UPDATE message SET error = ? WHERE id = ?", [DAMAGED_TEXT, row["id"]])


_MAGIC = {  # what intake writes: kind and MIME type
    b"\x89PNG": ("image", "image/png"),
    b"\xff\xd8\xff": ("image", "image/jpeg"),
    b"RIFF": ("audio", "audio/wav"),
    document.START[:4]: ("file", document.MIME),
}


def _find_attachment(db: Database, paths: DataPaths, sha256: str, name: str) -> None:
    """Enter a picture, sound or file again whose row is lost but whose file is there."""
    path = paths.attachments / sha256
    if not re.fullmatch(r"[0-9a-f]{64}", sha256) or not path.is_file():
        return
    with path.open("rb") as file:
        start = file.read(4)
    known = (found for magic, found in _MAGIC.items() if start.startswith(magic))
    kind, mime = next(known, ("image", "image/png"))
    _insert(
        db,
        "attachment",
        {
            "sha256": sha256,
            "kind": kind,
            "mime": mime,
            "name": name,
            "size_bytes": path.stat().st_size,
            "created_at": now(),
        },
    )
