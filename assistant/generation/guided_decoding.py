"""A reply under the user's reward head: guided token by token, and the best of several candidates.

The head and how it judges are ``assistant.learning``'s; this decides how many candidates the time allows, from the
speeds and lengths seen so far, and writes them.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import torch

from assistant.generation.batch_decoding import generate_batch
from assistant.generation.block_search import SEEDED_ROWS, Plan, StepTimes, search
from assistant.generation.decode_loop import Hook, generate
from assistant.generation.prefix_cache import PrefixCaches
from assistant.generation.reply import Piece, Reply
from assistant.learning.request import NOTHING, Request
from assistant.learning_records import HeadState, SteeringRequest
from assistant.records import OtherReply, ReplyDetails, Sampling
from models.inputs import Inputs

if TYPE_CHECKING:
    from models.decoders.decoder import Decoder
    from models.loaded_model import LoadedModel

_MOST = 8  # candidates
_PLACES = 12  # of guidance that are named
_SHARE = 0.3  # of each new figure in the running means


class Steering:
    """What is kept between the replies of one loaded model: the tables of a head, speeds, usual lengths."""

    def __init__(self, model: LoadedModel) -> None:
        self._model = model
        self._head_key: tuple[HeadState | None, Request] = (None, NOTHING)
        self._head: Any = None
        self._guidance: Any = None
        self._batch_per_s = 0.0  # tokens a second over all rows of a batch; 0: not measured yet
        self._usual_tokens = 160.0  # of a reply
        self._times = StepTimes()  # of searches that stream

    def write(
        self,
        inputs: Inputs,
        sampling: Sampling,
        steering: SteeringRequest | None,
        *,
        caches: PrefixCaches | None,
        style: str | None,
        cancelled: Callable[[], bool],
        started: float,
        speculate: bool = True,
        asked: Request = NOTHING,
        begun: Sequence[int] = (),
    ) -> Generator[Piece, None, Reply]:
        """Like ``decode_loop.generate``; with ``steering`` (``guidance.to_request``) under the user's head.

        ``asked``: what the message itself asks for, which goes before the head's taste. With several
        whole candidates no text can be shown before one is chosen: pieces are empty until then; block by block
        (``SteeringRequest.blocks``) it streams. A reply that is ``begun`` goes on alone, guided by all its words.
        """
        self._use(steering, asked)
        hook = self._guidance if steering is not None and steering.guide else None
        if begun and hook is not None:
            hook = _behind(hook, begun)
        plan = None if begun else self._plan(sampling, steering)
        n = 1 if plan is not None or begun else self._candidates(sampling, steering)
        if plan is not None:
            from assistant.learning import guidance as learned

            head = self._head
            reply: Reply = yield from search(
                self._model, inputs, sampling, plan, lambda texts, ended: learned.choose_beginning(head, texts, ended),
                times=self._times,
                caches=caches, style=style, hook=hook, cancelled=cancelled, started=started,
            )  # fmt: skip
        elif n == 1:
            reply = yield from generate(
                self._model, inputs, sampling, caches=caches, style=style, hook=hook, cancelled=cancelled, started=started,
                speculate=speculate, begun=begun,
            )  # fmt: skip
        else:
            given = {
                "caches": caches,
                "style": style,
                "hook": hook,
                "cancelled": cancelled,
                "started": started,
            }
            written = self._pair if steering is not None and steering.explore else self._best
            reply = yield from written(n, inputs, sampling, given)
        if reply.finish == "stop" and not begun:
            self._usual_tokens = _mean(self._usual_tokens, len(reply.ids))
        if hook is not None:
            reply = replace(reply, details=self._guided(reply))
        return reply

    def _guided(self, reply: Reply) -> ReplyDetails:
        """With the places where the ratings changed the likeliest token, and the words written there ("" is the end)."""
        places, decode = reply.details.guided_at, self._model.tokenizer.decode
        words = tuple(decode(list(reply.ids[at : at + 1])).strip() for at in places[:_PLACES])
        return replace(reply.details, guided_steps=len(places), guided_words=words)

    def _best(
        self, n: int, inputs: Inputs, sampling: Sampling, given: dict[str, Any]
    ) -> Generator[Piece, None, Reply]:
        """The best of ``n`` whole replies."""
        from assistant.learning import guidance as learned

        steps = generate_batch(self._model, inputs, sampling, n, **given)
        while True:
            try:
                piece = next(steps)
            except StopIteration as end:
                replies: list[Reply] = end.value
                break
            yield Piece("", piece.count)
        self._batch_per_s = _mean(self._batch_per_s, replies[0].tokens_per_s)
        texts = [reply.text for reply in replies]
        finished = [reply.finish == "stop" for reply in replies]
        choice = learned.choose(self._head, texts, finished)
        best = replies[choice.index]
        yield Piece(best.text, len(best.ids))
        return replace(best, details=replace(best.details, best_of=choice.record(texts)))

    def _pair(
        self, n: int, inputs: Inputs, sampling: Sampling, given: dict[str, Any]
    ) -> Generator[Piece, None, Reply]:
        """One reply that streams, with the reply beside it that the head knows least about in its details.

        The first is what would have been written alone. Once it has ended, the others have as long again as it took a
        half of it (``PATIENCE`` steps at least).
        """
        from assistant.learning import preference_queries

        shown = silent = 0

        def late() -> bool:
            return shown > 0 and silent > max(preference_queries.PATIENCE, shown // 2)

        stopped = given["cancelled"]
        steps = generate_batch(
            self._model, inputs, sampling, n, **(given | {"cancelled": lambda: stopped() or late()})
        )
        while True:
            try:
                piece = next(steps)
            except StopIteration as end:
                replies: list[Reply] = end.value
                break
            shown, silent = (shown + silent + 1, 0) if piece.text else (shown, silent + 1)
            yield piece
        self._batch_per_s = _mean(self._batch_per_s, replies[0].tokens_per_s)
        first = replies[0]
        if first.finish == "cancelled":
            return first
        texts, finished = [reply.text for reply in replies], [reply.finish == "stop" for reply in replies]
        other = preference_queries.least_known(self._head, texts, finished, 0)
        if other is None or replies[other].finish == "cancelled":
            return first
        arm = replies[other]
        logprobs = tuple(round(value, 5) for value in arm.logprobs)
        told = OtherReply(arm.text, arm.ids, logprobs, arm.finish, arm.seed)
        return replace(first, details=replace(first.details, arm_b=told))

    def _use(self, steering: SteeringRequest | None, asked: Request) -> None:
        """Read the head of a request; its table of token bonuses takes a moment, so it is kept while both are the same."""
        from assistant.learning import guidance as learned

        key = (steering.head if steering is not None else None, asked)
        if key == self._head_key:
            return
        self._head = learned.from_request(steering)
        self._guidance = None
        if self._head is not None:
            self._head = self._head.on(asked)
            guidance = learned.Guidance(self._head, self._model.tokenizer, self._model.eos_ids)
            self._guidance = guidance if guidance.active else None
        self._head_key = key

    def _plan(self, sampling: Sampling, steering: SteeringRequest | None) -> Plan | None:
        """How to search block by block; None where that is not asked for or would be plain decoding."""
        wanted = steering is not None and steering.best_of and steering.blocks and not steering.explore
        if self._head is None or not wanted or sampling.temperature <= 0 or not self._head.mean.any():
            return None
        if sampling.seed is not None:
            return Plan(SEEDED_ROWS)
        plan = self._times.plan()
        return plan if plan.rows > 1 else None

    def _candidates(self, sampling: Sampling, steering: SteeringRequest | None) -> int:
        """Replies that are written beside each other."""
        from assistant.learning import guidance as learned
        from assistant.learning import preference_queries

        if steering is None or self._head is None or sampling.temperature <= 0:
            return 1
        if not (steering.best_of or steering.explore):
            return 1
        if steering.explore:
            return preference_queries.CANDIDATES
        if self._batch_per_s <= 0:
            self._batch_per_s = _try_speed(self._model.decoder)
        expected = min(
            sampling.max_tokens, round(self._usual_tokens * 1.5)
        )  # the longest of them takes the time
        return learned.candidates(self._batch_per_s, expected, steering.budget_s, _MOST)


def _behind(hook: Hook, begun: Sequence[int]) -> Hook:
    """``hook`` told of the whole reply where only its rest is being written."""
    return lambda logits, written: hook(logits, [[*begun, *ids] for ids in written])


@torch.inference_mode()
def _try_speed(decoder: Decoder, rows: int = 8, steps: int = 4) -> float:
    """Tokens a second over all rows of a small batch, tried once a model: a tenth of a second for the starter."""
    ids = torch.zeros((rows, 1), dtype=torch.long)
    cache = decoder.new_cache(rows, steps + 1)
    decoder.forward(cache, ids)
    started = time.monotonic()
    for _ in range(steps):
        decoder.forward(cache, ids)
    return rows * steps / max(time.monotonic() - started, 1e-6)


def _mean(before: float, now: float) -> float:
    return now if before <= 0 else (1 - _SHARE) * before + _SHARE * now
