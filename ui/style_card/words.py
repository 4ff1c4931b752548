"""The style card in the words of the window's language."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QLocale, QObject

from assistant.learning.style_card import Sentence
from assistant.learning.style_queries import LearnedTrait
from assistant.services.style_card import Effect
from ui.learning.trait_words import certainty_text


class _Counts(QObject):
    """Plural forms are found by ``tr`` of an object only."""

    def sources(self, sentence: Sentence) -> str:
        counted = {
            "rating": lambda n: self.tr("%n rating(s)", "", n),
            "edit": lambda n: self.tr("%n edit(s)", "", n),
            "text": lambda n: self.tr("%n text(s) of your own", "", n),
        }
        return ", ".join(
            words(sentence.sources[kind]) for kind, words in counted.items() if sentence.sources.get(kind)
        )


def said(sentence: Sentence) -> str:
    """The sentence in the window's language, where it was learned."""
    return sentence.chinese if QLocale().language() == QLocale.Language.Chinese else sentence.english


def source_text(sentence: Sentence) -> str:
    """``From 5 ratings, 2 edits · fairly sure``"""
    translate = QCoreApplication.translate
    if sentence.own:
        return translate("StyleCard", "Written by you")
    found = _Counts().sources(sentence)
    if not found:
        return translate("StyleCard", "Set by you")
    sure = certainty_text(LearnedTrait(sentence.trait, float(sentence.way), sentence.certainty, None))
    return translate("StyleCard", "From {0}").format(found) + f" · {sure} ({sentence.certainty:.0%})"


def strength_words() -> tuple[str, str, str]:
    """Of the three steps of the slider."""
    translate = QCoreApplication.translate
    return (
        translate("StyleCard", "If possible"),
        translate("StyleCard", "Normal"),
        translate("StyleCard", "Important"),
    )


def kinds() -> dict[str, str]:
    """The kinds of text that a sentence can be limited to."""
    translate = QCoreApplication.translate
    return {
        "email": translate("StyleCard", "E-mails"),
        "letter": translate("StyleCard", "Letters"),
        "story": translate("StyleCard", "Stories"),
        "essay": translate("StyleCard", "Essays"),
        "article": translate("StyleCard", "Articles"),
        "report": translate("StyleCard", "Reports"),
        "guide": translate("StyleCard", "Guides"),
        "speech": translate("StyleCard", "Speeches"),
        "review": translate("StyleCard", "Reviews"),
        "comparison": translate("StyleCard", "Comparisons"),
        "dialogue": translate("StyleCard", "Dialogues"),
        "poem": translate("StyleCard", "Poems"),
    }


def effect_text(effect: Effect) -> str:
    """``Measured: your last 8 replies in this style are about a third shorter than the 5 without it.``"""
    translate = QCoreApplication.translate
    steps = (
        (0.29, translate("StyleCard", "about three quarters shorter than")),
        (0.41, translate("StyleCard", "about two thirds shorter than")),
        (0.58, translate("StyleCard", "about half as long as")),
        (0.72, translate("StyleCard", "about a third shorter than")),
        (0.87, translate("StyleCard", "a little shorter than")),
        (1.15, translate("StyleCard", "about as long as")),
        (1.35, translate("StyleCard", "a little longer than")),
        (1.7, translate("StyleCard", "about half as long again as")),
        (2.5, translate("StyleCard", "about twice as long as")),
    )
    size = next(
        (words for most, words in steps if effect.ratio <= most),
        translate("StyleCard", "more than twice as long as"),
    )
    text = translate("StyleCard", "Measured on your chats: {0} replies in this style are {1} {2} without it.")
    return text.format(effect.styled, size, effect.plain)
