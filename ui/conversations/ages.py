"""Which heading a conversation stands under: pinned, today, yesterday, ... in the user's own time zone."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Literal

from PySide6.QtCore import QCoreApplication

Age = Literal["pinned", "today", "yesterday", "week", "month", "older"]


def age(updated_at: str, today: date, *, pinned: bool = False) -> Age:
    """The heading for an ISO-8601 time in UTC. A time that cannot be read, or lies ahead, counts as today."""
    if pinned:
        return "pinned"
    try:
        day = datetime.fromisoformat(updated_at).astimezone().date()
    except ValueError:
        return "today"
    if day >= today:
        return "today"
    if day == today - timedelta(days=1):
        return "yesterday"
    if day > today - timedelta(days=7):
        return "week"
    if day > today - timedelta(days=30):
        return "month"
    return "older"


def heading(of: Age) -> str:
    """The heading in the user's language."""
    return {
        "pinned": QCoreApplication.translate("Ages", "Pinned"),
        "today": QCoreApplication.translate("Ages", "Today"),
        "yesterday": QCoreApplication.translate("Ages", "Yesterday"),
        "week": QCoreApplication.translate("Ages", "Last 7 days"),
        "month": QCoreApplication.translate("Ages", "Last 30 days"),
        "older": QCoreApplication.translate("Ages", "Older"),
    }[of]
