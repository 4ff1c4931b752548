"""What each image token tells, and the words whose embeddings are mixed for it. Torch-free."""

from __future__ import annotations

from models.perception import concepts, scenes
from models.perception.concepts import OTHERS

NAME_TOKENS = 4
GROUP = ("count", "colour", "shape", "row", "column", "side")  # what is told of each group of plain things
_GROUP_WORDS = ("number", "color", "shape", "height", "place", "relation")
# The word that is mixed into each token to tell what it is about; the name speaks for itself.
ROLE_WORDS = (
    "picture", *[""] * NAME_TOKENS, *["perhaps"] * NAME_TOKENS * OTHERS, "kind",
    *_GROUP_WORDS, *(f"second {word}" for word in _GROUP_WORDS),
    "background", "light", "main color", "other color",
    "number compared", "color compared", "shape compared", "kind compared",
)  # fmt: skip
TOKENS = len(ROLE_WORDS)


def words() -> dict[str, list[list[str]]]:
    """The words whose embeddings are mixed, by table; a row of several words is their mean, of none zero."""
    plain = {
        "counts": scenes.COUNTS,
        "colours": scenes.COLOURS,
        "shapes": scenes.SHAPES,
        "rows": scenes.ROWS,
        "columns": scenes.COLUMNS,
        "sides1": scenes.SIDES[0],
        "sides2": scenes.SIDES[1],
        "lights": scenes.LIGHTS,
        "ordinals": scenes.ORDINALS,
        "verdicts": scenes.VERDICTS,
        "categories": (*concepts.categories(), "shape", "unclear"),
        "special": ("none", "unclear"),
        "roles": ROLE_WORDS,
    }
    return {table: [row.split() for row in rows] for table, rows in plain.items()}


def names() -> tuple[str, ...]:
    """What the four name tokens may say."""
    return (*concepts.names(), "shape", "something unclear")
