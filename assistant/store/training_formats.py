"""Chats and ratings in the forms that training programs read, a JSON object per line.

TRL (https://huggingface.co/docs/trl/dataset_formats), conversational: *preference* is ``prompt``, ``chosen``, ``rejected``;
*unpaired preference*, which KTO takes, is ``prompt``, ``completion``, ``label``; each text is a list of messages. OpenAI's
fine-tuning form is ``messages``, ShareGPT's ``conversations`` of ``from`` and ``value``.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Literal

from assistant.records import Attachment, Conversation, Message, Rating

RatingForm = Literal["trl-preference", "trl-kto"]
ChatForm = Literal["openai", "sharegpt"]
Chat = tuple[Conversation, Sequence[Message]]

_SHAREGPT = {"system": "system", "user": "human", "assistant": "gpt"}


def rating_lines(rating: Rating, form: RatingForm) -> list[dict[str, Any]]:
    """The lines that say what ``rating`` (with its texts filled in) says; none: the form has no way to say it.

    A rating of a reply to a picture is left out: without the picture its lines would teach something else.
    """
    if rating.images or not rating.prompt.strip():
        return []
    prompt = [*rating.history, {"role": "user", "content": rating.prompt}]
    better, worse = _compared(rating)
    if form == "trl-preference":
        if not (better.strip() and worse.strip()) or better == worse:
            return []
        return [{"prompt": prompt, "chosen": _reply(better), "rejected": _reply(worse)}]
    labelled = [(better, True), (worse, False)]
    if rating.kind == "thumb":
        labelled = [(rating.reply, rating.value > 0)]
    elif rating.kind == "stars":
        labelled = [(rating.reply, rating.value > 3)] if rating.value != 3 else []
    return [
        {"prompt": prompt, "completion": _reply(text), "label": label}
        for text, label in labelled
        if text.strip()
    ]


def _compared(rating: Rating) -> tuple[str, str]:
    """The better and the worse of two replies; empty where there are not two."""
    if rating.kind == "edit":
        return rating.text, rating.reply
    if rating.kind in ("pair", "kept") and rating.value:
        return (rating.reply, rating.other) if rating.value > 0 else (rating.other, rating.reply)
    return "", ""


def _reply(text: str) -> list[dict[str, str]]:
    return [{"role": "assistant", "content": text}]


def chat_lines(
    chats: Sequence[Chat], form: ChatForm, picture: Callable[[str], Path]
) -> Iterator[dict[str, Any]]:
    """A line per chat that has a reply: the branch that is looked at. Raises OSError for a picture that cannot be read.

    Pictures are in OpenAI's form only, as ``data:`` addresses; ShareGPT has none.
    """
    for conversation, messages in chats:
        said = [m for m in messages if m.text.strip() or m.attachments]
        if not any(m.role == "assistant" for m in said):
            continue
        if form == "sharegpt":
            turns = [{"from": _SHAREGPT[m.role], "value": m.text} for m in said]
            if conversation.system_prompt:
                turns.insert(0, {"from": "system", "value": conversation.system_prompt})
            yield {"id": conversation.id, "conversations": turns}
        else:
            lines: list[dict[str, Any]] = [{"role": m.role, "content": _content(m, picture)} for m in said]
            if conversation.system_prompt:
                lines.insert(0, {"role": "system", "content": conversation.system_prompt})
            yield {"messages": lines}


def _content(message: Message, picture: Callable[[str], Path]) -> str | list[dict[str, Any]]:
    pictures = [a for a in message.attachments if a.kind == "image" and picture(a.sha256).is_file()]
    if not pictures or message.role != "user":  # the form has pictures in what a user says only
        return message.text
    parts: list[dict[str, Any]] = [
        {"type": "image_url", "image_url": {"url": _address(a, picture(a.sha256))}} for a in pictures
    ]
    return [*parts, {"type": "text", "text": message.text}]


def _address(attachment: Attachment, path: Path) -> str:
    return f"data:{attachment.mime};base64,{base64.b64encode(path.read_bytes()).decode()}"
