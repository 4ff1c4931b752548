"""The evaluation's table and plot, from its results file. Intervals: bootstrap over users and seeds (percentile, 95 %)."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageFont

Line = dict[str, Any]
COLOURS = ("#1f77b4", "#d62728", "#2ca02c", "#9467bd", "#8c564b", "#e377c2", "#7f7f7f", "#bcbd22")


def interval(values: Sequence[float], rounds: int = 2000) -> tuple[float, float]:
    """95 % percentile bootstrap of the mean."""
    rng = random.Random(0)
    means = sorted(sum(rng.choices(values, k=len(values))) / len(values) for _ in range(rounds))
    return means[int(0.025 * rounds)], means[int(0.975 * rounds)]


def groups(lines: Sequence[Line]) -> dict[tuple[str, int], list[Line]]:
    """(method, ratings) -> cells of real users (the one who rates at random is reported apart)."""
    found: dict[tuple[str, int], list[Line]] = defaultdict(list)
    for line in lines:
        if line["user"] != "random":
            found[line["method"], line["n"]].append(line)
    return dict(sorted(found.items()))


def table(lines: Sequence[Line]) -> str:
    """Markdown: one row a method and number of ratings, then one a user."""
    head = ("method", "ratings", "cells", "one reply", "95 %", "best of 4", "as by default", "95 %", "like length",
            "KL per token", "highest", "perplexity", "distinct-2", "prompt words", "accepted", "steps", "tokens",
            "processor s")  # fmt: skip
    rows = [head, ("---",) * len(head)]
    for (method, n), cells in groups(lines).items():
        trained = [c for c in cells if "steps" in c]
        rows.append((
            method, str(n), str(len(cells)), _percent(cells, "win"), _between(cells, "win"),
            _percent(cells, "win_best"), _percent(cells, "win_default"), _between(cells, "win_default"),
            _percent(cells, "win_like_length"), _mean(trained, "kl_own", 3), _highest(trained, "kl_own"),
            _mean(trained, "perplexity", 3), _mean(cells, "distinct_2", 2), _mean(cells, "prompt_words", 2),
            f"{sum(c['accepted'] for c in trained)} of {len(trained)}" if trained else "",
            _mean(trained, "steps", 0), _mean(trained, "tokens", 0), _mean(trained, "cpu_s", 0),
        ))  # fmt: skip
    parts = [_markdown(rows)]
    for method, n in groups(lines):
        cells = sorted(groups(lines)[method, n], key=lambda c: -c.get("win_default", c["win_best"]))
        by_user: dict[str, list[Line]] = defaultdict(list)
        for cell in cells:
            by_user[cell["user"]].append(cell)
        some = "; ".join(
            f"{name} {_percent(own, 'win')} / {_percent(own, 'win_default') or _percent(own, 'win_best')}"
            for name, own in by_user.items()
        )
        second = "as by default" if "win_default" in cells[0] else "best of 4"
        parts.append(f"{method}, {n} ratings (one reply / {second}): {some}.")
    chance = [line for line in lines if line["user"] == "random" and "accepted" in line]
    if chance:
        said = "; ".join(
            f"{c['method']}, {c['n']} ratings, seed {c['seed']}: {'accepted' if c['accepted'] else 'refused'}"
            for c in chance
        )
        parts.append(f"The user who rates at random: {said}.")
    return "\n\n".join(parts) + "\n"


def _markdown(rows: Sequence[Sequence[str]]) -> str:
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def _percent(cells: Sequence[Line], name: str) -> str:
    values = [c[name] for c in cells if c.get(name) is not None]
    return f"{100 * sum(values) / len(values):.0f} %" if values else ""


def _between(cells: Sequence[Line], name: str) -> str:
    values = [c[name] for c in cells if c.get(name) is not None]
    if not values:
        return ""
    low, high = interval(values)
    return f"{100 * low:.0f} to {100 * high:.0f}"


def _mean(cells: Sequence[Line], name: str, digits: int) -> str:
    values = [c[name] for c in cells if c.get(name) is not None]
    return f"{sum(values) / len(values):.{digits}f}" if values else ""


def _highest(cells: Sequence[Line], name: str) -> str:
    values = [c[name] for c in cells if c.get(name) is not None]
    return f"{max(values):.3f}" if values else ""


def plot(lines: Sequence[Line], file: Path) -> None:
    """Win rate (mean over users with its interval) against ratings: a line a method as its user sees it, and for
    updates one of single replies."""
    width, height, left, bottom, top, right = 900, 560, 70, 60, 40, 250
    image = Image.new("RGB", (width, height), "white")
    pen, font = ImageDraw.Draw(image), ImageFont.load_default(15)
    found: dict[tuple[str, int], list[float]] = defaultdict(list)
    for (method, n), cells in groups(lines).items():
        for cell in cells:
            shown = "win_default" if "win_default" in cell else "win_best" if method == "head" else "win"
            found[f"{method}, best of 4" if method == "head" else method, n].append(cell[shown])
            if "accepted" in cell:
                found[f"{method}, one reply", n].append(cell["win"])
    counts = sorted({n for _, n in found})

    def x(n: int) -> float:
        step = (width - left - right) / max(len(counts) - 1, 1)
        return left + counts.index(n) * step + (0 if len(counts) > 1 else (width - left - right) / 2)

    def y(win: float) -> float:
        return top + (1.0 - win) / 0.7 * (height - top - bottom)  # from 30 % to 100 %

    for tenth in range(3, 11):
        pen.line(
            (left, y(tenth / 10), width - right, y(tenth / 10)), fill="#bbbbbb" if tenth == 5 else "#e8e8e8"
        )
        pen.text((left - 12, y(tenth / 10)), f"{10 * tenth} %", fill="#444444", font=font, anchor="rm")
    for n in counts:
        pen.text((x(n), height - bottom + 12), str(n), fill="#444444", font=font, anchor="ma")
    pen.text(((left + width - right) / 2, height - 18), "ratings", fill="#444444", font=font, anchor="ms")
    pen.text(
        (left, 14),
        "Win over the base model as by default, simulated users",
        fill="black",
        font=font,
        anchor="lm",
    )
    for number, method in enumerate(sorted({m for m, _ in found})):
        colour = COLOURS[number % len(COLOURS)]
        shift = 3 * number - 6  # so that intervals do not cover each other
        points = []
        for n in (n for n in counts if (method, n) in found):
            wins = found[method, n]
            low, high = interval(wins)
            points.append((x(n) + shift, y(sum(wins) / len(wins))))
            pen.line((x(n) + shift, y(low), x(n) + shift, y(high)), fill=colour, width=2)
        if len(points) > 1:
            pen.line(points, fill=colour, width=2)
        for px, py in points:
            pen.ellipse((px - 4, py - 4, px + 4, py + 4), fill=colour)
        pen.line(
            (width - right + 15, top + 20 + 24 * number, width - right + 35, top + 20 + 24 * number),
            fill=colour,
            width=3,
        )
        pen.text((width - right + 42, top + 20 + 24 * number), method, fill="black", font=font, anchor="lm")
    image.save(file)
