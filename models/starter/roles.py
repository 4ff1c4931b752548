"""What each image token tells, and the words whose embeddings are mixed for it. Torch-free."""

from __future__ import annotations

from models.perception import concepts, scene_words
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
        "counts": scene_words.COUNTS,
        "colours": scene_words.COLOURS,
        "shapes": scene_words.SHAPES,
        "rows": scene_words.ROWS,
        "columns": scene_words.COLUMNS,
        "sides1": scene_words.SIDES[0],
        "sides2": scene_words.SIDES[1],
        "lights": scene_words.LIGHTS,
        "ordinals": scene_words.ORDINALS,
        "verdicts": scene_words.VERDICTS,
        "categories": (*concepts.categories(), "shape", "unclear"),
        "special": ("none", "unclear"),
        "roles": ROLE_WORDS,
    }
    return {table: [row.split() for row in rows] for table, rows in plain.items()}


def names() -> tuple[str, ...]:
    """What the four name tokens may say."""
    return (*concepts.names(), "shape", "something unclear")
