"""The styles there are to choose from, read from the store on a worker's thread."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ui.ratings.words import version_name

if TYPE_CHECKING:
    from assistant.store import Store


@dataclass(frozen=True, slots=True)
class StyleChoices:
    """``versions``: (id, name) of those of the line ``line`` that can write, the newest first."""

    lines: tuple[str, ...] = ()  # named styles
    line: str = ""
    versions: tuple[tuple[str, str], ...] = ()


def read(store: Store, folder: Path, model: str, line: str) -> StyleChoices:
    """``folder``: where the versions' files are."""
    from assistant.learning import style_queries

    numbers = style_queries.numbers(store.styles(model, deleted=True))
    versions = tuple(
        (version.id, version_name(version, numbers[version.id]))
        for version in reversed(store.styles(model, line=line))
        if version.state == "active" and (folder / version.id).is_dir()
    )
    return StyleChoices(tuple(store.lines()), line, versions)
