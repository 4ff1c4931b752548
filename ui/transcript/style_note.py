"""Under a reply that the style changed: what it did in a few words, the original one click away, and a way to stop it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from ui import theme
from ui.theme import tokens
from ui.theme.widgets import Button, IconLabel, label


class StyleNote(QWidget):
    original_wanted = Signal()
    off_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("What your style did"))
        self.text = label("", "caption", self)
        self.text.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
        self.original = Button(self.tr("Show the original"), self, kind="link")
        self.original.setToolTip(self.tr("The reply of the original model, without your style"))
        self.original.clicked.connect(self.original_wanted)
        self.off = Button(self.tr("Not in this chat"), self, kind="link")
        self.off.setToolTip(self.tr("Switch the style off in this chat and show the original"))
        self.off.clicked.connect(self.off_wanted)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.current().px(4))
        mark = IconLabel("sparkle", self.tr("Your style"), self, token="muted", size=tokens.ICON_SMALL)
        row.addWidget(mark)
        row.addWidget(self.text)
        for button in (self.original, self.off):
            button.setProperty("dense", True)
            row.addWidget(button)
        row.addStretch(1)

    def show_effect(self, effect: str) -> None:
        """``effect``: what the style did, in a few words."""
        self.text.setText(effect)
        self.text.setAccessibleName(effect or "-")
