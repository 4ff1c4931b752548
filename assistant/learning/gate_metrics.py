"""Measures a new version for the gate: probe replies, held-out ratings, distance from the base, general text.

The adapter is weakened until perplexity of general text and KL, both there and on its own replies to the probes, are
within bounds (a line search); what is measured is what would be used. ``gate.judge`` decides on the numbers.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from assistant.learning import batch_decoding, feedback, gate, losses, policy, reward, training_examples
from assistant.learning.cached_layers import Cut, Recorded, Row
from assistant.learning.lora import Adapter
from assistant.learning.policy import Hyper, Step
from assistant.learning.rollouts import drawing_as

STRENGTHS = (2.0, 1.0, 0.85, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2)  # the first: how far it may be made stronger
PERPLEXITY = gate.PERPLEXITY_LIMIT - 0.005
SAFETY = 0.93  # of the limit of KL: what is aimed at
NEAR = 0.8  # of the limit: good enough
EACH = 2  # replies to each probe
MISSHAPEN = 1.8  # times the limit, which a version counts as whose replies are misshapen: about 0.7 of its strength is next
SEARCHES = 3  # times the probes are drawn
Probed = list[tuple[str, tuple[int, ...], bool]]  # (text, ids, ended)


@dataclass(frozen=True, slots=True)
class _Tried:
    """A strength, and what the probes showed of it."""

    strength: float
    kl: float
    counts: float  # what its KL counts as: more, where the replies are misshapen
    replies: Probed


@dataclass(frozen=True, slots=True)
class Trained:
    """What is to be measured, and what to measure it by."""

    model: Any
    adapter: Adapter
    trunk: Cut
    hyper: Hyper
    head: reward.Head  # fitted without the held-out ratings
    nothing: float  # probability that no trait explains the ratings, the held-out ones included
    held: Sequence[feedback.Signal]
    folder: Path  # scratch folder for adapters the decoder is to read
    parent: Path | None  # folder of the version in use
    probe_tokens: int = 64
    late: Callable[[], bool] = lambda: False  # is there no more time to look for the best strength?


def measure(t: Trained) -> Generator[Step, None, gate.Measures]:
    """What the gate needs; leaves the adapter at the strength that was measured."""
    yield _step(0)
    before_state = t.adapter.weights_in(t.parent) if t.parent else None
    if before_state is None:
        with t.adapter.off():
            before = yield from _probe(t, 1)
        before_agreement = 0.5
    else:
        state = t.adapter.state()
        t.adapter.load_state(before_state)
        before = yield from _probe(t, 1)
        before_agreement = _agreement(t)
        t.adapter.load_state(state)
    text = _GeneralText(t)
    kl, ratio, after = yield from _within_bounds(t, text, shape_of(before))
    after_gain = _agreement(t)
    yield _step(3)
    (reward_before, error_before), (reward_after, error_after) = (
        _reward(side, t.head) for side in (before, after)
    )
    was, now = shape_of(before), shape_of(after)
    return gate.Measures(
        heldout_before=before_agreement if not math.isnan(after_gain) else float("nan"), heldout_after=after_gain,
        reward_before=reward_before, reward_after=reward_after, kl_per_token=kl, perplexity_ratio=ratio,
        repetition_before=was.repetition, repetition_after=now.repetition, ended_before=was.ended, ended_after=now.ended,
        words_before=was.words, words_after=now.words, nothing=t.nothing,
        reward_error=math.sqrt(error_before + error_after),
        heldout_error=gate.agreement_error([w.advantage for w in feedback.weighted(t.held)]),
        strength=t.adapter.strength, longer=_longer(t.head),
    )  # fmt: skip


def _longer(head: reward.Head) -> bool:
    """Do the ratings ask for longer replies, of which fewer end within the probes' length?"""
    return head.weights()["length"][0] > 0.1


def _step(step: int, kl: float = 0.0) -> Step:
    return Step("checking", step, 4, 0.0, kl, 0.0)


class _GeneralText:
    """The gate's general text, read by the base model once and by the adapter at any strength."""

    def __init__(self, t: Trained) -> None:
        self._trunk = t.trunk
        ids = tuple(t.model.tokenizer(gate.GENERAL_TEXT, add_special_tokens=False)["input_ids"])
        with t.adapter.off():
            self._recorded = t.trunk.record([Row(ids[:1], ids[1:])])
        t.trunk.set_shortlist([self._recorded])

    @torch.no_grad()
    def read(self) -> tuple[float, float]:
        """(perplexity over the base's, KL from the base in nats a token) of the adapter as it is."""
        recorded = self._recorded
        assert recorded.base_short is not None and recorded.token_short is not None
        short = self._trunk.replay(recorded)
        token = short.gather(-1, recorded.token_short[:, None])[:, 0]
        kl = losses.divergence(short, recorded.base_short)
        return math.exp(float((recorded.base_logprob - token).mean())), float(kl.mean())


