"""Erases one kind of data for good. Called on the writing thread."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.errors import StoreError

if TYPE_CHECKING:
    from assistant.paths import DataPaths
    from assistant.records import StyleVersion
    from assistant.store import Store


def erase(store: Store, paths: DataPaths, kind: str) -> tuple[StyleVersion, ...]:
    """Erase what ``kind`` names; the style versions, still there, that learned from it. Raises StoreError."""
    from assistant.learning import style_queries
    from assistant.store import staging

    if kind == "everything":
        store.erase_everything()
        _empty(paths.styles)
        _empty_logs(paths.logs)
        return ()
    if kind == "database":
        ids = [c.id for c in store.conversations(1_000_000)] + [c.id for c in store.deleted_conversations()]
        return store.erase(conversations=ids)
    if kind == "ratings":
        trained = store.erase(ratings=[rating.id for rating in store.ratings(withdrawn=True)])
        style_queries.forget_corrections(store)
        return trained
    if kind == "styles":
        with store.transaction():
            for version in store.styles():
                store.update_style(version.id, state="deleted")
        _empty(paths.styles)
    elif kind == "backups":
        with staging.of_backups(paths).held():
            _empty(paths.backups)
    elif kind == "logs":
        _empty_logs(paths.logs)
    return ()


def _empty(folder: Path) -> None:
    """Remove what is in a folder. What cannot be removed is said, not passed over."""
    from assistant.store import staging

    try:
        for path in folder.iterdir():
            staging.remove(path)
    except OSError as error:
        raise StoreError(f"{folder.name} could not be erased: {error.strerror or error}.") from error


def _empty_logs(folder: Path) -> None:
    """Logs that are being written to are cut to nothing, so that whoever writes them goes on."""
    for path in folder.iterdir():
        if path.is_file():
            with contextlib.suppress(OSError), path.open("r+b") as file:
                file.truncate(0)
