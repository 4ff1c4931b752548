"""The teacher: the same model helped to write as the user likes, so that the policy learns to do it without help.

A taste that the model hardly shows by itself leaves practice nothing to choose from. Three helps make it show: strong
guidance, the wish said after the prompt ("Answer with a list."), and the best replies so far shown before it as if they
had just been given. Small models copy what they are shown better than they do what they are told. What comes of it is
judged by the head like any reply, and learned from without the help (context distillation, arXiv 2209.15189), token by
token: each step's whole distribution is kept, so that a few replies say as much as many.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import torch

from assistant import prompt as prompts
from assistant.errors import BadInput
from assistant.generation import batch_decoding
from assistant.generation.batch_decoding import Rollout
from assistant.learning import feedback, guidance, request, style_instructions
from assistant.learning.feedback import Signal
from assistant.learning.reward_head.reward import Head
from assistant.learning.training.policy import Hyper
from assistant.records import Sampling, Turn
from models.inputs import Inputs

if TYPE_CHECKING:
    from models.loaded_model import LoadedModel

SHOWN = 3  # replies shown before a prompt
LONGEST = 700  # characters of one: more is read more slowly than it is worth
LIKELY = 24  # tokens that are noted of each step


@dataclass(frozen=True, slots=True)
class Shot:
    """A reply worth showing, with what it answered and how good the head thinks it."""

    prompt: str
    reply: str
    score: float


def worth_showing(head: Head, found: Sequence[Signal], practised: Sequence[Shot]) -> list[Shot]:
    """The best reply to each prompt, of the liked ones among ``found`` and of ``practised``; best first.

    Only what the head thinks better than the usual reply: there is nothing to copy from the others.
    """
    liked = [
        s
        for s in found
        if feedback.advantage(s) > 0 and s.reply.text and not (s.prompt[-1].images or s.prompt[-1].files)
    ]
    scores = head.score(head.features([s.reply.text for s in liked])) if liked else np.zeros(0)
    shots = [
        Shot(s.asked, s.reply.text, float(score) - guidance.fault(s.reply.text))
        for s, score in zip(liked, scores, strict=True)
    ]
    best: dict[str, Shot] = {}
    for shot in (*shots, *practised):
        if len(shot.reply) <= LONGEST and shot.score > max(0.0, best.get(shot.prompt, shot).score - 1e-9):
            best[shot.prompt] = shot
    return sorted(best.values(), key=lambda shot: -shot.score)


@dataclass(frozen=True, slots=True)
class Helped:
    """A rated prompt with help, how many replies are drawn to it, and what it asks for."""

    inputs: Inputs
    count: int
    stated: request.Request


class Teacher:
    """Draws replies under help. Without anything the head is sure of there is none."""

    def __init__(self, model: LoadedModel, head: Head, hyper: Hyper) -> None:
        self._model, self._head, self._hyper = model, head, hyper

    def _guided(self, stated: request.Request) -> guidance.Guidance | None:
        head, model = self._head.on(stated), self._model
        made = guidance.Guidance(head, model.tokenizer, model.eos_ids, self._hyper.steer_strength)
        return made if made.active else None

    def asked(self, signal: Signal, shots: Sequence[Shot], draw: Sampling) -> list[Helped]:
        """The helped prompts for ``hyper.steered`` replies to a rated one: half of the replies, where there are ``shots``,
        are drawn after those. No help says what the prompt itself says otherwise."""
        asked = signal.asked
        stated = request.read(asked)
        wish = style_instructions.wish(self._head.on(stated), asked)
        shown = [shot for shot in shots if shot.prompt != asked][:SHOWN]
        count, guided = self._hyper.steered, self._guided(stated) is not None
        if not count or not (wish or guided or shown):
            return []
        parts = [(count - count // 2, []), (count // 2, shown)] if shown else [(count, [])]
        if not (wish or guided):
            parts = [(count, shown)]
        found = []
        for number, before in parts:
            turns = helped(signal, wish, before)
            try:
                _, inputs = prompts.inputs_of(turns, self._model, draw.max_tokens)
            except BadInput:  # no room for help, or a picture is gone
                continue
            room = self._model.context_length - draw.max_tokens
            if number and len(inputs.keys) <= room:
                found.append(Helped(inputs, number, stated))
        return found

    def draw(
        self, asked: Sequence[Helped], draw: Sampling, generator: torch.Generator
    ) -> Generator[None, None, list[list[Rollout]]]:
        """Replies under guidance to each of ``asked``'s prompts, with the distributions they were drawn from.

        Prompts that leave the same of the user's taste share a batch.
        """
        alike: dict[tuple[float, ...], list[int]] = {}
        for number, one in enumerate(asked):
            left = tuple(one.stated.weight_of(n, w) for n, (w, _) in self._head.weights().items())
            whole = one.stated.usual_words if one.stated.genre or one.stated.size else 0.0
            alike.setdefault((*left, whole), []).append(number)
        found: list[list[Rollout]] = [[] for _ in asked]
        for numbers in alike.values():
            some = [asked[number] for number in numbers]
            inputs, counts = [one.inputs for one in some], [one.count for one in some]
            drawn = yield from batch_decoding.sample_together(
                self._model, inputs, counts, draw, generator, self._guided(some[0].stated), LIKELY
            )
            for number, replies in zip(numbers, drawn, strict=True):
                found[number] = replies
        return found


def helped(signal: Signal, wish: str, shown: Sequence[Shot]) -> list[Turn]:
    """The prompt with the wish after it and the shown replies before it (the best one last)."""
    turns = [*signal.prompt[:-1], replace(signal.prompt[-1], text=_with(signal.asked, wish))]
    first = 1 if turns[0].role == "system" else 0
    before: list[Turn] = []
    for shot in reversed(shown):
        before += [Turn("user", _with(shot.prompt, wish)), Turn("assistant", shot.reply)]
    return [*turns[:first], *before, *turns[first:]]


def _with(prompt: str, wish: str) -> str:
    return f"{prompt} {wish}" if wish else prompt
