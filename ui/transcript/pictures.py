"""Pictures of messages: read off the GUI thread, only in the formats that are stored, never larger than shown."""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path

from PySide6.QtCore import (
    QBuffer,
    QByteArray,
    QIODevice,
    QObject,
    QRectF,
    QRunnable,
    QSize,
    Qt,
    QThreadPool,
    Signal,
)
from PySide6.QtGui import QColor, QImage, QImageReader, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QWidget

from ui import theme
from ui.theme import tokens

MAX_PIXELS = 50_000_000
_SIGNATURES = (
    (b"\x89PNG\r\n\x1a\n", b"png"),
    (b"\xff\xd8\xff", b"jpeg"),
    (b"GIF8", b"gif"),
    (b"RIFF", b"webp"),
)
_KEPT = 64  # thumbnails


def read_picture(source: str | bytes, most: QSize | None = None) -> QImage:
    """Decode a stored picture, scaled down to fit ``most``. A null image when it can't be read. Any thread.

    The format is told by the first bytes, so Qt never tries its other readers (SVG among them).
    """
    try:
        data = source if isinstance(source, bytes) else Path(source).read_bytes()
    except OSError:
        return QImage()
    form = next((name for start, name in _SIGNATURES if data.startswith(start)), None)
    if form is None:
        return QImage()
    buffer = QBuffer()
    buffer.setData(QByteArray(data))
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    reader = QImageReader(buffer, QByteArray(form))
    reader.setAutoDetectImageFormat(False)
    reader.setAutoTransform(True)
    size = reader.size()
    if not size.isValid() or size.width() * size.height() > MAX_PIXELS:
        return QImage()
    if most is not None and (size.width() > most.width() or size.height() > most.height()):
        reader.setScaledSize(size.scaled(most, Qt.AspectRatioMode.KeepAspectRatio))
    return reader.read()


class _Done(QObject):
    read = Signal(str, QImage)


class _Read(QRunnable):
    def __init__(self, key: str, path: str, most: QSize, done: _Done) -> None:
        super().__init__()
        self._key, self._path, self._most, self._done = key, path, most, done

    def run(self) -> None:
        image = read_picture(self._path, self._most)
        try:
            self._done.read.emit(self._key, image)
        except RuntimeError:  # the window has gone meanwhile
            return


class Thumbnails(QObject):
    """Reads thumbnails in the background and keeps the last ones. ``ready(key, image)`` when one is there."""

    ready = Signal(str, QImage)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._kept: OrderedDict[str, QImage] = OrderedDict()
        self._asked: set[str] = set()
        self._done = _Done(self)
        self._done.read.connect(self._take)
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)

    def get(self, path: str, most: QSize) -> tuple[str, QImage | None]:
        """The key of ``path`` at this size, and the picture if it is there; otherwise it will be."""
        key = f"{path}|{most.width()}x{most.height()}"
        if key in self._kept:
            self._kept.move_to_end(key)
            return key, self._kept[key]
        if key not in self._asked:
            self._asked.add(key)
            self._pool.start(_Read(key, path, most, self._done))
        return key, None

    def wait(self) -> None:
        """Until everything asked for has been read (its signals still have to be delivered)."""
        self._pool.waitForDone()

    def _take(self, key: str, image: QImage) -> None:
        self._asked.discard(key)
        self._kept[key] = image
        while len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        self.ready.emit(key, image)


class PictureTile(QAbstractButton):
    """A picture with soft corners that opens large when pressed."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._image: QImage | None = None  # shown whole, on a ground where the shapes differ
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(name)
        self.setToolTip(name)

    def set_image(self, image: QImage | None) -> None:
        """Show ``image``; ``None``: it is still being read; a null one: it can't be read."""
        self._image = image
        self.update()

    def image(self) -> QImage | None:
        """What is shown."""
        return self._image

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        area = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        radius = theme.current().px(tokens.RADIUS)
        shape = QPainterPath()
        shape.addRoundedRect(area, radius, radius)
        painter.setClipPath(shape)
        painter.fillPath(shape, theme.colour("hover"))
        if self._image is not None and not self._image.isNull():
            size = self._image.size().scaled(area.size().toSize(), Qt.AspectRatioMode.KeepAspectRatio)
            target = QRectF(0, 0, size.width(), size.height())
            target.moveCenter(area.center())
            painter.drawImage(target, self._image)
        elif self._image is not None:
            icon = theme.icon("warning")
            side = theme.current().px(tokens.ICON)
            icon.paint(
                painter, int(area.center().x() - side / 2), int(area.center().y() - side / 2), side, side
            )
        painter.setClipping(False)
        focused = self.hasFocus()
        painter.setPen(QPen(theme.colour("accent" if focused else "border"), 2 if focused else 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(area, radius, radius)
        if self.isDown():
            painter.fillPath(shape, QColor(0, 0, 0, 40))
        painter.end()

    def sizeHint(self) -> QSize:
        return QSize(theme.current().px(120), theme.current().px(120))
