"""Texts of the user's own that a style learns from."""

from __future__ import annotations

import hashlib

from assistant.errors import BadInput, NotFound
from assistant.records import OwnText
from assistant.store.connection import Connection, Row, clean, new_id, now

MOST = 1000  # texts of one style
_FIELDS = ("id", "line", "name", "text", "kind", "prompt", "reply", "model", "created_at", "sha256")


class OwnTexts(Connection):
    def own_texts(self, line: str | None = "") -> list[OwnText]:
        """The texts of a style (None: of all), in the order they were added."""
        found = self._rows("SELECT * FROM own_text WHERE ? IS NULL OR line = ? ORDER BY rowid", [line, line])
        return [_own_text(row) for row in found]

    def own_text(self, text_id: str) -> OwnText:
        """Raises NotFound."""
        row = self._row("SELECT * FROM own_text WHERE id = ?", [text_id])
        if row is None:
            raise NotFound(f"There is no text {text_id}.")
        return _own_text(row)

    def own_text_count(self) -> int:
        row = self._row("SELECT count(*) AS n FROM own_text")
        return int(row["n"]) if row is not None else 0

    def add_own_text(
        self, name: str, text: str, *, prompt: str, kind: str = "", line: str = ""
    ) -> OwnText | None:
        """Keep a text; None where the style has it already. Raises BadInput where there are too many."""
        text = clean(text)
        sha256 = hashlib.sha256(text.encode("utf-8")).hexdigest()
        with self.transaction():
            row = self._row("SELECT 1 FROM own_text WHERE line = ? AND sha256 = ?", [line, sha256])
            if row is not None:
                return None
            if len(self.own_texts(line)) >= MOST:
                raise BadInput(f"A style learns from {MOST} texts of your own at most; remove some first.")
            text_id = new_id()
            values = {
                "id": text_id, "line": line, "name": clean(name), "text": text, "kind": kind,
                "prompt": clean(prompt), "created_at": now(), "sha256": sha256,
            }  # fmt: skip
            self._insert("own_text", values)
            return self.own_text(text_id)

    def set_own_text_reply(self, text_id: str, reply: str, model: str, prompt: str | None = None) -> None:
        """Note what the original ``model`` wrote to the text's prompt, and that prompt if it is another. Raises NotFound."""
        changes = {"reply": clean(reply), "model": model}
        if prompt is not None:
            changes["prompt"] = clean(prompt)
        if not self._update("own_text", "id", text_id, changes):
            raise NotFound(f"There is no text {text_id}.")


def _own_text(row: Row) -> OwnText:
    return OwnText(**{name: row[name] for name in _FIELDS})
