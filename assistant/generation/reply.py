"""One reply as it grows: its ids, their log-probabilities, its text, and why it ended.

Ids become text as they come, never splitting a character: a Chinese character or an emoji is often two to four byte
tokens, and a piece of one decodes to U+FFFD. Text is held back until its bytes are whole, and while a stop string could
begin in it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from assistant.records import Finish, ReplyDetails

_BROKEN = "\ufffd"
_LONGEST_WAIT = 8  # ids; a character has at most 4 bytes, so what is still broken after this stays broken


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
    details: ReplyDetails = field(default_factory=ReplyDetails)


class Written:
    """The tokens of a reply that is being written; nothing is made of them yet."""

    def __init__(self, eos_ids: Collection[int], max_tokens: int) -> None:
        self.ids: list[int] = []
        self.logprobs: list[float] = []
        self.finish: Finish | None = None if max_tokens > 0 else "length"
        self.end_logprob: float | None = None  # of the end token, when it came
        self.steered: list[int] = []  # places at which a hook made another token the likeliest
        self._eos_ids = eos_ids
        self._max_tokens = max_tokens

    def add(self, id: int, logprob: float) -> str:
        """The text this id makes certain. Sets ``finish`` when it was the last one."""
        if id in self._eos_ids:
            self.end_logprob = logprob
            return self.end("stop")
        self.ids.append(id)
        self.logprobs.append(logprob)
        return self.end("length") if len(self.ids) >= self._max_tokens else ""

    def end(self, finish: Finish) -> str:
        """End it here and give the text that was held back."""
        self.finish = finish
        return ""


class Growing(Written):
    """A reply being written for somebody who reads along: takes ids, gives text."""

    def __init__(
        self,
        tokenizer: Any,
        eos_ids: Sequence[int],
        stops: Sequence[str],
        max_tokens: int,
        begun: Sequence[int] = (),
    ) -> None:
        """``begun``: ids that the reply already has; neither they nor their text are given again."""
        super().__init__(frozenset(eos_ids), max_tokens)
        self.text = ""
        self._detokenizer = Detokenizer(tokenizer, begun)
        self._stops = StopScanner(stops)

    def add(self, id: int, logprob: float) -> str:
        if id in self._eos_ids:
            return super().add(id, logprob)
        text = self._show(self._detokenizer.push(id))
        if not self._stops.stopped:
            return text + super().add(id, logprob)
        super().add(id, logprob)
        self.finish = "stop"
        return text

    def end(self, finish: Finish) -> str:
        super().end(finish)
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


class Detokenizer:
    """Feed ids with ``push``; the texts it gives, joined, are the text of all ids.

    The two-offset scheme is the one of vLLM's and text-generation-inference's ``detokenize_incrementally``: decode a
    short window twice, so that tokenizers which strip or add a leading space say the same as when decoding everything
    at once.
    """

    def __init__(self, tokenizer: Any, begun: Sequence[int] = ()) -> None:
        """``begun``: ids whose text has been given away."""
        self._tokenizer = tokenizer
        self._ids: list[int] = list(begun)
        self._start = max(0, len(begun) - _LONGEST_WAIT)  # the window decoded again begins here,
        self._read = len(begun)  # and its text up to here has been given away

    def push(self, id: int) -> str:
        """The text that became certain with this id (often empty within a character)."""
        self._ids.append(id)
        before, now = self._window()
        if len(now) > len(before) and not now.endswith(_BROKEN):
            return self._advance(len(self._ids), now[len(before) :])
        if len(self._ids) - self._read > _LONGEST_WAIT:
            # Bytes that are no text at all, or tokens without one: let go of those that can no longer become
            # any.
            end = len(self._ids) - 4
            settled = self._decode(self._ids[self._start : end])
            return self._advance(end, settled[len(before) :])
        return ""

    def finish(self) -> str:
        """What is left; the bytes of a character that was cut off are dropped."""
        before, now = self._window()
        return self._advance(len(self._ids), now[len(before) :].rstrip(_BROKEN))

    def _window(self) -> tuple[str, str]:
        before = self._decode(self._ids[self._start : self._read])
        return before, self._decode(self._ids[self._start :])

    def _advance(self, read: int, text: str) -> str:
        self._start, self._read = self._read, read
        return text

    def _decode(self, ids: list[int]) -> str:
        if not ids:
            return ""
        text: str = self._tokenizer.decode(ids, skip_special_tokens=True, clean_up_tokenization_spaces=False)
        return text


class StopScanner:
    """Gives text on once no stop string can begin in it; ends just before the first one found."""

    def __init__(self, stops: Sequence[str]) -> None:
        self._stops = tuple(stop for stop in stops if stop)
        self._held = ""
        self.stopped = False

    def push(self, text: str) -> str:
        """The text that may be shown. After a stop string was found (``stopped``), nothing more."""
        if self.stopped:
            return ""
        if not self._stops:
            return text
        held = self._held + text
        found = [at for at in (held.find(stop) for stop in self._stops) if at >= 0]
        if found:
            self.stopped, self._held = True, ""
            return held[: min(found)]
        keep = max(_overlap(held, stop) for stop in self._stops)
        self._held = held[len(held) - keep :]
        return held[: len(held) - keep]

    def finish(self) -> str:
        """What was held back for a stop string that did not come."""
        held, self._held = self._held, ""
        return held


def _overlap(text: str, stop: str) -> int:
    """Length of the longest end of ``text`` that is a beginning of ``stop`` (but not all of it)."""
    for length in range(min(len(text), len(stop) - 1), 0, -1):
        if text.endswith(stop[:length]):
            return length
    return 0
