"""Taking, listing and thinning snapshots.

A snapshot is a small file (``snapshots/<id>.json``) that names its objects; it is written last, so a snapshot is whole or
not there. The file ``untidy`` is there while objects may lie about that no snapshot names.
"""

from __future__ import annotations

import contextlib
import functools
import json
import logging
import os
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlite_utils import Database
from sqlite_utils.utils import sqlite3

from assistant import strict_json
from assistant.errors import NotFound, StoreError
from assistant.paths import DataPaths
from assistant.store import backup, staging
from assistant.store.attachments import write_file
from assistant.store.connection import UNREADABLE, connect, explain, now
from assistant.store.data_files import users_files
from assistant.store.migrations import VERSION
from assistant.store.snapshots import contents
from assistant.store.snapshots.objects import BLOCK_BYTES, Blocks, Damaged, Objects

log = logging.getLogger(__name__)

EVERY = timedelta(minutes=30)  # of use
LOOK_EVERY_S = 24 * 3600.0
KEEP_LAST = 48
KEEP_DAYS = 14
KEEP_WEEKS = 8
KEEP_MONTHS = 24
FORM = 1  # of the file that describes a snapshot; a newer Attune may count on
_ID = re.compile(r"\d{8}-\d{6}-\d{3}")
_README = """These are snapshots of Attune: earlier states of your chats, ratings and styles.
They lie outside the data folder so that they survive it. List them with: attune snapshots list
Removing this folder removes them; nothing else needs it.
"""


