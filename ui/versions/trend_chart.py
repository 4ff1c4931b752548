"""A small chart of one measure over the versions: points with their intervals, joined by a line.

Painted from the theme's tokens. What is seen is also said: the accessible description lists every point, and the mouse
over a point shows its value.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QHelpEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from ui import theme
from ui.theme import tokens
from ui.versions.trend_data import SHARES, Measure, Point, Trend

_HEIGHT = 136  # pixels
_LOW = 104  # where there is little room
_DOT = 4  # radius
_NEAR = 14  # pixels from a point that count as being on it
_MOST_LABELS = 8


class TrendChart(QWidget):
    def __init__(self, trend: Trend, parent: QWidget | None = None, *, low: bool = False) -> None:
        super().__init__(parent)
        self._height = _LOW if low else _HEIGHT
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.show_trend(trend)

    def show_trend(self, trend: Trend) -> None:
        self.trend = trend
        self._title = self._measure_text(trend.measure)
        self.setAccessibleName(self.tr("{0}, version by version").format(self._title))
        self.setAccessibleDescription("; ".join(self._said(point) for point in trend.points))
        self.update()

    def sizeHint(self) -> QSize:
        px = theme.current().px
        return QSize(px(180), px(self._height))

    def minimumSizeHint(self) -> QSize:
        px = theme.current().px
        return QSize(px(120), px(self._height))

    # --- words --------------------------------------------------------------------------------------------

    def _measure_text(self, measure: Measure) -> str:
        return {
            "wins": self.tr("Preferred, blind"),
            "agreement": self.tr("Agrees with you"),
            "reward": self.tr("Reward"),
            "kl": self.tr("KL per token"),
        }[measure]

    def _number(self, value: float) -> str:
        return f"{round(100 * value)} %" if self.trend.measure in SHARES else f"{value:.2g}"

    def _said(self, point: Point) -> str:
        text = self.tr("Version {0}: {1}").format(point.number, self._number(point.value))
        if point.low is not None and point.high is not None:
            text += " " + self.tr("({0} to {1})").format(self._number(point.low), self._number(point.high))
        return text + (" " + self.tr("in use") if point.in_use else "")

    # --- where things are ---------------------------------------------------------------------------------

    def _range(self) -> tuple[float, float]:
        if self.trend.measure in SHARES:
            return 0.0, 1.0
        values = [point.value for point in self.trend.points]
        low, high = min(0.0, *values), max(0.0, *values)
        return low, high if high > low else low + 1.0

    def _plot(self) -> QRectF:
        px = theme.current().px
        area = QRectF(self.rect())
        return area.adjusted(px(44), px(28), -px(12), -px(22))

    def places(self) -> list[QPointF]:
        """Where each point is drawn."""
        plot, (low, high), points = self._plot(), self._range(), self.trend.points
        step = plot.width() / max(1, len(points) - 1)
        return [
            QPointF(plot.left() + at * step, self._y(point.value, plot, low, high))
            for at, point in enumerate(points)
        ]

    @staticmethod
    def _y(value: float, plot: QRectF, low: float, high: float) -> float:
        return plot.bottom() - (value - low) / (high - low) * plot.height()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            at = QPointF(event.pos())
            for place, point in zip(self.places(), self.trend.points, strict=True):
                if abs(place.x() - at.x()) <= _NEAR and abs(place.y() - at.y()) <= _NEAR:
                    QToolTip.showText(event.globalPos(), self._said(point), self)
                    return True
            QToolTip.hideText()
            return True
        return super().event(event)

    # --- painting -----------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        px = theme.current().px
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        small = QFont(self.font())
        small.setPixelSize(px(tokens.TYPE_SMALL))
        painter.setFont(small)
        plot, (low, high) = self._plot(), self._range()
        painter.setPen(theme.colour("muted"))
        head = QRectF(0, 0, self.width(), px(20))
        title = painter.fontMetrics().elidedText(self._title, Qt.TextElideMode.ElideRight, self.width())
        painter.drawText(head, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, title)
        self._scale(painter, plot, low, high)
        places = self.places()
        self._intervals(painter, plot, low, high, places)
        painter.setPen(QPen(theme.colour("accent"), 2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPolyline(places)
        for place, point in zip(places, self.trend.points, strict=True):
            painter.setBrush(theme.colour("accent" if point.in_use else "surface"))
            painter.drawEllipse(place, px(_DOT), px(_DOT))
        self._numbers(painter, plot, places)
        painter.end()

    def _scale(self, painter: QPainter, plot: QRectF, low: float, high: float) -> None:
        """The ends of the scale, and the line that tells better from worse."""
        px = theme.current().px
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        middle = 0.5 if self.trend.measure in SHARES else 0.0
        painter.setPen(QPen(theme.colour("border"), 1))
        for value in (low, high):
            y = self._y(value, plot, low, high)
            painter.drawLine(QPointF(plot.left() - px(4), y), QPointF(plot.right() + px(4), y))
        painter.setPen(QPen(theme.colour("control"), 1, Qt.PenStyle.DashLine))
        y = self._y(middle, plot, low, high)
        painter.drawLine(QPointF(plot.left() - px(4), y), QPointF(plot.right() + px(4), y))
        painter.setPen(theme.colour("muted"))
        for value in (low, high):
            y = self._y(value, plot, low, high)
            painter.drawText(QRectF(0, y - px(9), px(38), px(18)), right, self._number(value))

    def _intervals(
        self, painter: QPainter, plot: QRectF, low: float, high: float, places: list[QPointF]
    ) -> None:
        painter.setPen(QPen(theme.colour("control"), 1.5))
        for place, point in zip(places, self.trend.points, strict=True):
            if point.low is not None and point.high is not None:
                painter.drawLine(
                    QPointF(place.x(), self._y(point.low, plot, low, high)),
                    QPointF(place.x(), self._y(point.high, plot, low, high)),
                )

    def _numbers(self, painter: QPainter, plot: QRectF, places: list[QPointF]) -> None:
        """The versions' numbers below; where there are many, some of them."""
        px = theme.current().px
        every = -(-len(places) // _MOST_LABELS)
        painter.setPen(theme.colour("muted"))
        for at, (place, point) in enumerate(zip(places, self.trend.points, strict=True)):
            if (len(places) - 1 - at) % every == 0:
                room = QRectF(place.x() - px(16), plot.bottom() + px(4), px(32), px(18))
                painter.drawText(room, Qt.AlignmentFlag.AlignCenter, str(point.number))
