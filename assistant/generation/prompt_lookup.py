"""Prompt lookup: guess the next tokens from where the last few stood before (Saxena 2023; arXiv 2304.04487).

A writing assistant repeats much of its prompt. Reading a guessed token along with the present one costs
little, so a guess that is right is nearly free; a wrong one is cut off again. When guesses keep failing,
they pause.
"""

from __future__ import annotations

from collections.abc import Sequence

LONGEST_MATCH = 4  # ids that must agree before a guess, at first;
SHORTEST_MATCH = 2  # then fewer
LONGEST_DRAFT = 7
_PAUSE = 16  # tokens without a guess after failures


class Drafter:
    """Guesses for one reply; ``drafted`` and ``accepted`` count them."""

    def __init__(self, prompt_ids: Sequence[int]) -> None:
        self.drafted = 0
        self.accepted = 0
        self._ids = list(prompt_ids)
        self._prompt = len(self._ids)
        self._ends: dict[tuple[int, ...], int] = {}  # n-gram -> index just behind its latest place
        self._indexed = 0
        self._recent = 1.0  # running share of guesses that were right
        self._paused_until = 0

    def propose(self, written: Sequence[int], longest: int) -> list[int]:
        """Up to ``longest`` ids that may follow the prompt and ``written``."""
        self._ids[self._prompt + self._known() :] = written[self._known() :]
        if longest < 1 or len(written) < self._paused_until:
            return []
        self._index()
        for n in range(LONGEST_MATCH, SHORTEST_MATCH - 1, -1):
            at = self._ends.get(tuple(self._ids[-n:])) if len(self._ids) > n else None
            if at is not None:
                return self._ids[at : at + min(longest, LONGEST_DRAFT)]
        return []

    def checked(self, draft: Sequence[int], right: int) -> None:
        """Tell how many ids of the last guess were right."""
        if not draft:
            return
        self.drafted += len(draft)
        self.accepted += right
        self._recent = 0.8 * self._recent + 0.2 * right / len(draft)
        if self._recent < 0.15:
            self._paused_until, self._recent = len(self._ids) - self._prompt + _PAUSE, 0.3

    def _known(self) -> int:
        return len(self._ids) - self._prompt

    def _index(self) -> None:
        """Note where every n-gram ends, but the one at the very end (it would only find itself)."""
        for end in range(max(self._indexed, SHORTEST_MATCH), len(self._ids)):
            for n in range(SHORTEST_MATCH, LONGEST_MATCH + 1):
                if end >= n:
                    self._ends[tuple(self._ids[end - n : end])] = end
        self._indexed = len(self._ids)
