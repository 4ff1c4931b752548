"""The library of what is kept: search, export, import, backup, what the data folder holds, and erasing it for good."""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from assistant.errors import StoreError
from assistant.records import SearchHit, StyleVersion
from assistant.services.trash import TrashService

if TYPE_CHECKING:
    from assistant.paths import DataPaths
    from assistant.store import Store
    from assistant.store.archive import ArchiveReport
    from assistant.store.files import DocumentForm
    from assistant.store.import_writing import ImportReport
    from assistant.store.ratings_file import RatingsReport
    from assistant.store.search import Filters
    from assistant.store.training_formats import RatingForm

_ALL = 1_000_000  # more conversations than there can be


@dataclass(frozen=True, slots=True)
class Kept:
    """One kind of file that is kept."""

    kind: str  # database | attachments | models | styles | logs | backups | other | snapshots
    path: str
    files: int
    size_bytes: int


@dataclass(frozen=True, slots=True)
class DataReport:
    folder: str
    kept: tuple[Kept, ...]
    conversations: int
    ratings: int
    versions: int  # of the style, of all models, rejected ones included
    corrections: int  # traits the user corrected
    own_texts: int = 0  # that the user wrote, to be learned from

    @property
    def size_bytes(self) -> int:
        return sum(kept.size_bytes for kept in self.kept)


class LibraryService:
    def __init__(self, store: Store, paths: DataPaths) -> None:
        self._store, self._paths = store, paths

    def search(self, query: str, limit: int = 50, filters: Filters | None = None) -> list[SearchHit]:
        """Where all words of ``query`` occur: titles first, then messages, newest first. Raises StoreError."""
        return self._store.search(query, limit, filters)

    # --- out and in -------------------------------------------------------------------------------------

    def export(
        self,
        target: Path,
        form: Literal["json"] | DocumentForm = "json",
        conversation_ids: list[str] | None = None,
    ) -> dict[str, int]:
        """Write conversations (None: all) to ``target``; how many of each kind. Raises NotFound, StoreError."""
        if form == "json":
            return self._store.export_json(target, conversation_ids)
        return {"conversations": self._store.export_document(target, form, conversation_ids)}

    def preview_import(self, source: Path) -> ImportReport:
        """What ``import_file`` would take in. Nothing is changed. Raises BadInput."""
        return self._store.preview_import(source)

    def import_file(self, source: Path, *, may_train: bool = False) -> ImportReport:
        """Take in an export of any known program; ``may_train``: the user said so of its ratings.

        BadInput: nothing was changed.
        """
        return self._store.import_file(source, confirmed=may_train)

    def export_ratings(self, target: Path, form: Literal["attune"] | RatingForm = "attune") -> RatingsReport:
        """Write the ratings: as ``ratings.jsonl``, which comes back, or for TRL's trainers."""
        if form == "attune":
            return self._store.export_ratings(target)
        return self._store.export_ratings_for_training(target, form)

    def import_ratings(self, source: Path, line: str = "") -> RatingsReport:
        """Take in a ``ratings.jsonl`` that the user named, so it may train. All of it or nothing (BadInput)."""
        return self._store.import_ratings(source, confirmed=True, line=line)

    def backup(self, target: Path) -> ArchiveReport:
        """Everything but models and logs in one file; ``restore`` puts it back."""
        return self._store.backup_to(target)

    def encrypted_backup(
        self, target: Path, passphrase: str, *, new_key: bool = False
    ) -> tuple[ArchiveReport, str]:
        """The same, encrypted with a passphrase; and the recovery key in words if it is a new one, else "".

        The recovery key opens this and later backups where the passphrase is forgotten. It is kept nowhere: show it. One is
        made for the first backup of a data folder, and where ``new_key`` is asked for. Raises BadInput, StoreError.
        """
        from assistant.store import sealed_file
        from assistant.store.archive import Lock

        public = None if new_key else sealed_file.read_public(self._paths.recovery_key)
        made = sealed_file.new_recovery_key() if public is None else None
        report = self._store.backup_to(target, Lock(passphrase, made.public if made else public or b""))
        if made is None:
            return report, ""
        if self._store.read_only:
            return report, made.words
        try:
            sealed_file.keep_public(self._paths.recovery_key, made)
        except OSError as error:
            raise StoreError(f"The recovery key could not be kept: {error.strerror or error}.") from error
        return report, made.words

    # --- what is there ----------------------------------------------------------------------------------

    def report(self) -> DataReport:
        """Measure the data folder. It walks the disk; files that vanish meanwhile are left out."""
        from assistant.learning import style_queries

        store, paths = self._store, self._paths
        folders = {
            "attachments": paths.attachments,
            "models": paths.models,
            "styles": paths.styles,
            "logs": paths.logs,
            "backups": paths.backups,
        }
        kept = [Kept("database", str(paths.database), *_files(paths.root, paths.database.name))]
        kept += [Kept(kind, str(folder), *_measure(folder)) for kind, folder in folders.items()]
        files, size = _measure(paths.root)
        rest = files - sum(k.files for k in kept), size - sum(k.size_bytes for k in kept)
        kept.append(Kept("other", str(paths.root), max(rest[0], 0), max(rest[1], 0)))
        kept.append(Kept("snapshots", str(paths.snapshots), *_measure(paths.snapshots)))
        return DataReport(
            str(paths.root),
            tuple(kept),
            store.conversation_count(),
            store.rating_count(),
            len(store.styles()),
            sum(len(style_queries.corrections_of(store, line)) for line in ("", *store.lines())),
            store.own_text_count(),
        )

    # --- for good ---------------------------------------------------------------------------------------

    def erase(self, kind: str) -> tuple[StyleVersion, ...]:
        """Erase a kind of data (as ``Kept`` names it, or "ratings" with the user's own texts, or "everything") for good.

        "trash": all conversations go into the trash instead, and can be brought back for thirty days.

        Gives back the style versions, still there, that learned from it. Raises StoreError.
        """
        from assistant.learning import style_queries
        from assistant.store import staging

        store, paths = self._store, self._paths
        if kind == "everything":
            store.erase_everything()
            _empty(paths.styles)
            _empty_logs(paths.logs)
            return ()
        if kind == "trash":
            gone = [conversation.id for conversation in TrashService(store).put_all()]
            return tuple(store.styles_trained_on(store.ratings_in(gone)))
        if kind == "database":
            found = [*store.conversations(_ALL), *store.deleted_conversations()]
            return store.erase(conversations=[conversation.id for conversation in found])
        if kind == "ratings":
            ratings = [rating.id for rating in store.ratings(withdrawn=True)]
            trained = store.erase(ratings=ratings, texts=[text.id for text in store.own_texts(None)])
            style_queries.forget_corrections(store)
            return trained
        if kind == "styles":
            with store.transaction():
                for version in store.styles():
                    store.update_style(version.id, state="deleted")
            _empty(paths.styles)
            _erase_snapshots(paths)
        elif kind == "snapshots":
            _erase_snapshots(paths)
        elif kind == "backups":
            with staging.of_backups(paths).held():
                _empty(paths.backups)
        elif kind == "logs":
            _empty_logs(paths.logs)
        return ()


