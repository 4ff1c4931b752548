"""What is in a database, as ids only: small enough to keep with each snapshot, and enough to tell what changed.

Deleted conversations and ratings that were taken back count as gone.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlite_utils import Database

from assistant import strict_json
from assistant.store.snapshots.objects import BLOCK_BYTES, Blocks, Damaged, Objects

_ID_BYTES = 8  # of an id: enough to tell messages apart


@dataclass(frozen=True, slots=True)
class Contents:
    titles: dict[str, str] = field(default_factory=dict)  # of conversations, by id
    messages: dict[bytes, bytes] = field(default_factory=dict)  # short ids: of a message, its conversation's
    ratings: dict[bytes, None] = field(default_factory=dict)  # short ids; a set in the order of writing

    @property
    def chats(self) -> frozenset[bytes]:
        return frozenset(short(id) for id in self.titles)


@dataclass(frozen=True, slots=True)
class Change:
    """From an earlier state to a later one."""

    chats_added: int = 0
    chats_removed: int = 0
    messages_added: int = 0
    messages_removed: int = 0
    ratings_added: int = 0
    ratings_removed: int = 0

    def __bool__(self) -> bool:
        return self != Change()


@dataclass(frozen=True, slots=True)
class ChatChange:
    """A conversation that an earlier state has otherwise than a later one."""

    conversation_id: str
    title: str
    gone: bool  # it is not there at all later
    messages: int  # that it has earlier
    missing: int  # of them, later


def short(id: str) -> bytes:
    """The first bytes of an id, or of its hash where it is none of ours."""
    try:
        return (
            bytes.fromhex(id)[:_ID_BYTES]
            if len(id) == 32
            else hashlib.sha256(id.encode()).digest()[:_ID_BYTES]
        )
    except ValueError:
        return hashlib.sha256(id.encode()).digest()[:_ID_BYTES]


def of_database(db: Database) -> Contents:
    """What a database of this or an older version holds. Raises the database's errors."""
    execute = db.conn.execute
    there = "SELECT id FROM conversation WHERE deleted_at IS NULL"
    return Contents(
        {row[0]: row[1] for row in execute("SELECT id, title FROM conversation WHERE deleted_at IS NULL")},
        {
            short(row[0]): short(row[1])
            for row in execute(
                f"SELECT id, conversation_id FROM message WHERE conversation_id IN ({there}) ORDER BY seq"
            )
        },
        {
            short(row[0]): None
            for row in execute(
                f"""SELECT rating.id FROM rating LEFT JOIN message ON message.id = message_id
                    WHERE withdrawn_at IS NULL AND (message_id IS NULL OR conversation_id IN ({there}))
                    ORDER BY rating.seq"""
            )
        },
    )


def change(before: Contents, after: Contents) -> Change:
    chats, later_chats = before.chats, after.chats
    return Change(
        len(later_chats - chats),
        len(chats - later_chats),
        len(after.messages.keys() - before.messages.keys()),
        len(before.messages.keys() - after.messages.keys()),
        len(after.ratings.keys() - before.ratings.keys()),
        len(before.ratings.keys() - after.ratings.keys()),
    )


def chats_changed(before: Contents, after: Contents) -> list[ChatChange]:
    """The conversations of ``before`` that are gone in ``after``, or lack messages there; the most lost first."""
    there = after.chats
    had: dict[bytes, int] = {}
    lost: dict[bytes, int] = {}
    for message, chat in before.messages.items():
        had[chat] = had.get(chat, 0) + 1
        lost[chat] = lost.get(chat, 0) + (message not in after.messages)
    found = []
    for id, title in before.titles.items():
        chat = short(id)
        gone = chat not in there
        if gone or lost.get(chat):
            found.append(ChatChange(id, title, gone, had.get(chat, 0), lost.get(chat, 0)))
    return sorted(found, key=lambda change: (not change.gone, -change.missing, change.title))


# --- kept with a snapshot ---------------------------------------------------------------------------------


def keep(objects: Objects, contents: Contents) -> dict[str, Blocks]:
    """Raises OSError."""
    lines = [json.dumps([id, title], ensure_ascii=True) for id, title in sorted(contents.titles.items())]
    # In the order of writing, so that what is added changes the last block only.
    messages = b"".join(message + chat for message, chat in contents.messages.items())
    ratings = b"".join(contents.ratings)
    return {
        "titles": objects.put_blocks(_cut("\n".join(lines).encode())),
        "messages": objects.put_blocks(_cut(messages)),
        "ratings": objects.put_blocks(_cut(ratings)),
    }


def read(objects: Objects, kept: dict[str, Blocks]) -> Contents:
    """Raises Damaged."""
    try:
        titles = b"".join(objects.blocks(kept["titles"])).decode()
        pairs: list[Any] = [strict_json.read(line) for line in titles.split("\n") if line]
        return Contents(
            {str(id): str(title) for id, title in pairs},
            {
                pair[:_ID_BYTES]: pair[_ID_BYTES:]
                for pair in _pieces(objects, kept["messages"], 2 * _ID_BYTES)
            },
            dict.fromkeys(_pieces(objects, kept["ratings"], _ID_BYTES)),
        )
    except (KeyError, ValueError, TypeError) as error:
        raise Damaged("The table of contents of this snapshot is damaged.") from error


def _cut(data: bytes) -> Iterator[bytes]:
    for at in range(0, len(data), BLOCK_BYTES):
        yield data[at : at + BLOCK_BYTES]


def _pieces(objects: Objects, blocks: Blocks, size: int) -> Iterator[bytes]:
    for block in objects.blocks(blocks):
        for at in range(0, len(block), size):
            yield block[at : at + size]
