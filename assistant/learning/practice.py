"""Practice: replies to the user's own prompts, drawn from the policy and scored by the reward head (RLOO).

A rating says something about one reply; the head says it about every reply. So the prompts of the ratings are answered
many times by the fast decoder, the head ranks the answers, and the policy learns from the two ends of each ranking.
The user's ratings themselves stay in the update beside this.
"""

from __future__ import annotations

import random
from collections import Counter, OrderedDict
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
import torch
from numpy.typing import NDArray

from assistant.learning import examples, gate, hints, quality, rollouts, signals, steering, tasks
from assistant.learning.lora import Adapter
from assistant.learning.policy import Example, Hyper, Step
from assistant.learning.reward import Head
from assistant.learning.rollouts import Rollout
from assistant.learning.trunk import Row

REPETITION = 4.0  # points of reward lost by a reply that repeats itself entirely
TASK = 1.0  # points lost where the prompt asked for a number of things and the reply has none of them
NO_END = 0.5  # points lost by a reply that did not end in time
EMPTY = 10.0
CLIP = 3.0  # of an advantage, in deviations


@dataclass(frozen=True, slots=True)
class Scored:
    rollout: Rollout
    reward: float
    steered: bool = False  # drawn under guidance or with a wish: only what is good of it is learned from


def score(head: Head, prompt: str, texts: Sequence[str], rollouts: Sequence[Rollout]) -> list[Scored]:
    """Reward of each reply to ``prompt``: the head's score less what no user wants, whatever the head says.

    What is off the point is told by ``keep_to_the_point``, later and only of the best.
    """
    rewards = head.score(head.features(texts))
    return [
        Scored(r, float(s) - fault(text, r) - TASK * tasks.shortfall(prompt, text) - float(odd))
        for s, text, r, odd in zip(rewards, texts, rollouts, quality.disfluency(rollouts), strict=True)
    ]


def fault(text: str, rollout: Rollout) -> float:
    """Points lost for saying nothing, repeating itself, and not coming to an end."""
    if not text.strip():
        return EMPTY
    return REPETITION * gate.repetition(rollout.ids) + (0.0 if rollout.ended else NO_END)


def advantages(groups: Sequence[Sequence[Scored]]) -> list[NDArray[np.float64]]:
    """Leave-one-out advantages (RLOO, arXiv 2402.14740, eq. 7) within each prompt's replies, clipped.

    They are in deviations over all prompts together: a prompt whose replies differ in nothing the user cares about
    stays near zero, and the size does not depend on the head's scale.
    """
    left_out = []
    for group in groups:
        r = np.array([s.reward for s in group])
        k = len(r)
        left_out.append(r - (r.sum() - r) / (k - 1) if k > 1 else np.zeros(k))
    every = np.concatenate(left_out) if left_out else np.zeros(0)
    spread = float(np.sqrt((every**2).mean())) if len(every) else 0.0
    return [np.clip(a / (spread + 0.1), -CLIP, CLIP) for a in left_out]


def certainty(head: Head) -> float:
    """0..1: how much the head's opinion is worth; what chance alone would explain as well is the gate's to refuse."""
    return float(max(0.0, 1.0 - head.nothing))


