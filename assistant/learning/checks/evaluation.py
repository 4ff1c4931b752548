"""`attune evaluate`: the personal style against the base model on prompts that nobody rated and no gate has seen.

The judge is the reward head of all ratings: it knows the user's taste as well as the ratings tell it, no better. The
win rates of simulated users, whose taste is known exactly, come from tests/evaluation.
"""

from __future__ import annotations

import time
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from assistant import prompt as prompts
from assistant.generation import batch_decoding
from assistant.learning import feedback, guidance, request, style_card
from assistant.learning.checks import answered, conflict_prompts, gate
from assistant.learning.reward_head import reward
from assistant.learning.training.policy import Step, paused
from assistant.learning_records import EvaluationExample, EvaluationJob, EvaluationReport
from assistant.records import Sampling, Turn
from models import memory

if TYPE_CHECKING:
    from models.loaded_model import LoadedModel

PROMPTS = (
    "How do I keep a notebook tidy?", "Write a short message to thank a neighbour.", "What is a rainbow?",
    "Give me an idea for lunch.", "How can I fall asleep more easily?", "Suggest a name for a rowing boat.",
    "Explain what a bank does.", "Describe a morning in a village.", "How do I choose a good pair of shoes?",
    "Write one sentence about friendship.", "What should I take on a day trip?", "How do I learn to draw?",
)  # fmt: skip
USUAL_TOKENS, CONFLICT_TOKENS = 96, 256  # of a reply; of one that may have to be long
EACH = 4  # replies of each side to a prompt; also the candidates of best-of-n


def run(job: EvaluationJob, model: LoadedModel) -> Generator[Step, None, EvaluationReport]:
    """Compare the style in ``job.style_folder`` (None: only what is done at reply time) with the base model."""
    try:
        return (yield from _compare(job, model))
    finally:
        memory.give_back()


def _compare(job: EvaluationJob, model: LoadedModel) -> Generator[Step, None, EvaluationReport]:
    started = time.monotonic()
    usable, _ = feedback.usable(job.signals)
    head = reward.fit(usable, corrections=reward.known(job.corrections))
    folder = Path(job.style_folder) if job.style_folder else None
    wins: list[float] = []
    best: list[float] = []
    rewards: dict[str, list[float]] = {"base": [], "style": []}
    words: dict[str, list[int]] = {"base": [], "style": []}
    repetition: list[float] = []
    shown: list[EvaluationExample] = []
    for number, prompt in enumerate(PROMPTS[: job.prompts]):
        yield Step("comparing", number, len(PROMPTS), 0.0, 0.0, 0.0)
        base = yield from _draw(model, prompt, None, 300 + number, job)
        card = style_card.for_message(job.card, model, prompt)
        style = base
        if folder or card:
            style = yield from _draw(model, prompt, folder, 600 + number, job, card)
        own = head.on(request.read(prompt))
        scores = {
            side: own.score(own.features([t for t, _ in texts]))
            for side, texts in (("base", base), ("style", style))
        }
        pairs = [(a, b) for a in scores["style"] for b in scores["base"]]
        wins += [0.5 if a == b else float(a > b) for a, b in pairs]
        pick = guidance.choose(own, [t for t, _ in style], [e for _, e in style]).index
        best += [
            0.5 if scores["style"][pick] == b else float(scores["style"][pick] > b) for b in scores["base"]
        ]
        for side, texts in (("base", base), ("style", style)):
            rewards[side] += [float(s) for s in scores[side]]
            words[side] += [len(t.split()) for t, _ in texts]
        repetition += [gate.repetition(t.split()) for t, _ in style]  # type: ignore[arg-type]
        shown.append(EvaluationExample(prompt, base[0][0], style[pick][0]))
    asked = yield from _conflicts(job, model, head, folder)
    return EvaluationReport(
        version=job.style, ratings=len(usable), prompts=len(shown), win=_mean(wins), win_best_of=_mean(best),
        reward_base=_mean(rewards["base"]), reward_style=_mean(rewards["style"]), words_base=_mean(words["base"]),
        words_style=_mean(words["style"]), repetition=_mean(repetition), judge="the reward head of all ratings",
        conflicts=asked.count, as_asked_base=asked.base, as_asked_style=asked.style,
        examples=tuple(shown), seconds=round(time.monotonic() - started, 2),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Asked:
    """Shares of ``count`` requests that were answered as asked."""

    count: int
    base: float
    style: float


def _conflicts(
    job: EvaluationJob, model: LoadedModel, head: reward.Head, folder: Path | None
) -> Generator[Step, None, _Asked]:
    """Requests that contradict the learned style, answered by the base and as the program answers them: without the trained
    style where the message says the opposite of it, and with the sentences of the card that the message leaves."""
    listed = conflict_prompts.some(head, job.conflicts)
    tokens = max(job.reply_tokens, CONFLICT_TOKENS if job.reply_tokens >= USUAL_TOKENS else 0)
    done: dict[str, list[bool]] = {"base": [], "style": []}
    for number, conflict in enumerate(listed):
        yield Step("comparing", number, len(listed), 0.0, 0.0, 0.0)
        base = yield from _draw(model, conflict.prompt, None, 900 + number, job, each=1, tokens=tokens)
        card = style_card.for_message(job.card, model, conflict.prompt)
        styled = None if head.leaves_out_style(request.read(conflict.prompt)) else folder
        style = base
        if styled or card:
            style = yield from _draw(
                model, conflict.prompt, styled, 900 + number, job, card, each=1, tokens=tokens
            )
        usual = answered.words(base[0][0])
        done["base"].append(conflict_prompts.done(conflict, base[0][0], usual))
        done["style"].append(conflict_prompts.done(conflict, style[0][0], usual))
    return _Asked(len(listed), conflict_prompts.share(done["base"]), conflict_prompts.share(done["style"]))


def _draw(
    model: LoadedModel,
    prompt: str,
    folder: Path | None,
    seed: int,
    job: EvaluationJob,
    card: str = "",
    *,
    each: int = EACH,
    tokens: int = 0,
) -> Generator[Step, None, list[tuple[str, bool]]]:
    """Replies (text, ended) in one style; a reply to the user in between gives the style back (the engine sees to it)."""
    model.decoder.set_style(folder)
    try:
        how = Sampling(max_tokens=tokens or job.reply_tokens)
        turns = prompts.with_card((Turn("system", job.system_prompt), Turn("user", prompt)), card, model)
        inputs = prompts.inputs_of(turns, model, how.max_tokens)[1]
        steps = batch_decoding.sample(model, inputs, each, how, torch.Generator().manual_seed(seed))
        drawn = yield from paused(steps, Step("comparing", 0, 0, 0.0, 0.0, 0.0))
        return [(model.tokenizer.decode(r.ids), r.ended) for r in drawn]
    finally:
        model.decoder.set_style(None)


def _mean(values: list[Any]) -> float:
    return round(float(sum(values) / len(values)), 4) if values else 0.0
