"""Deleted conversations: they stay for thirty days, can be brought back, or erased for good before."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from assistant.errors import NotFound
from assistant.records import Conversation

if TYPE_CHECKING:
    from assistant.store import Store

_ALL = 1_000_000  # more conversations than there can be


@dataclass(frozen=True, slots=True)
class Trashed:
    """One deleted conversation; after ``days_left`` days it is removed for good."""

    conversation: Conversation
    deleted_at: str
    days_left: int


class TrashService:
    """Belongs to the thread of its store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def put(self, conversation_ids: Sequence[str]) -> list[Conversation]:
        """Delete conversations so that they can be brought back; those that were there. Raises NotFound for none."""
        deleted = []
        with self._store.transaction():
            for conversation_id in dict.fromkeys(conversation_ids):
                try:
                    conversation = self._store.conversation(conversation_id)
                except NotFound:  # deleted meanwhile
                    continue
                self._store.delete_conversation(conversation_id)
                deleted.append(conversation)
            if not deleted:
                raise NotFound("These chats are deleted already.")
        return deleted

    def put_all(self) -> list[Conversation]:
        """Delete every conversation so that it can be brought back; none if there are none."""
        ids = [conversation.id for conversation in self._store.conversations(_ALL)]
        return self.put(ids) if ids else []

    def contents(self) -> list[Trashed]:
        """What can be brought back, the last deleted first."""
        now = datetime.now(UTC)
        return [Trashed(found, at, _days_left(at, now)) for found, at in self._store.deletions()]

    def restore(self, conversation_ids: Sequence[str]) -> list[Conversation]:
        """Bring conversations back; those that could be (others are gone for good)."""
        found = []
        with self._store.transaction():
            for conversation_id in dict.fromkeys(conversation_ids):
                try:
                    found.append(self._store.restore_conversation(conversation_id))
                except NotFound:
                    continue
        return found

    def erase(self, conversation_ids: Sequence[str] | None = None) -> int:
        """Erase deleted conversations (None: all of them) so that no file holds them any more; how many.

        Never one that is not deleted. Raises StoreError.
        """
        there = [found.id for found, _ in self._store.deletions()]
        wanted = there if conversation_ids is None else [id for id in there if id in set(conversation_ids)]
        if wanted:
            self._store.erase(conversations=wanted)
        return len(wanted)


def _days_left(deleted_at: str, now: datetime) -> int:
    """Whole days until it goes, at least 0; a time that cannot be read counts as now."""
    from assistant.store.store import UNDO_DAYS  # the window shows what is here and loads no store

    try:
        since = now - datetime.fromisoformat(deleted_at)
    except (ValueError, TypeError):
        return int(UNDO_DAYS)
    return max(0, min(int(UNDO_DAYS), math.ceil(UNDO_DAYS - since.total_seconds() / 86_400)))
