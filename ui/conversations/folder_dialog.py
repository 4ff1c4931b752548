"""The instructions of a folder, in a dialog: what every chat in it is told before its own."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QVBoxLayout, QWidget

from ui import theme
from ui.conversations.instructions_bar import InstructionsField
from ui.theme import tokens
from ui.theme.widgets import label

_WIDTH = 520  # pixels
_LINES = 9


class FolderDialog(QDialog):
    saved = Signal(str)

    def __init__(self, name: str, instructions: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        title = self.tr("Instructions of the folder {0}").format(name)
        self.setWindowTitle(title)
        self.setAccessibleName(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.field = InstructionsField(
            title, self.tr("What every chat in this folder should know and do."), self
        )
        self.field.fit(_LINES)
        self.field.saved.connect(self._save)
        self.field.cancelled.connect(self.reject)
        side = tokens.GRID * 3
        column = QVBoxLayout(self)
        column.setContentsMargins(side, side, side, side)
        column.setSpacing(tokens.GRID)
        column.addWidget(label(title, "title", self, wrap=True))
        told = self.tr("They go before the instructions of each chat in it, from the next reply on.")
        column.addWidget(label(told, "muted", self, wrap=True))
        column.addWidget(self.field)
        self.setFixedWidth(theme.current().px(_WIDTH))
        self.field.begin(instructions)

    def _save(self, text: str) -> None:
        self.saved.emit(text)
        self.accept()
