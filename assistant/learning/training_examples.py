"""Rated replies as token ids with advantages: what the policy learns from. Balanced signs, pictures, edited spans."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from typing import Any

from assistant.learning import feedback
from assistant.learning.cached_layers import Row
from assistant.learning.policy import Example, Hyper


def of_ratings(weighted: Sequence[feedback.Weighted], model: Any, hyper: Hyper) -> Iterator[Example]:
    """Balance the two signs (their sums are made equal), and turn replies into token ids."""
    ups = sum(w.advantage for w in weighted if w.advantage > 0)
    downs = -sum(w.advantage for w in weighted if w.advantage < 0)
    middle = (ups + downs) / 2
    owners = sorted({w.signal for w in weighted})
    paired = {o for o in owners if sum(w.signal == o for w in weighted) == 2}
    end = end_id(model) if weighted else 0
    for w in weighted:
        side = ups if w.advantage > 0 else downs
        factor = min(2.0, max(0.5, middle / side)) if side > 0 and ups and downs else 1.0
        row = row_of(w, model, hyper, end)
        if row is None:
            continue
        whole = len(w.reply.logprobs) >= len(w.reply.ids) > 0 and len(row.reply) <= len(w.reply.logprobs)
        written = sum(w.reply.logprobs[: len(row.reply)]) if whole else float("nan")
        mask = _mask(w, row.reply, model) if w.spans else ()
        pair = owners.index(w.signal) if w.signal in paired else -1
        yield Example(row, w.advantage * factor, written if not mask else float("nan"), mask, pair, w.signal)


def replay(found: Sequence[feedback.Signal], most: int, rng: random.Random) -> list[feedback.Signal]:
    """At most ``most`` ratings to train on, oldest first: half the newest, half older ones with both signs evenly."""
    if len(found) <= most:
        return list(found)
    newest, older = list(found[-(most // 2) :]), list(found[: -(most // 2)])
    rng.shuffle(older)
    older.sort(
        key=lambda s: s.kind in ("thumb", "stars") and s.value == 1
    )  # stable: drawn at random within a sign
    half = (most - len(newest) + 1) // 2
    mixed = [*older[:half], *older[::-1][: most - len(newest) - half]]
    chosen = {id(s) for s in (*newest, *mixed)}
    return [s for s in found if id(s) in chosen]


def row_of(w: feedback.Weighted, model: Any, hyper: Hyper, end: int) -> Row | None:
    """Token ids of a rated reply (with the token ``end`` if it ended) and its prompt; None where nothing is left."""
    ids = w.reply.ids or tuple(model.tokenizer(w.reply.text, add_special_tokens=False)["input_ids"][:2048])
    if not ids:
        return None
    if w.reply.finish == "stop":
        ids = (*ids, end)
    ids = ids[: hyper.reply_tokens]
    if w.reply.prompt_ids and not w.images:
        return Row(w.reply.prompt_ids[-hyper.prompt_tokens :], ids)
    inputs = inputs_of(w.prompt, w.images, model)
    if inputs.embeds is not None:
        return Row((), ids, inputs.embeds)
    return Row(tuple(inputs.ids[0].tolist()[-hyper.prompt_tokens :]), ids)


def end_id(model: Any) -> int:
    """The token this model's chat template ends a reply with (a model often knows several that end a text).

    A wrong one would teach the model never to end: the probability of the true one is pushed away.
    """
    asked = [{"role": "user", "content": "a"}]
    before = model.prepare(asked).ids[0].tolist()
    answered = model.prepare([*asked, {"role": "assistant", "content": "b"}]).ids[0].tolist()
    for id in answered[len(before) :]:
        if id in model.eos_ids:
            return int(id)
    return int(model.eos_ids[0])


def inputs_of(prompt: Sequence[dict[str, Any]], images: Sequence[str], model: Any) -> Any:
    """Chat messages (and the pictures of the last one, paths) as the model reads them.

    Without the pictures where the model cannot see, one of them is gone, or the model takes pictures in a form that
    the trunk cannot record (``extra``): the text still teaches.
    """
    messages = [dict(m) for m in prompt]
    if images and model.can_see:
        from PIL import Image

        try:
            pictures = [Image.open(path).convert("RGB") for path in images]
        except OSError:
            return model.prepare(messages)
        parts: list[dict[str, Any]] = [{"type": "image"} for _ in pictures]
        parts.append({"type": "text", "text": str(messages[-1].get("content", ""))})
        inputs = model.prepare([*messages[:-1], {**messages[-1], "content": parts}], pictures)
        if inputs.embeds is not None:
            return inputs
    return model.prepare(messages)


def _mask(w: feedback.Weighted, ids: Sequence[int], model: Any) -> tuple[bool, ...]:
    """Which tokens of an edited reply the user wrote (the end token counts)."""
    position, found = 0, []
    for id in ids:
        text = model.tokenizer.decode([id]) if id not in model.eos_ids else ""
        end = position + len(text)
        found.append(id in model.eos_ids or any(a < end and position < b for a, b in w.spans))
        position = end
    return tuple(found) if any(found) else ()
