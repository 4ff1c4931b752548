"""Rated replies as token ids with advantages: what the policy learns from. Balanced signs, pictures, edited spans."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from assistant import prompt as prompts
from assistant.errors import BadInput
from assistant.generation.reply import Detokenizer
from assistant.learning import feedback
from assistant.learning.training.cached_layers import Row, Taught
from assistant.learning.training.policy import Example, Hyper
from models.inputs import Inputs

if TYPE_CHECKING:
    from models.loaded_model import LoadedModel


def of_ratings(weighted: Sequence[feedback.Weighted], model: LoadedModel, hyper: Hyper) -> Iterator[Example]:
    """Turn replies into token ids, and balance the two signs: their sums are made equal.

    The sides of a pair are compared with each other, so their advantages say only which is the better one; but what a
    user wrote into a reply is what they want whatever stood there before, and is learned from alone as well.
    """
    owners = sorted({w.signal.id for w in weighted})
    paired = {o for o in owners if sum(w.signal.id == o for w in weighted) == 2}
    alone = [w.signal.id not in paired or (w.spans is not None and w.advantage > 0) for w in weighted]
    ups = sum(w.advantage for w, own in zip(weighted, alone, strict=True) if own and w.advantage > 0)
    downs = -sum(w.advantage for w, own in zip(weighted, alone, strict=True) if own and w.advantage < 0)
    middle = (ups + downs) / 2
    end = end_id(model) if weighted else 0
    for w, own in zip(weighted, alone, strict=True):
        row = row_of(w, model, hyper, end)
        if row is None:
            continue
        pair = owners.index(w.signal.id) if w.signal.id in paired else -1
        side = ups if w.advantage > 0 else downs
        factor = min(2.0, max(0.5, middle / side)) if own and side > 0 and ups and downs else 1.0
        mask = () if w.spans is None else _mask(w, row.reply, model)
        written = _written(w.reply, row.reply) if not mask else float("nan")
        yield Example(row, w.advantage * factor, written, mask, pair, own, w.signal.id)


def _written(reply: feedback.Reply, ids: Sequence[int]) -> float:
    """Log-probability of the tokens that are learned from, when they were written; NaN where it is not all known."""
    known = reply.logprobs
    if reply.end_logprob is not None and len(known) == len(reply.ids):
        known = (*known, reply.end_logprob)
    whole = len(reply.logprobs) >= len(reply.ids) > 0 and len(ids) <= len(known)
    return sum(known[: len(ids)]) if whole else float("nan")


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


def row_of(w: feedback.Weighted, model: LoadedModel, hyper: Hyper, end: int) -> Row | None:
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


def prompt_of(signal: feedback.Signal, model: LoadedModel, hyper: Hyper) -> Inputs:
    """What the model read when it wrote the rated reply (``prompt.sent_again``). Raises BadInput for no prompt."""
    return prompts.sent_again(
        signal.prompt, signal.prompt_ids, model, hyper.reply_tokens, hyper.prompt_tokens
    )


def row_after(inputs: Inputs, reply: tuple[int, ...], taught: Taught | None = None) -> Row:
    """A reply (end token included, where it ended) to a prompt."""
    prompt = tuple(inputs.ids[0].tolist())
    return Row(prompt if inputs.embeds is None else (), reply, inputs.embeds, taught)


def end_id(model: LoadedModel) -> int:
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


def _mask(w: feedback.Weighted, ids: Sequence[int], model: LoadedModel) -> tuple[bool, ...]:
    """Which tokens of an edited reply the edit is about: those that overlap ``w.spans`` by a character."""
    places = _offsets(w.reply, model)[: len(ids)]
    places += [(len(w.reply.text), len(w.reply.text) + 1)] * (len(ids) - len(places))  # the end token
    return tuple(any(a < stop and start < b for a, b in w.spans or ()) for start, stop in places)


def _offsets(reply: feedback.Reply, model: LoadedModel) -> list[tuple[int, int]]:
    """The characters (start, stop) of a reply's text that each of its tokens is a part of.

    Of text that was never a model's own the tokenizer's own offset mapping; of ids as they were written the places at
    which the detokenizer gave the text away, which is how the reply's text was made. The tokens of a character that
    was split all have its place.
    """
    tokenizer = model.tokenizer
    if not reply.ids and getattr(tokenizer, "is_fast", False):
        found = tokenizer(reply.text, add_special_tokens=False, return_offsets_mapping=True)["offset_mapping"]
        return [(int(start), int(stop)) for start, stop in found]
    ids = reply.ids or tuple(tokenizer(reply.text, add_special_tokens=False)["input_ids"])
    detokenizer = Detokenizer(tokenizer)
    pieces = [detokenizer.push(id) for id in ids]
    if pieces:
        pieces[-1] += detokenizer.finish()
    places: list[tuple[int, int]] = []
    position = waiting = 0  # characters so far; tokens whose character is not whole yet
    for piece in pieces:
        waiting += 1
        if piece:
            places += [(position, position + len(piece))] * waiting
            position, waiting = position + len(piece), 0
    return places + [(position, position)] * waiting