def _within_bounds(
    t: Trained, text: _GeneralText, before: gate.Shape
) -> Generator[Step, None, tuple[float, float, Probed]]:
    """(KL a token, perplexity ratio, replies to the probes) at the greatest strength within the bounds, else at the least one.

    KL is the expectation over what the policy itself writes, so its own replies are read, not those it was trained on:
    these it knows better, and reads two to four times as far from the base. Replies that are misshapen beside those
    ``before`` (they do not end, say) count as too far.
    """
    limit = t.hyper.kl_limit
    for strength in STRENGTHS[1:]:
        t.adapter.set_strength(strength)
        ratio, kl_text = text.read()
        yield _step(1, kl_text)
        if ratio <= PERPLEXITY and kl_text <= limit:
            break
    tried: list[_Tried] = []
    while True:
        probed = yield from _probe(t, 2)
        recorded = yield from _record(t, probed)
        kl = _divergence(t, recorded)
        misshapen = gate.misshapen(before, shape_of(probed), longer=_longer(t.head))
        last = _Tried(t.adapter.strength, kl, max(kl, MISSHAPEN * limit) if misshapen else kl, probed)
        tried.append(last)
        yield _step(2, last.kl)
        further = next_strength([(row.strength, row.counts) for row in tried], limit)
        if further is None or (t.late() and last.counts <= limit):
            break
        t.adapter.set_strength(further)
        if text.read()[0] > PERPLEXITY:
            t.adapter.set_strength(last.strength)
            break
    within = [row for row in tried if row.counts <= limit]
    chosen = max(within, key=lambda row: row.strength) if within else min(tried, key=lambda row: row.strength)
    t.adapter.set_strength(chosen.strength)
    ratio, kl_text = text.read()
    return max(chosen.kl, kl_text), ratio, chosen.replies


def next_strength(tried: Sequence[tuple[float, float]], limit: float) -> float | None:
    """Where to look next for the greatest strength whose KL is within ``limit``; None: near enough, or looked enough.

    ``tried``: (strength, KL a token), the last one measured last. KL grows with a power of the strength: the square for
    a small step, otherwise the power through the last two points.
    """
    strength, kl = tried[-1]
    near = NEAR * limit <= kl <= limit
    if near or len(tried) >= SEARCHES or (kl <= limit and strength >= STRENGTHS[0]):
        return None
    power = 2.0
    if len(tried) > 1 and kl > 0 and tried[-2][1] > 0 and tried[-2][0] != strength:
        power = math.log(kl / tried[-2][1]) / math.log(strength / tried[-2][0])
    found = strength * (SAFETY * limit / max(kl, 1e-6)) ** (1.0 / min(4.0, max(1.0, power)))
    found = min(STRENGTHS[0], max(STRENGTHS[-1], found))
    return None if abs(found - strength) < 0.02 else found


def _record(t: Trained, probed: Probed) -> Generator[Step, None, list[Recorded]]:
    """The probes' replies as the base model reads them."""
    rows, end = [], training_examples.end_id(t.model)
    for number, (_, ids, ended) in enumerate(probed):
        prompt = t.model.prepare([{"role": "user", "content": gate.PROBES[number // EACH]}]).ids[0].tolist()
        ids = (*ids, end) if ended else ids
        if ids:
            rows.append(Row(tuple(prompt), ids))
    found = []
    for group in policy.batches([policy.Example(row, 0.0) for row in rows], t.hyper.batch):
        with t.adapter.off():
            found.append(t.trunk.record([e.row for e in group]))
        yield _step(2)
    if found:
        t.trunk.set_shortlist(found)
    return found


@torch.no_grad()
def _divergence(t: Trained, recorded: Sequence[Recorded]) -> float:
    """Mean KL(policy || base) in nats a token over recorded replies; 0 without any."""
    found = []
    for batch in recorded:
        assert batch.base_short is not None
        found.append(losses.divergence(t.trunk.replay(batch), batch.base_short))
    return float(torch.cat(found).mean()) if found else 0.0


def shape_of(side: Probed) -> gate.Shape:
    return gate.Shape(
        repetition=_mean([gate.repetition(ids) for _, ids, _ in side]),
        ended=_mean([float(ended) for _, _, ended in side]),
        words=_mean([float(len(text.split())) for text, _, _ in side]),
    )


def _reward(side: Probed, head: reward.Head) -> tuple[float, float]:
    """(mean score, variance of that mean) of a side's probe replies."""
    scores = head.score(head.features([text for text, _, _ in side]))
    return float(scores.mean()), float(scores.var()) / max(len(scores) - 1, 1)


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0


def _probe(t: Trained, step: int) -> Generator[Step, None, Probed]:
    """Two replies to each probe, from the same seed for both sides."""
    draw = batch_decoding.Draw(max_tokens=t.probe_tokens)
    with drawing_as(t.model, t.trunk.module, t.adapter, t.folder):
        inputs = [t.model.prepare([{"role": "user", "content": prompt}]) for prompt in gate.PROBES]
        steps = batch_decoding.sample_together(
            t.model, inputs, [EACH] * len(inputs), draw, torch.Generator().manual_seed(700)
        )
        drawn = yield from policy.paused(steps, _step(step))
    return [(t.model.tokenizer.decode(r.ids), r.ids, r.ended) for replies in drawn for r in replies]


@torch.no_grad()
def _agreement(t: Trained) -> float:
    """Agreement with held-out ratings: does a liked reply gain more likelihood over the base than a disliked one?"""
    found = [
        policy.cut(e, t.hyper)
        for e in training_examples.of_ratings(feedback.weighted(t.held), t.model, t.hyper)
    ]
    if not found:
        return float("nan")
    advantages, gains = [], []
    for group in policy.batches(found, t.hyper.batch):
        with t.adapter.off():
            batch = policy.record(t.trunk, group)
        t.trunk.set_shortlist([batch.recorded])
        short = t.trunk.replay(batch.recorded)
        assert batch.recorded.token_short is not None
        token = short.gather(-1, batch.recorded.token_short[:, None])[:, 0]
        gain = policy.sums(token - batch.recorded.base_logprob, batch.recorded, batch.mask, len(group))
        lengths = torch.tensor([float(len(e.row.reply)) for e in group])
        advantages += [e.advantage for e in group]
        gains += (gain.cpu() / lengths).tolist()
    return gate.ranking_agreement(advantages, gains)
