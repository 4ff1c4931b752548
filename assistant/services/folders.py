"""Folders of conversations: names, and instructions that go before those of each chat in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assistant.errors import BadInput, NotFound
from assistant.records import Conversation

if TYPE_CHECKING:
    from assistant.store import Store

LONGEST_NAME = 60  # characters
LONGEST_INSTRUCTIONS = 20_000  # characters
MOST = 200


@dataclass(frozen=True, slots=True)
class Folder:
    name: str
    instructions: str = ""
    conversations: tuple[Conversation, ...] = ()  # the newest first, pinned ones before


class FolderService:
    """Belongs to the thread of its store. A folder is known by its name; names differ in more than case."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def folders(self, most: int = 200) -> list[Folder]:
        """All folders by name, also empty ones, with up to ``most`` conversations each."""
        kept = self._store.folder_instructions()
        names = sorted({*kept, *self._store.folders()}, key=str.casefold)
        return [
            Folder(name, kept.get(name, ""), tuple(self._store.conversations(most, folder=name)))
            for name in names
        ]

    def names(self) -> list[str]:
        return sorted({*self._store.folder_instructions(), *self._store.folders()}, key=str.casefold)

    def add(self, name: str) -> str:
        """A folder of that name; one that is there already is used. Its name. Raises BadInput."""
        name = named(name)
        known = self._known(name)
        if known is not None:
            return known
        kept = self._store.folder_instructions()
        if len(kept) >= MOST:
            raise BadInput(f"There are {MOST} folders already; delete one first.")
        self._store.set_folder_instructions({**kept, name: ""})
        return name

    def free_name(self, wanted: str) -> str:
        """``wanted``, or with a number behind it where there is such a folder."""
        number, name = 1, named(wanted)
        while self._known(name) is not None:
            number += 1
            name = f"{named(wanted)} {number}"
        return name

    def rename(self, name: str, wanted: str) -> str:
        """Call a folder otherwise. Raises BadInput where another one is called so, NotFound."""
        name, wanted = self._required(name), named(wanted)
        known = self._known(wanted)
        if known is not None and known != name:
            raise BadInput(f"There is a folder {known} already.")
        with self._store.transaction():
            kept = self._store.folder_instructions()
            text = kept.pop(name, "")
            self._store.set_folder_instructions({**kept, wanted: text})
            for conversation_id in self._store.in_folder(name):
                self._store.update_conversation(conversation_id, folder=wanted)
        return wanted

    def set_instructions(self, name: str, text: str) -> None:
        """What every chat in the folder is told before its own instructions. Raises BadInput, NotFound."""
        name = self._required(name)
        kept = self._store.folder_instructions()
        self._store.set_folder_instructions({**kept, name: checked(text)})

    def remove(self, name: str) -> dict[str, str]:
        """Remove a folder; its chats stay, in none. For ``move_back``: where they were. Raises NotFound."""
        name = self._required(name)
        with self._store.transaction():
            before = self.move(self._store.in_folder(name), "")
            kept = self._store.folder_instructions()
            kept.pop(name, None)
            self._store.set_folder_instructions(kept)
        return before

    def move(self, conversation_ids: Sequence[str], name: str) -> dict[str, str]:
        """Put chats into a folder ("": into none). Where each was before. Raises NotFound, and moves none then."""
        with self._store.transaction():
            if name:
                name = self.add(name)
            before = {}
            for conversation_id in conversation_ids:
                before[conversation_id] = self._store.conversation(conversation_id).folder
                self._store.update_conversation(conversation_id, folder=name)
        return before

    def move_back(self, before: Mapping[str, str], instructions: str | None = None) -> None:
        """Undo ``move`` or, with the folder's ``instructions``, ``remove``. Chats deleted meanwhile are passed over."""
        with self._store.transaction():
            for conversation_id, name in before.items():
                try:
                    self._store.update_conversation(conversation_id, folder=self.add(name) if name else "")
                except NotFound:
                    continue
                if name and instructions:
                    self.set_instructions(name, instructions)

    def _known(self, name: str) -> str | None:
        return next((one for one in self.names() if one.casefold() == name.casefold()), None)

    def _required(self, name: str) -> str:
        known = self._known(name)
        if known is None:
            raise NotFound(f"There is no folder {name}.")
        return known


def named(name: str) -> str:
    """A name as it is kept: one line. Raises BadInput for an empty or an overlong one."""
    name = " ".join("".join(c if c.isprintable() else " " for c in name).split())
    if not name:
        raise BadInput("Give the folder a name.")
    if len(name) > LONGEST_NAME:
        raise BadInput(f"A folder's name has at most {LONGEST_NAME} characters.")
    return name


def checked(text: str) -> str:
    """Instructions as they are kept. Raises BadInput for more than a model would read."""
    text = text.strip()
    if len(text) > LONGEST_INSTRUCTIONS:
        raise BadInput(f"Instructions have at most {LONGEST_INSTRUCTIONS:,} characters.")
    return text
