"""The policy update: LoRA on the top layers, trained on recorded batches, in short steps.

One update maximises, over replies y to prompts x,

    sum A(x, y) w(x, y) log pi(y|x) / L  +  DPO on pairs  -  beta KL(pi || base)

with the weights w of ``losses.topr``; the first sum is over replies that are no side of a pair, and over what users wrote into
replies themselves. Where A comes from (thumbs, edits, the head's score of rollouts) is not known
here. The reference is the base model, recorded once with the batches.
"""

from __future__ import annotations

import random
import time
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import torch
from torch import Tensor

from assistant.learning.training import losses
from assistant.learning.training import precision as accelerator_setup
from assistant.learning.training.cached_layers import Cut, Recorded, Row
from assistant.learning.training.lora import Adapter

_Found = TypeVar("_Found")


@dataclass(frozen=True, slots=True)
class Hyper:
    """Every number of the update; docs/learning.md says where each comes from."""

    top_layers: int = 4
    rank: int = 16
    alpha: float = 32.0
    learning_rate: float = 1e-3
    betas: tuple[float, float] = (0.9, 0.98)
    clip_norm: float = 1.0
    batch: int = 8  # replies a step
    part: int = 1_500_000  # token positions times hidden size at once: larger batches are summed up in parts
    epochs: int = 3
    seconds: float = 120.0  # of training at most: on a busy or slow machine
    minute: float = (
        60.0  # seconds that all is to take: a slow machine practises on fewer prompts; 0: however long
    )
    fewest_prompts: int = 4  # that it practises on all the same
    reply_tokens: int = 96  # of a reply that are learned from
    prompt_tokens: int = 512  # of a prompt: longer ones lose their oldest turns
    kl_weight: float = 0.05
    kl_limit: float = 0.1  # nats a token, of the policy's own replies; the gate sees to it
    kl_trained: float = 2.5  # times that at which training stops, on the replies it is trained on
    taper: float = 0.1
    negative: float = 0.2  # weight of what is to become less likely
    rating_weight: float = 1.0  # of the ratings themselves beside practice; 0: practice only (ablation)
    pair_weight: float = 1.0
    taught_weight: float = 3.0  # of following the steered model token by token
    replay: int = 32  # ratings that are trained on; the head sees all of them
    practice_prompts: int = 8  # of the rated prompts, answered again for practice
    rollouts: int = 10  # replies to each
    steered: int = 8  # further ones under guidance and with the wish said
    taught: int = 4  # of those, the best that are followed token by token
    steer_strength: float = 1.5  # of that guidance; 1 is what a user sees
    best: int = 16  # of all of them, the highest that are learned from
    worst: int = 8  # and the lowest
    rounds: int = 1  # of practice; the deep update has more, drawn from the policy as it is then
    dpo_beta: float = 0.1
    smoothing: float = 0.1


DEEP: dict[str, Any] = {
    "rounds": 6,
    "practice_prompts": 12,
    "replay": 256,
    "epochs": 2,
    "seconds": 1200.0,
    "minute": 0.0,
}
"""What the deep update changes: more rounds of practice, each drawn from the policy as it is by then."""


@dataclass(frozen=True, slots=True)
class Example:
    """A reply to learn from. ``written``: summed log-probability when it was written; NaN: take the base model's."""

    row: Row
    advantage: float
    written: float = float("nan")
    mask: tuple[bool, ...] = ()  # per reply token; empty: all
    pair: int = -1  # two examples of one pair carry the same number; the better one has advantage >= 0
    alone: bool = True  # learned from by its own likelihood; a side of a pair only if the user wrote it
    source: str = ""  # rating id or "rollout"


@dataclass(frozen=True, slots=True)
class Step:
    phase: str
    step: int
    steps: int
    reward: float  # mean advantage-weighted gain in log-probability over the base, nats a reply
    kl: float  # nats a token
    seconds_left: float


