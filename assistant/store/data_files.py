"""Which files of a data folder are the user's, beside the database: what backups and snapshots take along."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from assistant.paths import DataPaths

_PART = r"[A-Za-z0-9_][A-Za-z0-9._-]{0,120}"
STYLE_FILE = re.compile(rf"styles/{_PART}(/{_PART}){{0,4}}")
NAMES = re.compile(rf"attune\.db|settings\.json|attachments/[0-9a-f]{{64}}|{STYLE_FILE.pattern}")


def users_files(paths: DataPaths) -> Iterator[tuple[str, Path]]:
    """Settings, attachments and styles, by their name in the data folder; nothing half written, no links."""
    if paths.settings.is_file():
        yield "settings.json", paths.settings
    for folder in (paths.attachments, paths.styles):
        for file in sorted(folder.rglob("*")):
            name = file.relative_to(paths.root).as_posix()
            if file.is_file() and not file.is_symlink() and NAMES.fullmatch(name) and not _half_written(name):
                yield name, file


def _half_written(name: str) -> bool:
    """In a folder of a style that is being learned or copied in."""
    return any(part.endswith((".tmp", ".import")) for part in name.split("/"))
