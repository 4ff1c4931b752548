"""Chat messages with pictures become messages that any text model reads: the pictures' facts in words. Torch-free."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from models.perception import wording
from models.perception.facts import Facts


def lines(pictures: Sequence[Facts]) -> list[str]:
    """Each picture's facts in words, beside those of the one before it."""
    return [
        wording.note(facts, index + 1, pictures[index - 1] if index else None)
        for index, facts in enumerate(pictures)
    ]


def with_lines(messages: Sequence[dict[str, Any]], lines: Sequence[str]) -> list[dict[str, Any]]:
    """Each place for a picture becomes its line, before its message's text; the system prompt gets one sentence more.

    ``lines`` stand in the order of the places. Messages without a picture stay as they are.
    """
    left = iter(lines)
    result: list[dict[str, Any]] = []
    for message in messages:
        content = message["content"]
        if isinstance(content, list):
            seen = [next(left) for part in content if part.get("type") == "image"]
            text = "".join(part["text"] for part in content if part.get("type") == "text")
            content = "\n".join([*seen, text])
        result.append({**message, "content": content})
    return _with_sentence(result) if lines else result


def _with_sentence(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    if messages and messages[0]["role"] == "system":
        first = messages[0]
        return [{**first, "content": f"{first['content']}\n\n{wording.SENTENCE}"}, *messages[1:]]
    return [{"role": "system", "content": wording.SENTENCE}, *messages]


def read_texts(messages: Sequence[dict[str, Any]]) -> list[str | None]:
    """The text read in each picture, as far as the messages bring it along (``{"type": "image", "read": ...}``)."""
    return [
        part.get("read")
        for message in messages
        if isinstance(message["content"], list)
        for part in message["content"]
        if part.get("type") == "image"
    ]
