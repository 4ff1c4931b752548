"""Many replies in one batched decode: the candidates of best-of-n and of comparisons, the rollouts of practice, the gate's
probes and the evaluation. Prompts are read once, caches are forked for the replies, and rows that have ended leave the
batch: a step of many rows reads the weights once, so few replies to each of many prompts cost little more than to one.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from assistant.errors import BadInput
from assistant.generation.decode_loop import (
    CHUNK,
    Hook,
    Stopped,
    Timing,
    cache_for,
    finished,
    read_prompt,
    room_for,
)
from assistant.generation.prefix_cache import PrefixCaches, common
from assistant.generation.reply import Growing, Piece, Reply, Written
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
from models.inputs import Inputs, of_ids

if TYPE_CHECKING:
    from models.loaded_model import LoadedModel

STEPS_PER_PAUSE = 8  # tokens between two pauses of learning: a waiting reply waits no longer
BLOCK = 16  # tokens: caches share whole blocks


@dataclass(frozen=True, slots=True)
class Taught:
    """What would have been written at each position of a reply: the likeliest tokens, with log-probabilities.

    All of the rest of the vocabulary has what is left to one.
    """

    ids: Tensor  # (T, k)
    logprob: Tensor  # (T, k)

    def __getitem__(self, part: slice) -> Taught:
        return Taught(self.ids[part], self.logprob[part])


@dataclass(frozen=True, slots=True)
class Rollout:
    """One sampled reply. ``logprobs`` are of the model itself: temperature 1, nothing cut away."""

    ids: tuple[int, ...]  # without the end token
    logprobs: tuple[float, ...]  # one per id, plus the end token's if ``ended``
    ended: bool
    likely: Taught | None = None  # the distributions it was drawn from, where they were asked for


@torch.inference_mode()
def generate_batch(
    model: LoadedModel,
    inputs: Inputs,
    sampling: Sampling,
    n: int,
    *,
    caches: PrefixCaches | None = None,
    style: str | None = None,
    hook: Hook | None = None,
    cancelled: Callable[[], bool] = lambda: False,
    started: float | None = None,
) -> Generator[Piece, None, list[Reply]]:
    """Write ``n`` replies to one prompt for a user. Yields (with text of the first row) after every step.

    Arguments as ``decode_loop.generate``. Row i draws from a seed of its own; the first row's is the seed itself.
    Cancelled: what was written is returned.
    """
    check(sampling)
    if n < 1:
        raise BadInput("At least one reply must be asked for.")
    timing = Timing.from_now(started)
    seed = fresh_seed(sampling)
    seeds = seeds_from(seed, n)
    prompt = len(inputs.keys)
    longest = min(sampling.max_tokens, room_for(model, prompt))
    replies = [Growing(model.tokenizer, model.eos_ids, sampling.stop, longest) for _ in range(n)]
    caches = caches if caches is not None else PrefixCaches()
    cache, reused = cache_for(model.decoder, caches, style, inputs)
    try:
        first = yield from read_prompt(model.decoder, cache, inputs, reused, cancelled)
        rows = _Rows(
            model, replies, Sampler(sampling, seeds), hook, reach(sampling) if hook is None else None
        )
        for text in rows.written(cache.fork(n), first.expand(n, -1), cancelled):
            timing.token()
            yield Piece(text, max(len(reply.ids) for reply in replies))
    except Stopped:
        for reply in replies:
            if reply.finish is None:
                reply.end("cancelled")
    finally:
        caches.give(style, inputs.keys, cache)
    after_first = sum(len(reply.ids) for reply in replies) - n
    details = ReplyDetails(reused, candidates=n)
    return [
        finished(reply, s, prompt, timing, after_first, details)
        for reply, s in zip(replies, seeds, strict=True)
    ]


@torch.inference_mode()
def sample_together(
    model: LoadedModel,
    several: Sequence[Inputs],
    counts: Sequence[int],
    sampling: Sampling,
    generator: torch.Generator,
    hook: Hook | None = None,
    likely: int = 0,
) -> Generator[None, None, list[list[Rollout]]]:
    """Draw ``counts[i]`` replies to each of ``several`` prompts, in whatever style is set on the model's decoder.

    Those without pictures are drawn in one batch; the beginning that all of them have in common (a system prompt, say)
    is read once. Decoders whose sequences must be of one length take prompts of equal length together.
    ``likely``: how many of the likeliest tokens of each step, bonuses included, are noted with the reply.
    ``generator`` gives each reply its own seed, in the order of the prompts: two calls from the same state draw with
    the same numbers, however long the replies become.

    Yields every few tokens, so that a user's message can go first. Deterministic for a generator's state on one machine.
    """
    seeds = [torch.randint(2**31, (n,), generator=generator).tolist() for n in counts]
    plain = [n for n, asked in enumerate(several) if asked.embeds is None and not asked.extra and counts[n]]
    other = [n for n in range(len(several)) if n not in plain and counts[n]]
    found: list[list[Rollout]] = [[] for _ in several]
    for group in [*_groups(model, several, plain), *([n] for n in other)]:
        chosen = [several[n] for n in group]
        batch, logits = yield from _read(model, chosen, [counts[n] for n in group])
        room = model.context_length - max(len(asked.keys) for asked in chosen)
        eos_ids, most = frozenset(model.eos_ids), min(sampling.max_tokens, room)
        replies = [Written(eos_ids, most) for n in group for _ in range(counts[n])]
        rows = _Rows(
            model, replies, Sampler(sampling, [s for n in group for s in seeds[n]]), hook, None, likely
        )
        for step, _ in enumerate(rows.written(batch, logits)):
            if step % STEPS_PER_PAUSE == STEPS_PER_PAUSE - 1:
                yield
        drawn = iter(rows.rollouts())
        for n in group:
            found[n] = [next(drawn) for _ in range(counts[n])]
    return found


def sample(
    model: LoadedModel,
    inputs: Inputs,
    count: int,
    sampling: Sampling,
    generator: torch.Generator,
    hook: Hook | None = None,
    likely: int = 0,
) -> Generator[None, None, list[Rollout]]:
    """``count`` replies to one prompt, as ``sample_together``."""
    (found,) = yield from sample_together(model, [inputs], [count], sampling, generator, hook, likely)
    return found


class _Rows:
    """The loop: one token a row and step, for the replies of a batch that has read its prompts."""

    def __init__(
        self,
        model: LoadedModel,
        replies: Sequence[Written],
        sampler: Sampler,
        hook: Hook | None,
        far: float | None,
        likely: int = 0,
    ) -> None:
        self._model, self._replies, self._sampler = model, replies, sampler
        self._hook, self._far, self._likely = hook, far, likely
        self._tops: list[list[tuple[Tensor, Tensor]]] = [[] for _ in replies]

    def written(
        self, batch: Any, logits: Tensor, cancelled: Callable[[], bool] = lambda: False
    ) -> Generator[str, None, None]:
        """Write all replies, whose first tokens ``logits`` (rows, vocab) are of; the new text of the first one after
        each step. Raises ``Stopped``."""
        replies = self._replies
        live = list(range(len(replies)))  # the reply of each row that is still in the batch
        while any(replies[r].finish is None for r in live):
            if cancelled():
                raise Stopped
            with on_one_thread():
                token, text = self._step(logits, live)
            yield text
            going = [row for row, r in enumerate(live) if replies[r].finish is None]
            if not going:
                return
            if len(going) <= 3 * len(live) // 4 and hasattr(
                batch, "select"
            ):  # else those that ended idle along
                batch, live, token = batch.select(going), [live[row] for row in going], token[going]
                self._sampler.keep(going)
            logits = self._model.decoder.forward(batch, token[:, None], reach=self._far)

    def _step(self, logits: Tensor, live: Sequence[int]) -> tuple[Tensor, str]:
        """Choose a token (rows,) for each row, and give it to its reply."""
        replies = self._replies
        steered = logits if self._hook is None else self._hook(logits, [replies[r].ids for r in live])
        token = self._sampler.choose(steered)
        if self._likely:
            top = steered.topk(self._likely, -1)
            normal = (top.values - steered.logsumexp(-1, keepdim=True)).half()
            for row, r in enumerate(live):
                if replies[r].finish is None:
                    self._tops[r].append((top.indices[row], normal[row]))
        shown = steered is not logits and isinstance(replies[0], Growing)
        moved = guided(logits, steered) if shown else [False] * len(live)
        values = zip(live, token.tolist(), logprob(logits, token).tolist(), moved, strict=True)
        first = ""
        for r, id, value, here in values:
            if replies[r].finish is None:
                if here:
                    replies[r].steered.append(len(replies[r].ids))
                text = replies[r].add(id, value)
                first += text if r == 0 else ""
        return token, first

    def rollouts(self) -> list[Rollout]:
        """What was written."""
        return [_rollout(reply, tops) for reply, tops in zip(self._replies, self._tops, strict=True)]


def _rollout(reply: Written, tops: Sequence[tuple[Tensor, Tensor]]) -> Rollout:
    ended = reply.finish == "stop" and reply.end_logprob is not None
    logprobs = (*reply.logprobs, *([reply.end_logprob] if reply.end_logprob is not None else []))
    likely = None
    if tops:
        likely = Taught(torch.stack([ids for ids, _ in tops]), torch.stack([log for _, log in tops]).float())
    return Rollout(tuple(reply.ids), logprobs, ended, likely)


def _groups(model: LoadedModel, several: Sequence[Inputs], plain: Sequence[int]) -> list[list[int]]:
    """The numbers of the prompts that can be in one batch."""
    if not plain:
        return []
    if hasattr(type(model.decoder.new_cache()), "joined"):
        return [list(plain)]
    by_length: dict[int, list[int]] = {}
    for number in plain:
        by_length.setdefault(len(several[number].keys), []).append(number)
    return list(by_length.values())


def _read(
    model: LoadedModel, chosen: Sequence[Inputs], counts: Sequence[int]
) -> Generator[None, None, tuple[Any, Tensor]]:
    """A cache that has read the prompts, ``counts`` rows of each, and the logits (rows, vocab) of what comes next.

    Long prompts are read in chunks, with a pause after each.
    """
    decoder = model.decoder
    if len(chosen) == 1:
        cache = decoder.new_cache(1, len(chosen[0].keys) + 16)
        first = yield from _unseen(read_prompt(decoder, cache, chosen[0]))
        return cache.fork(counts[0]), first.float().expand(counts[0], -1)
    if not hasattr(type(decoder.new_cache()), "joined"):
        ids = torch.cat([asked.ids.expand(n, -1) for asked, n in zip(chosen, counts, strict=True)])
        cache, logits = decoder.new_cache(*ids.shape), torch.empty(0)
        for start in range(0, ids.shape[1], CHUNK):
            logits = decoder.forward(cache, ids[:, start : start + CHUNK])
            yield
        return cache, logits.float()
    shared = min(common(chosen[0].keys, asked.keys) for asked in chosen[1:])
    shared = min(shared, *(len(asked.keys) - 1 for asked in chosen)) // BLOCK * BLOCK
    begun = decoder.new_cache(1, shared)
    if shared:
        yield from _unseen(read_prompt(decoder, begun, of_ids(chosen[0].ids[0, :shared].tolist())))
    parts, rows = [], []
    for asked, count in zip(chosen, counts, strict=True):
        cache = begun.fork(1) if shared else decoder.new_cache(1, len(asked.keys))
        first = yield from _unseen(read_prompt(decoder, cache, asked, shared))
        rows.append(first.float().expand(count, -1))
        parts.append((cache, count))
        yield
    return type(begun).joined(parts), torch.cat(rows)


def _unseen(steps: Generator[Piece, None, Tensor]) -> Generator[None, None, Tensor]:
    """The same steps, for who shows nothing to anybody."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            logits: Tensor = end.value
            return logits
        yield
