"""Fields for numbers: as roomy as the text fields, and the mouse wheel leaves them alone."""

from __future__ import annotations

from PySide6.QtCore import QEvent
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QDoubleSpinBox, QSpinBox, QWidget

from ui import theme

_SIDE = 10  # pixels, as the stylesheet pads text fields; it does not reach the field within a spin box
_WIDTH = 96


class Number(QSpinBox):
    """A whole number."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setKeyboardTracking(False)
        _make_room(self)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange:
            _make_room(self)

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()  # it scrolls the page


class Decimal(QDoubleSpinBox):
    """A number with decimals."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setKeyboardTracking(False)
        _make_room(self)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange:
            _make_room(self)

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()  # it scrolls the page


def _make_room(field: QSpinBox | QDoubleSpinBox) -> None:
    side = theme.current().px(_SIDE)
    field.lineEdit().setTextMargins(side, 0, side, 0)
    field.setMinimumWidth(theme.current().px(_WIDTH))
