"""What surrounds one message of the list: the ring of the keyboard focus, or the mark of a search hit."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from ui import theme
from ui.theme import tokens

_OUTSIDE = (12, 6)  # pixels around the message, across and down


class Ring(QWidget):
    """Lies around a message; the mouse goes through it."""

    def __init__(self, parent: QWidget, filled: bool) -> None:
        super().__init__(parent)
        self._filled = filled
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAccessibleName("-")
        self.hide()

    def surround(self, area: QRect) -> None:
        """Show it around ``area`` (of the parent); behind everything when filled."""
        across, down = theme.current().px(_OUTSIDE[0]), theme.current().px(_OUTSIDE[1])
        self.setGeometry(area.adjusted(-across, -down, across, down))
        if self._filled:
            self.lower()
        else:
            self.raise_()
        self.show()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        radius = theme.current().px(tokens.RADIUS)
        if self._filled:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour("accent_soft"))
        else:
            painter.setPen(QPen(theme.colour("accent"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), radius, radius)
        painter.end()
