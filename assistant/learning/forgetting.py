"""What learned from something that is being forgotten, and what can be done about it. Loads no torch."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from assistant.learning import feedback, gate, update_job
from assistant.records import StyleVersion


@dataclass(frozen=True, slots=True)
class Forgetting:
    """``versions`` learned from what is gone. ``in_use``: the one of them that writes, if any does."""

    versions: tuple[StyleVersion, ...]
    in_use: StyleVersion | None
    ratings: int  # that are left to teach a version in its place

    @property
    def can_relearn(self) -> bool:
        return self.in_use is not None and self.ratings >= gate.FEWEST


def look(store: Any, model: str, trained: Iterable[StyleVersion]) -> Forgetting | None:
    """Of the versions that learned from what is gone (``store.styles_trained_on``), those that were taken over.

    None: there are none, so nothing of it is left. ``in_use`` is of ``model``, the one that can learn now.
    """
    versions = tuple(v for v in trained if v.state == "active")
    if not versions:
        return None
    in_use = next(
        (v for v in versions if v.model == model and store.current_style(model, v.line) == v.id), None
    )
    left = 0
    if in_use is not None:
        left = len(feedback.usable(update_job.collect(store, model, in_use.line))[0])
    return Forgetting(versions, in_use, left)


def gone(store: Any, versions: Sequence[StyleVersion]) -> dict[str, int]:
    """Version id -> how many of the ratings it learned from or was checked with no longer stand."""
    standing = {rating.id for rating in store.ratings()}
    return {
        version.id: len({*version.ratings_used, *version.ratings_held_out} - standing) for version in versions
    }
