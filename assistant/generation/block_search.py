"""A reply under the user's reward head that streams: block-wise search (controlled decoding, arXiv 2310.17022, blockwise).

K continuations of a few tokens are drawn in one batch from the present cache; the head says how good a reply each of them
is the beginning of; the best one is kept, shown, and goes on. Its words are shown one by one while the next block is drawn.
With one row it is plain sampling: row 0 draws what ``decode_loop.generate`` would.
"""

from __future__ import annotations

import statistics
import time
from collections import deque
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from assistant.generation.decode_loop import (
    Hook,
    Stopped,
    Timing,
    cache_for,
    finished,
    read_prompt,
    room_for,
)
from assistant.generation.prefix_cache import PrefixCaches
from assistant.generation.reply import Growing, Piece, Reply
from assistant.generation.sampling import (
    Sampler,
    check,
    fresh_seed,
    guided,
    logprob,
    on_one_thread,
    reach,
    seeds_from,
)
from assistant.records import ReplyDetails, Sampling
from models.inputs import Inputs

if TYPE_CHECKING:
    from models.decoders.decoder import Cache, Decoder
    from models.loaded_model import LoadedModel

BLOCK = 24  # tokens
FIRST_S = 0.6  # seconds of drawing until the first words may be shown
MOST_ROWS = 8
SLOWEST = (
    1.7  # times a plain step that a step of all rows may take: choosing and forking take their share, too
)
CAREFUL_ROWS, CAREFUL_FIRST = 2, 4  # before the machine's speed is known: a second row costs next to nothing
LATEST, ENOUGH = 24, 2  # steps of so many rows whose times are kept, and from which they are believed
SEEDED_ROWS, SEEDED_FIRST = (
    4,
    8,
)  # where a seed was asked for: what is written must not depend on the machine's speed

Choose = Callable[[Sequence[str], Sequence[bool]], int]
"""(texts so far, whether each has ended) -> index of the best."""


@dataclass(frozen=True, slots=True)
class Plan:
    """``rows`` continuations of ``block`` tokens each; the first block has ``first``, later ones twice the last's at most."""

    rows: int
    first: int = SEEDED_FIRST
    block: int = BLOCK

    @classmethod
    def of(cls, step_s: dict[int, float]) -> Plan:
        """For a decoder whose step of n rows takes ``step_s[n]`` seconds; 1 and one more number must be there."""
        most = max(step_s)
        each = max(0.0, (step_s[most] - step_s[1]) / (most - 1))  # a further row
        rows = 1 + int((SLOWEST - 1) * step_s[1] / each) if each > 0 else MOST_ROWS
        rows = max(1, min(MOST_ROWS, rows))
        step = step_s[1] + (rows - 1) * each
        return cls(rows, max(2, min(BLOCK, int(FIRST_S / step))))


class StepTimes:
    """How long the decoder's steps of so many rows take, by the latest ones; searches fill it as they go."""

    def __init__(self) -> None:
        self._latest: dict[int, deque[float]] = {}

    def add(self, rows: int, seconds: float) -> None:
        self._latest.setdefault(rows, deque(maxlen=LATEST)).append(seconds)

    def plan(self) -> Plan:
        """For the speed so far; a careful one before a search has gone a few steps."""
        known = {
            rows: statistics.median(times) for rows, times in self._latest.items() if len(times) >= ENOUGH
        }
        return Plan.of(known) if 1 in known and len(known) > 1 else Plan(CAREFUL_ROWS, CAREFUL_FIRST)


@dataclass(slots=True)
class _Row:
    """One continuation. ``ids`` with the end token, if it came."""

    ids: list[int] = field(default_factory=list)
    logprobs: list[float] = field(default_factory=list)
    steered: list[bool] = field(default_factory=list)
    ended: bool = False


