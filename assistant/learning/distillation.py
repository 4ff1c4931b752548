"""The teacher: the same model helped to write as the user likes, so that the policy learns to do it without help.

A taste that the model hardly shows by itself leaves practice nothing to choose from. Three helps make it show: strong
guidance, the wish said after the prompt ("Answer with a list."), and the best replies so far shown before it as if they
had just been given. Small models copy what they are shown better than they do what they are told. What comes of it is
judged by the head like any reply, and learned from without the help (context distillation, arXiv 2209.15189), token by
token: each step's whole distribution is kept, so that a few replies say as much as many.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from assistant.learning import batch_decoding, feedback, guidance, style_instructions, training_examples
from assistant.learning.batch_decoding import Rollout
from assistant.learning.feedback import Signal
from assistant.learning.policy import Hyper
from assistant.learning.reward import Head
from models.inputs import Inputs

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
    liked = [s for s in found if feedback.advantage(s) > 0 and s.reply.text and not s.images]
    scores = head.score(head.features([s.reply.text for s in liked])) if liked else np.zeros(0)
    shots = [
        Shot(str(s.prompt[-1].get("content", "")), s.reply.text, float(score) - guidance.fault(s.reply.text))
        for s, score in zip(liked, scores, strict=True)
    ]
    best: dict[str, Shot] = {}
    for shot in (*shots, *practised):
        if len(shot.reply) <= LONGEST and shot.score > max(0.0, best.get(shot.prompt, shot).score - 1e-9):
            best[shot.prompt] = shot
    return sorted(best.values(), key=lambda shot: -shot.score)


class Teacher:
    """Draws replies under help. Without anything the head is sure of there is none."""

    def __init__(self, model: Any, head: Head, hyper: Hyper) -> None:
        self._model, self._head, self._hyper = model, head, hyper
        guided = guidance.Guidance(head, model.tokenizer, model.eos_ids, hyper.steer_strength)
        self._guidance = guided if guided.active else None

    def asked(
        self, signal: Signal, shots: Sequence[Shot], draw: batch_decoding.Draw
    ) -> list[tuple[Inputs, int]]:
        """The helped prompts for ``hyper.steered`` replies to a rated one, and how many of the replies each is for: half of
        them, where there are ``shots``, after those."""
        asked = str(signal.prompt[-1].get("content", ""))
        wish = style_instructions.wish(self._head, asked)
        shown = [shot for shot in shots if shot.prompt != asked][:SHOWN]
        count = self._hyper.steered
        if not count or not (wish or self._guidance or shown):
            return []
        parts = [(count - count // 2, []), (count // 2, shown)] if shown else [(count, [])]
        if not (wish or self._guidance):
            parts = [(count, shown)]
        found = []
        for number, before in parts:
            inputs = training_examples.inputs_of(helped(signal, wish, before), signal.images, self._model)
            room = self._model.context_length - draw.max_tokens
            if number and len(inputs.keys) <= room:
                found.append((inputs, number))
        return found

    def draw(
        self, prompts: Sequence[tuple[Inputs, int]], draw: batch_decoding.Draw, generator: torch.Generator
    ) -> Generator[None, None, list[list[Rollout]]]:
        """Replies under guidance to each of ``asked``'s prompts, with the distributions they were drawn from."""
        inputs, counts = [i for i, _ in prompts], [n for _, n in prompts]
        found = yield from batch_decoding.sample_together(
            self._model, inputs, counts, draw, generator, self._guidance, LIKELY
        )
        return found


def helped(signal: Signal, wish: str, shown: Sequence[Shot]) -> list[dict[str, Any]]:
    """The prompt as chat messages, with the wish after it and the shown replies before it (the best one last)."""
    messages = [dict(message) for message in signal.prompt]
    messages[-1]["content"] = _with(str(messages[-1].get("content", "")), wish)
    first = 1 if messages[0].get("role") == "system" else 0
    before: list[dict[str, Any]] = []
    for shot in reversed(shown):
        before.append({"role": "user", "content": _with(shot.prompt, wish)})
        before.append({"role": "assistant", "content": shot.reply})
    return [*messages[:first], *before, *messages[first:]]


def _with(prompt: str, wish: str) -> str:
    return f"{prompt} {wish}" if wish else prompt
