"""What a front is started with: the options that hold for the whole program."""

from __future__ import annotations

from dataclasses import dataclass

from assistant.paths import DataPaths


@dataclass(frozen=True, slots=True)
class WindowOptions:
    """How the window is to be opened."""

    paths: DataPaths
    offline: bool = False  # --offline: not even downloads that the user asks for
    log_level: str | None = None  # None: what the settings say
    fetch_default: bool | None = None  # --fetch-default: True, --starter: False; None: what the settings say
