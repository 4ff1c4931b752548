"""A sound in a message: its name, how long it is, and a press to hear it."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from ui import sounds
from ui.theme.widgets import Button

_LONGEST = 40  # characters of a name


class SoundChip(Button):
    """``path``: the kept file."""

    def __init__(self, path: str, name: str, seconds: float, parent: QWidget | None = None) -> None:
        long = sounds.length(seconds)
        short = name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…"
        super().__init__(f"{short} · {long}" if seconds else short, parent, icon="play")
        self.path, self.name = path, name
        self.setProperty("dense", True)
        self.setAccessibleName(self.tr("Play the sound {0}, {1}").format(name, long))
        self.setToolTip(self.accessibleName())
