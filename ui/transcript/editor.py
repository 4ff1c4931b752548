"""Editing a message in its place: a question to send again, or a reply into what was wanted."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QTextOption
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from ui import theme
from ui.theme.widgets import Button, label

_MOST_LINES = 20


class InlineEditor(QWidget):
    """``saved`` carries the new text, ``cancelled`` means nothing changes."""

    saved = Signal(str)
    cancelled = Signal()
    resized = Signal()

    def __init__(self, text: str, reply: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._before = text
        self.setAccessibleName(
            self.tr("Your version of the reply") if reply else self.tr("Edit your message")
        )
        self._text = _Field(self)
        self._text.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self._text.setTabChangesFocus(True)
        self._text.setAccessibleName(
            self.tr("Your version of the reply") if reply else self.tr("Edit your message")
        )
        self._text.setPlainText(text)
        self._text.textChanged.connect(self._changed)
        self._text.submitted.connect(self._save)
        self._text.escaped.connect(self.cancelled)
        hint = (
            self.tr("Attune learns from the difference")
            if reply
            else self.tr("The old version stays as a branch")
        )
        self._save_button = Button(self.tr("Save") if reply else self.tr("Send"), self, kind="primary")
        self._save_button.setProperty("dense", True)
        self._save_button.clicked.connect(self._save)
        cancel = Button(self.tr("Cancel"), self, kind="ghost")
        cancel.setProperty("dense", True)
        cancel.clicked.connect(self.cancelled)
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(label(hint, "caption", self))
        row.addStretch(1)
        row.addWidget(cancel)
        row.addWidget(self._save_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._text, 1)
        column.addLayout(row)
        self._changed()

    def text(self) -> str:
        """What stands in the field."""
        return self._text.toPlainText()

    def field(self) -> QPlainTextEdit:
        """The field itself."""
        return self._text

    def start(self) -> None:
        """Take the focus, the cursor at the end."""
        self._text.setFocus(Qt.FocusReason.OtherFocusReason)
        self._text.moveCursor(self._text.textCursor().MoveOperation.End)

    def height_for(self, width: int) -> int:
        """As tall as the text, up to a limit."""
        now = theme.current()
        metrics = self._text.fontMetrics()
        inner = max(1, width - now.px(28))
        lines = 0
        for line in self.text()[:20_000].split("\n"):
            lines += 1 + metrics.horizontalAdvance(line[:4_000]) // inner
            if lines >= _MOST_LINES:
                break
        return metrics.lineSpacing() * min(max(lines, 2), _MOST_LINES) + now.px(32) + now.px(48)

    def _changed(self) -> None:
        text = self.text()
        self._save_button.setEnabled(bool(text.strip()) and text != self._before)
        self.resized.emit()

    def _save(self) -> None:
        if self._save_button.isEnabled():
            self.saved.emit(self.text().strip())


class _Field(QPlainTextEdit):
    submitted = Signal()
    escaped = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.escaped.emit()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and event.modifiers() & (
            Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.MetaModifier
        ):
            self.submitted.emit()
        else:
            super().keyPressEvent(event)
