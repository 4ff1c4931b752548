"""Blind comparisons: which replies are the style's and which the base model's, and how often the style was preferred.

A vote is an ordinary pair rating of two replies to the same message; who wrote which is read from their records.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assistant.records import Generation

if TYPE_CHECKING:
    from assistant.store import Store


FEWEST_VOTES = 5  # before a style can lose clearly
_Z = 1.959964  # of the 95 % interval


@dataclass(frozen=True, slots=True)
class Score:
    """Votes on a style against the base model; a tie counts half for either side."""

    wins: int = 0
    losses: int = 0
    ties: int = 0

    @property
    def votes(self) -> int:
        return self.wins + self.losses + self.ties

    @property
    def rate(self) -> float:
        """0..1; NaN without votes."""
        return (self.wins + 0.5 * self.ties) / self.votes if self.votes else math.nan

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's 95 % interval of ``rate`` (Wilson 1927; Brown, Cai and DasGupta 2001, eq. 4)."""
        return wilson(self.wins + 0.5 * self.ties, self.votes)

    @property
    def loses_clearly(self) -> bool:
        """Even the upper end of the interval says that the base model is preferred."""
        return self.votes >= FEWEST_VOTES and self.interval[1] < 0.5


def wilson(wins: float, n: int) -> tuple[float, float]:
    """The 95 % score interval of ``wins`` of ``n``; (0, 1) when there are none."""
    if n <= 0:
        return 0.0, 1.0
    p, z2 = wins / n, _Z * _Z
    centre = (p + z2 / (2 * n)) / (1 + z2 / n)
    half = _Z * math.sqrt(p * (1 - p) / n + z2 / (4 * n * n)) / (1 + z2 / n)
    return max(0.0, centre - half), min(1.0, centre + half)


def is_base(made: Generation) -> bool:
    """Neither a style version nor the reward head had a say in this reply.

    A reply of a preference query is one of several candidates, so the head had a say in it.
    """
    return made.style is None and not (
        made.details.guided_steps or made.details.best_of or made.details.explored
    )


def score(store: Store, model: str, style: str | None, line: str = "") -> Score:
    """The votes on the version ``style`` of ``model`` (None: on the reward head of a style alone) against the base model."""
    return scores(store, model, line).get(style, Score())


def scores(store: Store, model: str, line: str = "") -> dict[str | None, Score]:
    """The votes on every version of ``model`` that has any; None: on the reward head of the style ``line`` alone."""
    counts: dict[str | None, dict[int, int]] = {}
    for rating in store.ratings():
        if rating.kind != "pair" or rating.message_id is None or rating.other_id is None:
            continue
        chosen = store.message(rating.message_id).generation
        other = store.message(rating.other_id).generation
        if chosen is None or other is None or chosen.model != model or other.model != model:
            continue
        if is_base(chosen) == is_base(other):
            continue
        ours, sign = (other, -1) if is_base(chosen) else (chosen, 1)
        if ours.style is None and rating.line != line:
            continue
        votes = counts.setdefault(ours.style, {1: 0, -1: 0, 0: 0})
        votes[rating.value * sign] += 1
    return {style: Score(wins=votes[1], losses=votes[-1], ties=votes[0]) for style, votes in counts.items()}
