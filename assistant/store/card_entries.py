"""What the user wrote on style cards. What a sentence means is decided in ``assistant.services.style_card``."""

from __future__ import annotations

from typing import Any

from assistant.errors import BadInput, NotFound
from assistant.records import CardEntry
from assistant.store.connection import Connection, Row, clean, new_id, now

MOST = 60  # entries of one style
_FIELDS = ("trait", "way", "text", "scope", "kind", "conversation_id", "strength", "state")


class CardEntries(Connection):
    def card_entries(self, line: str = "") -> list[CardEntry]:
        """The entries of a style's card in the order they were made, those of single chats too."""
        found = self._rows("SELECT * FROM card_entry WHERE line = ? ORDER BY rowid", [line])
        return [_entry(row) for row in found]

    def card_entry(self, entry_id: str) -> CardEntry:
        """Raises NotFound."""
        row = self._row("SELECT * FROM card_entry WHERE id = ?", [entry_id])
        if row is None:
            raise NotFound(f"There is no sentence {entry_id} on the style card.")
        return _entry(row)

    def add_card_entry(self, line: str = "", **fields: Any) -> CardEntry:
        """A new entry; ``fields`` as ``CardEntry`` has them. Raises BadInput where there are too many."""
        with self.transaction():
            if len(self.card_entries(line)) >= MOST:
                raise BadInput(f"A style card has {MOST} sentences of your own at most; remove one first.")
            entry_id = new_id()
            self._insert("card_entry", {"id": entry_id, "line": line, "created_at": now(), **_values(fields)})
            return self.card_entry(entry_id)

    def update_card_entry(self, entry_id: str, **fields: Any) -> CardEntry:
        """Raises NotFound."""
        with self.transaction():
            if not self._update("card_entry", "id", entry_id, _values(fields)):
                raise NotFound(f"There is no sentence {entry_id} on the style card.")
            return self.card_entry(entry_id)

    def remove_card_entry(self, entry_id: str) -> None:
        """Raises NotFound."""
        if not self._write("DELETE FROM card_entry WHERE id = ?", [entry_id]):
            raise NotFound(f"There is no sentence {entry_id} on the style card.")

    def clear_card(self, line: str | None = None) -> None:
        """Remove every entry of one style's card, or (None) of all."""
        self._write("DELETE FROM card_entry WHERE ? IS NULL OR line = ?", [line, line])


def _values(fields: dict[str, Any]) -> dict[str, Any]:
    for name in fields:
        if name not in _FIELDS:
            raise ValueError(f"A sentence on the style card has no field {name!r}.")
    return {name: clean(value) if name == "text" else value for name, value in fields.items()}


def _entry(row: Row) -> CardEntry:
    return CardEntry(**{name: row[name] for name in ("id", "line", "created_at", *_FIELDS)})
