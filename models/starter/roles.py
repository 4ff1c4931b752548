"""What each image token tells, and the words whose embeddings are mixed for it. Torch-free."""

from __future__ import annotations

from models.starter import concepts, scenes

NAME_TOKENS = 4
ROLES = (
    "count1",
    "colour1",
    "shape1",
    "place1",
    "relation",
    "count2",
    "colour2",
    "shape2",
    "place2",
    "background",
)
# The word that is mixed into each token to tell what it is about; the name speaks for itself.
ROLE_WORDS = (*[""] * NAME_TOKENS, "kind", "number", "color", "shape", "place", "relation", "second number",
              "second color", "second shape", "second place", "background", "light", "main color", "other color")  # fmt: skip
TOKENS = len(ROLE_WORDS)


def words() -> dict[str, list[list[str]]]:
    """The words whose embeddings are mixed, by table; a row of several words is their mean, of none zero."""
    plain = {
        "counts": scenes.COUNTS,
        "colours": scenes.COLOURS,
        "shapes": scenes.SHAPES,
        "places": scenes.PLACES,
        "relations": scenes.RELATIONS,
        "lights": scenes.LIGHTS,
        "categories": (*concepts.categories(), "shape", "unclear"),
        "special": ("none", "unclear"),
        "roles": ROLE_WORDS,
    }
    return {table: [row.split() for row in rows] for table, rows in plain.items()}


def names() -> tuple[str, ...]:
    """What the four name tokens may say."""
    return (*concepts.names(), "shape", "something unclear")
