"""What the page of versions shows, read from the store, and what it does to it. Called on a worker's thread."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assistant.learning.ab_comparison import Score
from assistant.records import StyleVersion

if TYPE_CHECKING:
    from assistant.paths import DataPaths
    from assistant.store import Store


@dataclass(frozen=True, slots=True)
class VersionRow:
    version: StyleVersion
    number: int
    in_use: bool
    has_files: bool  # rejected ones are kept for inspection as long as their folder is there
    score: Score  # of blind comparisons with the base model
    gone: int = 0  # ratings it learned from that no longer stand


def read(store: Store, paths: DataPaths, model: str, line: str = "") -> tuple[VersionRow, ...]:
    """Every version there is of one of ``model``'s styles, newest first."""
    from assistant.learning import ab_comparison, forgetting, style_queries

    gone = forgetting.gone(store, store.styles(model, line=line))
    numbers = style_queries.numbers(store.styles(model, deleted=True))
    current = store.current_style(model, line)
    scores = ab_comparison.scores(store, model)
    return tuple(
        VersionRow(
            version,
            numbers[version.id],
            version.id == current,
            (paths.styles / version.id).is_dir(),
            scores.get(version.id, Score()),
            gone[version.id],
        )
        for version in reversed(store.styles(model, line=line))
    )


def delete(store: Store, paths: DataPaths, version: str) -> None:
    """Put a version away and remove its files; what it learned from counts as not learned from again."""
    from assistant.learning import versions

    store.update_style(version, state="deleted")
    versions.remove(paths.styles, version)


def bring_in(store: Store, paths: DataPaths, model: str, folder: Path, line: str = "") -> str:
    """A PEFT adapter as a version of one of ``model``'s styles, not yet in use. Raises BadInput when it is none."""
    from assistant.learning import versions

    version = uuid.uuid4().hex[:12]
    versions.bring_in(folder, paths.styles, version, model)
    store.add_style(model, style_id=version, name=folder.name[:60], report={"imported": True}, line=line)
    return version


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
