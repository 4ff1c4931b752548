"""Conversations in the store: listing, changing, deleting with undo."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from assistant.errors import NotFound
from assistant.records import Conversation
from assistant.store import rows
from assistant.store.connection import Connection, clean, new_id, now

_FOLDERS = "folders"  # store value: name -> instructions
_TEXT_FIELDS = ("title", "system_prompt", "draft", "folder", "line", "style")
_FIELDS = (*_TEXT_FIELDS, "model", "pinned", "leaf_id")


class Conversations(Connection):
    def create_conversation(self, **fields: Any) -> Conversation:
        """A new conversation; ``fields`` as of Conversation (title, system_prompt, model, ...)."""
        made = now()
        conversation_id = fields.pop("id", None) or new_id()
        with self.transaction():
            self._insert(
                "conversation",
                {
                    "id": conversation_id,
                    "created_at": made,
                    "updated_at": made,
                    "rank": self._next_rank(),
                    **_values(fields),
                },
            )
            return self.conversation(conversation_id)

    def conversation(self, conversation_id: str) -> Conversation:
        """Raises NotFound, also for a deleted one."""
        row = self._row("SELECT * FROM conversation WHERE id = ? AND deleted_at IS NULL", [conversation_id])
        if row is None:
            raise NotFound(f"There is no conversation {conversation_id}.")
        return rows.conversation(row)

    def conversations(
        self, limit: int = 50, before: str | None = None, folder: str | None = None
    ) -> list[Conversation]:
        """A page of conversations, pinned first, then the newest; ``before``: the last id above it."""
        where = "deleted_at IS NULL"
        values: list[Any] = []
        if folder is not None:
            where += " AND folder = ?"
            values.append(folder)
        if before is not None:
            where += " AND (pinned, rank) < (SELECT pinned, rank FROM conversation WHERE id = ?)"
            values.append(before)
        found = self._rows(
            f"SELECT * FROM conversation WHERE {where} ORDER BY pinned DESC, rank DESC LIMIT ?",
            [*values, limit],
        )
        return [rows.conversation(row) for row in found]

    def newest_conversations(self, limit: int) -> list[Conversation]:
        """Those with the newest messages, the newest first, pinned or not."""
        found = self._rows(
            "SELECT * FROM conversation WHERE deleted_at IS NULL ORDER BY rank DESC LIMIT ?", [limit]
        )
        return [rows.conversation(row) for row in found]

    def update_conversation(self, conversation_id: str, **fields: Any) -> Conversation:
        """Change title, pinned, draft, folder, system_prompt, model, line, style or leaf_id. Raises NotFound."""
        with self.transaction():
            self._update("conversation", "id", conversation_id, _values(fields))
            return self.conversation(conversation_id)

    def delete_conversation(self, conversation_id: str) -> None:
        """Hide a conversation; ``restore_conversation`` brings it back until it is purged."""
        self.conversation(conversation_id)
        self._update("conversation", "id", conversation_id, {"deleted_at": now()})

    def restore_conversation(self, conversation_id: str) -> Conversation:
        with self.transaction():
            self._update("conversation", "id", conversation_id, {"deleted_at": None})
            return self.conversation(conversation_id)

    def purge_conversation(self, conversation_id: str) -> None:
        """Remove a conversation for good, with its messages and their ratings."""
        self._remove("id = ?", conversation_id)

    def purge_deleted(self, older_than_days: float = 30.0) -> int:
        """Remove for good what was deleted that long ago; how many conversations."""
        border = (datetime.now(UTC) - timedelta(days=older_than_days)).isoformat(timespec="milliseconds")
        return self._remove("deleted_at < ?", border)

    def _remove(self, where: str, value: str) -> int:
        """Delete conversations with all that belongs to them; how many."""
        with self.transaction():
            # A reply goes with its message and so on: SQLite ends such a chain at a thousand steps.
            self._write(
                f"""UPDATE message SET parent_id = NULL WHERE parent_id IS NOT NULL
                    AND conversation_id IN (SELECT id FROM conversation WHERE {where})""",
                [value],
            )
            return self._write(f"DELETE FROM conversation WHERE {where}", [value])

    def deleted_conversations(self) -> list[Conversation]:
        """Those that can still be brought back, the last deleted first."""
        found = self._rows("SELECT * FROM conversation WHERE deleted_at IS NOT NULL ORDER BY deleted_at DESC")
        return [rows.conversation(row) for row in found]

    def deletions(self) -> list[tuple[Conversation, str]]:
        """The same, each with when it was deleted."""
        found = self._rows("SELECT * FROM conversation WHERE deleted_at IS NOT NULL ORDER BY deleted_at DESC")
        return [(rows.conversation(row), row["deleted_at"]) for row in found]

    def conversation_count(self) -> int:
        row = self._row("SELECT count(*) FROM conversation WHERE deleted_at IS NULL")
        return int(row[0]) if row else 0

    def folders(self) -> list[str]:
        """The folders in use, by name."""
        found = self._rows(
            """SELECT DISTINCT folder FROM conversation
               WHERE folder != '' AND deleted_at IS NULL ORDER BY folder"""
        )
        return [row[0] for row in found]

    def in_folder(self, name: str) -> list[str]:
        """The ids of all conversations in a folder."""
        found = self._rows("SELECT id FROM conversation WHERE folder = ? AND deleted_at IS NULL", [name])
        return [row[0] for row in found]

    def folder_instructions(self) -> dict[str, str]:
        """The folders that were made, also empty ones, with what their chats are told ("": nothing)."""
        row = self._row("SELECT json FROM value WHERE key = ?", [_FOLDERS])
        try:
            kept = {} if row is None else json.loads(row[0])
        except ValueError:
            return {}
        if not isinstance(kept, dict):
            return {}
        return {name: text for name, text in kept.items() if name and isinstance(text, str)}

    def set_folder_instructions(self, folders: Mapping[str, str]) -> None:
        """Keep the folders; see ``services.folders``."""
        with self.transaction():
            self._write("DELETE FROM value WHERE key = ?", [_FOLDERS])
            if folders:
                self._insert("value", {"key": _FOLDERS, "json": rows.to_json(dict(folders))})

    def instructions_of(self, conversation: Conversation) -> str:
        """What the model is told before a chat: its folder's instructions, then its own; empty: the usual ones."""
        folder = self.folder_instructions().get(conversation.folder, "") if conversation.folder else ""
        return "\n\n".join(text for text in (folder, conversation.system_prompt) if text.strip())

    def _touch(self, conversation_id: str) -> None:
        """Move a conversation to the top of the list."""
        self._update("conversation", "id", conversation_id, {"updated_at": now(), "rank": self._next_rank()})

    def _next_rank(self) -> int:
        row = self._row("SELECT coalesce(max(rank), 0) + 1 FROM conversation")
        return int(row[0]) if row else 1


def _values(fields: dict[str, Any]) -> dict[str, Any]:
    """``fields`` as column values; ValueError for one that is none."""
    for name in fields:
        if name not in _FIELDS:
            raise ValueError(f"A conversation has no field {name!r} that can be set.")
    values = {name: clean(value) if name in _TEXT_FIELDS else value for name, value in fields.items()}
    if "pinned" in values:
        values["pinned"] = int(values["pinned"])
    return values
