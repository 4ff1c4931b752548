"""Editing a message in its place: a question to send again, or a reply into what was wanted."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QTextOption
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from ui import theme
from ui.theme.widgets import Button, label
from ui.transcript.changes import Changes

_MOST_LINES = 20
_COMPARE_AFTER_MS = 120  # of no typing


class InlineEditor(QWidget):
    """``saved`` carries the new text, ``cancelled`` means nothing changes."""

    saved = Signal(str)
    cancelled = Signal()
    resized = Signal()

    def __init__(
        self,
        text: str,
        reply: bool,
        parent: QWidget | None = None,
        *,
        now: str = "",
        enter_sends: bool = True,
    ) -> None:
        """``text`` as it was written; ``now``: as the user has changed it before. ``enter_sends``: a question."""
        super().__init__(parent)
        self._before, self._start = text, now or text
        self._text = _Field(self)
        self._text.enter_sends = enter_sends and not reply
        self._text.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self._text.setTabChangesFocus(True)
        self._text.setAccessibleName(
            self.tr("Your version of the reply") if reply else self.tr("Edit your message")
        )
        self._text.setPlainText(self._start)
        self._text.textChanged.connect(self._changed)
        self._text.submitted.connect(self._save)
        self._text.escaped.connect(self.cancelled)
        hint = self.tr("Attune learns from your changes") if reply else self.tr("The old version is kept")
        self._save_button = Button(self.tr("Save") if reply else self.tr("Send"), self, kind="primary")
        self._save_button.setProperty("dense", True)
        key = "Enter" if self._text.enter_sends else "Ctrl+Enter"
        self._save_button.setToolTip(f"{self._save_button.text()}  ({key})")
        self._save_button.clicked.connect(self._save)
        cancel = Button(self.tr("Cancel"), self, kind="ghost")
        cancel.setToolTip(self.tr("Cancel") + "  (Esc)")
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
        self._changes = Changes(self) if reply else None
        self._soon = QTimer(self, singleShot=True, interval=_COMPARE_AFTER_MS)
        self._soon.timeout.connect(self._compare)
        if self._changes is not None:
            self._changes.hide()
            column.addWidget(self._changes)
        column.addLayout(row)
        self._changed()
        self._compare()

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
        shown = self._changes
        below = shown.height_for(width) + now.px(8) if shown is not None and not shown.isHidden() else 0
        return metrics.lineSpacing() * min(max(lines, 2), _MOST_LINES) + now.px(32) + now.px(48) + below

    def _changed(self) -> None:
        text = self.text()
        self._save_button.setEnabled(bool(text.strip()) and text != self._start)
        self._soon.start()
        self.resized.emit()

    def changes(self) -> Changes | None:
        """What is changed so far, of a reply."""
        return self._changes

    def _compare(self) -> None:
        if self._changes is not None:
            different = self.text() != self._before
            if different:
                self._changes.show_change(self._before, self.text())
            self._changes.setVisible(different)
            self.resized.emit()

    def _save(self) -> None:
        if self._save_button.isEnabled():
            self.saved.emit(self.text().strip())


class _Field(QPlainTextEdit):
    submitted = Signal()
    escaped = Signal()

    enter_sends = False  # Enter alone; Shift+Enter begins a line everywhere

    def keyPressEvent(self, event: QKeyEvent) -> None:
        held = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        by_control = bool(held & (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.MetaModifier))
        alone = self.enter_sends and held == Qt.KeyboardModifier.NoModifier
        if event.key() == Qt.Key.Key_Escape:
            self.escaped.emit()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and (by_control or alone):
            self.submitted.emit()
        else:
            super().keyPressEvent(event)
