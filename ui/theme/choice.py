"""A choice of a few things: a combo box with the theme's own arrow, which does not scroll by accident."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QComboBox, QListView, QWidget

from ui import theme
from ui.theme import tokens


class Choice(QComboBox):
    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        view = QListView(self)  # a plain list, which the stylesheet reaches whole
        view.setAccessibleName(self.tr("Choices"))
        self.setView(view)

    def showPopup(self) -> None:
        """As wide as its longest entry, so that none is cut."""
        view = self.view()
        room = 2 * theme.current().px(tokens.GRID) + view.verticalScrollBar().sizeHint().width()
        view.setMinimumWidth(max(self.width(), view.sizeHintForColumn(0) + room))
        super().showPopup()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        side = theme.current().px(tokens.ICON_SMALL)
        painter = QPainter(self)
        left = self.width() - side - theme.current().px(tokens.GRID)
        icon = theme.icon("chevron-down", "muted", tokens.ICON_SMALL)
        icon.paint(painter, left, (self.height() - side) // 2, side, side)
        painter.end()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """The wheel scrolls the page; it never changes a setting that happens to be under the mouse."""
        event.ignore()
