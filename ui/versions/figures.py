"""What the gate measured of a version, as the page of versions shows it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def figures(report: Mapping[str, Any]) -> dict[str, tuple[float, float | None]]:
    """What the gate measured: name -> (after, before or None). What was not measured is left out."""
    gate = report.get("gate") or {}
    found: dict[str, tuple[float, float | None]] = {}
    for name, after, before in (
        ("agreement", "heldout_after", "heldout_before"),
        ("reward", "reward_after", "reward_before"),
        ("kl", "kl_per_token", ""),
        ("perplexity", "perplexity_ratio", ""),
        ("words", "words_after", "words_before"),
        ("ended", "ended_after", "ended_before"),
        ("repetition", "repetition_after", "repetition_before"),
    ):
        value, was = gate.get(after), gate.get(before) if before else None
        if isinstance(value, (int, float)):
            found[name] = (float(value), float(was) if isinstance(was, (int, float)) else None)
    return found
