"""Rollouts: many replies to one prompt in one batched decode, by the same fast decoder that writes for the user.

Sampling dominates the cost of reinforcement learning here, so the prompt is read once, its cache is forked for every
reply, and rows that have ended leave the batch. Used for the policy's rollouts, the gate's probes and the evaluation;
what the user sees is written by ``assistant.generation``.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from assistant.generation.sampling import on_one_thread
from assistant.learning.cached_layers import Taught
from models.inputs import Inputs

STEPS_A_PAUSE = 8  # tokens between two pauses: a waiting reply waits no longer
BLOCK = 16  # tokens: caches share whole blocks


@dataclass(frozen=True, slots=True)
class Draw:
    """How learning samples. The defaults are the product's own defaults (``records.Sampling``)."""

    temperature: float = 0.6
    top_p: float = 0.9
    top_k: int = 50
    repetition_penalty: float = 1.1
    max_tokens: int = 96


@dataclass(frozen=True, slots=True)
class Rollout:
    """One sampled reply. ``logprobs`` are of the model itself: temperature 1, nothing cut away."""

    ids: tuple[int, ...]  # without the end token
    logprobs: tuple[float, ...]  # one per id, plus the end token's if ``ended``
    ended: bool
    likely: Taught | None = None  # the distributions it was drawn from, where they were asked for


Hook = Callable[[Tensor, list[list[int]]], Tensor]
"""(logits (rows, vocab), ids so far a row) -> logits with bonuses, as in ``generation.loop``."""


def choose(logits: Tensor, seen: Tensor, draw: Draw, generator: torch.Generator) -> Tensor:
    """Draw one token a row, as ``generation.sampling`` does for one. ``logits`` (rows, vocab), ``seen`` (rows, n): ids
    already in the row's reply, repeated ones too. -> (rows,).

    A vocabulary's worth of numbers is gone through as seldom as can be: in a batch it costs as much as the model's step.
    """
    if draw.repetition_penalty != 1.0 and seen.shape[-1]:
        values = logits.gather(-1, seen)
        values = torch.where(values > 0, values / draw.repetition_penalty, values * draw.repetition_penalty)
        logits = logits.scatter(-1, seen, values)
    if draw.temperature <= 0:
        return logits.argmax(-1)
    top = torch.topk(logits, draw.top_k or min(1000, logits.shape[-1]), dim=-1)
    probabilities = torch.softmax(top.values / draw.temperature, -1)
    before = probabilities.cumsum(-1) - probabilities
    probabilities = probabilities.masked_fill(before > draw.top_p, 0.0)
    pick = torch.multinomial(probabilities, 1, generator=generator)
    return top.indices.gather(-1, pick).squeeze(-1)


@torch.inference_mode()
def sample(
    model: Any,
    inputs: Inputs,
    count: int,
    draw: Draw,
    generator: torch.Generator,
    hook: Hook | None = None,
    likely: int = 0,
) -> Generator[None, None, list[Rollout]]:
    """Draw ``count`` replies to one prompt from the model's decoder, in whatever style is set on it.

    ``likely``: how many of the likeliest tokens of each step, bonuses included, are noted with the reply.

    Yields every few tokens, so that a user's message can go first. Deterministic for a generator's state on one
    machine.
    """
    cache = model.decoder.new_cache(1, len(inputs.keys) + 16)
    first = model.decoder.forward(cache, inputs.ids, embeds=inputs.embeds, extra=inputs.extra or None)
    most = min(draw.max_tokens, model.context_length - len(inputs.keys))
    found = yield from _draw(
        model, cache.fork(count), first.float().expand(count, -1), most, draw, generator, hook, likely
    )
    return found


@torch.inference_mode()
def sample_together(
    model: Any,
    several: Sequence[Inputs],
    counts: Sequence[int],
    draw: Draw,
    generator: torch.Generator,
    hook: Hook | None = None,
    likely: int = 0,
) -> Generator[None, None, list[list[Rollout]]]:
    """``counts[i]`` replies to each of ``several`` prompts, as ``sample``, those without pictures in one batch.

    A step of many rows reads the weights once: few replies to each of many prompts cost little more than to one of them.
    The beginning that all prompts have in common (a system prompt, say) is read once. Decoders whose sequences must be
    of one length take prompts of equal length together.
    """
    found: list[list[Rollout]] = [[] for _ in several]
    plain = [
        n for n, inputs in enumerate(several) if inputs.embeds is None and not inputs.extra and counts[n]
    ]
    for n, inputs in enumerate(several):
        if n not in plain and counts[n]:
            found[n] = yield from sample(model, inputs, counts[n], draw, generator, hook, likely)
    for numbers, batch, logits in _read_together(model, several, counts, plain):
        longest = max(len(several[number].keys) for number in numbers)
        most = min(draw.max_tokens, model.context_length - longest)
        drawn = yield from _draw(model, batch, logits, most, draw, generator, hook, likely)
        row = 0
        for number in numbers:
            found[number] = drawn[row : row + counts[number]]
            row += counts[number]
    return found


