"""A reply's text with marks on its words: what a style made likelier, or what the user changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QColor, QHelpEvent, QTextBlockFormat, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QToolTip, QWidget

from ui import theme
from ui.markdown.style import LINE_HEIGHT, text_style
from ui.theme import tokens
from ui.transcript.text_block import StillText

Kind = Literal["", "likelier", "likelier_much", "rarer", "rarer_much", "added", "removed", "caption"]
_TIP = 0x100010  # QTextFormat.UserProperty + 16: what a mark says when pointed at


@dataclass(frozen=True, slots=True)
class Mark:
    """A piece of text and how it is marked; ``tip`` says more when pointed at."""

    text: str
    kind: Kind = ""
    tip: str = ""


class MarkedText(StillText):
    """Marks differ by line as well as by colour: likelier and added are underlined, the others dashed or struck out."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._marks: tuple[Mark, ...] = ()
        self.setMouseTracking(True)

    def show_marks(self, marks: Sequence[Mark], spoken: str) -> None:
        """Show ``marks`` one after the other; ``spoken`` is what a screen reader says of them."""
        self._marks = tuple(marks)
        self.setAccessibleName(spoken)
        self.restyle()

    def marks(self) -> tuple[Mark, ...]:
        return self._marks

    def restyle(self) -> None:
        """Draw again in the theme now in force."""
        style = text_style()
        self.document().setDefaultFont(style.font())
        self.clear()
        cursor = QTextCursor(self.document())
        block = QTextBlockFormat()
        block.setLineHeight(LINE_HEIGHT, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
        cursor.beginEditBlock()
        cursor.setBlockFormat(block)
        for mark in self._marks:
            cursor.insertText(mark.text, _format(mark))
        cursor.endEditBlock()
        self.home()

    def height_for(self, width: int) -> int:
        """Height in pixels when ``width`` pixels wide."""
        self.set_wrap_width(width)
        return int(self.document().documentLayout().documentSize().height()) + 1

    def tip_at(self, position: int) -> str:
        """What the mark at a place of the document says."""
        cursor = QTextCursor(self.document())
        cursor.setPosition(min(position + 1, self.document().characterCount() - 1))
        return str(cursor.charFormat().property(_TIP) or "")

    def viewportEvent(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            at = self.document().documentLayout().hitTest(event.pos().toPointF(), Qt.HitTestAccuracy.ExactHit)
            tip = self.tip_at(at) if at >= 0 else ""
            QToolTip.showText(event.globalPos(), tip, self)
            return True
        return super().viewportEvent(event)


def _format(mark: Mark) -> QTextCharFormat:
    colours = theme.current().colours
    made = QTextCharFormat()
    made.setForeground(QColor(colours.text))
    line = QTextCharFormat.UnderlineStyle
    if mark.kind in ("likelier", "likelier_much"):
        made.setBackground(QColor(getattr(colours, mark.kind)))
        made.setUnderlineStyle(line.SingleUnderline)
    elif mark.kind in ("rarer", "rarer_much"):
        made.setBackground(QColor(getattr(colours, mark.kind)))
        made.setUnderlineStyle(line.DashUnderline)
    elif mark.kind == "added":
        made.setBackground(QColor(colours.success_soft))
        made.setUnderlineStyle(line.SingleUnderline)
    elif mark.kind == "removed":
        made.setBackground(QColor(colours.danger_soft))
        made.setFontStrikeOut(True)
    elif mark.kind == "caption":
        made.setForeground(QColor(colours.muted))
        font = text_style().font()
        font.setPixelSize(theme.current().px(tokens.TYPE_SMALL))
        made.setFont(font)
    if mark.tip:
        made.setProperty(_TIP, mark.tip)
    return made
