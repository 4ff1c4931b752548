"""The report of a problem, for the window and the command line. Nothing is sent."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from assistant.paths import DataPaths


def compose(paths: DataPaths) -> str:
    """Versions, settings, sizes and the log without anything the user wrote. Reads every file: seconds."""
    from assistant import problem_report

    return problem_report.compose(paths)


def save(text: str, target: Path) -> int:
    """Write a report that was read; its size in bytes. Raises StoreError."""
    from assistant.store.attachments import write_file

    data = text.encode("utf-8", "replace")
    write_file(target, data)
    return len(data)
