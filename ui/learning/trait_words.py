"""Traits and how sure of them one is, in the words of the window's language."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from assistant.learning.feature_names import word_of
from assistant.learning.style_queries import LEAST_CERTAINTY, LEAST_WEIGHT, LearnedTrait

FULL_STRENGTH = 1.5  # weight, in log-odds a deviation, that fills the bar


def ends(name: str) -> tuple[str, str]:
    """(what more of the trait is, what less of it is)."""
    tr = QCoreApplication.translate
    words = {
        "length": (tr("Traits", "longer replies"), tr("Traits", "shorter replies")),
        "sentence_length": (tr("Traits", "longer sentences"), tr("Traits", "shorter sentences")),
        "lists": (tr("Traits", "lists"), tr("Traits", "running text")),
        "markup": (tr("Traits", "headings and bold words"), tr("Traits", "plain text")),
        "paragraphs": (tr("Traits", "many paragraphs"), tr("Traits", "one block of text")),
        "emoji": (tr("Traits", "emoji"), tr("Traits", "no emoji")),
        "exclamations": (tr("Traits", "exclamation marks"), tr("Traits", "no exclamation marks")),
        "questions": (tr("Traits", "questions back"), tr("Traits", "no questions")),
        "formality": (tr("Traits", "a formal tone"), tr("Traits", "a casual tone")),
        "greeting": (tr("Traits", "greetings and thanks"), tr("Traits", "getting to the point")),
        "you": (tr("Traits", "speaking to you"), tr("Traits", "not addressing you")),
        "first_person": (tr("Traits", "speaking as I or we"), tr("Traits", "no I or we")),
        "hedging": (tr("Traits", "careful wording"), tr("Traits", "definite wording")),
        "long_words": (tr("Traits", "long words"), tr("Traits", "simple words")),
        "numbers": (tr("Traits", "figures"), tr("Traits", "no figures")),
        "code": (tr("Traits", "code"), tr("Traits", "no code")),
        "chinese": (tr("Traits", "Chinese"), tr("Traits", "not Chinese")),
        "quotes": (tr("Traits", "quotations and brackets"), tr("Traits", "no quotations or brackets")),
    }
    if word := word_of(name):
        marks = {
            ",": (tr("Traits", "more commas"), tr("Traits", "fewer commas")),
            ";": (tr("Traits", "more semicolons"), tr("Traits", "fewer semicolons")),
            ":": (tr("Traits", "more colons"), tr("Traits", "fewer colons")),
            "—": (tr("Traits", "more dashes"), tr("Traits", "fewer dashes")),
        }
        if word in marks:
            return marks[word]
        return tr("Traits", "“{0}” more often").format(word), tr("Traits", "“{0}” less often").format(word)
    return words.get(name, (name, tr("Traits", "less {0}").format(name)))


def liked(trait: LearnedTrait) -> str:
    """What the user likes, as far as it is known."""
    more, less = ends(trait.name)
    return more if trait.weight >= 0 else less


def strength(trait: LearnedTrait) -> float:
    """0..1, for a bar."""
    return min(1.0, abs(trait.weight) / FULL_STRENGTH)


def strength_text(trait: LearnedTrait) -> str:
    tr = QCoreApplication.translate
    share = strength(trait)
    if share < 0.25:
        return tr("Traits", "a little")
    return tr("Traits", "clearly") if share < 0.65 else tr("Traits", "strongly")


def certainty_text(trait: LearnedTrait) -> str:
    tr = QCoreApplication.translate
    if trait.correction is not None:
        return tr("Traits", "set by you")
    if trait.certainty >= 0.9:
        return tr("Traits", "sure")
    if trait.certainty >= 0.6:
        return tr("Traits", "fairly sure")
    return tr("Traits", "not sure yet")


def is_shown(trait: LearnedTrait) -> bool:
    """Told of in the panel: set by the user, or learned with some certainty."""
    if trait.correction is not None:
        return True
    return trait.certainty >= LEAST_CERTAINTY and abs(trait.weight) >= LEAST_WEIGHT
