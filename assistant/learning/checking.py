"""Measures a new version for the gate: probe replies, held-out ratings, distance from the base, general text.

The adapter is weakened in steps until KL and perplexity are within bounds (a line search); what is measured is what
would be used. ``gate.judge`` decides on the numbers.
"""

from __future__ import annotations

import math
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from assistant.learning import examples, gate, policy, reward, rollouts, signals
from assistant.learning.lora import Adapter
from assistant.learning.policy import Hyper, Step
from assistant.learning.practice import drawing_as
from assistant.learning.trunk import Trunk

STRENGTHS = (1.0, 0.75, 0.5, 0.35, 0.2)
Probed = list[tuple[str, tuple[int, ...], bool]]  # (text, ids, ended)


@dataclass(frozen=True, slots=True)
class Trained:
    """What is to be measured, and what to measure it by."""

    model: Any
    module: Any
    adapter: Adapter
    trunk: Trunk
    hyper: Hyper
    head: reward.Head  # fitted without the held-out ratings
    nothing: float  # probability that no trait explains the ratings, the held-out ones included
    held: Sequence[signals.Signal]
    kl_per_token: float  # of the last epoch of training
    folder: Path  # scratch folder for adapters the decoder is to read
    parent: Path | None  # folder of the version in use
    probe_tokens: int = 64


def measure(t: Trained) -> Generator[Step, None, gate.Measures]:
    """What the gate needs; leaves the adapter at the strength that was measured."""
    yield _step(0, t.kl_per_token)
    kl, ratio = yield from _weaken(t)
    after = yield from _probe(t, 2)
    after_gain = _agreement(t)
    before_state = t.adapter.weights_in(t.parent) if t.parent else None
    if before_state is None:
        with t.adapter.off():
            before = yield from _probe(t, 3)
        before_agreement = 0.5
    else:
        state, strength = t.adapter.state(), t.adapter.strength
        t.adapter.set_strength(1.0)
        t.adapter.load_state(before_state)
        before = yield from _probe(t, 3)
        before_agreement = _agreement(t)
        t.adapter.load_state(state)  # B carries the strength already
        if strength == 0.0:
            t.adapter.set_strength(0.0)
    was, now = (_summary(side, t.head) for side in (before, after))
    return gate.Measures(
        heldout_before=before_agreement if not math.isnan(after_gain) else float("nan"), heldout_after=after_gain,
        reward_before=was[0], reward_after=now[0], kl_per_token=kl, perplexity_ratio=ratio,
        repetition_before=was[1], repetition_after=now[1], ended_before=was[2], ended_after=now[2],
        words_before=was[3], words_after=now[3], nothing=t.nothing,
        reward_error=math.sqrt(was[4] + now[4]),
        heldout_error=gate.agreement_error([w.advantage for w in signals.weighted(t.held)]),
        longer=t.head.weights()["length"][0] > 0.1,
    )  # fmt: skip


def _step(step: int, kl: float = 0.0) -> Step:
    return Step("checking", step, 4, 0.0, kl, 0.0)


def _weaken(t: Trained) -> Generator[Step, None, tuple[float, float]]:
    """(KL a token, perplexity ratio) at the greatest strength within the bounds, else at the least one."""
    text = torch.tensor([t.model.tokenizer(gate.GENERAL_TEXT, add_special_tokens=False)["input_ids"]])
    text = text.to(t.trunk.device)
    with t.adapter.off():
        base_loss, base_log = negative_log_likelihood(t.module, text)
    kl, ratio = float("nan"), float("nan")
    for strength in STRENGTHS:
        t.adapter.set_strength(strength)
        loss, log = negative_log_likelihood(t.module, text)
        ratio = math.exp(loss - base_loss)
        kl_text = float((log.exp() * (log - base_log)).sum(-1).mean())
        # KL grows with the square of a small step; the text's own KL is measured at each strength.
        kl = max(kl_text, t.kl_per_token * strength**2)
        yield _step(1, kl)
        if ratio <= gate.PERPLEXITY_LIMIT - 0.005 and kl <= gate.KL_LIMIT:
            break
    return kl, ratio


def _summary(side: Probed, head: reward.Head) -> tuple[float, ...]:
    """(mean score, repetition, share that ended, words, variance of the mean score) of a side's probe replies."""
    scores = head.score(head.features([text for text, _, _ in side]))
    return (
        float(scores.mean()), _mean([gate.repetition(ids) for _, ids, _ in side]), _mean([float(ended) for _, _, ended in side]),
        _mean([float(len(text.split())) for text, _, _ in side]), float(scores.var()) / max(len(scores) - 1, 1),
    )  # fmt: skip


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0


@torch.no_grad()
def negative_log_likelihood(module: Any, ids: torch.Tensor) -> tuple[float, torch.Tensor]:
    """(mean over tokens in nats, log-probabilities (n - 1, vocab)) of a text (1, n)."""
    log = module(input_ids=ids, use_cache=False).logits.float().log_softmax(-1)[0, :-1]
    return float(-log.gather(-1, ids[0, 1:, None]).mean()), log


def _probe(t: Trained, step: int) -> Generator[Step, None, Probed]:
    """Two replies to each probe, from the same seeds for both sides."""
    found: Probed = []
    draw = rollouts.Draw(max_tokens=t.probe_tokens)
    with drawing_as(t.model, t.module, t.adapter, t.folder):
        for number, prompt in enumerate(gate.PROBES):
            inputs = t.model.prepare([{"role": "user", "content": prompt}])
            steps = rollouts.sample(t.model, inputs, 2, draw, torch.Generator().manual_seed(700 + number))
            while True:
                try:
                    next(steps)
                except StopIteration as end:
                    found += [(t.model.tokenizer.decode(r.ids), r.ids, r.ended) for r in end.value]
                    break
                yield _step(step)
            yield _step(step)
    return found


@torch.no_grad()
def _agreement(t: Trained) -> float:
    """Agreement with held-out ratings: does a liked reply gain more likelihood over the base than a disliked one?"""
    found = [policy.cut(e, t.hyper) for e in examples.of_ratings(signals.weighted(t.held), t.model, t.hyper)]
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
