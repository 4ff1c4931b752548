"""Rated replies as token ids with advantages: what the policy learns from. Balanced signs, pictures, edited spans."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from typing import Any

from assistant import prompt as prompts
from assistant.errors import BadInput
from assistant.learning import feedback
from assistant.learning.cached_layers import Row, Taught
from assistant.learning.policy import Example, Hyper
from models.inputs import Inputs


def of_ratings(weighted: Sequence[feedback.Weighted], model: Any, hyper: Hyper) -> Iterator[Example]:
    """Balance the two signs (their sums are made equal), and turn replies into token ids."""
    ups = sum(w.advantage for w in weighted if w.advantage > 0)
    downs = -sum(w.advantage for w in weighted if w.advantage < 0)
    middle = (ups + downs) / 2
    owners = sorted({w.signal.id for w in weighted})
    paired = {o for o in owners if sum(w.signal.id == o for w in weighted) == 2}
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
        pair = owners.index(w.signal.id) if w.signal.id in paired else -1
        yield Example(
            row, w.advantage * factor, written if not mask else float("nan"), mask, pair, w.signal.id
        )


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
    try:
        inputs = prompt_of(w.signal, model, hyper)
    except BadInput:
        return None
    return row_after(inputs, ids)


def prompt_of(signal: feedback.Signal, model: Any, hyper: Hyper) -> Inputs:
    """What the model read when it wrote the rated reply (``prompt.sent_again``). Raises BadInput for no prompt."""
    return prompts.sent_again(
        signal.prompt, signal.prompt_ids, model, hyper.reply_tokens, hyper.prompt_tokens
    )


def row_after(inputs: Inputs, reply: tuple[int, ...], taught: Taught | None = None) -> Row:
    """A reply (end token included, where it ended) to a prompt."""
    prompt = tuple(inputs.ids[0].tolist())
    return Row(prompt if inputs.embeds is None else (), reply, inputs.embeds, taught)


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


def _mask(w: feedback.Weighted, ids: Sequence[int], model: Any) -> tuple[bool, ...]:
    """Which tokens of an edited reply the user wrote (the end token counts)."""
    position, found = 0, []
    for id in ids:
        text = model.tokenizer.decode([id]) if id not in model.eos_ids else ""
        end = position + len(text)
        found.append(id in model.eos_ids or any(a < end and position < b for a, b in w.spans))
        position = end
    return tuple(found) if any(found) else ()
