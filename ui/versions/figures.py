"""What the gate measured of a version, as the page of versions shows it."""

from __future__ import annotations

from assistant.records import GateReport, UpdateReport


def figures(report: UpdateReport) -> dict[str, tuple[float, float | None]]:
    """What the gate measured: name -> (after, before or None). What was not measured is left out."""
    gate = report.gate or GateReport()
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
        value: float | None = getattr(gate, after)
        if value is not None:
            found[name] = (value, getattr(gate, before) if before else None)
    return found
