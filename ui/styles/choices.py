"""The styles there are to choose from, read from the store on a worker's thread."""

from __future__ import annotations

from dataclasses import dataclass

from assistant.services.styles import StyleService
from ui.ratings.words import version_name


@dataclass(frozen=True, slots=True)
class StyleChoices:
    """``versions``: (id, name) of those of the line ``line`` that can write, the newest first."""

    lines: tuple[str, ...] = ()  # named styles
    line: str = ""
    versions: tuple[tuple[str, str], ...] = ()


def read_choices(styles: StyleService, model: str, line: str) -> StyleChoices:
    versions = tuple(
        (row.version.id, version_name(row.version, row.number))
        for row in styles.versions(model, line)
        if row.can_write
    )
    return StyleChoices(tuple(styles.names()), line, versions)
