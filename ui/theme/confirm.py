"""A button for what cannot be undone: the first press asks, the second does it. No dialog in the way."""

from __future__ import annotations

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QWidget

from ui.theme.widgets import Button, set_property

_ASK_MS = 4000


class ConfirmButton(Button):
    confirmed = Signal()

    def __init__(self, text: str, question: str, parent: QWidget | None = None, *, icon: str = "") -> None:
        super().__init__(text, parent, kind="plain", icon=icon)
        self._text, self._question = text, question
        self.asking = False
        self._back = QTimer(self, singleShot=True, interval=_ASK_MS)
        self._back.timeout.connect(self._rest)
        self.clicked.connect(self._pressed)

    def _pressed(self) -> None:
        if self.asking:
            self._rest()
            self.confirmed.emit()
            return
        self.asking = True
        set_property(self, "kind", "danger")
        self.setText(self._question)
        self._back.start()

    def _rest(self) -> None:
        self.asking = False
        self._back.stop()
        set_property(self, "kind", "plain")
        self.setText(self._text)
