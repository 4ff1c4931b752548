"""A picture in large, over the window. Any key or click closes it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from ui import theme
from ui.theme import tokens


class ImageViewer(QWidget):
    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Picture"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._image = QImage()
        self._caption = ""
        self._focus_before: QWidget | None = None
        parent.installEventFilter(self)
        self.hide()

    def show_image(self, image: QImage, caption: str) -> None:
        """Show ``image`` as large as fits, with one line under it."""
        self._image, self._caption = image, caption
        self.setAccessibleDescription(caption)
        self._focus_before = self.window().focusWidget()
        self._fill()
        self.show()
        self.raise_()
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def close_image(self) -> None:
        self.hide()
        self._image = QImage()
        if self._focus_before is not None:
            self._focus_before.setFocus(Qt.FocusReason.OtherFocusReason)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._fill()
        return super().eventFilter(watched, event)

    def _fill(self) -> None:
        parent = self.parentWidget()
        if parent is not None:
            self.setGeometry(parent.rect())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        self.close_image()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.close_image()

    def paintEvent(self, event: QPaintEvent) -> None:
        px = theme.current().px
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        shade = QColor(tokens.DARK.sidebar)
        shade.setAlpha(235)
        painter.fillRect(self.rect(), shade)
        room = QRectF(self.rect()).adjusted(px(40), px(40), -px(40), -px(72))
        size = self._image.size()
        if not size.isEmpty() and room.isValid():
            # Never larger than it is: two device pixels a pixel at most.
            factor = min(room.width() / size.width(), room.height() / size.height(), 2.0)
            width, height = size.width() * factor, size.height() * factor
            middle = room.center()
            painter.drawImage(
                QRectF(middle.x() - width / 2, middle.y() - height / 2, width, height), self._image
            )
        painter.setPen(QColor(tokens.DARK.text))
        words = QRectF(0, self.height() - px(56), self.width(), px(32))
        painter.drawText(words, Qt.AlignmentFlag.AlignCenter, self._caption)
        painter.end()
