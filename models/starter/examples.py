"""A few worked examples that stand before a conversation with pictures, for the starter's very small language model.

Without them SmolLM2-135M takes the data line about a picture for a riddle, a code snippet or a product review; with
them it answers from the line and the image tokens, and is not led astray by "What dog is this?" over a cat. How the
wording was chosen, and what it still gets wrong, is in docs/starter.md. Larger models need none of this.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PictureExample:
    """A question about a picture of which ``objects`` (name, probability) were recognised, and a good answer."""

    objects: tuple[tuple[str, float], ...]
    question: str
    answer: str


SYSTEM = "You are a helpful AI assistant who looks at pictures."
NOT_SURE = "I'm not sure what the picture shows."

EXAMPLES = (
    PictureExample((("horse", 0.93),), "What is this?", "The picture shows a horse."),
    PictureExample((("bus", 0.88),), "What cat is this?", "The picture shows a bus, not a cat."),
    PictureExample((), "What is in this picture?", NOT_SURE),
    PictureExample(
        (("dog", 0.95), ("poodle", 0.6)),
        "Describe this image.",
        "The picture shows a dog, probably a poodle.",
    ),
    PictureExample((), "What animal is this?", NOT_SURE),
)