def ends(groups: Sequence[Sequence[Scored]], best: int, worst: int) -> list[tuple[int, Scored, float]]:
    """The ``best`` highest and ``worst`` lowest of all replies as (prompt, reply, advantage); a prompt gives a third of
    its replies to each side at most, so that no single one rules."""
    found = [
        (prompt, s, float(a))
        for prompt, (group, own) in enumerate(zip(groups, advantages(groups), strict=True))
        for s, a in zip(group, own, strict=True)
    ]
    chosen: list[tuple[int, Scored, float]] = []
    for sign, most in ((1, best), (-1, worst)):
        taken: Counter[int] = Counter()
        side = [row for row in found if sign * row[2] > 0 and (sign > 0 or not row[1].steered)]
        for row in sorted(side, key=lambda row: -sign * row[2]):
            if sum(taken.values()) < most and taken[row[0]] < max(1, len(groups[row[0]]) // 3):
                taken[row[0]] += 1
                chosen.append(row)
    return chosen


def keep_to_the_point(model: Any, groups: Sequence[list[Scored]], most: int) -> Generator[None, None, None]:
    """Take points from those of the ``most`` best replies of all that say little about their prompt, in place.

    Only they may be made likelier, so only they are looked at. Yields between passes of the decoder.
    """
    found = [
        (float(a), prompt, at)
        for prompt, own in enumerate(advantages(groups))
        for at, a in enumerate(own)
        if a > 0
    ]
    best = [(groups[prompt], at) for _, prompt, at in sorted(found, reverse=True)[:most]]
    shared = yield from quality.relevance(model, [group[at].rollout for group, at in best])
    for (group, at), lost in zip(best, quality.digression(shared), strict=True):
        group[at] = replace(group[at], reward=group[at].reward - float(lost))


@contextmanager
def drawing_as(model: Any, module: Any, adapter: Adapter, folder: Path) -> Iterator[None]:
    """Have the model's decoder write as ``adapter`` does at its present strength.

    The fast decoders read an adapter from a folder; a decoder that runs on the trained module itself has it already.
    """
    if getattr(model.decoder, "model", None) is module:
        yield
        return
    if adapter.strength == 0.0:
        model.decoder.set_style(None)
    else:
        folder.mkdir(parents=True, exist_ok=True)
        adapter.save(folder, str(model.id))
        model.decoder.set_style(folder)
    try:
        yield
    finally:
        model.decoder.set_style(None)


def prompts_of(found: Sequence[signals.Signal], most: int, rng: random.Random) -> list[signals.Signal]:
    """Rated prompts to practise on, each once: half the newest ones, half from all of them."""
    latest: dict[str, signals.Signal] = {}
    for s in found:
        latest.pop(key := repr(s.prompt), None)
        latest[key] = s
    everything = list(latest.values())
    if len(everything) <= most:
        return everything
    newest = everything[-(most // 2) :]
    return newest + rng.sample(everything[: -(most // 2)], most - len(newest))


_BASE: WeakKeyDictionary[Any, OrderedDict[tuple[Any, ...], list[Rollout]]] = WeakKeyDictionary()
_KEPT_PROMPTS = 128


def base_cache(model: Any) -> OrderedDict[tuple[Any, ...], list[Rollout]]:
    """Answers of the base model to prompts (by ``Inputs.keys``), kept in memory while the model is loaded.

    They serve every update that starts from the base model.
    """
    return _BASE.setdefault(model, OrderedDict())


def practise(
    model: Any,
    head: Head,
    found: Sequence[signals.Signal],
    hyper: Hyper,
    generator: torch.Generator,
    weight: float,
    of_base: bool,
) -> Generator[Step, None, list[Example]]:
    """Answer each prompt ``hyper.rollouts`` times in the style now set on the decoder; the ends of each ranking.

    ``of_base``: that style is none, so answers drawn before will do. ``weight`` multiplies the advantages.
    """
    draw = rollouts.Draw(max_tokens=hyper.reply_tokens)
    groups: list[list[Scored]] = []
    rows: list[Row] = []  # prompts, as the policy reads them
    end_id = examples.end_id(model)
    cache = base_cache(model) if of_base else None
    steered = _Steered(model, head, hyper)
    for number, signal in enumerate(found):
        inputs = examples.inputs_of(signal.prompt, signal.images, model)
        if len(inputs.keys) + 48 > model.context_length:
            continue
        asked = str(signal.prompt[-1].get("content", ""))
        known = cache.get(inputs.keys, []) if cache is not None else []
        if len(known) < hyper.rollouts:
            steps = rollouts.sample(model, inputs, hyper.rollouts, draw, generator)
            known = yield from _paused(steps, Step("practising", number, len(found), 0.0, 0.0, 0.0))
            if cache is not None:
                cache[inputs.keys] = known
                while len(cache) > _KEPT_PROMPTS:
                    cache.popitem(last=False)
        drawn: list[Rollout] = known[: hyper.rollouts]
        every = list(drawn)
        for steps in steered.draws(signal, inputs, draw, generator):
            every += yield from _paused(steps, Step("practising", number, len(found), 0.0, 0.0, 0.0))
        judged = score(head, asked, [model.tokenizer.decode(r.ids) for r in every], every)
        own = [replace(s, steered=k >= len(drawn)) for k, s in enumerate(judged)]
        groups.append(own)
        prompt = () if inputs.embeds is not None else tuple(inputs.ids[0].tolist()[-hyper.prompt_tokens :])
        rows.append(Row(prompt, (), inputs.embeds))
        yield Step("practising", number + 1, len(found), 0.0, 0.0, 0.0)
    for _ in keep_to_the_point(model, groups, 2 * hyper.best):
        yield Step("practising", len(found), len(found), 0.0, 0.0, 0.0)
    made = []
    for number, scored, advantage in ends(groups, hyper.best, hyper.worst):
        r = scored.rollout
        ids = (*r.ids, end_id) if r.ended else r.ids
        if ids:
            row = Row(rows[number].prompt, ids, rows[number].embeds)
            written = float("nan") if scored.steered else sum(r.logprobs)
            made.append(Example(row, weight * advantage, written, source="rollout"))
    return made


def _paused(steps: Generator[None, None, list[Rollout]], step: Step) -> Generator[Step, None, list[Rollout]]:
    while True:
        try:
            next(steps)
        except StopIteration as end:
            found: list[Rollout] = end.value
            return found
        yield step


class _Steered:
    """Replies that show the taste more than the policy does by itself: under strong guidance, and with the wish said."""

    def __init__(self, model: Any, head: Head, hyper: Hyper) -> None:
        self._model, self._head, self._count = model, head, hyper.steered
        guidance = steering.Guidance(head, model.tokenizer, model.eos_ids, hyper.steer_strength)
        self._guidance = guidance if guidance.active else None

    def draws(
        self, signal: signals.Signal, inputs: Any, draw: rollouts.Draw, generator: torch.Generator
    ) -> Iterator[Generator[None, None, list[Rollout]]]:
        if not self._count:
            return
        model = self._model
        if self._guidance is not None:
            yield rollouts.sample(model, inputs, self._count, draw, generator, self._guidance)
        wish = hints.wish(self._head, str(signal.prompt[-1].get("content", "")))
        if wish:
            last = {**signal.prompt[-1], "content": f"{signal.prompt[-1].get('content', '')} {wish}"}
            hinted = examples.inputs_of((*signal.prompt[:-1], last), signal.images, model)
            yield rollouts.sample(model, hinted, self._count, draw, generator)
