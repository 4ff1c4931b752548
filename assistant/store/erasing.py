"""Really erasing: rows overwritten, the file rewritten, pictures and every copy in the data folder removed."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator, Sequence

from assistant.errors import StoreError
from assistant.records import StyleVersion
from assistant.store import health, staging
from assistant.store.attachments import Attachments
from assistant.store.connection import DatabaseError, explain
from assistant.store.messages import Messages
from assistant.store.migrations import index_anew
from assistant.store.snapshots import snapshot
from assistant.store.styles import Styles

log = logging.getLogger(__name__)

_UNFINISHED = "erasing"  # store value: rows are gone, their traces not yet

_ALL = (
    "conversation", "rating", "style_version", "style_current", "style_line", "card_entry", "own_text", "value",
)  # fmt: skip


class Erasing(Messages, Attachments, Styles):
    def erase(
        self, conversations: Sequence[str] = (), ratings: Sequence[str] = (), texts: Sequence[str] = ()
    ) -> tuple[StyleVersion, ...]:
        """Erase conversations (with their ratings), ratings and the user's own texts so that no file holds them any more.

        Backups and snapshots made before, and what a restore kept aside, hold them too, so those are removed. Returns the style
        versions that learned from what was erased: only the user can say what becomes of them.
        """
        trained = self.styles_trained_on([*ratings, *self.ratings_in(conversations), *texts])
        with self._thoroughly():
            for conversation_id in conversations:
                self._remove("id = ?", conversation_id)
            for rating_id in ratings:
                self._write("DELETE FROM rating WHERE id = ?", [rating_id])
            for text_id in texts:
                self._write("DELETE FROM own_text WHERE id = ?", [text_id])
        return tuple(trained)

    def erase_everything(self) -> None:
        """Erase all conversations, ratings, pictures, own texts, values, style cards, named styles and the ledger of styles."""
        with self._thoroughly():
            self._remove("? IS NOT NULL", "all")
            for table in _ALL:
                self._write(f"DELETE FROM {table}")

    @contextlib.contextmanager
    def _thoroughly(self) -> Iterator[None]:
        """Run the deletions of the block in one transaction and remove every trace they would leave."""
        # A backup that has begun would bring back what is erased meanwhile.
        with staging.of_backups(self.paths).held():
            self._overwrite_deleted()
            with self.transaction():
                yield
                # The index keeps pieces of deleted texts in its segments until it is made anew.
                index_anew(self.db)
                self.set_value(_UNFINISHED, True)
            self._remove_traces()

    def finish_erasing(self) -> None:
        """An erasing that was cut off after its rows were gone removes their traces now, or at the next opening."""
        if not self.value(_UNFINISHED):
            return
        try:
            with staging.of_backups(self.paths).held(10.0):
                self._overwrite_deleted()
                self._remove_traces()
        except StoreError as error:
            log.warning("what was erased has left traces: %s", error)

    def _remove_traces(self) -> None:
        self.collect_garbage(older_than_s=float("-inf"))
        health.forget(self.paths)
        self._remove_copies()
        self._rewrite()
        self._empty_log()
        self.set_value(_UNFINISHED, None)
        self.index_soon()

    def rebuild_search(self) -> StoreError:
        """Make the search index anew; the sentence that says so."""
        try:
            with self.db.atomic():
                index_anew(self.db)
        except DatabaseError as error:
            return explain(error)
        return StoreError("The search index was damaged and has been made anew; please try again.")

    def ratings_in(self, conversations: Sequence[str]) -> list[str]:
        """The ids of the ratings of conversations, deleted ones and those taken back too."""
        return [
            row["id"]
            for conversation_id in conversations
            for row in self._rows(
                """SELECT rating.id FROM rating JOIN message ON message.id = message_id
                   WHERE conversation_id = ?""",
                [conversation_id],
            )
        ]

    def _overwrite_deleted(self) -> None:
        try:
            self.db.conn.execute("PRAGMA secure_delete = ON")
        except DatabaseError as error:
            raise explain(error) from error

    def _remove_copies(self) -> None:
        """Everything that may hold what was written before: backups and snapshots, what a restore or a recovery kept
        aside, and what processes that died had half written."""
        paths = self.paths
        try:
            for copy in (*paths.backups.iterdir(), paths.damaged):
                staging.remove(copy)
            snapshot.erase(paths)
            staging.sweep_of_the_dead(paths.root)
            staging.of_learning(paths.styles).sweep_if_idle()
            staging.of_imports(paths.styles).sweep_if_idle()
        except OSError as error:
            raise StoreError(
                f"A backup or snapshot could not be removed: {error.strerror or error}."
            ) from error

    def _rewrite(self) -> None:
        """Write the database anew without its free pages."""
        try:
            self.db.conn.execute("VACUUM")
        except DatabaseError as error:
            raise explain(error) from error

    def _empty_log(self) -> None:
        """The write-ahead log holds pages as they were. Raises StoreError while another is reading it."""
        try:
            busy, _, _ = self.db.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        except DatabaseError as error:
            raise explain(error) from error
        if busy:
            raise StoreError(
                "Another Attune is reading; the last traces are removed when this one is opened next."
            )
