"""Answers in the form of OpenAI's API, with what is Attune's own in the field "attune"."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from assistant import strict_json
from assistant.records import Generation
from assistant.services.completions import NamedModel

DONE = b"data: [DONE]\n\n"


@dataclass(frozen=True, slots=True)
class Head:
    """What all parts of one answer have in common."""

    id: str
    created: int  # seconds since 1970
    model: str  # the name that was asked for, or the model's id


@dataclass(frozen=True, slots=True)
class Finished:
    """A reply that is complete."""

    text: str
    made: Generation
    kept: bool


def completion(head: Head, finished: Finished) -> dict[str, Any]:
    """The whole reply as one object."""
    message = {"role": "assistant", "content": finished.text, "refusal": None}
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": _reason(finished.made)}
    return {
        "id": head.id,
        "object": "chat.completion",
        "created": head.created,
        "model": head.model,
        "choices": [choice],
        "usage": usage(finished.made),
        "attune": about(finished),
    }


def chunk(
    head: Head, delta: dict[str, str], *, finished: Finished | None = None, with_usage: bool = False
) -> dict[str, Any]:
    """A part of a reply; ``with_usage``: the field usage is there and empty, as it is in all parts but the last."""
    reason = None if finished is None else _reason(finished.made)
    made: dict[str, Any] = {
        "id": head.id,
        "object": "chat.completion.chunk",
        "created": head.created,
        "model": head.model,
        "choices": [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": reason}],
    }
    if with_usage:
        made["usage"] = None
    if finished is not None:
        made["attune"] = about(finished)
    return made


def usage_chunk(head: Head, made: Generation) -> dict[str, Any]:
    """The last part, where ``stream_options.include_usage`` asked for it."""
    return chunk(head, {}) | {"choices": [], "usage": usage(made)}


def usage(made: Generation) -> dict[str, Any]:
    return {
        "prompt_tokens": made.prompt_tokens,
        "completion_tokens": made.completion_tokens,
        "total_tokens": made.prompt_tokens + made.completion_tokens,
        "prompt_tokens_details": {"cached_tokens": made.details.reused_tokens},
    }


def about(finished: Finished) -> dict[str, Any]:
    """What a client may show of a reply: who wrote it, whether it can be rated, how fast it was."""
    made = finished.made
    return {
        "model": made.model,
        "style": made.style,
        "kept": finished.kept,
        "seed": made.seed,
        "dropped_messages": made.dropped_turns,
        "ttft_s": made.ttft_s,
        "tokens_per_s": made.tokens_per_s,
    }


def model(named: NamedModel) -> dict[str, Any]:
    """One entry of /v1/models."""
    own = {"model": named.model, "style": named.style or None, "name": named.label, "in_use": named.in_use}
    return {"id": named.name, "object": "model", "created": 0, "owned_by": "attune", "attune": own}


def event(value: dict[str, Any]) -> bytes:
    """One server-sent event."""
    return b"data: " + encoded(value) + b"\n\n"


def encoded(value: dict[str, Any]) -> bytes:
    """JSON without NaN; text keeps its own script."""
    plain = strict_json.without_nan(value)
    return json.dumps(plain, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode(
        "utf-8", "replace"
    )


def _reason(made: Generation) -> str:
    return "length" if made.finish == "length" else "stop"
