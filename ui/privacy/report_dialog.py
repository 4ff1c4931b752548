"""The report of a problem, to be read before it is saved. Nothing is sent from here."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QDialog, QFileDialog, QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from assistant.errors import AttuneError
from assistant.services.reports import save
from ui import theme
from ui.theme import tokens
from ui.theme.widgets import Button, label


class ReportDialog(QDialog):
    def __init__(self, text: str, parent: QWidget | None) -> None:
        super().__init__(parent.window() if parent is not None else None)
        title = QCoreApplication.translate("ReportDialog", "Report a problem")
        self.setWindowTitle(title)
        self.setAccessibleName(title)
        column = QVBoxLayout(self)
        side = tokens.GRID * 2
        column.setContentsMargins(side, side, side, side)
        column.setSpacing(tokens.GRID)
        what = self.tr(
            "This is all that is in the report. It holds nothing you wrote. You may change it; save it, and attach it to "
            "your message. Attune sends nothing."
        )
        column.addWidget(label(what, "muted", self, wrap=True))
        self.text = QPlainTextEdit(text, self)
        self.text.setAccessibleName(title)
        column.addWidget(self.text, 1)
        self.note = label("", "muted", self, wrap=True)
        column.addWidget(self.note)
        self.close_button = Button(self.tr("Close"), self)
        self.close_button.clicked.connect(self.reject)
        self.save = Button(self.tr("Save as…"), self, kind="primary")
        self.save.clicked.connect(self._save)
        row = QHBoxLayout()
        row.setSpacing(tokens.GRID)
        row.addStretch(1)
        row.addWidget(self.close_button)
        row.addWidget(self.save)
        column.addLayout(row)
        px = theme.current().px
        self.resize(px(680), px(520))

    def _save(self) -> None:
        chosen, _kind = QFileDialog.getSaveFileName(
            self, self.tr("Save the report as"), "attune-report.txt", self.tr("Text (*.txt)")
        )
        if not chosen:
            return
        try:
            save(self.text.toPlainText(), Path(chosen))
            said = self.tr("Saved as {0}.").format(chosen)
        except AttuneError as error:
            said = str(error)
        self.note.setText(said)
        self.note.setAccessibleName(said)
