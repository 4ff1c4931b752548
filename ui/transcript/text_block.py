"""A read-only piece of running text: selectable, with links that ask first, and nothing that can be loaded.

``QTextBrowser`` opens local files and asks for network shares by itself; here it is given no HTML, follows no link and
answers every request for a resource with an empty picture.
"""

from __future__ import annotations

import math
import re

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, QUrl
from PySide6.QtGui import QFocusEvent, QImage, QPainter, QPaintEvent, QTextCursor, QTextOption, QWheelEvent
from PySide6.QtWidgets import QFrame, QTextBrowser, QWidget

from ui.markdown.blocks import Paragraph
from ui.markdown.style import QUOTE_PROPERTY, QUOTE_WIDTH, RULE_PROPERTY, TextStyle, text_style
from ui.markdown.writer import clear, grow_paragraph, write_paragraph


class StillText(QTextBrowser):
    """The base of every text in a message: no frame, no own scrolling, no resources, no navigation."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "bare")
        self.setOpenLinks(False)
        self.setOpenExternalLinks(False)
        self.setUndoRedoEnabled(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.viewport().setAutoFillBackground(False)
        self.document().setDocumentMargin(0)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextBrowserInteraction | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )

    def loadResource(self, kind: int, name: QUrl | str) -> object:
        return QImage(1, 1, QImage.Format.Format_ARGB32)  # None would be asked for again

    def doSetSource(self, name: QUrl | str, kind: object = None) -> None:
        """Go nowhere."""

    def set_wrap_width(self, width: int) -> None:
        """Wrap lines at ``width`` pixels. (With ``WidgetWidth`` Qt goes back to the width it was last shown at.)"""
        if self.lineWrapMode() != StillText.LineWrapMode.FixedPixelWidth:
            self.setLineWrapMode(StillText.LineWrapMode.FixedPixelWidth)
        if self.lineWrapColumnOrWidth() != width:
            self.setLineWrapColumnOrWidth(width)

    def home(self) -> None:
        """Put the caret at the beginning: an insertion into an empty document has carried it to the end."""
        self.setTextCursor(QTextCursor(self.document()))

    def wheelEvent(self, event: QWheelEvent) -> None:
        bar = self.horizontalScrollBar()
        if bar.maximum() > 0 and abs(event.angleDelta().x()) > abs(event.angleDelta().y()):
            super().wheelEvent(event)
        else:
            event.ignore()  # the transcript scrolls

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        kept = (
            Qt.FocusReason.PopupFocusReason,
            Qt.FocusReason.ActiveWindowFocusReason,
            Qt.FocusReason.MenuBarFocusReason,
        )
        if event.reason() not in kept and self.textCursor().hasSelection():
            cursor = self.textCursor()
            cursor.clearSelection()
            self.setTextCursor(cursor)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self.document().setDefaultFont(text_style().font())


# Finding where to break a word costs Qt quadratic time in its length; scripts without spaces break anywhere as it is.
_LONG_WORD = re.compile("[!-\u2e7f]{400,}")


class TextBlock(StillText):
    """Consecutive paragraphs in one document."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._break_anywhere(False)
        self._paragraphs: list[Paragraph] = []
        self._starts: list[int] = []  # document position of each paragraph
        self._style: TextStyle = text_style()
        self._decorated = False
        self.document().setDefaultFont(self._style.font())

    def paragraphs(self) -> list[Paragraph]:
        """What is shown."""
        return self._paragraphs

    def append(self, paragraph: Paragraph) -> None:  # type: ignore[override]
        """Add a paragraph at the end."""
        self._check_words(paragraph)
        cursor = QTextCursor(self.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        before = self._paragraphs[-1] if self._paragraphs else None
        cursor.beginEditBlock()
        write_paragraph(cursor, paragraph, before, self._style, first=before is None)
        cursor.endEditBlock()
        if before is None:
            self.home()
        self._starts.append(cursor.block().position())
        self._paragraphs.append(paragraph)
        self._decorated = self._decorated or paragraph.quote > 0 or paragraph.kind == "rule"

    def grow(self, paragraph: Paragraph) -> bool:
        """Turn the last paragraph into ``paragraph`` by adding to it; false (and nothing done) if that can't be."""
        self._check_words(paragraph)
        cursor = QTextCursor(self.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        if not grow_paragraph(cursor, self._paragraphs[-1], paragraph, self._style):
            return False
        self._paragraphs[-1] = paragraph
        return True

    def is_full(self, characters: int, paragraphs: int) -> bool:
        """Whether the next paragraph should go into another document."""
        return self.document().characterCount() > characters or len(self._paragraphs) >= paragraphs

    def keep(self, count: int) -> None:
        """Remove all but the first ``count`` paragraphs."""
        if count >= len(self._paragraphs):
            return
        start = self._starts[count]
        del self._paragraphs[count:], self._starts[count:]
        if count == 0:
            self._decorated = False
            clear(self.document())
            return
        cursor = QTextCursor(self.document())
        cursor.setPosition(start - 1)
        cursor.movePosition(QTextCursor.MoveOperation.End, QTextCursor.MoveMode.KeepAnchor)
        form = self.document().findBlock(start - 1).blockFormat()
        cursor.beginEditBlock()
        cursor.removeSelectedText()
        cursor.setBlockFormat(form)  # Qt keeps the removed block's format when the one before is empty
        cursor.endEditBlock()

    def _check_words(self, paragraph: Paragraph) -> None:
        if not self._anywhere and any(_LONG_WORD.search(span.text) for span in paragraph.spans):
            self._break_anywhere(True)

    def _break_anywhere(self, on: bool) -> None:
        self._anywhere = on
        wrap = QTextOption.WrapMode.WrapAnywhere if on else QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere
        self.setWordWrapMode(wrap)

    def reset(self) -> None:
        """Empty, in the theme now in force."""
        self._style = text_style()
        self._break_anywhere(False)
        self._paragraphs, self._starts, self._decorated = [], [], False
        clear(self.document())
        self.document().setDefaultFont(self._style.font())

    def height_for(self, width: int) -> int:
        """Height in pixels when ``width`` pixels wide."""
        self.set_wrap_width(width)
        return math.ceil(self.document().documentLayout().documentSize().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._decorated:
            self._paint_decoration(QRectF(event.rect()))

    def _paint_decoration(self, area: QRectF) -> None:
        """The bars of quotes and the lines of rules, which a document has no format for."""
        layout = self.document().documentLayout()
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        block = self.document().findBlock(
            max(0, layout.hitTest(QPointF(1, area.top()), Qt.HitTestAccuracy.FuzzyHit))
        )
        bottom_above = layout.blockBoundingRect(block.previous()).bottom()
        depth_above = (
            block.previous().blockFormat().intProperty(QUOTE_PROPERTY) if block.previous().isValid() else 0
        )
        while block.isValid():
            rect = layout.blockBoundingRect(block)
            if rect.top() > area.bottom():
                break
            form = block.blockFormat()
            if form.boolProperty(RULE_PROPERTY):
                painter.setBrush(self._style.border)
                painter.drawRect(QRectF(0, rect.center().y(), self.viewport().width(), 1))
            depth = form.intProperty(QUOTE_PROPERTY)
            painter.setBrush(self._style.quote_bar)
            for level in range(depth):
                # The bar goes on through the space between two paragraphs of one quote.
                top = bottom_above if level < depth_above else rect.top()
                left = self._style.px(level * QUOTE_WIDTH)
                painter.drawRoundedRect(QRectF(left, top, self._style.px(3), rect.bottom() - top), 1.5, 1.5)
            depth_above, bottom_above = depth, rect.bottom()
            block = block.next()
        painter.end()
