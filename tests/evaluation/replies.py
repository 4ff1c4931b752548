"""Base replies to the evaluation's prompts, drawn once by the fast decoder and kept in a file.

They serve three times: simulated users rate some of those to the training prompts, win rates are against those to the
test prompts, and they are the base model's answers that an update practises on.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import torch

from assistant.generation import batch_decoding
from assistant.learning.feedback import Kind, Reply, Signal
from assistant.records import Sampling, Turn

EACH = 16  # base replies to a prompt
REPLY_TOKENS = 96
Draw = Callable[[Any, Sequence[dict[str, str]], int, int], list[Any]]


def drain(steps: Any) -> Any:
    """Exhaust a generator and give what it returns."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value


def draw(model: Any, prompt: Sequence[dict[str, str]], count: int, seed: int, hook: Any = None) -> list[Any]:
    """``count`` replies to chat messages in the style set on the decoder: Rollouts."""
    generator = torch.Generator().manual_seed(seed)
    how = Sampling(max_tokens=REPLY_TOKENS)
    return list(drain(batch_decoding.sample(model, model.prepare(list(prompt)), count, how, generator, hook)))


def as_reply(text: str, drawn: batch_decoding.Rollout) -> Reply:
    """A drawn reply as a rated one."""
    return Reply(text, drawn.ids, drawn.logprobs[: len(drawn.ids)], None, "stop" if drawn.ended else "length")


def as_signal(
    kind: Kind, value: int, number: int, prompt: str, reply: Reply, other: Reply | None = None
) -> Signal:
    """The ``number``-th rating of a simulated user, in a conversation of its own."""
    asked = (Turn("user", prompt),)
    return Signal(f"{number}", kind, value, f"{number:05d}", asked, reply, other, conversation=str(number))


class Pool:
    """prompt -> Rollouts of the base model; ``texts`` gives their words."""

    def __init__(self, model: Any, file: Path, each: int = EACH, drawing: Draw | None = None) -> None:
        """``drawing``: another way to ask the model than ``draw``, with the same arguments."""
        self._model, self._file, self._each = model, file, each
        self._draw = drawing or draw
        self._replies: dict[str, list[batch_decoding.Rollout]] = {}
        self._texts: dict[str, list[str]] = {}
        if file.exists():
            for line in file.read_text(encoding="utf-8").splitlines():
                entry = json.loads(line)
                self._replies[entry["prompt"]] = [
                    batch_decoding.Rollout(tuple(r["ids"]), tuple(r["logprobs"]), r["ended"])
                    for r in entry["replies"]
                ]

    def fill(self, prompts: Iterable[str], tell: Any = print) -> None:
        """Draw what is missing; each prompt is written to the file at once, so it can be interrupted."""
        missing = [p for p in prompts if p not in self._replies]
        for number, prompt in enumerate(missing):
            tell(f"base replies: {number + 1} of {len(missing)}")
            seed = 1000 + sum(prompt.encode())  # of the prompt's own, whatever the order
            drawn = self._draw(self._model, [{"role": "user", "content": prompt}], self._each, seed)
            self._replies[prompt] = drawn
            entry = {
                "prompt": prompt,
                "replies": [
                    {"ids": r.ids, "logprobs": [round(x, 4) for x in r.logprobs], "ended": r.ended}
                    for r in drawn
                ],
            }
            with self._file.open("a", encoding="utf-8") as file:
                file.write(json.dumps(entry) + "\n")

    def replies(self, prompt: str) -> list[batch_decoding.Rollout]:
        return self._replies[prompt]

    def texts(self, prompt: str) -> list[str]:
        if prompt not in self._texts:
            self._texts[prompt] = [self._model.tokenizer.decode(r.ids) for r in self._replies[prompt]]
        return self._texts[prompt]
