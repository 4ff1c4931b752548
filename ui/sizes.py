"""Sizes of files in words."""

from __future__ import annotations

from PySide6.QtCore import QLocale


def size_text(size: int) -> str:
    """``1_234_567`` as ``1.2 MB`` (powers of 1000, as file managers count), as the window's language writes it."""
    value = float(size)
    for unit in ("B", "kB", "MB"):
        if value < 1000:
            return f"{_decimal(value, 0 if unit in ('B', 'kB') or value >= 100 else 1)} {unit}"
        value /= 1000
    return f"{_decimal(value, 1)} GB"


def _decimal(value: float, places: int) -> str:
    return str(QLocale().toString(value, "f", places))
