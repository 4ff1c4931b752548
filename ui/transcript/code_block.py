"""A block of code: its language, a copy button, colours that are worked out a few milliseconds at a time."""

from __future__ import annotations

import math
import re
import time
from collections.abc import Iterator

from PySide6.QtCore import QEvent, QRect, Qt, QTimer, Signal
from PySide6.QtGui import (
    QGuiApplication,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextLayout,
    QTextOption,
)
from PySide6.QtWidgets import QFrame, QLabel, QWidget

from ui import theme
from ui.markdown import highlight
from ui.markdown.blocks import Code
from ui.markdown.style import CODE_LINE_HEIGHT, text_style
from ui.theme import tokens
from ui.theme.widgets import IconButton
from ui.transcript.text_block import StillText

_HEADER = 36  # pixels
_PADDING = 16
_WRAP_FROM = 2_000  # characters of one line: from here lines are wrapped
_SLICE_S = 0.004  # of highlighting at a time
_COPIED_MS = 1500
_ASTRAL = re.compile("[\U00010000-\U0010ffff]")


class CodeBlock(QFrame):
    """Shows a ``Code``. ``copied`` is emitted when its text has gone to the clipboard."""

    copied = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "code")
        self._code = Code("")
        self._language = QLabel(self)
        self._language.setTextFormat(Qt.TextFormat.PlainText)
        self._language.setProperty("role", "caption")
        self._copy = IconButton("copy", self.tr("Copy code"), self, size=tokens.ICON_SMALL, side=28)
        self._copy.clicked.connect(self.copy)
        self._text = StillText(self)
        for part in (self, self._text):
            part.setAccessibleName(self.tr("Code"))
        self._wrapped = False
        self._wrap(False)
        self._text.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self._spans: Iterator[tuple[int, int, highlight.Kind]] | None = None
        self._formats: dict[int, list[QTextLayout.FormatRange]] = {}
        self._timer = QTimer(self, interval=0)
        self._timer.timeout.connect(self._highlight_slice)
        self._restore = QTimer(self, singleShot=True, interval=_COPIED_MS)
        self._restore.timeout.connect(self._show_copy)
        self._apply_theme()

    def code(self) -> Code:
        """What is shown."""
        return self._code

    def text_widget(self) -> StillText:
        """The text itself, for selection and tests."""
        return self._text

    def show_code(self, code: Code) -> None:
        """Show ``code`` instead of what is there."""
        self._apply_theme()
        self._stop_highlighting()
        self._code = Code("")
        self._text.clear()
        self._wrap(False)
        self.grow(code)

    def grow(self, code: Code) -> bool:
        """Become ``code`` by adding lines; false (and nothing done) if it isn't just more of the same."""
        old = self._code
        fresh = not old.text
        if not fresh and (
            not code.text.startswith(old.text) or (code.language, code.formula) != (old.language, old.formula)
        ):
            return False
        self._code = code
        self._append(code.text[len(old.text) :], fresh)
        if fresh or code.language != old.language:
            label = highlight.label(code.language) or self.tr("Text")
            self._language.setText(label)
            self._text.setAccessibleName(self.tr("Code, %s") % label)
            self.setAccessibleName(self.tr("Code, %s") % label)
        if code.closed:
            self._spans = highlight.spans(code.language, _utf16_shape(code.text))
            self._formats = {}
            self._highlight_slice()
        elif len(code.text) > len(old.text):
            self._highlight_new_lines(len(old.text))
        return True

    def height_for(self, width: int) -> int:
        """Height in pixels when ``width`` pixels wide."""
        now = theme.current()
        document = self._text.document()
        inner = width - 2 * now.px(_PADDING)
        if self._text.lineWrapMode() != StillText.LineWrapMode.NoWrap:
            document.setTextWidth(inner)
        size = document.documentLayout().documentSize()
        bar = (
            now.px(12)
            if self._text.lineWrapMode() == StillText.LineWrapMode.NoWrap and size.width() > inner
            else 0
        )
        return now.px(_HEADER) + math.ceil(size.height()) + bar + now.px(_PADDING)

    def copy(self) -> None:
        """Put the code on the clipboard and say so on the button."""
        QGuiApplication.clipboard().setText(self._code.text)
        self._copy.set_icon("check", "success")
        self._copy.set_text(self.tr("Copied"))
        self._restore.start()
        self.copied.emit()

    def resizeEvent(self, event: object) -> None:
        now = theme.current()
        pad, header = now.px(_PADDING), now.px(_HEADER)
        side = self._copy.width()
        self._language.setGeometry(QRect(pad, 0, max(0, self.width() - 2 * pad - side), header))
        self._copy.move(self.width() - side - now.px(6), (header - side) // 2)
        bottom = now.px(4)
        self._text.setGeometry(pad, header, self.width() - 2 * pad, max(0, self.height() - header - bottom))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self._copy.set_text(self.tr("Copy code"))

    def _apply_theme(self) -> None:
        style = text_style()
        self._text.document().setDefaultFont(style.code_font())
        self._base = QTextCharFormat()
        self._base.setFont(style.code_font())
        self._base.setForeground(theme.colour("code_text"))
        self._line = QTextBlockFormat()
        self._line.setLineHeight(CODE_LINE_HEIGHT, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)

    def _append(self, text: str, fresh: bool) -> None:
        if any(len(line) > _WRAP_FROM for line in text.split("\n")):
            self._wrap(True)
        cursor = QTextCursor(self._text.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        cursor.beginEditBlock()
        if fresh:
            cursor.setBlockFormat(self._line)
        cursor.insertText(text, self._base)
        cursor.endEditBlock()
        if fresh:
            self._text.home()

    def _wrap(self, on: bool) -> None:
        self._wrapped = on
        if not on:
            self._text.setLineWrapMode(StillText.LineWrapMode.NoWrap)
        self._text.setWordWrapMode(QTextOption.WrapMode.WrapAnywhere if on else QTextOption.WrapMode.NoWrap)

    def _show_copy(self) -> None:
        self._copy.set_icon("copy", "muted")
        self._copy.set_text(self.tr("Copy code"))

    # -- colours ----------------------------------------------------------------------------------

    def _stop_highlighting(self) -> None:
        self._timer.stop()
        self._spans = None
        self._formats = {}

    def _highlight_new_lines(self, since: int) -> None:
        """Colours of the lines just completed, each by itself; strings over lines come right when the block closes."""
        text = _utf16_shape(self._code.text)
        first = text.rfind("\n", 0, len(_utf16_shape(self._code.text[:since]))) + 1
        last = text.rfind("\n", first)
        if last < 0 or last - first > 2_000:
            return
        document = self._text.document()
        block = document.findBlockByNumber(text.count("\n", 0, first))
        for line in text[first:last].split("\n"):
            ranges = [
                _range(start, length, kind)
                for start, length, kind in highlight.spans(self._code.language, line)
            ]
            if ranges:
                block.layout().setFormats(ranges)
                document.markContentsDirty(block.position(), block.length())
            block = block.next()

    def _highlight_slice(self) -> None:
        """Go on with the colours of the whole block for a few milliseconds."""
        if self._spans is None:
            return
        until = time.perf_counter() + _SLICE_S
        document = self._text.document()
        finished = True
        touched: set[int] = set()
        for start, length, kind in self._spans:
            _spread(document, start, length, kind, self._formats, touched)
            if time.perf_counter() > until:
                finished = False
                break
        for number in touched:
            block = document.findBlockByNumber(number)
            block.layout().setFormats(self._formats[number])
            document.markContentsDirty(block.position(), block.length())
        if finished:
            self._stop_highlighting()
        elif not self._timer.isActive():
            self._timer.start()


def _utf16_shape(text: str) -> str:
    """``text`` as long as Qt counts it: what takes two UTF-16 units becomes two characters."""
    return _ASTRAL.sub("\ue000\ue000", text)


def _range(start: int, length: int, kind: highlight.Kind) -> QTextLayout.FormatRange:
    made = QTextLayout.FormatRange()
    made.start, made.length = start, length
    made.format = text_style().code_kinds[kind]
    return made


def _spread(
    document: object,
    start: int,
    length: int,
    kind: highlight.Kind,
    formats: dict[int, list[QTextLayout.FormatRange]],
    touched: set[int],
) -> None:
    """Put a coloured part, which may go over several lines, into the formats of each line's block."""
    block = document.findBlock(start)  # type: ignore[attr-defined]
    while length > 0 and block.isValid():
        inside = start - block.position()
        here = min(length, block.length() - 1 - inside)
        if here > 0:
            formats.setdefault(block.blockNumber(), []).append(_range(inside, here, kind))
            touched.add(block.blockNumber())
        length -= block.length() - inside
        start = block.position() + block.length()
        block = block.next()
