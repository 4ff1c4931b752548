"""Messages in the store: a tree for each conversation, written so that a reply is never lost half-way."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import Literal

from assistant.errors import NotFound
from assistant.records import Attachment, Generation, Message, Role
from assistant.store import rows
from assistant.store.connection import Row, clean, new_id, now
from assistant.store.conversations import Conversations
from assistant.store.locks import OwnerLock

INTERRUPTED = "Attune was closed before this reply was finished."

_SELECT = """SELECT message.*, generation.data FROM message
    LEFT JOIN generation ON generation.message_id = message.id"""


def text_sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


class Messages(Conversations):
    owner: OwnerLock | None = None

    def add_message(
        self,
        conversation_id: str,
        parent_id: str | None,
        role: Role,
        text: str,
        attachments: Sequence[Attachment] = (),
        state: Literal["streaming", "done"] = "done",
        *,
        message_id: str | None = None,
    ) -> Message:
        """Add a message under ``parent_id`` (None: the first) and look at it. Raises NotFound, StoreError.

        When this returns, the message is on the disk.
        """
        text = clean(text)
        message_id = message_id or new_id()
        with self.transaction():
            self.conversation(conversation_id)
            if parent_id is not None and self.message(parent_id).conversation_id != conversation_id:
                raise NotFound(f"There is no message {parent_id} in this conversation.")
            self._insert(
                "message",
                {
                    "id": message_id,
                    "conversation_id": conversation_id,
                    "parent_id": parent_id,
                    "role": role,
                    "text": text,
                    "created_at": now(),
                    "state": state,
                    "owner": self.owner.name if self.owner and state == "streaming" else None,
                    "text_sha256": text_sha256(text) if state == "done" else None,
                },
            )
            for position, attachment in enumerate(attachments):
                self._insert(
                    "message_attachment",
                    {
                        "message_id": message_id,
                        "position": position,
                        "sha256": attachment.sha256,
                        "name": clean(attachment.name),
                    },
                )
            self._update("conversation", "id", conversation_id, {"leaf_id": message_id})
            self._touch(conversation_id)
            return self.message(message_id)

    def reopen_reply(self, message_id: str) -> Message:
        """A finished reply is being written again, behind its text. ``recover`` closes it if this process ends."""
        self._update(
            "message",
            "id",
            message_id,
            {
                "state": "streaming",
                "error": "",
                "owner": self.owner.name if self.owner else None,
                "text_sha256": None,
            },
        )
        return self.message(message_id)

    def is_answered(self, message_id: str) -> bool:
        """Whether anything stands under a message."""
        return self._row("SELECT 1 FROM message WHERE parent_id = ? LIMIT 1", [message_id]) is not None

    def save_partial(self, message_id: str, text: str) -> None:
        """Keep what has been written of a reply so far. Does nothing to a finished message."""
        self._write(
            "UPDATE message SET text = ? WHERE id = ? AND state = 'streaming'", [clean(text), message_id]
        )

    def finish_message(
        self, message_id: str, text: str, generation: Generation | None = None, error: str = ""
    ) -> Message:
        """The reply is complete, or as complete as ``error`` says. Raises NotFound, StoreError."""
        text = clean(text)
        with self.transaction():
            changed = self._update(
                "message",
                "id",
                message_id,
                {
                    "text": text,
                    "state": "done",
                    "error": clean(error),
                    "owner": None,
                    "text_sha256": text_sha256(text),
                },
            )
            if not changed:
                raise NotFound(f"There is no message {message_id}.")
            self._write("DELETE FROM generation WHERE message_id = ?", [message_id])
            if generation is not None:
                self._insert("generation", rows.generation_row(message_id, generation))
            message = self.message(message_id)
            self._touch(message.conversation_id)
            return message

    def message(self, message_id: str) -> Message:
        """One message with everything, token ids and log-probabilities included. Raises NotFound."""
        row = self._row(
            """SELECT message.*, data, prompt_ids, reply_ids, logprobs FROM message
               LEFT JOIN generation ON generation.message_id = message.id WHERE message.id = ?""",
            [message_id],
        )
        if row is None:
            raise NotFound(f"There is no message {message_id}.")
        made = None if row["data"] is None else rows.generation(row, with_ids=True)
        return rows.message(row, self._attachments_of([message_id]).get(message_id, ()), made)

    def branch(self, leaf_id: str | None) -> list[Message]:
        """The messages from the first one to ``leaf_id``. Their generations come without token ids."""
        if leaf_id is None:
            return []
        found = self._rows(
            f"""WITH RECURSIVE up(id, parent_id, depth) AS (
                    SELECT id, parent_id, 0 FROM message WHERE id = ?
                    UNION ALL
                    SELECT message.id, message.parent_id, depth + 1
                    FROM message JOIN up ON message.id = up.parent_id
                )
                {_SELECT} JOIN up ON up.id = message.id ORDER BY depth DESC""",
            [leaf_id],
        )
        if not found:
            raise NotFound(f"There is no message {leaf_id}.")
        return self._messages(found)

    def messages(self, conversation_id: str) -> list[Message]:
        """The whole tree of a conversation in the order of writing. Generations come without token ids."""
        return self._messages(
            self._rows(f"{_SELECT} WHERE conversation_id = ? ORDER BY message.seq", [conversation_id])
        )

    def recent_prompts(self, limit: int) -> list[str]:
        """What the user last wrote, newest first, each text once; without messages that came with pictures."""
        found = self._rows(
            """SELECT text, max(message.seq) AS last FROM message
               JOIN conversation ON conversation.id = conversation_id
               WHERE role = 'user' AND deleted_at IS NULL AND trim(text) != ''
               AND NOT EXISTS (SELECT 1 FROM message_attachment WHERE message_id = message.id)
               GROUP BY text ORDER BY last DESC LIMIT ?""",
            [limit],
        )
        return [row["text"] for row in found]

    def newest_replies(self, line: str, limit: int) -> list[tuple[str, str, Generation]]:
        """The newest finished replies in chats of the style ``line``: (what was asked, the reply, how it came to be, without
        token ids), newest first."""
        found = self._rows(
            """SELECT asked.text AS asked, message.text AS reply, data FROM message
               JOIN generation ON generation.message_id = message.id
               JOIN message AS asked ON asked.id = message.parent_id
               JOIN conversation ON conversation.id = message.conversation_id
               WHERE message.role = 'assistant' AND message.state = 'done' AND message.error = ''
               AND conversation.line = ? AND deleted_at IS NULL ORDER BY message.seq DESC LIMIT ?""",
            [line, limit],
        )
        made = [(row["asked"], row["reply"], rows.generation(row, with_ids=False)) for row in found]
        return [(asked, reply, generation) for asked, reply, generation in made if generation is not None]

    def siblings(self, message_id: str) -> list[Message]:
        """The branches beside a message, itself included, in the order of writing."""
        message = self.message(message_id)
        return self._messages(
            self._rows(
                f"{_SELECT} WHERE conversation_id = ? AND parent_id IS ? ORDER BY message.seq",
                [message.conversation_id, message.parent_id],
            )
        )

    def sibling_ids(self, message_ids: Sequence[str]) -> dict[str, tuple[str, ...]]:
        """The ids of ``siblings`` for many messages at once, as a transcript needs them."""
        result: dict[str, tuple[str, ...]] = {}
        for some in _pieces(message_ids):
            marks = ", ".join("?" * len(some))
            found = self._rows(
                f"""SELECT message.id, sibling.id AS sibling_id FROM message JOIN message AS sibling
                    ON sibling.conversation_id = message.conversation_id
                    AND sibling.parent_id IS message.parent_id
                    WHERE message.id IN ({marks}) ORDER BY sibling.seq""",
                some,
            )
            for row in found:
                result[row["id"]] = (*result.get(row["id"], ()), row["sibling_id"])
        return result

    def set_leaf(self, conversation_id: str, message_id: str | None) -> None:
        """Remember which branch is being looked at."""
        if message_id is not None and self.message(message_id).conversation_id != conversation_id:
            raise NotFound(f"There is no message {message_id} in this conversation.")
        self._update("conversation", "id", conversation_id, {"leaf_id": message_id})

    def last_leaf_under(self, message_id: str) -> str:
        """The end of the branch through ``message_id`` that was written last."""
        row = self._row(
            """WITH RECURSIVE down(id, seq) AS (
                   SELECT id, seq FROM message WHERE id = ?
                   UNION ALL
                   SELECT message.id, message.seq FROM message JOIN down ON message.parent_id = down.id
               )
               SELECT id FROM down ORDER BY seq DESC LIMIT 1""",
            [message_id],
        )
        if row is None:
            raise NotFound(f"There is no message {message_id}.")
        return str(row["id"])

    def delete_message(self, message_id: str) -> None:
        """Remove a message and everything under it; the branch looked at moves to what is left."""
        with self.transaction():
            message = self.message(message_id)
            # The last ones first: SQLite ends a chain of deletions at a thousand steps.
            for row in self._rows(
                """WITH RECURSIVE down(id) AS (
                       SELECT ? UNION ALL SELECT message.id FROM message JOIN down ON message.parent_id = down.id
                   )
                   SELECT message.id FROM message JOIN down ON down.id = message.id ORDER BY seq DESC""",
                [message_id],
            ):
                self._write("DELETE FROM message WHERE id = ?", [row["id"]])
            conversation = self.conversation(message.conversation_id)
            leaf = conversation.leaf_id
            if leaf is None or self._row("SELECT 1 FROM message WHERE id = ?", [leaf]) is None:
                if message.parent_id is not None:
                    left: str | None = self.last_leaf_under(message.parent_id)
                else:
                    row = self._row(
                        "SELECT id FROM message WHERE conversation_id = ? ORDER BY seq DESC LIMIT 1",
                        [message.conversation_id],
                    )
                    left = row["id"] if row else None
                self._update("conversation", "id", message.conversation_id, {"leaf_id": left})

    def recover(self) -> int:
        """Finish the replies whose process is gone, keeping what was written of them; how many they were."""
        found = self._rows("SELECT id, owner, text FROM message WHERE state = 'streaming'")
        lost = [
            row for row in found if not (self.owner and row["owner"] and self.owner.is_alive(row["owner"]))
        ]
        if not lost:
            return 0
        with self.transaction():
            for row in lost:
                # Of a reply that was being continued: it tells of the first part only.
                self._write("DELETE FROM generation WHERE message_id = ?", [row["id"]])
                self._update(
                    "message",
                    "id",
                    row["id"],
                    {
                        "state": "done",
                        "error": INTERRUPTED,
                        "owner": None,
                        "text_sha256": text_sha256(row["text"]),
                    },
                )
        return len(lost)

    def _messages(self, found: Iterable[Row]) -> list[Message]:
        found = list(found)
        attachments = self._attachments_of([row["id"] for row in found])
        return [
            rows.message(
                row,
                attachments.get(row["id"], ()),
                None if row["data"] is None else rows.generation(row, with_ids=False),
            )
            for row in found
        ]

    def _attachments_of(self, message_ids: Sequence[str]) -> dict[str, tuple[Attachment, ...]]:
        result: dict[str, tuple[Attachment, ...]] = {}
        for some in _pieces(message_ids):
            marks = ", ".join("?" * len(some))
            found = self._rows(
                f"""SELECT message_id, attachment.sha256, kind, mime, link.name, size_bytes, width, height,
                        recognition, note, pages
                    FROM message_attachment AS link JOIN attachment ON attachment.sha256 = link.sha256
                    WHERE message_id IN ({marks}) ORDER BY message_id, position""",
                some,
            )
            for row in found:
                result[row["message_id"]] = (*result.get(row["message_id"], ()), rows.attachment(row))
        return result


def _pieces(ids: Sequence[str], size: int = 500) -> Iterable[list[str]]:
    """``ids`` in lists short enough for SQLite's limit on parameters."""
    for start in range(0, len(ids), size):
        yield list(ids[start : start + size])
