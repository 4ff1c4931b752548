"""A sound as a chip: its name, its length, a button to hear it, and one to remove it where it is not sent yet."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QWidget

from ui.sound.devices import player, why_not
from ui.theme import tokens
from ui.theme.widgets import IconButton, IconLabel, label

_LONGEST_NAME = 40  # characters shown; all of it is in the tooltip


class SoundChip(QFrame):
    """``path`` is a kept WAV file; ``note`` what intake changed. The remove button is there if ``removable``."""

    def __init__(
        self,
        path: str,
        name: str,
        seconds: float,
        parent: QWidget | None = None,
        *,
        note: str = "",
        removable: bool = False,
    ) -> None:
        super().__init__(parent)
        self.path = path
        self.setProperty("role", "card")
        words = " · ".join(part for part in (name, length_text(seconds), note) if part)
        self.setAccessibleName(self.tr("Sound {0}").format(words))
        self.setToolTip(words)
        shown = name if len(name) <= _LONGEST_NAME else name[: _LONGEST_NAME - 1] + "…"
        row = QHBoxLayout(self)
        row.setContentsMargins(tokens.GRID + tokens.HALF, tokens.HALF, tokens.HALF, tokens.HALF)
        row.setSpacing(tokens.GRID)
        row.addWidget(IconLabel("sound", self.tr("Sound"), self, size=tokens.ICON_SMALL))
        row.addWidget(_giving_way(label(shown, parent=self)))
        row.addWidget(label(length_text(seconds), "caption", self))
        if note:
            row.addWidget(_giving_way(label(note, "caption", self)))
        self.play = IconButton("play", self.tr("Play {0}").format(name), self, size=14, side=28)
        self.play.setVisible(not why_not())
        self.play.clicked.connect(lambda: player().toggle(self.path))
        self._name = name
        row.addWidget(self.play)
        self.remove = IconButton("x", self.tr("Remove {0}").format(name), self, size=14, side=28)
        self.remove.setVisible(removable)
        row.addWidget(self.remove)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        if not why_not():
            player().changed.connect(self._show_playing)

    def _show_playing(self, path: str) -> None:
        playing = path == self.path
        self.play.set_icon("stop" if playing else "play")
        self.play.set_text((self.tr("Stop {0}") if playing else self.tr("Play {0}")).format(self._name))


def _giving_way(words: QLabel) -> QLabel:
    """Words that are cut rather than make the window wider."""
    words.setMinimumWidth(1)
    return words


def length_text(seconds: float) -> str:
    """Minutes and seconds: 0:07."""
    whole = max(0, round(seconds))
    return f"{whole // 60}:{whole % 60:02d}"
