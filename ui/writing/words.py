"""The built-in presets in the language of the window."""

from __future__ import annotations

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

# Named here for the translators' tool, which reads literals only.
TEXTS: tuple[object, ...] = (
    QT_TRANSLATE_NOOP("Presets", "E-mail"),
    QT_TRANSLATE_NOOP("Presets", "To"),
    QT_TRANSLATE_NOOP("Presets", "my landlord, Mr Klein"),
    QT_TRANSLATE_NOOP("Presets", "Subject"),
    QT_TRANSLATE_NOOP("Presets", "the heating has been cold since Monday"),
    QT_TRANSLATE_NOOP("Presets", "What you want"),
    QT_TRANSLATE_NOOP("Presets", "have it repaired this week"),
    QT_TRANSLATE_NOOP("Presets", "Tone"),
    QT_TRANSLATE_NOOP("Presets", "friendly but firm"),
    QT_TRANSLATE_NOOP("Presets", "Your name"),
    QT_TRANSLATE_NOOP("Presets", "Ada"),
    QT_TRANSLATE_NOOP("Presets", "Article"),
    QT_TRANSLATE_NOOP("Presets", "Topic"),
    QT_TRANSLATE_NOOP("Presets", "why sleep matters"),
    QT_TRANSLATE_NOOP("Presets", "Audience"),
    QT_TRANSLATE_NOOP("Presets", "readers of a local paper"),
    QT_TRANSLATE_NOOP("Presets", "Main points"),
    QT_TRANSLATE_NOOP("Presets", "Length"),
    QT_TRANSLATE_NOOP("Presets", "about 300 words"),
    QT_TRANSLATE_NOOP("Presets", "Story"),
    QT_TRANSLATE_NOOP("Presets", "Idea"),
    QT_TRANSLATE_NOOP("Presets", "a lighthouse keeper finds a letter"),
    QT_TRANSLATE_NOOP("Presets", "Characters"),
    QT_TRANSLATE_NOOP("Presets", "Mood"),
    QT_TRANSLATE_NOOP("Presets", "quiet, a little eerie"),
    QT_TRANSLATE_NOOP("Presets", "Script"),
    QT_TRANSLATE_NOOP("Presets", "Scene"),
    QT_TRANSLATE_NOOP("Presets", "two friends miss the last train"),
    QT_TRANSLATE_NOOP("Presets", "Speakers"),
    QT_TRANSLATE_NOOP("Presets", "Mia and Tom"),
    QT_TRANSLATE_NOOP("Presets", "Form"),
    QT_TRANSLATE_NOOP("Presets", "a radio play"),
    QT_TRANSLATE_NOOP("Presets", "News brief"),
    QT_TRANSLATE_NOOP("Presets", "Facts"),
    QT_TRANSLATE_NOOP("Presets", "who, what, when, where"),
    QT_TRANSLATE_NOOP("Presets", "five sentences"),
    QT_TRANSLATE_NOOP("Presets", "Customer reply"),
    QT_TRANSLATE_NOOP("Presets", "The customer's message"),
    QT_TRANSLATE_NOOP("Presets", "Your answer"),
    QT_TRANSLATE_NOOP("Presets", "helpful and brief"),
    QT_TRANSLATE_NOOP("Presets", "Translation"),
    QT_TRANSLATE_NOOP("Presets", "Text"),
    QT_TRANSLATE_NOOP("Presets", "Target language"),
    QT_TRANSLATE_NOOP("Presets", "French"),
    QT_TRANSLATE_NOOP("Presets", "as in the original"),
)


def said(text: str) -> str:
    """A built-in preset's title, label or hint, translated; the user's own words as they are."""
    return QCoreApplication.translate("Presets", text) if text else ""
