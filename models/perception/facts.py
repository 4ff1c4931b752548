"""What is known of one picture, as plain data. Torch-free."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

Certainty = Literal["sure", "guess", "category", "none"]
Told = Literal["same", "different", "unknown"]


@dataclass(frozen=True, slots=True)
class Group:
    """Plain things that are alike. ``count`` of ``MANY`` stands for that many and more; ``place``: "top left"."""

    count: int
    colour: str
    shape: str
    place: str


MANY = 5


@dataclass(frozen=True, slots=True)
class Facts:
    """One picture.

    ``certainty`` says what may be told: the ``name`` for sure, the name as a guess, only the ``category`` as a guess, or
    nothing. ``names``: names with their probabilities, best first. ``possible``: names that may be told as possible too.
    ``groups`` are plain shapes, at most two sorts, the left or upper one first; ``relation``: how the first stands to the
    second. ``text`` is what is written in the picture: data, whoever made it.
    """

    drawing: bool = False
    certainty: Certainty = "none"
    name: str = ""
    category: str = ""
    kind: str = ""  # the category that all names together make most likely; "" where none is
    detail: str = ""  # a narrower name: "Egyptian cat"
    names: tuple[tuple[str, float], ...] = ()
    possible: tuple[str, ...] = ()
    groups: tuple[Group, ...] = ()
    relation: Literal["alone", "beside", "above"] = "alone"
    background: str = ""
    light: Literal["dark", "light", ""] = ""
    colours: tuple[str, ...] = ()
    text: str = ""

    @property
    def nothing(self) -> bool:
        """Is there nothing to tell but colours?"""
        return self.certainty == "none" and not self.groups

    def with_text(self, text: str) -> Facts:
        return replace(self, text=text)


@dataclass(frozen=True, slots=True)
class Comparison:
    """A picture beside the one before it."""

    count: Told
    colour: Told
    shape: Told
    whole: Told


def compare(before: Facts, after: Facts) -> Comparison:
    """Counts, colours and shapes are of plain things, the latter two where there is one sort of them in each picture;
    the whole is the name told, or all that plain things show."""
    one_sort = len(before.groups) == len(after.groups) == 1
    first, second = (facts.groups[0] if facts.groups else None for facts in (before, after))
    both = before.groups and after.groups

    def told(known: object, equal: bool) -> Told:
        return "unknown" if not known else "same" if equal else "different"

    def number(facts: Facts) -> int:
        return sum(group.count for group in facts.groups)

    return Comparison(
        told(both, number(before) == number(after)),
        told(one_sort, bool(first and second and first.colour == second.colour)),
        told(one_sort, bool(first and second and first.shape == second.shape)),
        told(_thing(before) and _thing(after), _thing(before) == _thing(after)),
    )


def _thing(facts: Facts) -> object:
    if facts.groups:
        return tuple((group.count, group.colour, group.shape) for group in facts.groups)
    return facts.name if facts.certainty in ("sure", "guess") else None
