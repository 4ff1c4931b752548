"""Tells screen readers what has happened, without moving the focus."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QWidget

MAX_LENGTH = 4000  # characters; the rest is read in the message itself


class _Announced(QObject):
    said = Signal(str)


_announced: _Announced | None = None


def announced() -> _Announced:
    """Its signal ``said`` repeats every announcement (for tests and for a log of them)."""
    global _announced
    if _announced is None:
        _announced = _Announced()
    return _announced


def say(widget: QWidget, text: str) -> None:
    """Have ``text`` read aloud when the reader is free, on behalf of ``widget``."""
    text = text.strip()[:MAX_LENGTH]
    if text:
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(widget, text))
        announced().said.emit(text)
