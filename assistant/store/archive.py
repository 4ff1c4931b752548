"""The whole data folder but models and logs in one file, and back: ``attune backup`` and ``attune restore``.

The file may be encrypted (``sealed_file``).

The file is a zip without compression (so it can be no zip bomb) with a manifest of SHA-256 sums. Names in
it are never used as paths unless they have exactly the shape that a backup writes.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import zipfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from assistant import strict_json
from assistant.errors import BadInput, StoreError
from assistant.paths import DataPaths
from assistant.records import STYLE_ID
from assistant.store import backup, locks, recovery, sealed_file, staging
from assistant.store.attachments import private, write_file
from assistant.store.connection import APPLICATION_ID, UNREADABLE, Connection, DatabaseError, connect
from assistant.store.data_files import NAMES, users_files
from assistant.store.migrations import VERSION, migrate
from assistant.store.sealed_file import RecoveryKey, Sealing
from models import durable

FORMAT = "attune-backup"
FORM = 1  # of the archive; a newer Attune may count on
_DAMAGED = "The database in this backup is damaged, so it was not restored."
_READY = "ready"  # in the folder of a restore: everything is unpacked and checked
_SPARE_BYTES = 50_000_000
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Lock:
    """What an encrypted backup is locked with: ``public`` belongs to the recovery key."""

    passphrase: str
    public: bytes


@dataclass(frozen=True, slots=True)
class ArchiveReport:
    files: int
    size_bytes: int
    conversations: int
    messages: int
    kept_aside: str = ""  # where what was there before lies now


def write(store: Connection, paths: DataPaths, target: Path, lock: Lock | None = None) -> ArchiveReport:
    """Back everything up to ``target``, whole or not at all, while the store is in use; encrypted with a ``lock``.

    Raises BadInput (a passphrase that is too short), StoreError.
    """
    aside = target.with_name(f"{target.name}.{os.getpid()}.tmp")
    snapshot = paths.backups / f"archive.{os.getpid()}.tmp"
    manifest: dict[str, Any] = {"format": FORMAT, "version": FORM, "database": VERSION, "files": {}}
    with staging.of_backups(paths).held():
        try:
            backup.copy_database(store.db, snapshot)
            with open(aside, "wb", opener=private) as whole:
                sealing = Sealing(whole, lock.passphrase, lock.public) if lock else None
                out: Any = sealing or whole
                with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED, allowZip64=True) as archive:
                    for name, file in [("attune.db", snapshot), *users_files(paths)]:
                        manifest["files"][name] = _add(archive, name, file)
                    archive.writestr("manifest.json", json.dumps(manifest, indent=1))
                if sealing is not None:
                    sealing.close()
                whole.flush()
                os.fsync(whole.fileno())
            os.replace(aside, target)
            conversations, messages = _count(snapshot)
            return ArchiveReport(len(manifest["files"]), target.stat().st_size, conversations, messages)
        except OSError as error:
            raise StoreError(f"The backup could not be written: {error.strerror or error}.") from error
        finally:
            aside.unlink(missing_ok=True)
            snapshot.unlink(missing_ok=True)


def _add(archive: zipfile.ZipFile, name: str, file: Path) -> str:
    digest = hashlib.sha256()
    with file.open("rb") as source, archive.open(zipfile.ZipInfo(name), "w", force_zip64=True) as entry:
        while chunk := source.read(_CHUNK):
            digest.update(chunk)
            entry.write(chunk)
    return digest.hexdigest()


def _count(database: Path) -> tuple[int, int]:
    """The conversations and messages in a database."""
    db = connect(database, read_only=True)
    try:
        conversations = db.conn.execute("SELECT count(*) FROM conversation").fetchone()[0]
        return conversations, db.conn.execute("SELECT count(*) FROM message").fetchone()[0]
    finally:
        db.close()


def restore(
    paths: DataPaths, source: Path, secret: str | RecoveryKey | None = None, *, later: bool = False
) -> ArchiveReport:
    """Put a backup back; what was there is kept aside in the backups folder.

    No Store may be open; ``later``: one may, and everything is exchanged when the data folder is opened next. The backup
    is unpacked and checked whole before anything is moved. ``secret``: the passphrase or recovery key of an encrypted one.
    Raises WrongKey, BadInput for a file that is no sound backup, StoreError otherwise.
    """
    paths.ensure()
    work = paths.root / "restore.tmp"
    with locks.held(paths.root / "open.lock"):
        if later:
            shutil.rmtree(work, ignore_errors=True)
        else:
            _refuse_while_open(paths)
            finish_interrupted(paths)
        try:
            work.mkdir(mode=0o700)
            count, size, version = _unpack_any(source, work, secret)
            _check_database(work / "attune.db", version)
            _rebuild(work)
            name = f"before-restore-{datetime.now().strftime('%Y%m%d-%H%M%S-%f')}"
            aside = paths.backups / name
            aside.mkdir(mode=0o700)
            # From here on a restore that is cut off is finished when the store is opened next.
            write_file(work / _READY, name.encode())
            if later:
                conversations, messages = _count(work / "attune.db")
                return ArchiveReport(count, size, conversations, messages, str(aside))
            _exchange(paths, work, aside)
            conversations, messages = _count(paths.database)
            backup.keep_last(paths, "before-restore-*", backup.KEEP_OTHER, aside)
        except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, EOFError) as error:
            raise BadInput(f"{source.name} is not a backup of Attune, or is damaged.") from error
        except OSError as error:
            raise StoreError(f"The backup could not be restored: {error.strerror or error}.") from error
        finally:
            if not (later and (work / _READY).is_file()):
                shutil.rmtree(work, ignore_errors=True)
    return ArchiveReport(count, size, conversations, messages, str(aside))


def _refuse_while_open(paths: DataPaths) -> None:
    if _is_open(paths):
        raise StoreError("Attune is open with this data folder; close it first, then restore the backup.")


def _is_open(paths: DataPaths) -> bool:
    """Has this or another process a store open in the data folder?"""
    for path in paths.locks.glob("*.lock"):
        file = locks.try_lock(path)
        if file is None:
            return True
        file.close()
    return False


def _unpack_any(source: Path, work: Path, secret: str | RecoveryKey | None) -> tuple[int, int, int]:
    """``_unpack``, of an encrypted file too. Raises WrongKey, BadInput, OSError."""
    if not sealed_file.is_sealed(source):
        return _unpack(source, work, source.name)
    if secret is None:
        raise BadInput(f"{source.name} is encrypted; its passphrase or recovery key is needed.")
    _want_free(work, 3 * source.stat().st_size)
    plain = work / "opened.tmp"
    with open(plain, "wb", opener=private) as file:
        for chunk in sealed_file.opened(source, secret):
            file.write(chunk)
    try:
        return _unpack(plain, work, source.name)
    finally:
        plain.unlink()


def _want_free(folder: Path, needed: int) -> None:
    free = shutil.disk_usage(folder).free
    if needed + _SPARE_BYTES > free:
        raise StoreError(f"Restoring needs {needed // 10**6} MB, and {free // 10**6} MB are free.")


def _unpack(source: Path, work: Path, called: str) -> tuple[int, int, int]:
    """Unpack into ``work`` under our own names; the number of files and bytes, and the database's version.

    Raises BadInput.
    """
    if not source.is_file():
        raise BadInput(f"There is no file {source}.")
    damaged = BadInput(f"{called} is not a backup of Attune, or is damaged.")
    with zipfile.ZipFile(source) as archive:
        entries = {entry.filename: entry for entry in archive.infolist()}
        if "manifest.json" not in entries or not _is_plain(entries["manifest.json"], 100_000_000):
            raise damaged
        try:
            manifest = strict_json.read(archive.read("manifest.json"))
            files = {str(name): str(sha256) for name, sha256 in dict(manifest["files"]).items()}
            form, version = int(manifest["version"]), int(manifest["database"])
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise damaged from error
        if manifest.get("format") != FORMAT:
            raise damaged
        # Before anything else is asked of it: a newer one may have other names and be compressed.
        if form > FORM or version > VERSION:
            raise BadInput(f"{called} was made by a newer Attune; install that to restore it.")
        if "attune.db" not in files or version < 1:
            raise damaged
        if any(not _is_plain(entry) for entry in entries.values()):
            raise damaged
        if any(not NAMES.fullmatch(name) or name not in entries for name in files):
            raise damaged
        size = sum(entries[name].file_size for name in files)
        _want_free(work, size + entries["attune.db"].file_size)  # it is copied into a new one
        for name, sha256 in files.items():
            target = work / name
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            digest = hashlib.sha256()
            with archive.open(entries[name]) as entry, target.open("xb") as file:
                while chunk := entry.read(_CHUNK):
                    digest.update(chunk)
                    file.write(chunk)
                file.flush()
                os.fsync(file.fileno())
            if digest.hexdigest() != sha256:
                raise damaged
            if name.startswith("attachments/") and name != f"attachments/{sha256}":
                raise damaged
        return len(files), size, version


def _is_plain(entry: zipfile.ZipInfo, most_bytes: int | None = None) -> bool:
    """Neither compressed nor encrypted: as large as the archive itself at most."""
    stored = entry.compress_type == zipfile.ZIP_STORED and not entry.flag_bits & 1
    return stored and (most_bytes is None or entry.file_size <= most_bytes)


def _check_database(path: Path, expected: int) -> None:
    found = recovery.problems(path)
    if not found:
        db = connect(path, read_only=True)
        try:
            application = db.conn.execute("PRAGMA application_id").fetchone()[0]
            version = db.conn.execute("PRAGMA user_version").fetchone()[0]
        except DatabaseError as error:
            found = [str(error)]
        else:
            if application != APPLICATION_ID or version != expected:
                found = ["not a database of Attune"]
        finally:
            db.close()
    if found:
        raise BadInput(_DAMAGED)


def _rebuild(work: Path) -> None:
    """Copy the rows into a database of our own making: the backup's may have triggers and views of a stranger's."""
    fresh = work / "fresh.db"
    db = connect(fresh)
    try:
        migrate(db)
        recovery.copy_all(work / "attune.db", db)
        named = db.conn.execute("SELECT id FROM style_version").fetchall()
        if not all(STYLE_ID.fullmatch(row[0]) for row in named):
            raise BadInput(_DAMAGED)
        db.conn.execute("PRAGMA journal_mode = DELETE")
    except UNREADABLE as error:
        raise BadInput(_DAMAGED) from error
    finally:
        db.close()
    durable.sync(fresh)
    os.replace(fresh, work / "attune.db")


def finish_interrupted(paths: DataPaths) -> None:
    """Finish a restore that was cut off after its files were checked, or left for now. Needs the lock on opening."""
    work = paths.root / "restore.tmp"
    if (work / _READY).is_file():
        if _is_open(paths):  # not under the feet of a window
            return
        aside = paths.backups / Path((work / _READY).read_text()).name
        _exchange(paths, work, aside)
    shutil.rmtree(work, ignore_errors=True)


def _exchange(paths: DataPaths, work: Path, aside: Path) -> None:
    """Move what is there aside, the unpacked files in. May be repeated after a crash; undone if it fails."""
    moved: list[tuple[Path, Path]] = []  # (from, to)
    names = ["attune.db-wal", "attune.db-shm", "attune.db", "attachments", "styles", "settings.json"]
    try:
        for name in names:
            old, new, kept = paths.root / name, work / name, aside / name
            # Without settings in the backup, those at hand stay. What lies aside already was moved before.
            if old.exists() and not kept.exists() and (name != "settings.json" or new.exists()):
                os.replace(old, kept)
                moved.append((old, kept))
            if new.exists():
                os.replace(new, old)
                moved.append((new, old))
        paths.ensure()
        durable.sync(paths.root)
    except OSError:
        for before, after in reversed(moved):
            os.replace(after, before)
        raise
