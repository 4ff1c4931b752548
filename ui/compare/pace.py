"""The text of two replies that grow side by side, neither shown ahead of the other. Knows no widgets."""

from __future__ import annotations

import math


class Pace:
    """Holds back what one side has written more tokens of than the other, until that one has ended."""

    def __init__(self) -> None:
        self._waiting: tuple[list[tuple[int, str]], ...] = ([], [])  # (tokens written by then, text)
        self._count: list[float] = [0, 0]

    def add(self, side: int, text: str, count: int) -> None:
        """More text of a side, which has ``count`` tokens with it."""
        self._waiting[side].append((count, text))
        self._count[side] = max(self._count[side], count)

    def end(self, side: int) -> None:
        """A side is complete."""
        self._count[side] = math.inf

    @property
    def began(self) -> bool:
        """Both have written something."""
        return min(self._count) > 0

    def due(self) -> tuple[str, str]:
        """What may be shown of each side now."""
        upto = min(self._count)
        shown = []
        for pieces in self._waiting:
            ready = [text for count, text in pieces if count <= upto]
            del pieces[: len(ready)]
            shown.append("".join(ready))
        return shown[0], shown[1]
