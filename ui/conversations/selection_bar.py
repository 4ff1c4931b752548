"""Below the list while several conversations are selected: how many, and what can be done with all of them."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QWidget

from ui.theme import tokens
from ui.theme.widgets import IconButton, label


class SelectionBar(QFrame):
    """Hidden while fewer than two are selected. Its buttons are connected by the sidebar."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self.setAccessibleName(self.tr("Selected chats"))
        self.text = label("", "caption", self)
        self.text.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.move_ = IconButton("folder", self.tr("Move to folder"), self, size=tokens.ICON_SMALL)
        self.export = IconButton("download", self.tr("Export…"), self, size=tokens.ICON_SMALL)
        self.delete = IconButton("trash", self.tr("Delete the selected chats"), self, size=tokens.ICON_SMALL)
        self.close_button = IconButton(
            "x", self.tr("Select none"), self, size=tokens.ICON_SMALL, shortcut="Esc"
        )
        row = QHBoxLayout(self)
        row.setContentsMargins(tokens.GRID + tokens.HALF, tokens.HALF, tokens.HALF, tokens.HALF)
        row.setSpacing(0)
        row.addWidget(self.text, 1)
        for button in (self.move_, self.export, self.delete, self.close_button):
            row.addWidget(button)
        self.hide()

    def show_count(self, count: int) -> None:
        """So many are selected."""
        text = self.tr("%n selected", "", count)
        self.text.setText(text)
        self.text.setAccessibleName(text)
        self.setVisible(count > 1)
