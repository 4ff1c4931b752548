"""After a deletion: one line with "Undo", for a while; what was deleted can be brought back by key for longer."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QWidget

from ui.theme import tokens
from ui.theme.widgets import Button, label

SECONDS = 60  # that the line stands there; Ctrl+Z works as long as the window is open
_MOST = 50


class UndoBar(QFrame):
    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self.setAccessibleName(self.tr("Undo"))
        self._text = label("", "caption", self)
        self._text.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._button = Button(self.tr("Undo"), self, kind="link")
        self._button.setToolTip(self.tr("Undo") + "  (Ctrl+Z)")
        self._button.clicked.connect(self.undo)
        row = QHBoxLayout(self)
        row.setContentsMargins(tokens.GRID + tokens.HALF, tokens.HALF, tokens.HALF, tokens.HALF)
        row.addWidget(self._text, 1)
        row.addWidget(self._button)
        self._callbacks: list[Callable[[], None]] = []  # of what can be undone, the last one last
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.dismiss)
        self.hide()

    def offer(self, text: str, callback: Callable[[], None]) -> None:
        """Say ``text``; "Undo" (or ``undo()``) calls ``callback``."""
        self._text.setText(text)
        self._text.setAccessibleName(text)
        self._text.setToolTip(text)
        self._callbacks = [*self._callbacks[-_MOST:], callback]
        self._timer.start(SECONDS * 1000)
        self.show()

    def undo(self) -> None:
        """Do what the button does, for the last deletion, then the one before; nothing if there is none."""
        self.dismiss()
        if self._callbacks:
            self._callbacks.pop()()

    def dismiss(self) -> None:
        self._timer.stop()
        self.hide()
