"""A single reply: a prompt in, pieces of a reply out, one token (or one verified draft) per step.

Several replies at once are written by ``batch_decoding``; the sampler is the same.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from assistant.errors import BadInput
from assistant.generation.prefix_cache import PrefixCaches
from assistant.generation.reply import Growing, Piece, Reply
from assistant.generation.sampling import Sampler, check, fresh_seed, guided, logprob, on_one_thread, reach
from assistant.records import ReplyDetails, Sampling
from models.inputs import Inputs

if TYPE_CHECKING:
    from models.decoders.decoder import Cache, Decoder
    from models.loaded_model import LoadedModel

Hook = Callable[[Tensor, list[list[int]]], Tensor]
"""Steering: (logits (rows, vocab), ids written so far in each row) -> logits to choose from."""

CHUNK = 256  # prompt tokens read between two looks at ``cancelled``
LONGEST_MATCH = 4  # ids that must agree before a guess, at first;
SHORTEST_MATCH = 2  # then fewer
LONGEST_DRAFT = 7
_PAUSE = 16  # tokens without a guess after failures


class Stopped(Exception):
    """Cancelled while the prompt was being read."""


@dataclass
class Timing:
    """Seconds on the monotonic clock; ``started`` is when the person asked."""

    started: float
    first: float = 0.0
    last: float = 0.0

    @classmethod
    def from_now(cls, started: float | None = None) -> Timing:
        """The clock starts at ``started``; None: now."""
        return cls(time.monotonic() if started is None else started)

    def token(self) -> None:
        self.last = time.monotonic()
        self.first = self.first or self.last

    def ttft_s(self) -> float:
        return self.first - self.started if self.first else 0.0

    def per_s(self, tokens: int) -> float:
        """Decode speed of ``tokens`` that came after the first one's arrival."""
        return tokens / (self.last - self.first) if self.last > self.first else 0.0


def _never() -> bool:
    return False


@torch.inference_mode()
def generate(
    model: LoadedModel,
    inputs: Inputs,
    sampling: Sampling,
    *,
    caches: PrefixCaches | None = None,
    style: str | None = None,
    hook: Hook | None = None,
    cancelled: Callable[[], bool] = _never,
    speculate: bool = True,
    started: float | None = None,
    begun: Sequence[int] = (),
) -> Generator[Piece, None, Reply]:
    """Write one reply. Yields after every chunk of the prompt and every step; returns the Reply.

    ``begun``: ids of a reply that was cut off and goes on here; the Reply has only what is new, and with the seed and
    prompt of the first part it is what would have been written then.

    ``model`` is a LoadedModel whose decoder already has the style set; ``style`` names it for ``caches``.
    Drafts (``speculate``) never change what is written, only how fast. Raises ``BadInput`` for impossible
    sampling values or a prompt that leaves no room.
    """
    check(sampling)
    timing = Timing.from_now(started)
    seed = fresh_seed(sampling)
    prompt = len(inputs.keys)
    room = room_for(model, prompt + len(begun))
    most = min(sampling.max_tokens, room)
    reply = Growing(model.tokenizer, model.eos_ids, sampling.stop, most, begun)
    sampler = Sampler(sampling, [seed])
    sampler.resume(begun)
    far = reach(sampling) if hook is None else None
    # Caches of transformers with sliding windows cannot take a wrong guess back.
    drafts = speculate and model.decoder.name != "transformers"
    drafter = Drafter([*inputs.ids[0].tolist(), *begun]) if drafts else None
    caches = caches if caches is not None else PrefixCaches()
    cache, reused = cache_for(model.decoder, caches, style, inputs, begun)
    whole = False  # the cache holds what its length says; not so after an error in the middle of a step
    try:
        rows = yield from read_prompt(model.decoder, cache, inputs, reused, cancelled, begun)  # (1, vocab)
        whole = True
        draft: list[int] = []
        while reply.finish is None:
            if cancelled():
                yield Piece(reply.end("cancelled"), len(reply.ids))
                break
            with on_one_thread():
                text, accepted = _take(rows, draft, reply, sampler, hook, timing)
            if drafter is not None:
                drafter.checked(draft, accepted)
            if accepted < len(draft):
                cache.truncate(cache.length - (len(draft) - accepted))
            if reply.finish is None:
                left = most - len(reply.ids)
                draft = drafter.propose(reply.ids, left - 1) if drafter is not None else []
                ids = torch.tensor([[reply.ids[-1], *draft]])
            yield Piece(text, len(reply.ids))
            if reply.finish is None:
                whole = False
                rows = model.decoder.forward(cache, ids, all_logits=True, reach=far)[
                    0
                ]  # (1 + drafted, vocab)
                whole = True
    except Stopped:
        whole = True
        reply.end("cancelled")
    finally:
        if whole:
            caches.give(style, (*inputs.keys, *begun, *reply.ids), cache)
    details = ReplyDetails(reused)
    if drafter is not None:
        details = replace(details, drafted=drafter.drafted, accepted=drafter.accepted)
    return finished(reply, seed, prompt, timing, len(reply.ids) - 1, details)


