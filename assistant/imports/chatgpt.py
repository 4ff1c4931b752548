"""ChatGPT: ``conversations.json`` of a data export, alone or in its zip with the pictures and the thumbs.

A conversation is a ``mapping`` of nodes with ``parent``; ``current_node`` is the end of the branch looked at.
"""

from __future__ import annotations

import re
from functools import partial
from pathlib import PurePosixPath
from typing import Any

from assistant.errors import BadInput
from assistant.imports.building import MAX_PICTURE_BYTES, Bundle, Chat, mapping, sequence, text, time
from assistant.imports.source import Source

FORM = "ChatGPT"
NAMES = re.compile(r"conversations(-\d{1,4})?\.json")
# Marks around references that only ChatGPT's own page can show.
_REFERENCE = re.compile("\ue200.*?\ue201", re.DOTALL)
_POINTER = re.compile(r"(?:file-service|sediment)://([\w-]+)")


def is_one(chat: Any) -> bool:
    return isinstance(chat, dict) and isinstance(chat.get("mapping"), dict)


def read(source: Source, chats: list[Any], bundle: Bundle) -> None:
    assets = _Assets(source)
    read_chats: dict[str, Chat] = {}
    for number, given in enumerate(chats, 1):
        if not is_one(given):
            bundle.left_out.append(f"Chat {number} has a form that is not known.")
            continue
        chat = _chat(given, number, assets, bundle)
        bundle.take(chat)
        read_chats[chat.key] = chat
    for name in source.named("message_feedback.json"):
        try:
            _thumbs(source.json(name), read_chats, bundle)
        except BadInput as error:
            bundle.left_out.append(str(error))


def _chat(given: dict[str, Any], number: int, assets: _Assets, bundle: Bundle) -> Chat:
    chat = Chat(
        FORM,
        # Some exports give no id; the moment it was begun is the next best that stays.
        text(given, "conversation_id", "id") or f"{given.get('create_time')} {text(given, 'title')}",
        title=text(given, "title"),
        created_at=time(given, "create_time"),
        updated_at=time(given, "update_time"),
        pinned=given.get("pinned_time") is not None or given.get("is_starred") is True,
        current=text(given, "current_node") or None,
    )
    for key, node in given["mapping"].items():
        message = mapping(node, "message")
        written, pictures = _content(message, assets, bundle)
        role = text(mapping(message, "author"), "role")
        if role == "tool":  # of its tools' answers, the pictures they made
            role, written = "assistant", ""
        hidden = mapping(message, "metadata").get("is_visually_hidden_from_conversation") is True
        if hidden or text(message, "recipient") not in ("", "all"):
            role = "hidden"
        parent = text(node, "parent") or None
        chat.add(str(key), parent, role, written, time(message, "create_time"), pictures)
    return chat


def _content(message: dict[str, Any], assets: _Assets, bundle: Bundle) -> tuple[str, list[str]]:
    """The text of a message and its pictures."""
    content = mapping(message, "content")
    kind = text(content, "content_type")
    if kind == "code":
        return f"```\n{text(content, 'text')}\n```", []
    if kind not in ("text", "multimodal_text"):
        return "", []
    written: list[str] = []
    pictures: list[str] = []
    for part in sequence(content, "parts"):
        if isinstance(part, str):
            written.append(_REFERENCE.sub("", part))
        elif isinstance(part, dict) and text(part, "content_type") == "audio_transcription":
            written.append(text(part, "text"))
        elif isinstance(part, dict) and (found := _POINTER.match(text(part, "asset_pointer"))):
            name = assets.find(found[1])
            if name is None:
                bundle.left_out.append("A picture of a message was not in the export.")
            else:
                load = partial(assets.source.bytes, name, MAX_PICTURE_BYTES)
                pictures.append(bundle.picture(found[1], PurePosixPath(name).name, load))
    return text({"t": "\n\n".join(part for part in written if part)}, "t"), pictures


class _Assets:
    """The files of an export by the beginning of their names: ``file-AbC-holiday.png`` is ``file-AbC``'s."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self._names = sorted((PurePosixPath(name).name, name) for name in source.names)

    def find(self, asset: str) -> str | None:
        for short, name in self._names:
            rest = short.removeprefix(asset)
            if rest != short and not rest[:1].isalnum():
                return name
        return None


def _thumbs(given: Any, chats: dict[str, Chat], bundle: Bundle) -> None:
    for item in given if isinstance(given, list) else []:
        said = text(item, "rating").lower()
        chat = chats.get(text(item, "conversation_id"))
        if chat is None or not ("up" in said or "down" in said):
            continue
        key = next(
            (text(item, name) for name in ("message_id", "id") if chat.message_id(text(item, name))), ""
        )
        bundle.thumb(chat, key, "up" in said, at=time(item, "create_time", "update_time"))
