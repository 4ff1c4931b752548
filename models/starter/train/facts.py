"""What is true of a picture, for asking questions about it."""

from __future__ import annotations

from dataclasses import dataclass

from models.perception.english import NUMBERS, plural, with_article


@dataclass(frozen=True)
class Thing:
    """One group of a drawn scene. ``place`` may be empty."""

    count: int
    colour: str
    shape: str
    place: str = ""

    def words(self, article: bool = True) -> str:
        """ "a red circle", "three red circles" """
        noun = f"{self.colour} {self.shape}".strip()
        if self.count > 1:
            return f"{NUMBERS[self.count]} {plural(noun)}"
        return with_article(noun) if article else noun


@dataclass(frozen=True)
class Facts:
    """``name`` empty: nothing that can be named; ``hedged``: the name is a guess, or only the category stands in its place
    and is one; ``things``: groups of plain shapes; ``colours``: the main ones first.

    ``line_objects`` are what the recognised line lists (name, probability); ``line_text`` what was read;
    ``line``: whether the line is in the prompt at all.
    """

    name: str = ""
    category: str = ""
    hedged: bool = False
    others: tuple[str, ...] = ()  # names that are possible beside it
    detail: str = ""  # a narrower name, known from the line only ("poodle")
    things: tuple[Thing, ...] = ()
    relation: str = "alone"
    background: str = ""
    light: str = ""  # dark | light | ""
    colours: tuple[str, ...] = ()
    line: bool = True
    line_objects: tuple[tuple[str, float], ...] = ()
    line_text: str = ""
