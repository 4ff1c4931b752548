"""A moment of the store in the words of the window's language."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import QDateTime, QLocale


def date_text(iso: str) -> str:
    """``2026-03-01T12:00:00Z`` as a short date and time here; empty for what is no moment."""
    try:
        at = datetime.fromisoformat(iso.replace("Z", "+00:00"))
    except ValueError:
        return ""
    local = QDateTime.fromSecsSinceEpoch(int(at.timestamp()))
    return str(QLocale().toString(local, QLocale.FormatType.ShortFormat))
