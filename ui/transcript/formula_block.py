"""A formula on a line of its own: typeset, with its source to copy; its source as code until that is done, and where it
cannot be."""

from __future__ import annotations

import math

from PySide6.QtCore import QByteArray, QRectF, QSize, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QWidget

from ui import theme
from ui.markdown.blocks import Code
from ui.markdown.typeset import Drawing, typesetter
from ui.theme import tokens
from ui.theme.widgets import set_property
from ui.transcript.code_block import CodeBlock

_SIZE = 19  # pixels of its letters
_ABOVE = 8  # pixels, and below


class FormulaBlock(CodeBlock):
    """Shows a ``Code`` whose text is LaTeX."""

    resized = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._drawing: Drawing | None = None
        self._renderer = QSvgRenderer(self)
        typesetter().drawn.connect(self._drawn)

    @property
    def typeset(self) -> bool:
        """Whether the formula itself is shown, not its source."""
        return self._drawing is not None

    def show_code(self, code: Code) -> None:
        super().show_code(code)
        self.setAccessibleName(self.tr("Formula: %s") % code.text)
        self._copy.set_text(self.tr("Copy the LaTeX source"))
        self._ask()

    def height_for(self, width: int) -> int:
        if self._drawing is None:
            return super().height_for(width)
        size = self._fitting(width)
        return max(size.height() + 2 * theme.current().px(_ABOVE), self._copy.height())

    def _ask(self) -> None:
        known, drawing = typesetter().get(self._code.text, *self._look())
        self._show(drawing if known else None)

    def _look(self) -> tuple[int, str]:
        return theme.current().px(_SIZE), theme.colour("text").name()

    def _drawn(self, tex: str, size: int, colour: str, drawing: Drawing | None) -> None:
        if tex == self._code.text and (size, colour) == self._look() and drawing is not None:
            self._show(drawing)
            self.resized.emit()

    def _show(self, drawing: Drawing | None) -> None:
        self._drawing = drawing
        if drawing is not None:
            self._renderer.load(QByteArray(drawing.svg))
            self._drawing = drawing if self._renderer.isValid() else None
        shown = self._drawing is not None
        self._text.setVisible(not shown)
        self._language.setVisible(not shown)
        set_property(self, "role", "formula" if shown else "code")
        self.update()

    def _fitting(self, width: int) -> QSize:
        """The formula's size where ``width`` pixels are free: a wide one is drawn smaller."""
        if self._drawing is None:
            return QSize()
        room = max(40, width - self._copy.width() - theme.current().px(tokens.GRID * 2))
        scale = min(1.0, room / self._drawing.width)
        return QSize(math.ceil(self._drawing.width * scale), math.ceil(self._drawing.height * scale))

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._drawing is None:
            super().paintEvent(event)
            return
        size = self._fitting(self.width())
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        left, top = theme.current().px(tokens.GRID), (self.height() - size.height()) / 2
        self._renderer.render(painter, QRectF(left, top, size.width(), size.height()))
        painter.end()
