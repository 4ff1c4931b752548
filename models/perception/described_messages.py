"""Chat messages with pictures become messages that any text model reads: the pictures' facts in words. Torch-free."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from models.perception import description_answers, fact_wording, presence_answers, scene_answers
from models.perception.chinese import is_chinese
from models.perception.facts import Facts
from models.perception.untrusted import plain

_ASKS_FOR_TEXT = re.compile("写着什么|写了什么|什么字|文字|读一下|念一下")
_TRANSLATE = re.compile("翻译|意思|中文|英文")


def lines(messages: Sequence[dict[str, Any]], pictures: Sequence[Facts]) -> list[str]:
    """Each picture's facts in words, beside those of the one before it and what its message asks for."""
    asked = [
        _text(message["content"])
        for message in messages
        if isinstance(message["content"], list)
        for part in message["content"]
        if part.get("type") == "image"
    ]
    return [
        fact_wording.note(facts, index + 1, pictures[index - 1] if index else None, asked[index])
        for index, facts in enumerate(pictures)
    ]


def _text(content: list[dict[str, Any]]) -> str:
    return "".join(part["text"] for part in content if part.get("type") == "text")


def with_lines(
    messages: Sequence[dict[str, Any]], lines: Sequence[str], pictures: Sequence[Facts] = ()
) -> list[dict[str, Any]]:
    """Each place for a picture becomes its line, before its message's text; after the text stands what there is to say of
    the things that it asks for, in the ``pictures`` last shown. The system prompt gets one sentence more.

    ``lines`` and ``pictures`` are in the order of the places. Messages without a picture before them stay as they are.
    """
    done = 0
    shown: Sequence[Facts] = ()
    result: list[dict[str, Any]] = []
    for message in messages:
        content = message["content"]
        seen: Sequence[str] = ()
        if isinstance(content, list):
            count = sum(part.get("type") == "image" for part in content)
            seen, text = lines[done : done + count], _text(content)
            shown = pictures[done : done + count] if count else shown
            done += count
        else:
            text = content
        if message["role"] == "user" and shown:
            said = _said(text, shown)
            text = f"{text}\n[{said}]" if said else text
        result.append({**message, "content": "\n".join([*seen, text])})
    return _with_sentence(result) if lines else result


def _said(question: str, shown: Sequence[Facts]) -> str:
    """What stands after a question about pictures: nearest to the reply, it counts most."""
    if all(facts.nothing and not facts.names and not facts.text for facts in shown):
        return fact_wording.NOTHING_IN_CHINESE if is_chinese(question) else fact_wording.NOTHING
    there = presence_answers.answers(question, [(facts, fact_wording.alternatives(facts)) for facts in shown])
    asked = (
        there,
        scene_answers.answers(question, shown),
        description_answers.answers(question, shown),
        _text_answer(question, shown),
    )
    return " ".join(said for said in asked if said)


def _text_answer(question: str, shown: Sequence[Facts]) -> str:
    """Chinese questions about a picture's text are answered with it as it is written: a small model would translate it."""
    texts = [text for facts in shown if (text := fact_wording.readable_text(facts))]
    if len(texts) != 1 or not _ASKS_FOR_TEXT.search(question) or _TRANSLATE.search(question):
        return ""
    return f"图上写着：“{plain(texts[0])}”。"


def _with_sentence(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    if messages and messages[0]["role"] == "system":
        first = messages[0]
        return [{**first, "content": f"{first['content']}\n\n{fact_wording.SENTENCE}"}, *messages[1:]]
    return [{"role": "system", "content": fact_wording.SENTENCE}, *messages]


def read_texts(messages: Sequence[dict[str, Any]]) -> list[str | None]:
    """The text read in each picture, as far as the messages bring it along (``{"type": "image", "read": ...}``)."""
    return [
        part.get("read")
        for message in messages
        if isinstance(message["content"], list)
        for part in message["content"]
        if part.get("type") == "image"
    ]
