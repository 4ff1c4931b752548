"""A moment of the store in the words of the window's language."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import QDateTime, QLocale


def date_text(iso: str) -> str:
    """``2026-03-01T12:00:00Z`` as ``1 Mar, 13:00``, with the year if it is another one; empty for what is no moment."""
    try:
        at = datetime.fromisoformat(iso.replace("Z", "+00:00"))
    except ValueError:
        return ""
    local = QDateTime.fromSecsSinceEpoch(int(at.timestamp()))
    this_year = local.date().year() == QDateTime.currentDateTime().date().year()
    if QLocale().language() == QLocale.Language.Chinese:
        form = "M月d日 HH:mm" if this_year else "yyyy年M月d日 HH:mm"
    else:
        form = "d MMM, HH:mm" if this_year else "d MMM yyyy, HH:mm"
    return str(QLocale().toString(local, form))
