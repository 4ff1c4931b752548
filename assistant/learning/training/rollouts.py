"""Practice: replies to the user's own prompts, drawn from the policy and scored by the reward head (RLOO).

A rating says something about one reply; the head says it about every reply. So the prompts of the ratings are answered
many times by the fast decoder, the head ranks the answers, and the policy learns from the two ends of each ranking.
The user's ratings themselves stay in the update beside this.
"""

from __future__ import annotations

import math
import random
from collections import Counter, OrderedDict
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from weakref import WeakKeyDictionary

import numpy as np
import torch
from numpy.typing import NDArray

from assistant.errors import BadInput
from assistant.generation import batch_decoding
from assistant.generation.batch_decoding import Rollout
from assistant.learning import feedback, request
from assistant.learning.checks import answered, gate
from assistant.learning.reward_head import reward_shaping
from assistant.learning.reward_head.reward import Head
from assistant.learning.training import distillation, training_examples
from assistant.learning.training.distillation import Shot
from assistant.learning.training.lora import Adapter
from assistant.learning.training.policy import Example, Hyper, Step, paused
from assistant.records import Sampling
from models.inputs import Inputs

if TYPE_CHECKING:
    from models.loaded_model import LoadedModel

_Prompt = TypeVar("_Prompt")

REPETITION = 4.0  # points of reward lost by a reply that repeats itself entirely
TASK = 2.0  # points lost where a reply has nothing of what the prompt itself asked for
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

    What the prompt itself asks for has no weight in the score; who does not give it loses points instead.

    What is off the point is told by ``keep_to_the_point``, later and only of the best.
    """
    asked = request.read(prompt)
    head = head.on(asked)
    lost = reward_shaping.disfluency(rollouts) + EMPTY * answered.evasions(texts, asked)
    return [
        Scored(r, float(s) - fault(text, r) - TASK * answered.missing(asked, text) - float(more))
        for s, text, r, more in zip(head.score(head.features(texts)), texts, rollouts, lost, strict=True)
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


def keep_to_the_point(
    model: LoadedModel, groups: Sequence[list[Scored]], prompts: Sequence[Any], most: int
) -> Generator[None, None, None]:
    """Take points from those of the ``most`` best replies of all that say little about their prompt, in place.

    Only they may be made likelier, so only they are looked at. ``prompts``: the Inputs of each group. Yields between
    passes of the decoder.
    """
    found = [
        (float(a), prompt, at)
        for prompt, own in enumerate(advantages(groups))
        for at, a in enumerate(own)
        if a > 0
    ]
    best = [(prompt, at) for _, prompt, at in sorted(found, reverse=True)[:most]]
    drawn = [groups[prompt][at] for prompt, at in best]
    # A helped reply's log-probabilities are of the helped prompt; whether it suits the bare one must be read.
    helped = [prompts[prompt] if s.steered else None for (prompt, _), s in zip(best, drawn, strict=True)]
    shared = yield from reward_shaping.relevance(model, [s.rollout for s in drawn], helped)
    for (prompt, at), s, lost in zip(best, drawn, reward_shaping.digression(shared), strict=True):
        groups[prompt][at] = replace(s, reward=s.reward - float(lost))


@contextmanager
def written_in(model: LoadedModel, folder: Path | None) -> Iterator[None]:
    """Have the model's decoder write in the style of an adapter folder. Raises ModelError if it does not fit."""
    model.decoder.set_style(folder)
    try:
        yield
    finally:
        model.decoder.set_style(None)


@contextmanager
def drawing_as(model: LoadedModel, module: Any, adapter: Adapter, folder: Path) -> Iterator[None]:
    """Have the model's decoder write as ``adapter`` does at its present strength.

    The fast decoders read an adapter from a folder; a decoder that runs on the trained module itself has it already.
    """
    if getattr(model.decoder, "model", None) is module:
        yield
        return
    if adapter.strength != 0.0:
        folder.mkdir(parents=True, exist_ok=True)
        adapter.save(folder, str(model.id))
    with written_in(model, folder if adapter.strength != 0.0 else None):
        yield


def prompts_of(found: Sequence[feedback.Signal], most: int, rng: random.Random) -> list[feedback.Signal]:
    """Rated prompts to practise on, each once: half the newest ones, half from all of them."""
    latest: dict[str, feedback.Signal] = {}
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


def base_cache(model: LoadedModel) -> OrderedDict[tuple[Any, ...], list[Rollout]]:
    """Answers of the base model to prompts (by ``Inputs.keys``), kept in memory while the model is loaded.

    They serve every update that starts from the base model.
    """
    return _BASE.setdefault(model, OrderedDict())


