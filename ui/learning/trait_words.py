"""Traits and how sure of them one is, in the words of the window's language."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from assistant.learning.style_queries import LEAST_CERTAINTY, LEAST_WEIGHT, LearnedTrait
from assistant.learning_records import word_of

FULL_STRENGTH = 1.5  # weight, in log-odds a deviation, that fills the bar


def ends(name: str) -> tuple[str, str]:
    """(what more of the trait is, what less of it is)."""
    translate = QCoreApplication.translate
    words = {
        "length": (translate("Traits", "longer replies"), translate("Traits", "shorter replies")),
        "sentence_length": (
            translate("Traits", "longer sentences"),
            translate("Traits", "shorter sentences"),
        ),
        "lists": (translate("Traits", "lists"), translate("Traits", "running text")),
        "markup": (translate("Traits", "headings and bold words"), translate("Traits", "plain text")),
        "paragraphs": (translate("Traits", "many paragraphs"), translate("Traits", "one block of text")),
        "emoji": (translate("Traits", "emoji"), translate("Traits", "no emoji")),
        "exclamations": (
            translate("Traits", "exclamation marks"),
            translate("Traits", "no exclamation marks"),
        ),
        "questions": (translate("Traits", "questions back"), translate("Traits", "no questions")),
        "formality": (translate("Traits", "a formal tone"), translate("Traits", "a casual tone")),
        "greeting": (
            translate("Traits", "greetings and thanks"),
            translate("Traits", "getting to the point"),
        ),
        "you": (translate("Traits", "speaking to you"), translate("Traits", "not addressing you")),
        "first_person": (translate("Traits", "speaking as I or we"), translate("Traits", "no I or we")),
        "hedging": (translate("Traits", "careful wording"), translate("Traits", "definite wording")),
        "long_words": (translate("Traits", "long words"), translate("Traits", "simple words")),
        "numbers": (translate("Traits", "figures"), translate("Traits", "no figures")),
        "code": (translate("Traits", "code"), translate("Traits", "no code")),
        "chinese": (translate("Traits", "Chinese"), translate("Traits", "not Chinese")),
        "quotes": (
            translate("Traits", "quotations and brackets"),
            translate("Traits", "no quotations or brackets"),
        ),
    }
    if word := word_of(name):
        marks = {
            ",": (translate("Traits", "more commas"), translate("Traits", "fewer commas")),
            ";": (translate("Traits", "more semicolons"), translate("Traits", "fewer semicolons")),
            ":": (translate("Traits", "more colons"), translate("Traits", "fewer colons")),
            "—": (translate("Traits", "more dashes"), translate("Traits", "fewer dashes")),
        }
        if word in marks:
            return marks[word]
        return translate("Traits", "“{0}” more often").format(word), translate(
            "Traits", "“{0}” less often"
        ).format(word)
    return words.get(name, (name, translate("Traits", "less {0}").format(name)))


def liked(trait: LearnedTrait) -> str:
    """What the user likes, as far as it is known."""
    more, less = ends(trait.name)
    return more if trait.weight >= 0 else less


def strength(trait: LearnedTrait) -> float:
    """0..1, for a bar."""
    return min(1.0, abs(trait.weight) / FULL_STRENGTH)


def strength_text(trait: LearnedTrait) -> str:
    translate = QCoreApplication.translate
    share = strength(trait)
    if share < 0.25:
        return translate("Traits", "a little")
    return translate("Traits", "clearly") if share < 0.65 else translate("Traits", "strongly")


def certainty_text(trait: LearnedTrait) -> str:
    translate = QCoreApplication.translate
    if trait.correction is not None:
        return translate("Traits", "set by you")
    if trait.certainty >= 0.9:
        return translate("Traits", "sure")
    if trait.certainty >= 0.6:
        return translate("Traits", "fairly sure")
    return translate("Traits", "not sure yet")


def is_shown(trait: LearnedTrait) -> bool:
    """Told of in the panel: set by the user, or learned with some certainty."""
    if trait.correction is not None:
        return True
    return trait.certainty >= LEAST_CERTAINTY and abs(trait.weight) >= LEAST_WEIGHT
