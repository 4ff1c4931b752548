"""How the style has done from version to version, read from the rows of versions. No widgets."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from assistant.services.styles import VersionRow
from ui.versions.figures import figures

Measure = Literal["wins", "agreement", "reward", "kl"]
SHARES = ("wins", "agreement")  # measures between 0 and 1


@dataclass(frozen=True, slots=True)
class Point:
    """One version's value. ``low`` and ``high``: its 95 % interval, where there is one."""

    number: int  # of the version
    value: float
    low: float | None = None
    high: float | None = None
    in_use: bool = False


@dataclass(frozen=True, slots=True)
class Trend:
    measure: Measure
    points: tuple[Point, ...]  # oldest version first


def trends(rows: Iterable[VersionRow]) -> tuple[Trend, ...]:
    """What can be drawn of the versions that were taken over, the most telling first; a trend has two points or more.

    The reward is of each update's own head, so it stands in only where nothing was kept aside to check agreement with.
    """
    active = sorted((row for row in rows if row.version.state == "active"), key=lambda row: row.number)
    found = {measure: _points(active, measure) for measure in ("wins", "agreement", "reward", "kl")}
    if len(found["agreement"]) >= 2:
        del found["reward"]
    return tuple(Trend(measure, points) for measure, points in found.items() if len(points) >= 2)  # type: ignore[arg-type]


def _points(rows: Sequence[VersionRow], measure: str) -> tuple[Point, ...]:
    found = []
    for row in rows:
        if measure == "wins":
            if row.score.votes:
                found.append(Point(row.number, row.score.rate, *row.score.interval, row.in_use))
        elif measure in (known := figures(row.version.report)):
            found.append(Point(row.number, known[measure][0], in_use=row.in_use))
    return tuple(found)
