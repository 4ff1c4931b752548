"""Run a generator of short steps to its end."""

from __future__ import annotations

from typing import Any


def drain(steps: Any) -> Any:
    """Exhaust a generator and give what it returns."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value