def practise(
    model: LoadedModel,
    head: Head,
    found: Sequence[feedback.Signal],
    hyper: Hyper,
    generator: torch.Generator,
    weight: float,
    of_base: bool,
    clock: Callable[[], float] = lambda: 0.0,
    until: float = math.inf,
) -> Generator[Step, None, list[Example]]:
    """Answer each prompt ``hyper.rollouts`` times in the style now set on the decoder; the ends of each ranking.

    ``of_base``: that style is none, so answers drawn before will do. ``weight`` multiplies the advantages. ``until``: seconds of
    the ``clock`` from which no more prompts are begun, but for the fewest. Half of the time is for the policy's own
    answers, half for the teacher's.
    """
    middle = 0.5 * (clock() + until)
    draw = Sampling(max_tokens=hyper.reply_tokens)
    prompts = _readable(found, model, hyper)
    steps, done = 2 * len(prompts), 0
    groups: list[list[Scored]] = []
    cache = base_cache(model) if of_base else None
    for part in _parts(prompts, hyper.fewest_prompts):
        if groups and clock() > middle:
            break
        at = Step("practising", done, steps, 0.0, 0.0, 0.0)
        own = _of_policy(model, [inputs for _, inputs in part], hyper.rollouts, draw, generator, cache)
        drawn = yield from paused(own, at)
        groups += [
            _judged(model, head, signal, replies) for (signal, _), replies in zip(part, drawn, strict=True)
        ]
        done += len(part)
        yield replace(at, step=done)
    prompts = prompts[: len(groups)]
    steps = done + len(prompts)
    shots = distillation.worth_showing(
        head, found, [_best(s, g, model) for (s, _), g in zip(prompts, groups, strict=True)]
    )
    teacher = distillation.Teacher(model, head, hyper)
    for numbered in _parts(list(enumerate(prompts)), hyper.fewest_prompts):
        if numbered[0][0] and clock() > until:
            break
        at = Step("practising", done, steps, 0.0, 0.0, 0.0)
        asked = [(n, s, one) for n, (s, _) in numbered for one in teacher.asked(s, shots, draw)]
        taught = yield from paused(teacher.draw([one for _, _, one in asked], draw, generator), at)
        for (number, signal, _), replies in zip(asked, taught, strict=True):
            groups[number] += [replace(s, steered=True) for s in _judged(model, head, signal, replies)]
        done += len(numbered)
        yield replace(at, step=done)
    looked_at = 2 * hyper.best + hyper.taught * len(prompts)
    for _ in keep_to_the_point(model, groups, [inputs for _, inputs in prompts], looked_at):
        yield Step("practising", steps, steps, 0.0, 0.0, 0.0)
    return _examples(
        groups, [inputs for _, inputs in prompts], hyper, weight, training_examples.end_id(model)
    )


def _readable(
    found: Sequence[feedback.Signal], model: LoadedModel, hyper: Hyper
) -> list[tuple[feedback.Signal, Inputs]]:
    """The prompts as they were sent; without those that are none, or leave no room for a reply."""
    prompts = []
    for s in found:
        with suppress(BadInput):
            prompts.append((s, training_examples.prompt_of(s, model, hyper)))
    return [(s, inputs) for s, inputs in prompts if len(inputs.keys) + 48 <= model.context_length]


def _of_policy(
    model: LoadedModel, several: Sequence[Inputs], count: int, draw: Sampling, generator: torch.Generator,
    cache: OrderedDict[tuple[Any, ...], list[Rollout]] | None,
) -> Generator[None, None, list[list[Rollout]]]:  # fmt: skip
    """``count`` replies to each prompt in the style now set on the decoder, those in ``cache`` first."""
    kept = [cache.get(inputs.keys, []) if cache is not None else [] for inputs in several]
    missing = [0 if len(known) >= count else count for known in kept]
    drawn = yield from batch_decoding.sample_together(model, several, missing, draw, generator)
    found = [new or known for new, known in zip(drawn, kept, strict=True)]
    if cache is not None:
        cache.update((inputs.keys, new) for inputs, new in zip(several, drawn, strict=True) if new)
        while len(cache) > _KEPT_PROMPTS:
            cache.popitem(last=False)
    return [replies[:count] for replies in found]


def _parts(prompts: Sequence[_Prompt], size: int) -> list[Sequence[_Prompt]]:
    """So many at a time, whose replies are drawn in one batch."""
    return [prompts[start : start + size] for start in range(0, len(prompts), max(1, size))]


def _judged(
    model: LoadedModel, head: Head, signal: feedback.Signal, drawn: Sequence[Rollout]
) -> list[Scored]:
    return score(head, signal.asked, [model.tokenizer.decode(r.ids) for r in drawn], drawn)


def _best(signal: feedback.Signal, group: Sequence[Scored], model: LoadedModel) -> Shot:
    """The best of a prompt's replies, as something to show; of the ones that ended, if there are any."""
    best = max(group, key=lambda s: (s.rollout.ended, s.reward))
    return Shot(signal.asked, model.tokenizer.decode(best.rollout.ids), best.reward)


def _examples(
    groups: Sequence[Sequence[Scored]], prompts: Sequence[Any], hyper: Hyper, weight: float, end: int
) -> list[Example]:
    """What is learned from: the ends of the ranking, and the best helped replies of each prompt token by token."""
    made = []
    chosen = {(number, id(s)): a for number, s, a in ends(groups, hyper.best, hyper.worst)}
    for number, group in enumerate(groups):
        followed = {id(s) for s in to_follow(group, hyper.taught)}
        for s in group:
            advantage = chosen.get((number, id(s)), 0.0)
            r = s.rollout
            ids = (*r.ids, end) if r.ended else r.ids
            if ids and (advantage or id(s) in followed):
                taught = r.likely if id(s) in followed else None
                row = training_examples.row_after(prompts[number], ids, taught)
                written = float("nan") if s.steered else sum(r.logprobs)
                made.append(Example(row, weight * advantage, written, source="rollout"))
    return made


def to_follow(group: Sequence[Scored], most: int) -> list[Scored]:
    """The ``most`` best of a prompt's steered replies."""
    return sorted((s for s in group if s.steered), key=lambda s: -s.reward)[:most]
