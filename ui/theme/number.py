"""Fields for numbers: as roomy as the text fields, and the mouse wheel leaves them alone."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QAbstractSpinBox, QDoubleSpinBox, QSpinBox, QWidget

from ui import theme

_SIDE = 10  # pixels, as the stylesheet pads text fields; it does not reach the field within a spin box
_WIDTH = 96


class Number(QSpinBox):
    """A whole number."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        _Manners(self)


class Decimal(QDoubleSpinBox):
    """A number with decimals."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        _Manners(self)


class _Manners(QObject):
    """What both have in common: room in every style, and the wheel goes on to the page."""

    def __init__(self, field: QAbstractSpinBox) -> None:
        super().__init__(field)
        self._field = field
        field.setKeyboardTracking(False)
        field.installEventFilter(self)
        self._make_room()

    def eventFilter(self, target: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Wheel:
            event.ignore()
            return True
        if event.type() == QEvent.Type.StyleChange:
            self._make_room()
        return False

    def _make_room(self) -> None:
        side = theme.current().px(_SIDE)
        self._field.lineEdit().setTextMargins(side, 0, side, 0)
        self._field.setMinimumWidth(theme.current().px(_WIDTH))
