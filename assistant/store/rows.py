"""Records to and from database rows. Token ids are kept as little-endian arrays, prompt ids compressed."""

from __future__ import annotations

import json
import math
import sys
import zlib
from array import array
from dataclasses import fields
from typing import Any

from assistant import strict_json
from assistant.records import Attachment, Conversation, Generation, Message, Rating, Recognition, ReplyDetails
from assistant.store.connection import Row, clean

_PLAIN_GENERATION = tuple(
    f.name for f in fields(Generation) if f.name not in ("prompt_ids", "reply_ids", "logprobs")
)


def to_json(value: Any) -> str:
    """A line of JSON that SQLite can hold and that comes back: no NaN, no half surrogate pairs."""
    return clean(strict_json.write(value))


def pack(values: tuple[int, ...] | tuple[float, ...], code: str) -> bytes:
    """``values`` as a little-endian array of ``code`` ("i": 32-bit, "d": 64-bit float)."""
    numbers = array(code, values)
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers.tobytes()


def unpack(data: bytes, code: str) -> tuple[Any, ...]:
    numbers = array(code)
    numbers.frombytes(data)
    if sys.byteorder == "big":
        numbers.byteswap()
    return tuple(numbers)


def conversation(row: Row) -> Conversation:
    return Conversation(
        id=row["id"],
        title=row["title"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        leaf_id=row["leaf_id"],
        pinned=bool(row["pinned"]),
        system_prompt=row["system_prompt"],
        model=row["model"],
        draft=row["draft"],
        folder=row["folder"],
        line=row["line"],
        style=row["style"],
    )


def recognition_json(recognition: Recognition | None) -> str | None:
    if recognition is None:
        return None
    return to_json({"objects": [list(pair) for pair in recognition.objects], "text": recognition.text})


def recognition(text: str | None) -> Recognition | None:
    if text is None:
        return None
    try:
        data = json.loads(text)
        objects = tuple((str(name), float(probability)) for name, probability in data["objects"])
        return Recognition(objects=objects, text=str(data["text"]))
    except (ValueError, TypeError, KeyError):  # damaged: the picture is looked at again
        return None


def attachment(row: Row) -> Attachment:
    return Attachment(
        sha256=row["sha256"],
        kind=row["kind"],
        mime=row["mime"],
        name=row["name"],
        size_bytes=row["size_bytes"],
        width=row["width"],
        height=row["height"],
        recognition=recognition(row["recognition"]),
        note=row["note"],
        pages=row["pages"],
    )


def generation_row(message_id: str, generation: Generation) -> dict[str, Any]:
    return {
        "message_id": message_id,
        "data": to_json(plain_generation(generation)),
        "prompt_ids": zlib.compress(pack(generation.prompt_ids, "i"), 1),
        "reply_ids": pack(generation.reply_ids, "i"),
        "logprobs": pack(_finite(generation.logprobs), "d"),
    }


def plain_generation(generation: Generation) -> dict[str, Any]:
    """Its fields but for the token ids, as JSON holds them."""
    plain = {name: getattr(generation, name) for name in _PLAIN_GENERATION}
    return {**plain, "details": strict_json.differing(generation.details)}


def _finite(logprobs: tuple[float, ...]) -> tuple[float, ...]:
    """Log-probabilities that learning can use: all of a reply's, or (of a model with damaged weights) none."""
    return logprobs if all(map(math.isfinite, logprobs)) else ()


def generation(row: Row, *, with_ids: bool) -> Generation | None:
    """The generation of a row of table ``generation`` (only its ``data`` is needed without ids).

    None where the row is damaged: the message itself can still be read.
    """
    try:
        plain = strict_json.without_nan(json.loads(row["data"]))
        for name in ("ttft_s", "tokens_per_s"):
            plain[name] = plain[name] or 0.0  # where it was no finite number
        plain["details"] = strict_json.fitting(ReplyDetails, plain.get("details"))
        if not with_ids:
            return Generation(**plain)
        return Generation(
            **plain,
            prompt_ids=unpack(zlib.decompress(row["prompt_ids"]), "i"),
            reply_ids=unpack(row["reply_ids"], "i"),
            logprobs=_finite(unpack(row["logprobs"], "d")),
        )
    except (ValueError, TypeError, KeyError, RecursionError, zlib.error):
        return None


def message(row: Row, attachments: tuple[Attachment, ...], made: Generation | None) -> Message:
    return Message(
        id=row["id"],
        conversation_id=row["conversation_id"],
        parent_id=row["parent_id"],
        role=row["role"],
        text=row["text"],
        created_at=row["created_at"],
        attachments=attachments,
        state=row["state"],
        generation=made,
        error=row["error"],
    )


def _json_list(text: str) -> tuple[Any, ...]:
    """A JSON list; empty where it is damaged."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return ()
    return tuple(value) if isinstance(value, list) else ()


RATING_FIELDS = tuple(f.name for f in fields(Rating))


def rating_row(rating: Rating) -> dict[str, Any]:
    row = {name: getattr(rating, name) for name in RATING_FIELDS}
    row["history"] = to_json(list(rating.history))
    row["images"] = to_json(list(rating.images))
    row["confirmed"] = int(rating.confirmed)
    return row


def rating(row: Row) -> Rating:
    values = {name: row[name] for name in RATING_FIELDS}
    values["history"] = _json_list(row["history"])
    values["images"] = _json_list(row["images"])
    values["confirmed"] = bool(row["confirmed"])
    return Rating(**values)
