"""GPT4All: ``gpt4all-<id>.chat``, a binary file per chat, written by Qt's QDataStream.

A magic number, the form's version, then date, id, title, user's name, model and collections; what the model kept in memory
(in older versions, as large as it was); the messages. Each message begins with its label ("Prompt: " or "Response: ") and its
text, by which it is found: what lies between differs from version to version.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass

from assistant.errors import BadInput
from assistant.imports.building import Bundle, Chat, time
from assistant.store.connection import clean

FORM = "GPT4All"
MAGIC = 0xF5D553CC
NEWEST = 12  # versions 1 to 12 were looked up
_LABELS = {"Prompt: ": "user", "Response: ": "assistant"}
_NONE = 0xFFFFFFFF


def _label(text: str) -> bytes:
    data = text.encode("utf-16-be")
    return struct.pack(">I", len(data)) + data


_START = re.compile(b"|".join(re.escape(_label(text)) for text in _LABELS))
_INNER = re.compile(
    b"|".join(re.escape(_label(text)) for text in ("ToolCall: ", "ToolResponse: ", "Think: "))
)


class _CutOff(Exception):
    """The file ends in the middle of a value."""


@dataclass(slots=True)
class _Stream:
    """Reads as QDataStream does: big-endian, texts as a count of bytes and UTF-16."""

    data: bytes
    at: int = 0

    def take(self, count: int) -> bytes:
        if count > len(self.data) - self.at:
            raise _CutOff
        self.at += count
        return self.data[self.at - count : self.at]

    def number(self, form: str) -> int:
        return int(struct.unpack(f">{form}", self.take(struct.calcsize(form)))[0])

    def text(self) -> str:
        count = self.number("I")
        return "" if count == _NONE else clean(self.take(count).decode("utf-16-be", "replace"))


def is_one(data: bytes) -> bool:
    return data[:4] == struct.pack(">I", MAGIC)


def read(data: bytes, name: str, bundle: Bundle) -> None:
    """Raises BadInput for a form that is newer than what was looked up, and for a beginning that is cut off."""
    stream = _Stream(data, 4)
    try:
        version = stream.number("i")
        if not 1 <= version <= NEWEST:
            raise BadInput(f"{name} was written by a version of GPT4All that is not known.")
        made = stream.number("q")
        chat = Chat(FORM, stream.text() or name, title=stream.text(), created_at=time({"at": made}, "at"))
    except _CutOff as error:
        raise BadInput(f"{name} is cut off.") from error
    before: str | None = None
    rated: list[tuple[str, bool]] = []
    for place, found in enumerate(_START.finditer(data, stream.at)):
        stream.at = found.start()
        key = str(place)
        try:
            role = _LABELS[stream.text()]
            chat.add(key, before, role, stream.text())
            before = key
            if version < 10:
                stream.text()  # what the prompt was made into
            stream.text()  # how the user would have answered; for a collection of data that is closed
            _current, _stopped, up, down = (stream.number("B") for _ in range(4))
        except _CutOff:
            bundle.left_out.append(f"{name} is cut off; what comes before was taken in.")
            break
        if role == "assistant" and (up == 1) != (down == 1):
            rated.append((key, up == 1))
    if _INNER.search(data, stream.at if before is None else 0):
        bundle.left_out.append("What the model thought or looked up is not taken over.")
    chat.current = before
    bundle.take(chat)
    for key, up_ in rated:
        if chat.message_id(key) is not None:
            bundle.thumb(chat, key, up_)