def _read_together(
    model: Any, several: Sequence[Inputs], counts: Sequence[int], wanted: Sequence[int]
) -> Iterator[tuple[list[int], Any, Tensor]]:
    """Batches of the ``wanted`` prompts: (their numbers, a cache that has read them, so many rows each, the rows' logits)."""
    decoder = model.decoder
    if not wanted:
        return
    if hasattr(type(decoder.new_cache()), "joined"):
        texts = [several[number].ids[0] for number in wanted]
        start = _common(texts) // BLOCK * BLOCK
        begun = decoder.new_cache(1, start)
        if start:
            decoder.forward(begun, texts[0][None, :start])
        parts, logits = [], []
        for number, text in zip(wanted, texts, strict=True):
            count = counts[number]
            cache = begun.fork(1) if start else decoder.new_cache(1, len(text))
            logits.append(decoder.forward(cache, text[None, start:]).float().expand(count, -1))
            parts.append((cache, count))
        yield list(wanted), type(begun).joined(parts), torch.cat(logits)
        return
    by_length: dict[int, list[int]] = {}
    for number in wanted:
        by_length.setdefault(len(several[number].keys), []).append(number)
    for length, numbers in by_length.items():
        rows = torch.cat([several[number].ids.expand(counts[number], -1) for number in numbers])
        cache = decoder.new_cache(len(rows), length)
        yield numbers, cache, decoder.forward(cache, rows).float()


def _common(texts: Sequence[Tensor]) -> int:
    """Tokens that all texts begin with; one of each is always left to read."""
    first = texts[0]
    length = min(len(text) for text in texts) - 1
    for text in texts[1:]:
        other = (first[:length] != text[:length]).nonzero()
        length = int(other[0]) if len(other) else length
    return length


def _draw(
    model: Any,
    batch: Any,
    logits: Tensor,
    most: int,
    draw: Draw,
    generator: torch.Generator,
    hook: Hook | None,
    likely: int,
) -> Generator[None, None, list[Rollout]]:
    """One reply for each row of ``logits`` (rows, vocab), ``most`` tokens at most; ``batch`` has read their prompts."""
    decoder, eos_ids = model.decoder, frozenset(model.eos_ids)
    count = len(logits)
    rows = list(range(count))  # the reply of each row still in the batch
    written: list[list[int]] = [[] for _ in rows]
    logprobs: list[list[float]] = [[] for _ in rows]
    tops: list[list[tuple[Tensor, Tensor]]] = [[] for _ in rows]
    ended = [False] * count
    seen = torch.zeros(count, 0, dtype=torch.long)  # (rows, steps so far)
    for step in range(max(most, 0)):
        with on_one_thread():
            normaliser = logits.logsumexp(-1)
            steered = logits if hook is None else hook(logits, [written[r] for r in rows])
            token = choose(steered, seen, draw, generator)  # (rows,)
            if likely:
                top = steered.topk(likely, -1)
                normal = (top.values - steered.logsumexp(-1, keepdim=True)).half()
                for k, row in enumerate(rows):
                    if not ended[row]:
                        tops[row].append((top.indices[k], normal[k]))
            chosen = (logits.gather(-1, token[:, None])[:, 0] - normaliser).tolist()
            seen = torch.cat([seen, token[:, None]], 1)
        for k, (row, t) in enumerate(zip(rows, token.tolist(), strict=True)):
            if ended[row]:
                continue
            logprobs[row].append(chosen[k])
            if t in eos_ids:
                ended[row] = True
            else:
                written[row].append(t)
        going = [k for k, row in enumerate(rows) if not ended[row]]
        if not going or step + 1 == most:
            break
        if len(going) <= 3 * len(rows) // 4 and hasattr(batch, "select"):
            batch, index = batch.select(going), torch.tensor(going)
            rows, seen, token = [rows[k] for k in going], seen[index], token[index]
        logits = decoder.forward(batch, token[:, None]).float()
        if step % STEPS_A_PAUSE == STEPS_A_PAUSE - 1:
            yield
    noted = [_stacked(t) if t else None for t in tops]
    return [
        Rollout(tuple(w), tuple(p), e, n) for w, p, e, n in zip(written, logprobs, ended, noted, strict=True)
    ]


def _stacked(steps: list[tuple[Tensor, Tensor]]) -> Taught:
    return Taught(torch.stack([ids for ids, _ in steps]), torch.stack([log for _, log in steps]).float())
