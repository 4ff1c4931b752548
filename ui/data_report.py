"""What the data folder holds, kind by kind with sizes. Walks the disk: never on the GUI thread."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QLocale

from assistant.paths import DataPaths

if TYPE_CHECKING:
    from assistant.store import Store


@dataclass(frozen=True, slots=True)
class Kept:
    """One kind of file that is kept."""

    kind: str  # database | attachments | models | styles | logs | backups | other
    path: str
    files: int
    size_bytes: int


@dataclass(frozen=True, slots=True)
class DataReport:
    folder: str
    kept: tuple[Kept, ...]
    conversations: int
    ratings: int
    versions: int  # of the style, of all models, rejected ones included
    corrections: int  # traits the user corrected

    @property
    def size_bytes(self) -> int:
        return sum(kept.size_bytes for kept in self.kept)


def report(store: Store, paths: DataPaths) -> DataReport:
    """Measure the data folder. Files that vanish meanwhile are left out."""
    folders = {
        "attachments": paths.attachments,
        "models": paths.models,
        "styles": paths.styles,
        "logs": paths.logs,
        "backups": paths.backups,
    }
    kept = [Kept("database", str(paths.database), *_files(paths.root, paths.database.name))]
    kept += [Kept(kind, str(folder), *_measure(folder)) for kind, folder in folders.items()]
    files, size = _measure(paths.root)
    rest = files - sum(k.files for k in kept), size - sum(k.size_bytes for k in kept)
    kept.append(Kept("other", str(paths.root), max(rest[0], 0), max(rest[1], 0)))
    from assistant.learning import style_queries

    return DataReport(
        str(paths.root),
        tuple(kept),
        store.conversation_count(),
        store.rating_count(),
        len(store.styles()),
        sum(len(style_queries.corrections_of(store, line)) for line in ("", *store.lines())),
    )


def size_text(size: int) -> str:
    """``1_234_567`` as ``1.2 MB`` (powers of 1000, as file managers count)."""
    value = float(size)
    for unit in ("B", "kB", "MB"):
        if value < 1000:
            return f"{_decimal(value, 0 if unit in ('B', 'kB') or value >= 100 else 1)} {unit}"
        value /= 1000
    return f"{_decimal(value, 1)} GB"


def _decimal(value: float, places: int) -> str:
    """As the window's language writes it."""
    return str(QLocale().toString(value, "f", places))


def _files(folder: Path, prefix: str) -> tuple[int, int]:
    sizes = [_size(path) for path in folder.glob(prefix + "*") if path.is_file()]
    return len(sizes), sum(sizes)


def _measure(folder: Path) -> tuple[int, int]:
    """(files, bytes) under ``folder``, links not followed."""
    files = size = 0
    for where, _folders, names in os.walk(folder):
        for name in names:
            files += 1
            size += _size(Path(where, name))
    return files, size


def _size(path: Path) -> int:
    try:
        return path.lstat().st_size
    except OSError:
        return 0