def paused(steps: Generator[Any, None, _Found], step: Step) -> Generator[Step, None, _Found]:
    """What ``steps`` comes to; each of its pauses is one of the update's, told as ``step``."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            found: _Found = end.value
            return found
        yield step


@dataclass(slots=True)
class Outcome:
    steps: int = 0
    tokens: int = 0
    kl_per_token: float = 0.0
    seconds: float = 0.0
    stopped: str = ""  # time | kl; empty: all epochs were run


def learning_rate(parameters: int) -> float:
    """Start values by model size (docs/learning.md)."""
    if parameters <= 500_000_000:
        return Hyper().learning_rate
    return 2e-4 if parameters <= 2_500_000_000 else 1e-4


def minute(parameters: int) -> float:
    """Seconds that a quick update is to take: a minute up to 0.5B parameters, 90 seconds more for each further 1B."""
    return Hyper().minute + 90.0 * max(0.0, parameters / 1e9 - 0.5)


def cut(example: Example, hyper: Hyper) -> Example:
    """Bound what one example costs: the newest prompt tokens, the first reply tokens (an 8,000-token reply teaches
    by its beginning)."""
    row = example.row
    prompt = row.prompt if row.embeds is not None else row.prompt[-hyper.prompt_tokens :]
    reply = row.reply[: hyper.reply_tokens]
    taught = row.taught[: len(reply)] if row.taught is not None else None
    return replace(example, row=Row(prompt, reply, row.embeds, taught), mask=example.mask[: len(reply)])


@dataclass(slots=True)
class _Batch:
    recorded: Recorded
    examples: list[Example]
    advantage: Tensor  # (rows,)
    drawn: Tensor  # (rows,) summed log-probabilities when they were written; NaN: not known
    mask: Tensor  # (T,)
    pairs: list[tuple[int, int]]

    @property
    def base(self) -> Tensor:
        """Summed log-probabilities (rows,) by the base model."""
        return sums(self.recorded.base_logprob, self.recorded, self.mask, len(self.examples))

    @property
    def written(self) -> Tensor:
        return torch.where(torch.isnan(self.drawn), self.base, self.drawn)


def batches(examples: Sequence[Example], size: int) -> list[list[Example]]:
    """Group by length, the two sides of a pair together."""
    units: dict[int, list[Example]] = {}
    for i, e in enumerate(examples):
        units.setdefault(e.pair if e.pair >= 0 else -1 - i, []).append(e)
    ordered = sorted(units.values(), key=lambda u: max(_length(e.row) for e in u))
    found: list[list[Example]] = [[]]
    for unit in ordered:
        if len(found[-1]) + len(unit) > size and found[-1]:
            found.append([])
        found[-1].extend(unit)
    return [b for b in found if b]


def parts(batch: Sequence[Example], positions: int) -> list[list[Example]]:
    """Split a batch so that each part, padded to its longest row, has at most ``positions`` token positions.

    The two sides of a pair stay together; what is longer than that all by itself is a part of its own.
    """
    found: list[list[Example]] = []
    longest = 0
    for unit in batches(batch, 1):  # a reply each, or a pair, shortest first
        longest = max(longest, *(_length(e.row) for e in unit))
        if not found or (len(found[-1]) + len(unit)) * longest > positions:
            found.append([])
            longest = max(_length(e.row) for e in unit)
        found[-1].extend(unit)
    return found


def _length(row: Row) -> int:
    return len(row.reply) + (row.embeds.shape[1] if row.embeds is not None else len(row.prompt))


def sums(values: Tensor, recorded: Recorded, mask: Tensor, rows: int) -> Tensor:
    return torch.zeros(rows, device=values.device).index_add(
        0, recorded.row_of.to(values.device), values * mask
    )


def record(trunk: Cut, examples: Sequence[Example]) -> _Batch:
    recorded = trunk.record([e.row for e in examples])
    mask = torch.tensor(
        [m for e in examples for m in (e.mask or (True,) * len(e.row.reply))], dtype=torch.float32
    ).to(recorded.base_logprob)  # fmt: skip
    written = torch.tensor([e.written for e in examples]).to(mask)
    pairs: list[tuple[int, int]] = []
    for number in sorted({e.pair for e in examples if e.pair >= 0}):
        sides = [k for k, e in enumerate(examples) if e.pair == number]
        if len(sides) == 2:
            better, worse = sorted(sides, key=lambda k: -examples[k].advantage)
            pairs.append((better, worse))
    advantage = torch.tensor([e.advantage for e in examples]).to(mask)
    return _Batch(recorded, list(examples), advantage, written, mask, pairs)


def divergence(short: Tensor, recorded: Recorded) -> Tensor:
    """KL(pi || base) in nats at each of the T positions, of what ``Cut.replay`` gave."""
    assert recorded.base_short is not None and recorded.base_left is not None
    return losses.divergence(short, recorded.base_short, recorded.base_left)


def loss_of(
    trunk: Cut, batch: _Batch, hyper: Hyper, of: int, precision: AbstractContextManager[Any]
) -> tuple[Tensor, float, float]:
    """(loss, reward, mean KL a token) of one recorded part of a batch of ``of`` replies, under the model as it is now.

    The losses of a batch's parts add up to that of the batch; reward and KL are means over the part. The layers run
    under ``precision``; log-probabilities are float32.
    """
    rows, base = len(batch.examples), batch.base
    with precision:
        short = trunk.replay(batch.recorded)
    assert batch.recorded.token_short is not None and batch.recorded.base_short is not None
    token = short.gather(-1, batch.recorded.token_short[:, None])[:, 0]
    logprob = sums(token, batch.recorded, batch.mask, rows)
    kl = divergence(short, batch.recorded)
    advantage = torch.where(batch.advantage < 0, hyper.negative * batch.advantage, batch.advantage)
    paired = {side for pair in batch.pairs for side in pair}
    alone = torch.tensor([float(e.alone or k not in paired) for k, e in enumerate(batch.examples)])
    own = losses.topr(logprob, batch.written, advantage, hyper.taper)
    loss = (alone.to(own) * own).sum() / of
    if batch.pairs:
        better, worse = (torch.tensor(side) for side in zip(*batch.pairs, strict=True))
        loss = loss + hyper.pair_weight * losses.dpo(
            logprob[better], logprob[worse], base[better], base[worse], hyper.dpo_beta, hyper.smoothing
        ).sum() / of  # fmt: skip
    loss = loss + hyper.kl_weight * kl.sum() / (of * losses.LENGTH)
    if batch.recorded.taught is not None:
        assert batch.recorded.taught_at is not None and batch.recorded.taught_short is not None
        own = short[batch.recorded.taught_at.to(short.device)].gather(-1, batch.recorded.taught_short)
        apart = losses.taught(own, batch.recorded.taught.logprob.to(own))
        loss = loss + hyper.taught_weight * apart.sum() / (of * losses.LENGTH)
    reward = float((batch.advantage * (logprob.detach() - base)).mean())
    return loss, reward, float(kl.detach().mean())


class Training:
    """An adapter being trained: recorded examples, the optimizer, and how far it has come.

    ``add`` and ``run`` yield after each short step. ``run`` stops when its epochs or the seconds are used up, or the
    mean KL reaches the limit; it may be called again after more examples were added (the deep update does).
    """

    def __init__(
        self, trunk: Cut, adapter: Adapter, hyper: Hyper, *, seed: int, extra_ids: Sequence[int] = ()
    ) -> None:
        self.trunk, self.adapter, self.hyper = trunk, adapter, hyper
        self.outcome = Outcome()
        self._extra_ids = tuple(extra_ids)
        self._rng = random.Random(seed)
        self._recorded: list[list[_Batch]] = []  # batches, in parts
        self._spent = 0.0  # seconds of training; what goes on between the steps does not count
        self._accelerator = accelerator_setup.accelerator(trunk.device)
        self._optimizer = self._accelerator.prepare(
            torch.optim.AdamW(
                adapter.parameters(), lr=hyper.learning_rate, betas=hyper.betas, weight_decay=0.0
            )
        )

    def add(self, examples: Sequence[Example], *, drop_rollouts: bool = False) -> Iterator[Step]:
        """Record examples under the base model; ``drop_rollouts`` forgets the ones drawn before."""
        if drop_rollouts:
            self._recorded = [
                b for b in self._recorded if any(e.source != "rollout" for p in b for e in p.examples)
            ]
        groups = batches([cut(e, self.hyper) for e in examples if e.row.reply], self.hyper.batch)
        positions = self.hyper.part // self.trunk.hidden_size
        for i, group in enumerate(groups):
            batch: list[_Batch] = []
            for part in parts(group, positions):
                with self.adapter.off():
                    batch.append(record(self.trunk, part))
                yield Step("reading the ratings", i + 1, len(groups), 0.0, 0.0, self.hyper.seconds)
            self._recorded.append(batch)
        self.trunk.set_shortlist([p.recorded for b in self._recorded for p in b], self._extra_ids)

    def run(self, epochs: int) -> Iterator[Step]:
        """``epochs`` passes over what was added; at most the hyperparameters' seconds over all calls."""
        hyper, outcome = self.hyper, self.outcome
        total = outcome.steps + epochs * len(self._recorded)
        first = outcome.steps
        recent: deque[tuple[float, float]] = deque(
            maxlen=max(1, len(self._recorded))
        )  # (gain, KL) of an epoch
        for _epoch in range(epochs):
            self._rng.shuffle(self._recorded)
            for batch in self._recorded:
                progress = max((outcome.steps - first) / (total - first), self._spent / hyper.seconds)
                recent.append((yield from self._step(batch, progress, total)))
                gain, kl = (sum(values) / len(recent) for values in zip(*recent, strict=True))
                outcome.kl_per_token, outcome.seconds = kl, self._spent
                if len(recent) == recent.maxlen and kl > hyper.kl_trained * hyper.kl_limit:
                    outcome.stopped = "kl"
                elif self._spent > hyper.seconds:
                    outcome.stopped = "time"
                left = min(hyper.seconds - self._spent, self._spent / outcome.steps * (total - outcome.steps))
                yield Step("training", outcome.steps, total, gain, kl, max(0.0, left))
                if outcome.stopped:
                    return

    def _step(
        self, batch: Sequence[_Batch], progress: float, total: int
    ) -> Generator[Step, None, tuple[float, float]]:
        """One step of the optimizer, part after part; the rate warms up over four steps and falls linearly to a tenth.

        Yields between two parts; returns (gain, KL a token) of the batch.
        """
        outcome, accelerator = self.outcome, self._accelerator
        rate = self.hyper.learning_rate * min(1.0, (outcome.steps + 1) / 4) * max(0.1, 1.0 - 0.9 * progress)
        for group in self._optimizer.param_groups:
            group["lr"] = rate
        self._optimizer.zero_grad(set_to_none=True)
        of = sum(len(part.examples) for part in batch)
        tokens = sum(len(part.recorded.token) for part in batch)
        gain = kl = 0.0
        for number, part in enumerate(batch):
            if number:
                yield Step("training", outcome.steps, total, gain, kl, self.hyper.seconds - self._spent)
            began = time.monotonic()
            loss, own_gain, own_kl = loss_of(self.trunk, part, self.hyper, of, accelerator.autocast())
            accelerator.backward(loss)
            gain += own_gain * len(part.examples) / of
            kl += own_kl * len(part.recorded.token) / tokens
            if number + 1 == len(batch):
                accelerator.clip_grad_norm_(self.adapter.parameters(), self.hyper.clip_norm)
                self._optimizer.step()
            self._spent += time.monotonic() - began
        outcome.steps += 1
        outcome.tokens += tokens
        return gain, kl