def run(steps: Generator[Piece, None, Any]) -> Any:
    """Exhaust a generator of pieces and give what it returns (tests, tools, learning)."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value


def room_for(model: LoadedModel, prompt: int) -> int:
    room: int = model.context_length - prompt
    if room < 1:
        raise BadInput(
            f"The prompt has {prompt:,} tokens and this model reads {model.context_length:,} at "
            f"most; please shorten it."
        )
    return room


def cache_for(
    decoder: Decoder, caches: PrefixCaches, style: str | None, inputs: Inputs, begun: Sequence[int] = ()
) -> tuple[Any, int]:
    """A cache for the prompt (and the reply that is ``begun``) and how many of its tokens are in it already.

    A decoder that takes pictures itself (``inputs.extra``) needs all their places in one pass: for it, a kept
    cache serves only if it covers every picture.
    """
    at_least = 1
    if inputs.extra:
        at_least = 1 + max((i for i, key in enumerate(inputs.keys) if not isinstance(key, int)), default=0)
    keys = (*inputs.keys, *begun)
    return caches.take(style, keys, lambda: decoder.new_cache(1, len(keys) + 64), at_least)


def read_prompt(
    decoder: Decoder,
    cache: Cache,
    inputs: Inputs,
    reused: int = 0,
    cancelled: Callable[[], bool] = _never,
    begun: Sequence[int] = (),
) -> Generator[Piece, None, Tensor]:
    """Read the prompt, and behind it ``begun``, from token ``reused`` on, in chunks; the last token's logits (1, vocab).

    Raises ``Stopped``.
    """
    end = len(inputs.keys)
    pictures = bool(inputs.extra) and reused == 0
    chunk, extra = (end, inputs.extra) if pictures else (CHUNK, None)
    logits = torch.empty(0)
    for start in range(reused, end, chunk):
        if cancelled():
            raise Stopped
        part = slice(start, min(end, start + chunk))
        embeds = None if inputs.embeds is None else inputs.embeds[:, part]
        logits = decoder.forward(cache, inputs.ids[:, part], embeds=embeds, extra=extra)
        if part.stop < end or begun:
            yield Piece("", 0)
    for start in range(max(0, reused - end), len(begun), CHUNK):
        if cancelled():
            raise Stopped
        logits = decoder.forward(cache, torch.tensor([list(begun[start : start + CHUNK])]))
        if start + CHUNK < len(begun):
            yield Piece("", 0)
    return logits


def _take(
    rows: Tensor, draft: list[int], reply: Growing, sampler: Sampler, hook: Hook | None, timing: Timing
) -> tuple[str, int]:
    """Choose a token from each row while the draft guessed right; (new text, drafted tokens that were right).

    Row i (vocab,) holds the logits after the i-th drafted token. Each token is chosen from the very
    distribution it would have had without a draft, so a draft can only be confirmed or dropped, never change
    the reply.
    """
    text = ""
    for i, row in enumerate(rows.split(1)):  # (1, vocab)
        steered = row if hook is None else hook(row, [reply.ids])
        if steered is not row and guided(row, steered)[0]:
            reply.steered.append(len(reply.ids))
        chosen = sampler.choose(steered)
        id = int(chosen)
        text += reply.add(id, float(logprob(row, chosen)))
        timing.token()
        if reply.finish is not None or i == len(draft) or id != draft[i]:
            return text, i
    return text, len(draft)


def finished(
    reply: Growing, seed: int, prompt: int, timing: Timing, after_first: int, details: ReplyDetails
) -> Reply:
    """What has become of ``reply``; ``after_first``: tokens that came after the first one, of all rows of a batch."""
    if reply.end_logprob is not None:
        details = replace(details, end_logprob=round(reply.end_logprob, 5))
    if reply.steered:
        details = replace(details, guided_at=tuple(reply.steered))
    done = Reply(reply.text, tuple(reply.ids), tuple(reply.logprobs), reply.finish or "stop", seed, prompt)
    return replace(
        done, ttft_s=timing.ttft_s(), tokens_per_s=timing.per_s(max(0, after_first)), details=details
    )


class Drafter:
    """Prompt lookup: guess the next tokens from where the last few stood before (Saxena 2023; arXiv 2304.04487).

    A writing assistant repeats much of its prompt. Reading a guessed token along with the present one costs little, so a
    guess that is right is nearly free; a wrong one is cut off again. When guesses keep failing, they pause. Of one
    reply; ``drafted`` and ``accepted`` count the guesses.
    """

    def __init__(self, prompt_ids: Sequence[int]) -> None:
        self.drafted = 0
        self.accepted = 0
        self._ids = list(prompt_ids)
        self._prompt = len(self._ids)
        self._ends: dict[tuple[int, ...], int] = {}  # n-gram -> index just behind its latest place
        self._indexed = 0
        self._recent = 1.0  # running share of guesses that were right
        self._paused_until = 0

    def propose(self, written: Sequence[int], longest: int) -> list[int]:
        """Up to ``longest`` ids that may follow the prompt and ``written``."""
        self._ids[self._prompt + self._known() :] = written[self._known() :]
        if longest < 1 or len(written) < self._paused_until:
            return []
        self._index()
        for n in range(LONGEST_MATCH, SHORTEST_MATCH - 1, -1):
            at = self._ends.get(tuple(self._ids[-n:])) if len(self._ids) > n else None
            if at is not None:
                return self._ids[at : at + min(longest, LONGEST_DRAFT)]
        return []

    def checked(self, draft: Sequence[int], right: int) -> None:
        """Tell how many ids of the last guess were right."""
        if not draft:
            return
        self.drafted += len(draft)
        self.accepted += right
        self._recent = 0.8 * self._recent + 0.2 * right / len(draft)
        if self._recent < 0.15:
            self._paused_until, self._recent = len(self._ids) - self._prompt + _PAUSE, 0.3

    def _known(self) -> int:
        return len(self._ids) - self._prompt

    def _index(self) -> None:
        """Note where every n-gram ends, but the one at the very end (it would only find itself)."""
        for end in range(max(self._indexed, SHORTEST_MATCH), len(self._ids)):
            for n in range(SHORTEST_MATCH, LONGEST_MATCH + 1):
                if end >= n:
                    self._ends[tuple(self._ids[end - n : end])] = end
        self._indexed = len(self._ids)
