"""One reply as it grows: its ids, their log-probabilities, its text, and why it ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from assistant.generation.detokenizer import Detokenizer
from assistant.generation.stop_strings import StopScanner
from assistant.records import Finish


@dataclass(frozen=True, slots=True)
class Piece:
    """Progress of a reply: text that may be shown (possibly empty) and tokens written so far."""

    text: str
    count: int


@dataclass(frozen=True, slots=True)
class Reply:
    """A finished reply. ``ids`` are without the end token; ``logprobs`` are of the model itself."""

    text: str
    ids: tuple[int, ...]
    logprobs: tuple[float, ...]
    finish: Finish
    seed: int
    prompt_tokens: int
    ttft_s: float = 0.0  # from the moment ``started`` to the first token
    tokens_per_s: float = 0.0  # after the first token
    details: dict[str, Any] = field(default_factory=dict)


class Growing:
    """A reply being written: takes ids, gives text."""

    def __init__(self, tokenizer: Any, eos_ids: Sequence[int], stops: Sequence[str], max_tokens: int) -> None:
        self.ids: list[int] = []
        self.logprobs: list[float] = []
        self.finish: Finish | None = None
        self.end_logprob: float | None = None  # of the end token, when it came
        self.text = ""
        self.steered: list[int] = []  # places at which a hook made another token the likeliest
        self._detokenizer = Detokenizer(tokenizer)
        self._stops = StopScanner(stops)
        self._eos_ids = frozenset(eos_ids)
        self._max_tokens = max_tokens

    def add(self, id: int, logprob: float) -> str:
        """The text this id makes certain. Sets ``finish`` when it was the last one."""
        if id in self._eos_ids:
            self.end_logprob = logprob
            return self.end("stop")
        self.ids.append(id)
        self.logprobs.append(logprob)
        text = self._show(self._detokenizer.push(id))
        if self._stops.stopped:
            self.finish = "stop"
        elif len(self.ids) >= self._max_tokens:
            text += self.end("length")
        return text

    def note_steering(self, logits: Tensor, steered: Tensor) -> None:
        """Keep the place of the next token if the model's (vocab,) and the ``steered`` logits disagree on the likeliest."""
        if steered is not logits and not torch.equal(steered.argmax(-1), logits.argmax(-1)):
            self.steered.append(len(self.ids))

    def end(self, finish: Finish) -> str:
        """End it here and give the text that was held back."""
        self.finish = finish
        text = self._show(self._detokenizer.finish())
        if not self._stops.stopped:
            rest = self._stops.finish()
            self.text += rest
            text += rest
        return text

    def _show(self, text: str) -> str:
        shown = self._stops.push(text)
        self.text += shown
        return shown
