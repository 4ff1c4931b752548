"""A switch: a check box that looks like what it is, painted from the tokens."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QWidget

from ui import theme


class Switch(QAbstractButton):
    """Checkable; give it an accessible name."""

    def __init__(self, parent: QWidget | None = None, *, checked: bool = False) -> None:
        super().__init__(parent)
        self.setCheckable(True)
        self.setChecked(checked)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def sizeHint(self) -> QSize:
        px = theme.current().px
        return QSize(px(46), px(28))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        px = theme.current().px
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        track = QRectF(px(4), (self.height() - px(20)) / 2, px(36), px(20))
        on, radius = self.isChecked(), track.height() / 2
        painter.setPen(Qt.PenStyle.NoPen if on else QPen(theme.colour("control"), 1.5))
        painter.setBrush(theme.colour("accent") if on else theme.colour("surface"))
        painter.drawRoundedRect(track, radius, radius)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("on_accent") if on else theme.colour("control"))
        x = track.right() - radius if on else track.left() + radius
        painter.drawEllipse(QPointF(x, track.center().y()), radius - px(4), radius - px(4))
        if self.hasFocus():
            painter.setPen(QPen(theme.colour("accent"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            ring = track.adjusted(-px(3), -px(3), px(3), px(3))
            painter.drawRoundedRect(ring, ring.height() / 2, ring.height() / 2)
        painter.end()