@dataclass(frozen=True, slots=True)
class Snapshot:
    id: str  # names it and gives the order; made from the time
    created_at: str
    reason: str  # use | asked | migration | import | restore
    database_version: int
    conversations: int
    messages: int
    ratings: int
    database: Blocks
    contents: dict[str, Blocks]
    files: Blocks  # the table of the other files: see ``files_of``


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file of the data folder in a snapshot."""

    name: str  # in the data folder
    object: str
    size_bytes: int
    modified_ns: int


def objects_of(paths: DataPaths) -> Objects:
    return Objects(paths.snapshots / "objects")


# --- listing ------------------------------------------------------------------------------------------------


def ids(paths: DataPaths) -> list[str]:
    """The ids of all snapshots, the oldest first."""
    try:
        names = [path.stem for path in (paths.snapshots / "snapshots").glob("*.json")]
    except OSError:
        return []
    return sorted(name for name in names if _ID.fullmatch(name))


def listed(paths: DataPaths) -> list[Snapshot]:
    """The snapshots that can be read, the newest first."""
    found = []
    for id in reversed(ids(paths)):
        try:
            found.append(load(paths, id))
        except StoreError as error:
            log.warning("snapshot %s: %s", id, error)
    return found


def load(paths: DataPaths, id: str) -> Snapshot:
    """Raises NotFound, Damaged, StoreError (a newer Attune made it)."""
    if not _ID.fullmatch(id):
        raise NotFound(f"There is no snapshot {id}.")
    try:
        data = strict_json.read(_described(paths, id).read_bytes())
    except FileNotFoundError as error:
        raise NotFound(f"There is no snapshot {id}.") from error
    except (OSError, ValueError) as error:
        raise Damaged(f"The snapshot {id} cannot be read.") from error
    try:
        if int(data["form"]) > FORM or int(data["database_version"]) > VERSION:
            raise StoreError(f"The snapshot {id} was made by a newer Attune; install that to use it.")
        return Snapshot(
            id,
            str(data["created_at"]),
            str(data["reason"]),
            int(data["database_version"]),
            int(data["conversations"]),
            int(data["messages"]),
            int(data["ratings"]),
            _blocks(data["database"]),
            {str(name): _blocks(value) for name, value in dict(data["contents"]).items()},
            _blocks(data["files"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise Damaged(f"The snapshot {id} cannot be read.") from error


def contents_of(paths: DataPaths, snapshot: Snapshot) -> contents.Contents:
    """Raises Damaged."""
    return contents.read(objects_of(paths), snapshot.contents)


def files_of(paths: DataPaths, snapshot: Snapshot) -> list[KeptFile]:
    """Settings, attachments and files of styles. Raises Damaged."""
    table = b"".join(objects_of(paths).blocks(snapshot.files))
    try:
        return [
            KeptFile(str(name), str(object), int(size), int(modified))
            for name, object, size, modified in strict_json.read(table or b"[]")
        ]
    except (ValueError, TypeError) as error:
        raise Damaged("The table of files of this snapshot is damaged.") from error


def write_database(paths: DataPaths, snapshot: Snapshot, target: Path) -> None:
    """Put the database of a snapshot together in ``target``. Raises Damaged, OSError."""
    with target.open("wb") as file:
        for block in objects_of(paths).blocks(snapshot.database):
            file.write(block)
    if target.stat().st_size != snapshot.database.size_bytes:
        raise Damaged("The database in this snapshot is not complete.")


def databases(paths: DataPaths, folder: Path) -> Iterator[Path]:
    """The databases of all snapshots that are whole, the newest first, each written into ``folder``."""
    for snapshot in listed(paths):
        target = folder / "snapshot.db"
        try:
            write_database(paths, snapshot, target)
        except (StoreError, OSError) as error:
            log.warning("snapshot %s: %s", snapshot.id, error)
            continue
        yield target


# --- taking -------------------------------------------------------------------------------------------------


def is_due(paths: DataPaths) -> bool:
    """Was anything written since the last snapshot, and is that one half an hour old (or of the future)?"""
    last = ids(paths)
    if not last:
        return True
    try:
        taken = _described(paths, last[-1]).stat().st_mtime
        files = (paths.database, paths.root / f"{paths.database.name}-wal")
        written = max(file.stat().st_mtime for file in files if file.exists())
    except (OSError, ValueError):
        return False
    return written > taken and not 0 <= time.time() - taken < EVERY.total_seconds()


def take_if_due(paths: DataPaths) -> Snapshot | None:
    """For a thread in the background. Raises StoreError."""
    return take(paths, "use") if is_due(paths) else None


def before(paths: DataPaths, what: str, db: Database | None = None) -> None:
    """A snapshot before something large is changed. It is a safety net: where it cannot be made, that goes on."""
    try:
        take(paths, what, db)
    except StoreError as error:
        log.warning("no snapshot before %s: %s", what, error)


def take(paths: DataPaths, reason: str, db: Database | None = None) -> Snapshot | None:
    """Take a snapshot and thin the older ones; None where there is nothing to keep, or nothing changed.

    ``db``: an open connection to the database, which may be of an older version. Raises StoreError.
    """
    if not paths.database.is_file():
        return None
    try:
        with staging.of_backups(paths).held():
            _prepare(paths)
            return _take(paths, reason, db)
    except UNREADABLE as error:
        raise explain(error) from error
    except OSError as error:
        raise StoreError(f"The snapshot could not be made: {error.strerror or error}.") from error


def _prepare(paths: DataPaths) -> None:
    """The folder is there, and nothing half done lies in it."""
    folder = paths.snapshots
    for part in (folder, folder / "objects", folder / "snapshots"):
        part.mkdir(mode=0o700, exist_ok=True)
    if not (folder / "README.txt").exists():
        write_file(folder / "README.txt", _README.encode())
    for left in folder.glob("*.tmp*"):
        staging.remove(left)
    if _untidy(paths).exists():
        tidy(paths)


def _take(paths: DataPaths, reason: str, db: Database | None) -> Snapshot | None:
    copy = paths.snapshots / "database.tmp"
    try:
        version, found = _copy(paths, copy, db)
        if not (found.titles or found.ratings):
            return None
        objects = objects_of(paths)
        _untidy(paths).touch()
        last = listed(paths)[:1]
        known: dict[str, KeptFile] = {}
        if last:
            with contextlib.suppress(Damaged):
                known = {file.name: file for file in files_of(paths, last[0])}
        table = json.dumps([list(asdict(file).values()) for file in _keep_files(paths, objects, known)])
        with copy.open("rb") as file:
            database = objects.put_blocks(iter(lambda: file.read(BLOCK_BYTES), b""))
        snapshot = Snapshot(
            _next_id(paths),
            now(),
            reason,
            version,
            len(found.titles),
            len(found.messages),
            len(found.ratings),
            database,
            contents.keep(objects, found),
            objects.put_blocks(iter([table.encode()])),
        )
        if last and _same(last[0], snapshot):
            os.utime(_described(paths, last[0].id))
            return None
        objects.sync()
        write_file(_described(paths, snapshot.id), json.dumps({"form": FORM, **asdict(snapshot)}).encode())
        thin(paths)
        _untidy(paths).unlink(missing_ok=True)
        return snapshot
    finally:
        copy.unlink(missing_ok=True)


def _same(last: Snapshot, new: Snapshot) -> bool:
    return (last.database, last.contents, last.files) == (new.database, new.contents, new.files)


def _copy(paths: DataPaths, target: Path, db: Database | None) -> tuple[int, contents.Contents]:
    """Copy the database without its search index, which can be made anew; its version and contents."""
    source = db if db is not None else connect(paths.database, read_only=True)
    try:
        backup.copy_database(source, target)
    finally:
        if db is None:
            source.close()
    copy = Database(sqlite3.connect(str(target), isolation_level=None), execute_plugins=False)
    try:
        execute = copy.conn.execute
        for pragma in ("journal_mode = OFF", "synchronous = OFF"):
            execute(f"PRAGMA {pragma}")
        if execute("SELECT 1 FROM sqlite_master WHERE name = 'message_fts'").fetchone():
            execute("INSERT INTO message_fts (message_fts) VALUES ('delete-all')")
        version = execute("PRAGMA user_version").fetchone()[0]
        found = contents.of_database(copy)
    finally:
        copy.close()
    _blank_free_pages(target)
    return int(version), found


def _blank_free_pages(database: Path) -> None:
    """Overwrite with zeros what pages that are not in use held before: it would be kept, and is nobody's any more.

    Free pages form a list of trunks, each with the number of the next one, a count, and the numbers of its leaves
    (sqlite.org/fileformat2.html#the_freelist).
    """
    with database.open("r+b") as file:
        header = file.read(100)
        page_bytes = int.from_bytes(header[16:18], "big")
        page_bytes = 65_536 if page_bytes == 1 else page_bytes
        trunk = int.from_bytes(header[32:36], "big")
        left = int.from_bytes(header[36:40], "big")
        while trunk and left > 0:
            file.seek((trunk - 1) * page_bytes)
            page = file.read(page_bytes)
            numbers = [int.from_bytes(page[at : at + 4], "big") for at in range(0, len(page) - 3, 4)]
            trunk, count = numbers[0], min(numbers[1], len(numbers) - 2)
            for leaf in numbers[2 : 2 + count]:
                file.seek((leaf - 1) * page_bytes)
                file.write(bytes(page_bytes))
            left -= 1 + count


def _keep_files(paths: DataPaths, objects: Objects, known: dict[str, KeptFile]) -> Iterator[KeptFile]:
    for name, file in users_files(paths):
        try:
            status = file.stat()
            old = known.get(name)
            same = old and (old.size_bytes, old.modified_ns) == (status.st_size, status.st_mtime_ns)
            if old and same and objects.path(old.object).exists():
                yield old
            else:
                yield KeptFile(name, objects.put_file(file), status.st_size, status.st_mtime_ns)
        except FileNotFoundError:  # deleted meanwhile
            continue


def _next_id(paths: DataPaths) -> str:
    """Later than every other, also when the clock went backwards."""
    stamp = datetime.now(UTC)
    last = ids(paths)
    if last:
        with contextlib.suppress(ValueError):
            stamp = max(stamp, _time_of(last[-1]) + timedelta(milliseconds=1))
    return f"{stamp:%Y%m%d-%H%M%S}-{stamp.microsecond // 1000:03d}"


@functools.lru_cache(maxsize=1024)
def _time_of(id: str) -> datetime:
    """Raises ValueError for an id that is no time."""
    return datetime.strptime(id[:15], "%Y%m%d-%H%M%S").replace(tzinfo=UTC) + timedelta(
        milliseconds=int(id[16:])
    )


# --- thinning -----------------------------------------------------------------------------------------------


def superfluous(found: list[str]) -> list[str]:
    """Of the ids of snapshots, oldest first, those that thinning removes.

    The last ones stay, then the last of each day, week and month that has any. Counted by snapshots, not from today: after
    a long pause, or with a wrong clock, none goes that would have stayed.
    """
    kept = set(found[-KEEP_LAST:])
    for count, form in ((KEEP_DAYS, "%Y%m%d"), (KEEP_WEEKS, "%G-%V"), (KEEP_MONTHS, "%Y%m")):
        last_of: dict[str, str] = {}
        for id in found:
            with contextlib.suppress(ValueError):
                last_of[_time_of(id).strftime(form)] = id
        kept.update(list(last_of.values())[-count:])
    return [id for id in found if id not in kept]


def thin(paths: DataPaths) -> int:
    """Remove what ``superfluous`` names, and the objects only they held; how many. Needs the lock. Raises OSError."""
    gone = superfluous(ids(paths))
    if gone:
        _untidy(paths).touch()
        for id in gone:
            _described(paths, id).unlink(missing_ok=True)
        tidy(paths)
    return len(gone)


def tidy(paths: DataPaths) -> int:
    """Remove objects that no snapshot names; bytes freed. Needs the lock. Raises OSError."""
    objects = objects_of(paths)
    wanted: set[str] = set()
    for id in ids(paths):
        try:
            snapshot = load(paths, id)
            for blocks in (snapshot.database, snapshot.files, *snapshot.contents.values()):
                wanted.update(blocks.lists)
                wanted.update(objects.names_in(blocks))
            wanted.update(file.object for file in files_of(paths, snapshot))
        except StoreError as error:  # damaged, or a newer Attune's: what it names cannot be known
            log.warning("nothing is removed beside snapshot %s: %s", id, error)
            return 0
    freed = objects.keep_only(wanted)
    _untidy(paths).unlink(missing_ok=True)
    return freed


def look_daily(paths: DataPaths, stopped: Callable[[], bool]) -> None:
    """Once a day, remove objects that are not as they were written: the next snapshot writes them anew, if they are still
    wanted. Else they would spoil every later one. May be stopped between two. Raises OSError.
    """
    looked = paths.snapshots / "looked"
    if not paths.snapshots.is_dir() or (
        looked.exists() and 0 <= time.time() - looked.stat().st_mtime < LOOK_EVERY_S
    ):
        return
    bad = objects_of(paths).remove_damaged(stopped)
    if bad:
        log.warning("%d objects of snapshots were damaged", bad)
    if not stopped():
        looked.touch()


def erase(paths: DataPaths) -> None:
    """Remove all snapshots for good. Needs the lock. Raises OSError."""
    if not paths.snapshots.is_dir():
        return
    _untidy(paths).touch()
    for part in ("snapshots", "objects"):
        staging.remove(paths.snapshots / part)
    for left in paths.snapshots.glob("*.tmp*"):
        staging.remove(left)
    _untidy(paths).unlink(missing_ok=True)


def size_bytes(paths: DataPaths) -> int:
    """What all snapshots take on the disk."""
    total = 0
    for where, _folders, names in os.walk(paths.snapshots):
        for name in names:
            with contextlib.suppress(OSError):
                total += Path(where, name).lstat().st_size
    return total


def _described(paths: DataPaths, id: str) -> Path:
    return paths.snapshots / "snapshots" / f"{id}.json"


def _untidy(paths: DataPaths) -> Path:
    return paths.snapshots / "untidy"


def _blocks(value: Any) -> Blocks:
    return Blocks(int(value["size_bytes"]), tuple(str(name) for name in value["lists"]))
