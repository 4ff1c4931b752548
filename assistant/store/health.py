"""Is what lies on the disk what was written? The database's own check misses a flipped bit in a text or a picture.

Looked at once a day in the background (``backup.DailyCare``) and by ``attune doctor``; nothing is changed.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from sqlite_utils import Database

from assistant import strict_json
from assistant.errors import StoreError
from assistant.paths import DataPaths
from assistant.store import locks, recovery
from assistant.store.attachments import write_file
from assistant.store.connection import APPLICATION_ID, UNREADABLE, connect, explain
from assistant.store.messages import text_sha256
from assistant.store.migrations import VERSION

EVERY_S = 24 * 3600.0
_MOST_TOLD = 100
_ROWS = 200  # read between two short rests
_REST_S = 0.005


def examine(paths: DataPaths) -> list[str]:
    """What is wrong in a data folder, in a sentence each; empty: all is well. Reads every file. Raises StoreError."""
    if not paths.database.exists():
        return []
    found = [f"The database is damaged: {problem}." for problem in recovery.problems(paths.database)[:5]]
    if found:
        return found
    db = _connect(paths)
    try:
        application, version = (
            db.conn.execute(f"PRAGMA {name}").fetchone()[0] for name in ("application_id", "user_version")
        )
        if application not in (0, APPLICATION_ID):
            return [f"{paths.database} is another program's database."]
        if version > VERSION:
            return [
                "This data folder was used by a newer Attune, so it can only be read; install that version."
            ]
        return list(changed(db, paths.attachments))
    except UNREADABLE as error:
        raise explain(error) from error
    finally:
        db.close()


def changed(db: Database, attachments: Path, stopped: Callable[[], bool] = lambda: False) -> Iterator[str]:
    """A sentence for each message and attachment that is not as it was written. May be stopped between two."""
    messages = db.conn.execute(
        "SELECT id, text, text_sha256 FROM message WHERE text_sha256 IS NOT NULL AND error != ?",
        [recovery.DAMAGED_TEXT],  # that was said when it was recovered
    )
    while not stopped() and (some := messages.fetchmany(_ROWS)):
        for row in some:
            if text_sha256(row["text"]) != row["text_sha256"]:
                yield f"The text of message {row['id']} has changed on the disk."
        time.sleep(_REST_S)
    for row in db.conn.execute("SELECT sha256, name FROM attachment").fetchall():
        if stopped():
            return
        try:
            with (attachments / row["sha256"]).open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError:
            if db.conn.execute("SELECT 1 FROM attachment WHERE sha256 = ?", [row["sha256"]]).fetchone():
                yield f"The attachment {row['name']} is missing."
            continue
        if digest != row["sha256"]:
            yield f"The attachment {row['name']} has changed on the disk."


def _connect(paths: DataPaths) -> Database:
    try:
        return connect(paths.database, read_only=True)
    except UNREADABLE as error:
        raise explain(error) from error


# --- once a day ------------------------------------------------------------------------------------------


def look_daily(paths: DataPaths, stopped: Callable[[], bool]) -> None:
    """Look through the messages and attachments if that was not done today; ``notice`` tells. Raises StoreError."""
    told = _told(paths)
    if told.exists() and 0 <= time.time() - told.stat().st_mtime < EVERY_S:
        return
    lock = locks.try_lock(paths.root / "verify.lock")
    if lock is None:  # another thread or process is at it
        return
    with lock:
        _look(paths, told, stopped)


def _look(paths: DataPaths, told: Path, stopped: Callable[[], bool]) -> None:
    db = _connect(paths)
    try:
        found = list(changed(db, paths.attachments, stopped))
    except UNREADABLE as error:
        raise explain(error) from error
    finally:
        db.close()
    if not stopped():  # else begun anew the next time
        write_file(told, json.dumps(found[:_MOST_TOLD]).encode())


def notice(paths: DataPaths) -> str:
    """A sentence about what the last look found; empty: nothing."""
    try:
        found = strict_json.read(_told(paths).read_bytes())
    except (OSError, ValueError):  # not looked yet
        return ""
    if not isinstance(found, list) or not found:
        return ""
    more = f" ({len(found) - 1} more; attune doctor names them)" if len(found) > 1 else ""
    return f"{found[0]}{more}"


def forget(paths: DataPaths) -> None:
    """What was found may be gone: have the next look begin anew."""
    try:
        _told(paths).unlink(missing_ok=True)
    except OSError as error:
        raise StoreError(f"A file could not be removed: {error.strerror or error}.") from error


def _told(paths: DataPaths) -> Path:
    return paths.locks / "verified.json"
