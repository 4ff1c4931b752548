"""One learned trait as a line to press: its words, how strong, how sure."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFont, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from assistant.learning.style_queries import LearnedTrait
from ui import theme
from ui.learning.trait_words import certainty_text, liked, strength, strength_text
from ui.theme import tokens

_HEIGHT = 52  # pixels


class TraitRow(QAbstractButton):
    """Pressing it leads to the ratings behind the trait and to its correction."""

    def __init__(self, trait: LearnedTrait, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.trait = trait
        self.setText(liked(trait))
        said = f"{strength_text(trait)}, {certainty_text(trait)}"
        self.setAccessibleName(f"{liked(trait)}: {said}")
        self.setToolTip(self.tr("Show the ratings behind this, or change it"))
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(
            QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed
        )  # words are shortened to fit

    def sizeHint(self) -> QSize:
        px = theme.current().px
        return QSize(px(200), px(_HEIGHT))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme.current().px(120), theme.current().px(_HEIGHT))

    def paintEvent(self, event: QPaintEvent) -> None:
        px = theme.current().px
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        radius = px(tokens.RADIUS_SMALL)
        if self.underMouse() or self.isDown():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour("pressed" if self.isDown() else "hover"))
            painter.drawRoundedRect(area, radius, radius)
        if self.hasFocus():
            painter.setPen(QPen(theme.colour("accent"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(area, radius, radius)
        inner = area.adjusted(px(8), px(4), -px(8), -px(6))
        self._words(painter, inner)
        self._bar(painter, inner)
        painter.end()

    def _words(self, painter: QPainter, inner: QRectF) -> None:
        px = theme.current().px
        top = QRectF(inner.left(), inner.top(), inner.width(), px(24))
        words = QFont(self.font())
        words.setPixelSize(px(tokens.TYPE_BODY))
        painter.setFont(words)
        painter.setPen(theme.colour("text"))
        shown = painter.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, round(top.width()))
        painter.drawText(top, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, shown)

    def _bar(self, painter: QPainter, inner: QRectF) -> None:
        px = theme.current().px
        below = QRectF(inner.left(), inner.bottom() - px(16), inner.width(), px(16))
        small = QFont(self.font())
        small.setPixelSize(px(tokens.TYPE_SMALL))
        painter.setFont(small)
        note = certainty_text(self.trait)
        room = painter.fontMetrics().horizontalAdvance(note) + px(8)
        painter.setPen(theme.colour("muted"))
        painter.drawText(below, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, note)
        height = px(4)
        track = QRectF(below.left(), below.center().y() - height / 2, below.width() - room, height)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("pressed"))
        painter.drawRoundedRect(track, height / 2, height / 2)
        filled = QRectF(track)
        filled.setWidth(max(float(height), track.width() * strength(self.trait)))
        sure = self.trait.correction is not None or self.trait.certainty >= 0.6
        painter.setBrush(theme.colour("accent" if sure else "control"))
        painter.drawRoundedRect(filled, height / 2, height / 2)
