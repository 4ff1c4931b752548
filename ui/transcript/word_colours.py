"""What a style did to the words of a reply, as marks, a legend and a sentence for screen readers."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, QObject

from assistant.token_attribution import Word, most_moved
from ui.transcript.marked_text import Kind, Mark

_KINDS: dict[int, Kind] = {2: "likelier_much", 1: "likelier", 0: "", -1: "rarer", -2: "rarer_much"}


def marks_of(words: Sequence[Word], end: tuple[float, ...], style: str) -> tuple[list[Mark], str]:
    """(marks with a legend at the end, what a screen reader says); ``style`` is what the version is called."""
    say, translate = _Words(), QCoreApplication.translate
    marks = [
        Mark(word.text, _KINDS[word.level] if word.text.strip() else "", say.tip(word, style))
        for word in words
    ]
    legend = [
        Mark("\n\n"),
        Mark(translate("WordColours", "more likely with {0}").format(style), "likelier"),
        Mark("  "),
        Mark(translate("WordColours", "three times or more"), "likelier_much"),
        Mark("  "),
        Mark(translate("WordColours", "less likely"), "rarer"),
        Mark("  "),
        Mark(translate("WordColours", "a third or less"), "rarer_much"),
        Mark("\n" + say.note(end), "caption"),
    ]
    return [*marks, *legend], " ".join(("".join(word.text for word in words).strip(), say.spoken(words, end)))


class _Words(QObject):
    def tip(self, word: Word, style: str) -> str:
        if not word.text.strip():
            return ""
        return self.tr("{0}: {1} with {2}, {3} without: {4}").format(
            word.text, _percent(word.styled), style, _percent(word.base), self._times(word)
        )

    def note(self, end: tuple[float, ...]) -> str:
        """What is compared, and whether the style makes replies end."""
        text = self.tr("Each word's probability with your style and with the original model.")
        if end:
            ending = Word("", end[0], end[1])
            if ending.level:
                text += " " + self.tr("Ending here was {0}.").format(self._times(ending))
        return text

    def spoken(self, words: Sequence[Word], end: tuple[float, ...]) -> str:
        parts = []
        for likelier, name in (
            (True, self.tr("More likely with the style")),
            (False, self.tr("Less likely")),
        ):
            moved = most_moved(list(words), likelier, 5)
            if moved:
                said = ", ".join(f"{word.text} ({self._times(word)})" for word in moved)
                parts.append(f"{name}: {said}.")
        if not parts:
            parts.append(self.tr("Your style changed no word by much."))
        return " ".join([*parts, self.note(end)])

    def _times(self, word: Word) -> str:
        if word.nats >= 0:
            return self.tr("{0} times as likely").format(
                f"{word.factor:.1f}" if word.factor < 100 else "100+"
            )
        return self.tr("{0} times less likely").format(
            f"{1 / word.factor:.1f}" if word.factor > 0.01 else "100+"
        )


def _percent(log: float) -> str:
    value = 100 * math.exp(log)
    return f"{value:.0f} %" if value >= 10 else f"{value:.1f} %" if value >= 0.1 else "< 0.1 %"