@torch.inference_mode()
def search(
    model: LoadedModel,
    inputs: Inputs,
    sampling: Sampling,
    plan: Plan,
    choose: Choose,
    *,
    times: StepTimes | None = None,
    caches: PrefixCaches | None = None,
    style: str | None = None,
    hook: Hook | None = None,
    cancelled: Callable[[], bool] = lambda: False,
    started: float | None = None,
) -> Generator[Piece, None, Reply]:
    """Write one reply; like ``decode_loop.generate``, which see. Yields after every step, with text a token at a time.

    ``times`` learns how long this decoder's steps take.
    """
    check(sampling)
    times = times if times is not None else StepTimes()
    timing = Timing.from_now(started)
    seed = fresh_seed(sampling)
    prompt = len(inputs.keys)
    longest = min(sampling.max_tokens, room_for(model, prompt))
    reply = Growing(model.tokenizer, model.eos_ids, sampling.stop, longest)
    sampler = Sampler(sampling, seeds_from(seed, plan.rows))
    far = reach(sampling) if hook is None else None
    caches = caches if caches is not None else PrefixCaches()
    cache, reused = cache_for(model.decoder, caches, style, inputs)
    waiting: deque[Piece] = deque()  # words of the last block
    length, whole, blocks, changed = plan.first, False, 0, 0
    try:
        logits = yield from read_prompt(model.decoder, cache, inputs, reused, cancelled)  # (1, vocab)
        whole = True
        while reply.finish is None:
            count = min(length, longest - len(reply.ids))
            drawing = _block(model, cache, logits, reply.ids, count, plan.rows, sampler, hook, far, times)
            while True:
                try:
                    next(drawing)
                except StopIteration as end:
                    rows, batch = end.value
                    break
                if cancelled():
                    raise Stopped
                yield waiting.popleft() if waiting else Piece("", len(reply.ids))
            with on_one_thread():
                best = _best(model.tokenizer, reply, rows, choose, sampling.stop)
            blocks, changed = blocks + 1, changed + (best != 0)
            yield from waiting
            waiting.clear()
            timing.first = timing.first or time.monotonic()
            for id, log, steered in zip(rows[best].ids, rows[best].logprobs, rows[best].steered, strict=True):
                if steered:
                    reply.steered.append(len(reply.ids))
                waiting.append(Piece(reply.add(id, log), len(reply.ids)))
                if reply.finish is not None:
                    break
            timing.last = time.monotonic()
            if reply.finish is None:
                whole = False
                cache = _kept(model.decoder, cache, batch, best, rows[best].ids)
                began = time.monotonic()
                logits = model.decoder.forward(cache, torch.tensor([[reply.ids[-1]]]), reach=far)
                times.add(1, time.monotonic() - began)
                whole = True
                length = min(plan.block, 2 * length)
        yield from waiting
    except Stopped:
        whole = True
        yield from waiting
        yield Piece(reply.end("cancelled"), len(reply.ids))
    finally:
        if whole:
            caches.give(style, inputs.keys + tuple(reply.ids), cache)
    details = ReplyDetails(reused, blocks=blocks, blocks_changed=changed, rows=plan.rows)
    return finished(reply, seed, prompt, timing, max(0, len(reply.ids) - 1), details)


def _block(
    model: LoadedModel,
    cache: Cache,
    logits: Tensor,
    before: list[int],
    count: int,
    n: int,
    sampler: Sampler,
    hook: Hook | None,
    far: float | None,
    times: StepTimes,
) -> Generator[None, None, tuple[list[_Row], Any]]:
    """``count`` more tokens for each of ``n`` rows after ``before``: (rows, the cache of all rows without each one's last
    token)."""
    rows = [_Row() for _ in range(n)]
    sampler.go_on_from(before)
    batch = cache.fork(len(rows))
    logits = logits.expand(len(rows), -1)  # (rows, vocab)
    eos = frozenset(model.eos_ids)
    for step in range(count):
        with on_one_thread():
            steered = logits if hook is None else hook(logits, [before + row.ids for row in rows])
            token = sampler.choose(steered)  # (rows,)
            moved = guided(logits, steered) if hook is not None else [False] * n
            chosen = zip(rows, token.tolist(), logprob(logits, token).tolist(), moved, strict=True)
            for row, id, log, here in chosen:
                if not row.ended:
                    row.steered.append(here)
                    row.ids.append(id)
                    row.logprobs.append(log)
                    row.ended = id in eos
        yield
        if step + 1 == count or all(row.ended for row in rows):
            break
        began = time.monotonic()
        logits = model.decoder.forward(batch, token[:, None], reach=far)
        if len(rows) > 1:
            times.add(len(rows), time.monotonic() - began)
    return rows, batch


def _best(tokenizer: Any, reply: Growing, rows: Sequence[_Row], choose: Choose, stops: Sequence[str]) -> int:
    """The row to keep; the first of equal ones."""
    if len(rows) == 1 or all(row.ids == rows[0].ids for row in rows):
        return 0
    texts, ended = [], []
    for row in rows:
        text = tokenizer.decode(
            reply.ids + (row.ids[:-1] if row.ended else row.ids), skip_special_tokens=True
        )
        cut = min((at for stop in stops if stop and (at := text.find(stop)) >= 0), default=-1)
        texts.append(text if cut < 0 else text[:cut])
        ended.append(row.ended or cut >= 0)
    return choose(texts, ended)


def _kept(decoder: Decoder, cache: Cache, batch: Any, row: int, ids: Sequence[int]) -> Any:
    """The cache of the row that was kept, without its last token."""
    if hasattr(batch, "select"):
        return batch.select([row])
    if len(ids) > 1:  # this decoder's batches cannot be taken apart: the block is read once more
        decoder.forward(cache, torch.tensor([list(ids[:-1])]))
    return cache
