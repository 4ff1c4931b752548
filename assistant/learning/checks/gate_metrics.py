"""Measures a new version for the gate: probe replies, held-out ratings, distance from the base, general text.

The adapter is weakened until perplexity of general text and KL, both there and on its own replies to the probes, are
within bounds (a line search); what is measured is what would be used. ``gate.judge`` decides on the numbers.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from assistant import prompt as prompts
from assistant.generation import batch_decoding, scoring
from assistant.learning import feedback, request
from assistant.learning.checks import answered, conflict_prompts, gate
from assistant.learning.reward_head import reward
from assistant.learning.training import policy, training_examples
from assistant.learning.training.cached_layers import Cut, Recorded, Row
from assistant.learning.training.lora import Adapter
from assistant.learning.training.policy import Hyper, Step
from assistant.learning.training.rollouts import drawing_as, written_in
from assistant.records import Sampling
from models.errors import ModelError
from models.inputs import Inputs

if TYPE_CHECKING:
    from models.loaded_model import LoadedModel

log = logging.getLogger(__name__)

STRENGTHS = (2.0, 1.0, 0.85, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2)  # the first: how far it may be made stronger
PERPLEXITY = gate.PERPLEXITY_LIMIT - 0.005
SAFETY = 0.93  # of the limit of KL: what is aimed at
NEAR = 0.8  # of the limit: good enough
EACH = 2  # replies to each probe
CONFLICTS = 8  # requests that contradict the style, one reply each
CONFLICT_TOKENS = 96
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
    asked: float  # share of conflicting requests that were answered as asked


@dataclass(frozen=True, slots=True)
class Trained:
    """What is to be measured, and what to measure it by."""

    model: LoadedModel
    adapter: Adapter
    trunk: Cut
    hyper: Hyper
    head: reward.Head  # fitted without the held-out ratings
    nothing: float  # probability that no trait explains the ratings, the held-out ones included
    held: Sequence[feedback.Signal]
    folder: Path  # scratch folder for adapters the decoder is to read
    parent: Path | None  # folder of the version in use
    probe_tokens: int = 64
    system_prompt: str = ""  # that the chat uses
    late: Callable[[], bool] = lambda: False  # is there no more time to look for the best strength?


def measure(t: Trained) -> Generator[Step, None, gate.Measures]:
    """What the gate needs; leaves the adapter at the strength that was measured."""
    yield _step(0)
    held = _HeldOut(t)
    before, gains_before = yield from _of_version_in_use(t, held)
    text = _GeneralText(t)
    requests = _Conflicts(t)
    asked_before = yield from requests.base()
    kl, ratio, found = yield from _within_bounds(t, text, shape_of(before), requests)
    after = found.replies
    gains_after = held.gains()
    yield _step(3)
    scores_before, scores_after = (t.head.score(t.head.features([r[0] for r in s])) for s in (before, after))
    was, now = shape_of(before), shape_of(after)
    return gate.Measures(
        heldout_before=gate.ranking_agreement(held.advantages, gains_before),
        heldout_after=gate.ranking_agreement(held.advantages, gains_after),
        reward_before=float(scores_before.mean()), reward_after=float(scores_after.mean()),
        kl_per_token=kl, perplexity_ratio=ratio,
        repetition_before=was.repetition, repetition_after=now.repetition, ended_before=was.ended, ended_after=now.ended,
        words_before=was.words, words_after=now.words, nothing=t.nothing,
        reward_error=float((scores_after - scores_before).std(ddof=1)) / math.sqrt(len(after)),
        heldout_error=gate.agreement_change_error(held.advantages, gains_before, gains_after, held.ratings),
        heldout_ratings=len(set(held.ratings)), heldout_chance=gate.agreement_error(held.advantages),
        strength=t.adapter.strength, asked_before=asked_before, asked_after=found.asked, longer=_longer(t.head),
    )  # fmt: skip


def _of_version_in_use(t: Trained, held: _HeldOut) -> Generator[Step, None, tuple[Probed, list[float]]]:
    """(replies to the probes, gains of the held-out replies) of the version to beat; the base where there is none."""
    same_layers = t.adapter.weights_in(t.parent) if t.parent is not None else None
    if same_layers is not None:
        state = t.adapter.state()
        t.adapter.load_state(same_layers)
        try:
            probed = yield from _probe(t, 1)
            return probed, held.gains()
        finally:
            t.adapter.load_state(state)
    # It has other layers (of a deep update, say, or imported): the decoder writes and reads with it as it is.
    if t.parent is not None and t.parent.is_dir():
        t.adapter.detach()
        try:
            with written_in(t.model, t.parent):
                probed = yield from _drawn(t, 1)
                styled = yield from held.read()
            base = yield from held.read()
            return probed, [s - b for s, b in zip(styled, base, strict=True)]
        except ModelError as error:
            log.warning("the version in use cannot be read, so the base model is the one to beat: %s", error)
        finally:
            t.adapter.attach()
    with t.adapter.off():
        return (yield from _probe(t, 1)), [0.0] * len(held.advantages)


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
        assert recorded.token_short is not None
        short = self._trunk.replay(recorded)
        token = short.gather(-1, recorded.token_short[:, None])[:, 0]
        kl = policy.divergence(short, recorded)
        return math.exp(float((recorded.base_logprob - token).mean())), float(kl.mean())


def _within_bounds(
    t: Trained, text: _GeneralText, before: gate.Shape, requests: _Conflicts
) -> Generator[Step, None, tuple[float, float, _Tried]]:
    """(KL a token, perplexity ratio, what was tried) at the greatest strength within the bounds, else at the least one.

    KL is the expectation over what the policy itself writes, so its own replies are read, not those it was trained on:
    these it knows better, and reads two to four times as far from the base. Replies that are misshapen beside those
    ``before`` (they do not end, say) count as too far, and so does a strength at which requests are not answered as asked.
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
        asked = yield from requests.style()
        too_far = misshapen or gate.disobeys(requests.before, asked)
        last = _Tried(t.adapter.strength, kl, max(kl, MISSHAPEN * limit) if too_far else kl, probed, asked)
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
    return max(chosen.kl, kl_text), ratio, chosen


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
    rows, end, asked = [], training_examples.end_id(t.model), _probes(t)
    for number, (_, ids, ended) in enumerate(probed):
        ids = (*ids, end) if ended else ids
        if ids:
            rows.append(training_examples.row_after(asked[number // EACH], ids))
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
        found.append(policy.divergence(t.trunk.replay(batch), batch))
    return float(torch.cat(found).mean()) if found else 0.0


def shape_of(side: Probed) -> gate.Shape:
    return gate.Shape(
        repetition=_mean([gate.repetition(ids) for _, ids, _ in side]),
        ended=_mean([float(ended) for _, _, ended in side]),
        words=_mean([float(len(text.split())) for text, _, _ in side]),
    )


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0


def _probes(t: Trained) -> list[Inputs]:
    """The probes as the chat would send them."""
    return [prompts.ask(probe, t.system_prompt, t.model, t.probe_tokens) for probe in gate.PROBES]


def _probe(t: Trained, step: int) -> Generator[Step, None, Probed]:
    """Two replies to each probe by the adapter at its present strength."""
    with drawing_as(t.model, t.trunk.module, t.adapter, t.folder):
        return (yield from _drawn(t, step))


def _drawn(t: Trained, step: int) -> Generator[Step, None, Probed]:
    """Two replies to each probe in the style now set on the decoder, from the same seed for both sides."""
    draw = Sampling(max_tokens=t.probe_tokens)
    steps = batch_decoding.sample_together(
        t.model, _probes(t), [EACH] * len(gate.PROBES), draw, torch.Generator().manual_seed(700)
    )
    drawn = yield from policy.paused(steps, _step(step))
    return [(t.model.tokenizer.decode(r.ids), r.ids, r.ended) for replies in drawn for r in replies]


class _Conflicts:
    """A few requests that contradict the learned style (``conflict_prompts``), answered by the base and as the program
    answers them: without the adapter where a request says the opposite of what was learned."""

    def __init__(self, t: Trained) -> None:
        self._t = t
        self._asked = conflict_prompts.some(t.head, CONFLICTS)
        self._styled = [
            k for k, c in enumerate(self._asked) if not t.head.leaves_out_style(request.read(c.prompt))
        ]
        self._base: list[str] = []
        self.before = 1.0  # share that the base answers as asked

    def base(self) -> Generator[Step, None, float]:
        with self._t.adapter.off():
            self._base = yield from self._draw(range(len(self._asked)))
        self.before = self._share(self._base)
        return self.before

    def style(self) -> Generator[Step, None, float]:
        replies = list(self._base)
        for k, reply in zip(self._styled, (yield from self._draw(self._styled)), strict=True):
            replies[k] = reply
        return self._share(replies)

    def _share(self, replies: Sequence[str]) -> float:
        rows = zip(self._asked, replies, self._base, strict=True)
        found = [conflict_prompts.done(c, reply, answered.words(base)) for c, reply, base in rows]
        return conflict_prompts.share(found)

    def _draw(self, which: Sequence[int]) -> Generator[Step, None, list[str]]:
        """One reply to each of ``which``, from the same seed for both sides."""
        t, draw = self._t, Sampling(max_tokens=CONFLICT_TOKENS)
        with drawing_as(t.model, t.trunk.module, t.adapter, t.folder):
            wanted = [self._asked[k].prompt for k in which]
            inputs = [prompts.ask(prompt, t.system_prompt, t.model, CONFLICT_TOKENS) for prompt in wanted]
            steps = batch_decoding.sample_together(
                t.model, inputs, [1] * len(inputs), draw, torch.Generator().manual_seed(701)
            )
            drawn = yield from policy.paused(steps, _step(2))
        return [str(t.model.tokenizer.decode(r.ids)) for replies in drawn for r in replies]


class _HeldOut:
    """The held-out replies, read by the base model once and by the adapter as often as is asked."""

    def __init__(self, t: Trained) -> None:
        self._t = t
        made = training_examples.of_ratings(feedback.weighted(t.held), t.model, t.hyper)
        self._examples = [policy.cut(e, t.hyper) for e in made]
        self.advantages = [e.advantage for e in self._examples]
        self.ratings = [e.source for e in self._examples]
        numbered = [replace(e, source=str(k)) for k, e in enumerate(self._examples)]
        self._batches = []
        for group in policy.batches(numbered, t.hyper.batch) if numbered else ():
            with t.adapter.off():
                batch = policy.record(t.trunk, group)
            t.trunk.set_shortlist([batch.recorded])
            self._batches.append(batch)

    @torch.no_grad()
    def gains(self) -> list[float]:
        """By how much the adapter makes each reply likelier than the base does, nats a token."""
        found = [0.0] * len(self._examples)
        for batch in self._batches:
            short = self._t.trunk.replay(batch.recorded)
            assert batch.recorded.token_short is not None
            token = short.gather(-1, batch.recorded.token_short[:, None])[:, 0]
            gain = policy.sums(
                token - batch.recorded.base_logprob, batch.recorded, batch.mask, len(batch.examples)
            )
            for e, value in zip(batch.examples, gain.tolist(), strict=True):
                found[int(e.source)] = value / len(e.row.reply)
        return found

    def read(self) -> Generator[Step, None, list[float]]:
        """Mean log-probability of each reply's tokens (those that the rating is about) under the decoder as it is set."""
        found = []
        for e in self._examples:
            ids = torch.tensor([e.row.prompt]) if e.row.embeds is None else None
            keys = e.row.prompt if ids is not None else tuple(range(e.row.embeds.shape[1]))  # type: ignore[union-attr]
            blank = torch.zeros(1, len(keys), dtype=torch.long)
            inputs = Inputs(blank if ids is None else ids, keys, embeds=e.row.embeds)
            steps = scoring.logprobs(self._t.model, inputs, [e.row.reply])
            (values,) = yield from policy.paused(steps, _step(1))
            mask = e.mask or (True,) * len(values)
            found.append(sum(v for v, on in zip(values, mask, strict=True) if on) / len(values))
        return found
