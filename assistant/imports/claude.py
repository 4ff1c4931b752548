"""Claude: ``conversations.json`` of a data export, alone or in its zip.

A conversation has ``chat_messages`` in order; newer ones name their ``parent_message_uuid``. Texts that were attached are
in the export, pictures are not.
"""

from __future__ import annotations

from typing import Any

from assistant.imports.building import Bundle, Chat, sequence, text, time

FORM = "Claude"


def is_one(chat: Any) -> bool:
    return isinstance(chat, dict) and isinstance(chat.get("chat_messages"), list)


def read(chats: list[Any], bundle: Bundle) -> None:
    for number, given in enumerate(chats, 1):
        if not is_one(given):
            bundle.left_out.append(f"Chat {number} has a form that is not known.")
            continue
        bundle.take(_chat(given, bundle))


def _chat(given: dict[str, Any], bundle: Bundle) -> Chat:
    chat = Chat(
        FORM,
        text(given, "uuid") or text(given, "created_at"),
        title=text(given, "name"),
        created_at=time(given, "created_at"),
        updated_at=time(given, "updated_at"),
        current=text(given, "current_leaf_message_uuid") or None,
        pinned=given.get("is_starred") is True,
    )
    messages = [message for message in sequence(given, "chat_messages") if isinstance(message, dict)]
    keys = {text(message, "uuid") for message in messages}
    before: str | None = None
    for place, message in enumerate(messages):
        key = text(message, "uuid") or str(place)
        parent = text(message, "parent_message_uuid")
        if parent not in keys:  # the first one names a root that is not there; older exports none at all
            parent = "" if parent else before or ""
        chat.add(
            key, parent or None, text(message, "sender"), _text(message, bundle), time(message, "created_at")
        )
        before = key
    return chat


def _text(message: dict[str, Any], bundle: Bundle) -> str:
    blocks = [text(block, "text") for block in sequence(message, "content") if text(block, "type") == "text"]
    parts = [part for part in blocks if part] or [text(message, "text")]
    attached = sequence(message, "attachments")
    parts += [
        f"{text(file, 'file_name')}:\n\n```\n{text(file, 'extracted_content')}\n```"
        for file in attached
        if text(file, "extracted_content")
    ]
    missing = len(sequence(message, "files")) + sum(not text(file, "extracted_content") for file in attached)
    bundle.left_out += ["A file of a message is not in Claude's export."] * missing
    return "\n\n".join(part for part in parts if part)