def is_encrypted(source: Path) -> bool:
    """Is a file an encrypted backup? Raises StoreError."""
    from assistant.store import sealed_file

    try:
        return sealed_file.is_sealed(source)
    except OSError as error:
        raise StoreError(f"{source.name} cannot be read: {error.strerror or error}.") from error


def restore(
    paths: DataPaths, source: Path, passphrase: str = "", recovery_key: str = "", *, later: bool = False
) -> ArchiveReport:
    """Put a backup back in place of what is in the data folder, which is kept aside. Of an encrypted one, its passphrase
    or recovery key is needed.

    ``later``: check it whole now, and exchange everything when the data folder is opened next. Raises BadInput, StoreError.
    """
    from assistant.store import archive, sealed_file

    secret = sealed_file.read_recovery_key(recovery_key) if recovery_key else passphrase or None
    return archive.restore(paths, source, secret, later=later)


def _erase_snapshots(paths: DataPaths) -> None:
    from assistant.store import staging
    from assistant.store.snapshots import snapshot

    try:
        with staging.of_backups(paths).held():
            snapshot.erase(paths)
    except OSError as error:
        raise StoreError(f"The snapshots could not be erased: {error.strerror or error}.") from error


def _empty(folder: Path) -> None:
    """Remove what is in a folder. What cannot be removed is said, not passed over."""
    from assistant.store import staging

    try:
        for path in folder.iterdir():
            staging.remove(path)
    except OSError as error:
        raise StoreError(f"{folder.name} could not be erased: {error.strerror or error}.") from error


def _empty_logs(folder: Path) -> None:
    """Logs that are being written to are cut to nothing, so that whoever writes them goes on."""
    for path in folder.iterdir():
        if path.is_file():
            with contextlib.suppress(OSError), path.open("r+b") as file:
                file.truncate(0)


def _files(folder: Path, prefix: str) -> tuple[int, int]:
    sizes = [_size(path) for path in folder.glob(prefix + "*") if path.is_file()]
    return len(sizes), sum(sizes)


def _measure(folder: Path) -> tuple[int, int]:
    """(files, bytes) under ``folder``, links not followed."""
    files = size = 0
    for where, _folders, names in os.walk(folder):
        for name in names:
            files += 1
            size += _size(Path(where, name))
    return files, size


def _size(path: Path) -> int:
    try:
        return path.lstat().st_size
    except OSError:
        return 0
