"""Sizes of files in words."""

from __future__ import annotations


def size_text(size: int) -> str:
    """``1_234_567`` as ``1.2 MB`` (powers of 1000, as file managers count)."""
    value = float(size)
    for unit in ("B", "kB", "MB"):
        if value < 1000:
            return f"{value:.0f} {unit}" if unit in ("B", "kB") or value >= 100 else f"{value:.1f} {unit}"
        value /= 1000
    return f"{value:.1f} GB"
