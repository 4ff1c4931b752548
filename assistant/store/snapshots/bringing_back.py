"""Restoring from a snapshot into the store that is in use: one chat, or all of it.

A chat is merged: what was written since stays, as another branch. Restoring all replaces every row in one transaction,
after a snapshot of how it was, so that it can be undone.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlite_utils import Database

from assistant.errors import NotFound, StoreError
from assistant.paths import DataPaths
from assistant.records import STYLE_ID
from assistant.store import recovery, staging
from assistant.store.connection import APPLICATION_ID, UNREADABLE, Connection, connect, explain
from assistant.store.data_files import STYLE_FILE
from assistant.store.migrations import index_anew
from assistant.store.snapshots import contents, snapshot
from assistant.store.snapshots.objects import Damaged
from assistant.store.snapshots.snapshot import KeptFile, Snapshot
from models import durable

_SPARE_BYTES = 50_000_000


@dataclass(frozen=True, slots=True)
class BroughtBack:
    """How many of each are there again that were not there before."""

    conversations: int
    messages: int
    ratings: int
    left_out: tuple[str, ...] = ()  # a sentence for each thing that could not be brought back


def restore_chat(store: Connection, paths: DataPaths, id: str, conversation_id: str) -> BroughtBack:
    """Bring back a conversation with its messages and ratings. Nothing that is here is changed or removed.

    Raises NotFound, StoreError.
    """
    kept = snapshot.load(paths, id)
    with _attached(store, paths, kept):
        execute = store.db.conn.execute
        if not execute("SELECT 1 FROM source.conversation WHERE id = ?", [conversation_id]).fetchone():
            raise NotFound(f"The snapshot {id} has no conversation {conversation_id}.")
        pictures = execute(
            """SELECT DISTINCT sha256 FROM source.message_attachment JOIN source.message ON id = message_id
               WHERE conversation_id = ?""",
            [conversation_id],
        ).fetchall()
        left_out = _bring_files(paths, kept, {f"attachments/{row[0]}" for row in pictures})
        before = _counts(store.db)
        with store.transaction():
            _merge(store.db, conversation_id, _present(paths, [row[0] for row in pictures]))
        after = _counts(store.db)
    chats, messages, ratings = (new - old for old, new in zip(before, after, strict=True))
    return BroughtBack(chats, messages, ratings, tuple(left_out))


def restore_all(store: Connection, paths: DataPaths, id: str) -> BroughtBack:
    """Make everything but models, settings and logs as it was. Raises NotFound, StoreError; then nothing was changed."""
    kept = snapshot.load(paths, id)
    # Not ``snapshot.before``: without a way back this is not begun.
    snapshot.take(paths, "restore")
    with _attached(store, paths, kept):
        wanted = {file.name for file in snapshot.files_of(paths, kept) if file.name != "settings.json"}
        left_out = _bring_files(paths, kept, wanted)
        before = contents.of_database(store.db)
        execute = store.db.conn.execute
        execute("PRAGMA foreign_keys = OFF")  # rows go in any order; checked before it counts
        try:
            with store.transaction():
                # Then nothing is taken out of the search index message by message.
                index_anew(store.db)
                for table in recovery.TABLES:
                    execute(f"DELETE FROM main.{table}")
                recovery.copy_attached(store.db)
                if execute("PRAGMA main.foreign_key_check").fetchone():
                    raise Damaged("The database in this snapshot is damaged, so it was not restored.")
        finally:
            execute("PRAGMA foreign_keys = ON")
        gained = contents.change(before, contents.of_database(store.db))
    return BroughtBack(gained.chats_added, gained.messages_added, gained.ratings_added, tuple(left_out))


def _counts(db: Database) -> list[int]:
    execute = db.conn.execute
    return [
        execute("SELECT count(*) FROM main.conversation WHERE deleted_at IS NULL").fetchone()[0],
        *(execute(f"SELECT count(*) FROM main.{table}").fetchone()[0] for table in ("message", "rating")),
    ]


# --- the database of a snapshot ---------------------------------------------------------------------------


@contextlib.contextmanager
def _attached(store: Connection, paths: DataPaths, kept: Snapshot) -> Iterator[None]:
    """The database of a snapshot, checked and brought forward, as ``source`` beside the one in use. StoreError."""
    if store.read_only:
        raise StoreError(store.notice or "The data folder was opened for reading only.")
    free = shutil.disk_usage(paths.root).free
    needed = 2 * kept.database.size_bytes + _SPARE_BYTES
    if needed > free:
        raise StoreError(f"Restoring needs {needed // 10**6} MB, and {free // 10**6} MB are free.")
    copy = paths.backups / "snapshot.tmp"
    with staging.of_backups(paths).held():
        try:
            snapshot.write_database(paths, kept, copy)
            _check(copy, kept)
            store.db.conn.execute("ATTACH DATABASE ? AS source", [f"{copy.absolute().as_uri()}?mode=ro"])
            try:
                yield
            finally:
                store.db.conn.execute("DETACH DATABASE source")
        except UNREADABLE as error:
            raise explain(error) from error
        except OSError as error:
            raise StoreError(f"The snapshot could not be restored: {error.strerror or error}.") from error
        finally:
            copy.unlink(missing_ok=True)


def _check(copy: Path, kept: Snapshot) -> None:
    damaged = Damaged("The database in this snapshot is damaged, so it was not restored.")
    if recovery.problems(copy):
        raise damaged
    db = connect(copy, read_only=True)
    try:
        application, version = (
            db.conn.execute(f"PRAGMA {name}").fetchone()[0] for name in ("application_id", "user_version")
        )
        named = db.conn.execute("SELECT id FROM style_version").fetchall()
    finally:
        db.close()
    if application not in (0, APPLICATION_ID) or version != kept.database_version:
        raise damaged
    if not all(STYLE_ID.fullmatch(row[0]) for row in named):
        raise damaged


# --- files --------------------------------------------------------------------------------------------------


def _bring_files(paths: DataPaths, kept: Snapshot, wanted: set[str]) -> list[str]:
    """Put missing attachments and styles back where they were; a sentence for each that cannot be. OSError."""
    left_out: list[str] = []
    styles: dict[str, list[KeptFile]] = {}
    for file in snapshot.files_of(paths, kept):
        if file.name not in wanted:
            continue
        folder, _, rest = file.name.partition("/")
        if folder == "attachments" and rest == file.object:
            if not (paths.attachments / rest).is_file():
                _copy(paths, file, paths.attachments / rest, left_out)
        elif folder == "styles" and STYLE_FILE.fullmatch(file.name) and ".." not in file.name.split("/"):
            styles.setdefault(rest.partition("/")[0], []).append(file)
        else:
            left_out.append(f"{file.name} was damaged when the snapshot was made.")
    for name, files in styles.items():
        if not (paths.styles / name).exists():
            _bring_style(paths, name, files, left_out)
    return left_out


def _copy(paths: DataPaths, file: KeptFile, target: Path, left_out: list[str]) -> bool:
    aside = target.with_name(f"{target.name}.{os.getpid()}.tmp")
    try:
        snapshot.objects_of(paths).copy_out(file.object, aside)
    except Damaged:
        left_out.append(f"{file.name} is damaged in this snapshot.")
        return False
    os.replace(aside, target)
    return True


def _bring_style(paths: DataPaths, name: str, files: list[KeptFile], left_out: list[str]) -> None:
    """All files of a style version, or none."""
    with staging.of_imports(paths.styles).held():
        folder = paths.styles / f"{name}.import"
        for file in files:
            inner = file.name.removeprefix(f"styles/{name}").lstrip("/")
            target = folder / inner if inner else folder  # a file right in the styles folder
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not _copy(paths, file, target, left_out):
                staging.remove(folder)
                return
        if folder.is_dir():
            durable.sync(folder)
        os.replace(folder, paths.styles / name)
        durable.sync(paths.styles)


def _present(paths: DataPaths, names: list[str]) -> set[str]:
    return {name for name in names if (paths.attachments / name).is_file()}


# --- rows ---------------------------------------------------------------------------------------------------


def _merge(db: Database, conversation_id: str, pictures: set[str]) -> None:
    """Add what the snapshot has of a conversation and the database has not. In an open transaction."""
    execute = db.conn.execute
    ours = "conversation_id = :id AND id NOT IN (SELECT id FROM main.message)"
    values = {"id": conversation_id}
    line = execute("SELECT 1 FROM pragma_table_info('conversation', 'source') WHERE name = 'line'").fetchone()
    was_here = execute("SELECT 1 FROM main.conversation WHERE id = :id", values).fetchone()
    _copy_rows(db, "conversation", "id = :id", values, leave_out=("rank", "leaf_id"))
    if line:
        execute(
            """INSERT OR IGNORE INTO main.style_line (name, created_at) SELECT name, created_at FROM source.style_line
               WHERE name IN (SELECT line FROM source.conversation WHERE id = :id)""",
            values,
        )
    if not was_here:
        execute(
            "UPDATE main.conversation SET rank = (SELECT max(rank) + 1 FROM main.conversation) WHERE id = :id",
            values,
        )
    execute("UPDATE main.conversation SET deleted_at = NULL WHERE id = :id", values)
    new = [row[0] for row in execute(f"SELECT id FROM source.message WHERE {ours} ORDER BY seq", values)]
    _copy_rows(db, "message", ours, values, leave_out=("seq",), order="seq")
    for id in new:
        one = {"message": id}
        execute(
            """UPDATE main.message SET state = 'done', owner = NULL WHERE id = :message AND state = 'streaming'""",
            one,
        )
        _copy_rows(db, "generation", "message_id = :message", one)
    for sha256 in pictures:
        _copy_rows(db, "attachment", "sha256 = :sha256", {"sha256": sha256})
    for row in execute(
        """SELECT message_id, position, sha256, name FROM source.message_attachment WHERE message_id IN
           (SELECT id FROM source.message WHERE conversation_id = :id)""",
        values,
    ).fetchall():
        if row["sha256"] in pictures:
            execute("INSERT OR IGNORE INTO main.message_attachment VALUES (?, ?, ?, ?)", list(row))
    here = "(SELECT id FROM main.message)"
    _copy_rows(
        db,
        "rating",
        f"""message_id IN (SELECT id FROM source.message WHERE conversation_id = :id)
            AND message_id IN {here} AND (other_id IS NULL OR other_id IN {here})""",
        values,
        leave_out=("seq",),
        order="seq",
    )
    _copy_rows(db, "card_entry", "conversation_id = :id", values)
    execute(
        """UPDATE main.conversation SET leaf_id = (SELECT leaf_id FROM source.conversation WHERE id = :id)
           WHERE id = :id AND (SELECT leaf_id FROM source.conversation WHERE id = :id) IN (SELECT id FROM main.message)""",
        values,
    )


def _copy_rows(
    db: Database,
    table: str,
    where: str,
    values: dict[str, str],
    *,
    leave_out: tuple[str, ...] = (),
    order: str = "rowid",
) -> None:
    columns = ", ".join(name for name in recovery.shared_columns(db, table) if name not in leave_out)
    if not columns:  # the snapshot is older than this table
        return
    target = columns
    if "rank" in leave_out:
        target, columns = f"{columns}, rank", f"{columns}, 0"
    db.conn.execute(
        f"""INSERT OR IGNORE INTO main.{table} ({target})
            SELECT {columns} FROM source.{table} WHERE {where} ORDER BY {order}""",
        values,
    )
