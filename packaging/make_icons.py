"""Draws attune.png (256 x 256) and attune.ico (16 to 256) from attune.svg: `python packaging/make_icons.py`."""

from __future__ import annotations

import io
import os
from pathlib import Path

from PIL import Image

FOLDER = Path(__file__).parent
SIZES = (16, 24, 32, 48, 64, 128, 256)


def draw(size: int) -> Image.Image:
    """The icon with ``size`` pixels a side, each size drawn anew and not scaled."""
    from PySide6.QtCore import QBuffer, QByteArray
    from PySide6.QtGui import QImage, QPainter
    from PySide6.QtSvg import QSvgRenderer

    image = QImage(size, size, QImage.Format.Format_ARGB32)
    image.fill(0)
    painter = QPainter(image)
    QSvgRenderer(QByteArray((FOLDER / "attune.svg").read_bytes())).render(painter)
    painter.end()
    buffer = QBuffer()
    buffer.open(QBuffer.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")
    return Image.open(io.BytesIO(buffer.data().data())).convert("RGBA")


def main() -> None:
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtGui import QGuiApplication

    app = QGuiApplication([])
    pictures = [draw(size) for size in SIZES]
    pictures[-1].save(FOLDER / "attune.png")
    pictures[-1].save(FOLDER / "attune.ico", sizes=[(s, s) for s in SIZES], append_images=pictures[:-1])
    app.quit()


if __name__ == "__main__":
    main()
