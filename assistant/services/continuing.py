"""Continuing a reply that was stopped or cut off: which can be, in whose voice, and what both parts make together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from assistant.engine.protocol import ModelInfo
from assistant.records import Generation, Message
from assistant.services.chat_job import Personal

COMPLETE = "This reply is complete; there is nothing to continue."


def was_cut(message: Message) -> bool:
    """Whether a reply ends where its writer did not: stopped, at the length limit, or by an error."""
    if message.role != "assistant" or message.state != "done" or not message.text.strip():
        return False
    made = message.generation
    return bool(message.error) or (made is not None and made.finish in ("length", "cancelled", "failed"))


def can_continue(message: Message, *, answered: bool, edited: bool) -> str:
    """Why a reply cannot be continued, in a sentence; empty: it can be."""
    if message.role != "assistant":
        return "Only replies of the assistant can be continued."
    if edited:
        return "You edited this reply, so it is complete as it is."
    if answered:
        return "The chat has gone on after this reply; only the last reply can be continued."
    return "" if was_cut(message) else COMPLETE


def same_voice(
    before: Message, personal: Personal, model: ModelInfo | None, usable: Mapping[str, str]
) -> Personal:
    """``personal`` for the rest of a reply: by the style version that began it, where the model can still use that.

    One that was begun by the original model (in a comparison, or with the style switched off) is finished by it.
    ``usable``: version id -> folder, of the loaded model.
    """
    made = before.generation
    if made is None or model is None or made.model != model.id:
        style: tuple[str | None, str | None] = (personal.style, personal.style_name)
    elif made.style is None:
        if made.details.base_check is not None:
            return Personal()
        style = (None, None)
    else:
        folder = usable.get(made.style)
        style = (folder, made.style) if folder else (personal.style, personal.style_name)
    return replace(personal, style=style[0], style_name=style[1])


def merged(
    before: Message, more: str, made: Generation | None, error: str
) -> tuple[str, Generation | None, str]:
    """(text, generation, error) of the whole reply, after ``more`` was written behind it by ``made``.

    Where nothing was added and it was stopped or failed, the reply stays exactly as it was. ``logprobs`` are kept only
    where they are those of all the tokens, under one style.
    """
    first = before.generation
    if not more and (made is None or made.finish == "cancelled"):
        return before.text, first, before.error
    text = before.text + more
    if made is None:
        return text, None, error
    if first is None:
        return text, replace(made, logprobs=()), error
    old, ids = first.reply_ids, made.reply_ids
    whole = ids[: len(old)] == old and len(first.logprobs) == len(old) and first.style == made.style
    whole = whole and len(made.logprobs) == len(ids) - len(old)
    was, now = first.details, made.details
    guided = [d.guided_steps for d in (was, now) if d.guided_steps is not None]
    details = replace(
        now,
        best_of=now.best_of or was.best_of,
        base_check=now.base_check or was.base_check,
        guided_words=now.guided_words or was.guided_words,
        guided_steps=sum(guided) if guided else None,
        style_card=now.style_card or was.style_card,
        explored=now.explored or was.explored,
        continued_at=(*was.continued_at, len(old)),
    )
    return (
        text,
        replace(
            made,
            logprobs=first.logprobs + made.logprobs if whole else (),
            prompt_ids=first.prompt_ids if whole and first.prompt_ids else made.prompt_ids,
            prompt_tokens=first.prompt_tokens if whole else made.prompt_tokens,
            dropped_turns=max(first.dropped_turns, made.dropped_turns),
            ttft_s=first.ttft_s,
            details=details,
        ),
        error,
    )
