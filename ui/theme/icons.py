"""Icons: the SVG drawings in ``svg/``, in whatever colour the palette gives them.

Each drawing is 24 x 24, strokes in ``currentColor``; it is rasterised for the screens in use (1x, 2x, 3x).
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QGuiApplication, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

FOLDER = Path(__file__).parent / "svg"
_DISABLED_OPACITY = 0.38


def names() -> tuple[str, ...]:
    """All icons there are."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.svg")))


def svg(name: str, colour: str) -> bytes:
    """The drawing ``name`` with its strokes in ``colour`` (``#rrggbb``)."""
    return (FOLDER / f"{name}.svg").read_bytes().replace(b"currentColor", colour.encode())


def pixmap(name: str, colour: str, size: int, ratio: float = 1.0) -> QPixmap:
    """The drawing at ``size`` logical pixels a side, for a screen of device pixel ratio ``ratio``."""
    side = max(1, round(size * ratio))
    drawn = QPixmap(side, side)
    drawn.fill(Qt.GlobalColor.transparent)
    painter = QPainter(drawn)
    QSvgRenderer(QByteArray(svg(name, colour))).render(painter, QRectF(0, 0, side, side))
    painter.end()
    drawn.setDevicePixelRatio(ratio)
    return drawn


def _paler(drawn: QPixmap) -> QPixmap:
    paler = QPixmap(drawn.size())
    paler.setDevicePixelRatio(drawn.devicePixelRatio())
    paler.fill(Qt.GlobalColor.transparent)
    painter = QPainter(paler)
    painter.setOpacity(_DISABLED_OPACITY)
    painter.drawPixmap(0, 0, drawn)
    painter.end()
    return paler


@lru_cache(maxsize=256)
def icon(name: str, colour: str, size: int, checked_colour: str | None = None) -> QIcon:
    """``name`` in ``colour``, paler when disabled, in ``checked_colour`` when its button is checked."""
    made = QIcon()
    # Twice the size at least: a window may be moved to a finer screen.
    for ratio in sorted({1.0, 2.0, *(screen.devicePixelRatio() for screen in QGuiApplication.screens())}):
        drawn = pixmap(name, colour, size, ratio)
        made.addPixmap(drawn, QIcon.Mode.Normal)
        made.addPixmap(_paler(drawn), QIcon.Mode.Disabled)
        if checked_colour:
            for mode in (QIcon.Mode.Normal, QIcon.Mode.Active):
                made.addPixmap(pixmap(name, checked_colour, size, ratio), mode, QIcon.State.On)
    return made
