"""Files dragged over the window: it says where they will go, and takes them wherever they are dropped."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QMimeData, QObject, QRectF, Qt, Signal
from PySide6.QtGui import (
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QWidget

from ui import theme
from ui.theme import tokens


def takes(mime: QMimeData) -> bool:
    """Whether what is dragged can be attached: files of this computer, or a picture that is not also text."""
    if any(url.isLocalFile() for url in mime.urls()):
        return True
    return mime.hasImage() and not mime.hasText()


class DropOverlay(QWidget):
    """Covers ``window`` while something that can be attached is dragged over it. ``text``: where drops went before."""

    dropped = Signal(QMimeData)

    def __init__(self, window: QWidget, text: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self.text = self.tr("Drop files here to add them to your message")
        self.setAccessibleName(self.text)
        self.setAcceptDrops(True)
        self.hide()
        window.setAcceptDrops(True)
        for watched in (window, text):
            watched.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.DragEnter and isinstance(event, QDragEnterEvent):
            if takes(event.mimeData()):
                self._cover()
                event.acceptProposedAction()
                return True
        elif event.type() == QEvent.Type.DragMove and isinstance(event, QDragMoveEvent):
            if takes(event.mimeData()):
                event.acceptProposedAction()
                return True
        elif event.type() == QEvent.Type.Drop and isinstance(event, QDropEvent):
            if takes(event.mimeData()):
                self.dropEvent(event)
                return True
        elif event.type() == QEvent.Type.Resize and watched is self._window:
            self.setGeometry(self._window.rect())
        return super().eventFilter(watched, event)

    def _cover(self) -> None:
        self.setGeometry(self._window.rect())
        self.show()
        self.raise_()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if takes(event.mimeData()):
            event.acceptProposedAction()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        event.acceptProposedAction()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self.hide()

    def dropEvent(self, event: QDropEvent) -> None:
        self.hide()
        event.acceptProposedAction()
        self.dropped.emit(event.mimeData())

    def mousePressEvent(self, event: object) -> None:
        """A drag that ended elsewhere without a word must not leave the window covered."""
        self.hide()

    def paintEvent(self, event: QPaintEvent) -> None:
        now = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        veil = theme.colour("background")
        veil.setAlphaF(0.94)
        painter.fillRect(self.rect(), veil)
        gap = now.px(tokens.GRID * 2)
        area = QRectF(self.rect()).adjusted(gap, gap, -gap, -gap)
        painter.setPen(QPen(theme.colour("accent"), 2, Qt.PenStyle.DashLine))
        painter.drawRoundedRect(area, now.px(tokens.RADIUS_LARGE), now.px(tokens.RADIUS_LARGE))
        side = now.px(32)
        icon = theme.icon("attach", "accent", 32)
        icon.paint(painter, (self.width() - side) // 2, self.height() // 2 - side - now.px(8), side, side)
        font = painter.font()
        font.setPixelSize(now.px(tokens.TYPE_TITLE))
        painter.setFont(font)
        painter.setPen(theme.colour("text"))
        below = area.adjusted(gap, self.height() / 2 - gap, -gap, 0)
        flags = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap
        painter.drawText(below, flags, self.text)
        painter.end()
