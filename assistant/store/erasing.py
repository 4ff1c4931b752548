"""Really erasing: rows overwritten, the file rewritten, pictures, backups and damaged copies removed."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator, Sequence

from assistant.errors import StoreError
from assistant.records import StyleVersion
from assistant.store import locks
from assistant.store.attachments import Attachments
from assistant.store.connection import DatabaseError, explain
from assistant.store.messages import Messages
from assistant.store.migrations import index_messages
from assistant.store.styles import Styles


class Erasing(Messages, Attachments, Styles):
    def erase(
        self, conversations: Sequence[str] = (), ratings: Sequence[str] = ()
    ) -> tuple[StyleVersion, ...]:
        """Erase conversations (with their ratings) and ratings so that no file holds them any more.

        Backups made before hold them too, so those are removed. Returns the style versions that learned from
        what was erased: only the user can say what becomes of them.
        """
        trained = self.styles_trained_on([*ratings, *self.ratings_in(conversations)])
        with self._thoroughly():
            for conversation_id in conversations:
                self._write("DELETE FROM conversation WHERE id = ?", [conversation_id])
            for rating_id in ratings:
                self._write("DELETE FROM rating WHERE id = ?", [rating_id])
        return tuple(trained)

    def erase_everything(self) -> None:
        """Erase all conversations, ratings, pictures, values, named styles and the ledger of styles."""
        with self._thoroughly():
            for table in ("conversation", "rating", "style_version", "style_current", "style_line", "value"):
                self._write(f"DELETE FROM {table}")

    @contextlib.contextmanager
    def _thoroughly(self) -> Iterator[None]:
        """Run the deletions of the block in one transaction and remove every trace they would leave."""
        # A backup that has begun would bring back what is erased meanwhile.
        with locks.held(self.paths.root / "backup.lock", timeout_s=120.0):
            self._overwrite_deleted()
            with self.transaction():
                yield
                # The index keeps pieces of deleted texts in its segments until it is made anew.
                index_messages(self.db)
            self.collect_garbage(older_than_s=float("-inf"))
            self._rewrite()

    def rebuild_search(self) -> StoreError:
        """Make the search index anew; the sentence that says so."""
        try:
            with self.db.atomic():
                index_messages(self.db)
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

    def _rewrite(self) -> None:
        """Write the database anew without its free pages, empty the log, remove the copies."""
        try:
            self.db.conn.execute("VACUUM")
            self.db.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            for copy in self.paths.backups.glob("attune-*.db*"):
                copy.unlink(missing_ok=True)
            shutil.rmtree(self.paths.damaged, ignore_errors=True)
        except DatabaseError as error:
            raise explain(error) from error
        except OSError as error:
            raise StoreError(f"A backup could not be removed: {error.strerror or error}.") from error
