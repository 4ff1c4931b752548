"""Snapshots for the window and the command line: what there is, what changed, and bringing it back."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from assistant.errors import StoreError

if TYPE_CHECKING:
    from assistant.paths import DataPaths
    from assistant.store import Store
    from assistant.store.snapshots.bringing_back import BroughtBack
    from assistant.store.snapshots.contents import Change, ChatChange


@dataclass(frozen=True, slots=True)
class Taken:
    """One snapshot in the list."""

    id: str
    created_at: str
    reason: str  # use | asked | migration | import | restore
    conversations: int
    messages: int
    ratings: int
    change: Change | None  # since the one before; None: there is none, or it is damaged


@dataclass(frozen=True, slots=True)
class Compared:
    """What restoring a snapshot would change."""

    taken: Taken
    since: Change  # from the snapshot to now
    chats: tuple[ChatChange, ...]  # conversations that are gone now, or lack messages


class SnapshotService:
    def __init__(self, store: Store, paths: DataPaths) -> None:
        self._store, self._paths = store, paths

    @property
    def folder(self) -> str:
        return str(self._paths.snapshots)

    def taken(self) -> list[Taken]:
        """All snapshots, the newest first, each with what changed since the one before."""
        from assistant.store.snapshots import contents, snapshot
        from assistant.store.snapshots.objects import Damaged

        found = snapshot.listed(self._paths)
        states: dict[str, contents.Contents | None] = {}

        def state(one: snapshot.Snapshot) -> contents.Contents | None:
            if one.id not in states:
                try:
                    states[one.id] = snapshot.contents_of(self._paths, one)
                except Damaged:
                    states[one.id] = None
            return states[one.id]

        changes: dict[str, Change | None] = {}
        for later, earlier in pairwise(found):
            old, new = state(earlier), state(later)
            changes[later.id] = None if old is None or new is None else contents.change(old, new)
            states.pop(later.id, None)
        return [
            Taken(s.id, s.created_at, s.reason, s.conversations, s.messages, s.ratings, changes.get(s.id))
            for s in found
        ]

    def take(self) -> Taken | None:
        """A snapshot now; None where nothing changed since the last one. Raises StoreError."""
        from assistant.store.snapshots import snapshot

        if self._store.read_only:
            raise StoreError(self._store.notice)
        made = snapshot.take(self._paths, "asked")
        return next((taken for taken in self.taken() if made and taken.id == made.id), None)

    def compare(self, id: str) -> Compared:
        """A snapshot beside what is here now. Raises NotFound, StoreError."""
        from assistant.store.snapshots import contents, snapshot

        one = snapshot.load(self._paths, id)
        then, now = snapshot.contents_of(self._paths, one), contents.of_database(self._store.db)
        taken = next(taken for taken in self.taken() if taken.id == id)
        return Compared(taken, contents.change(then, now), tuple(contents.chats_changed(then, now)))

    def restore(self, id: str, conversation_id: str = "") -> BroughtBack:
        """Bring back one conversation, or make everything as it was ("").

        Of one, what was written since stays. Raises NotFound, StoreError; then nothing was changed.
        """
        from assistant.store.snapshots import bringing_back

        if conversation_id:
            done = bringing_back.restore_chat(self._store, self._paths, id, conversation_id)
        else:
            done = bringing_back.restore_all(self._store, self._paths, id)
        self._store.index_soon()
        return done
