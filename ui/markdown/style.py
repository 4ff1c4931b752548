"""The formats in which blocks are written into a Qt document, made from the theme once a theme and kept."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtGui import (
    QBrush,
    QColor,
    QFont,
    QGuiApplication,
    QTextBlockFormat,
    QTextCharFormat,
    QTextLength,
    QTextOption,
)

from ui import theme
from ui.markdown.blocks import Paragraph, Span
from ui.theme import tokens

MONOSPACE = ("JetBrains Mono", "Cascadia Mono", "SF Mono", "Menlo", "Consolas", "Noto Sans Mono", "DejaVu Sans Mono",
             "Noto Sans Mono CJK SC", "monospace")  # fmt: skip
QUOTE_WIDTH = 16  # pixels each block quote moves its text in
LIST_WIDTH = 24  # pixels each list moves its text in
LINE_HEIGHT = 145  # per cent of the font's own
CODE_LINE_HEIGHT = 140
QUOTE_PROPERTY = 0x100001  # QTextFormat.UserProperty + 1: depth of quotes, for the bar at its left
RULE_PROPERTY = 0x100002  # a horizontal rule is painted here


class TextStyle:
    """Formats of one theme. Ask ``text_style()``, which keeps the one in force."""

    def __init__(self, now: theme.Theme) -> None:
        self.theme = now
        c = now.colours
        self.text, self.muted, self.link = QColor(c.text), QColor(c.muted), QColor(c.link)
        self.border, self.quote_bar = QColor(c.border), QColor(c.scrollbar)
        self.code_background = QColor(c.code_background)
        self._chars: dict[tuple[Span, str], QTextCharFormat] = {}
        self._blocks: dict[tuple[str, int, int, bool, bool], QTextBlockFormat] = {}
        self.code_kinds = {
            kind: _coloured(QColor(getattr(c, f"code_{kind}")))
            for kind in ("keyword", "string", "number", "comment", "function", "type")
        }
        self.code_kinds["comment"].setFontItalic(True)

    def px(self, size: float) -> int:
        """``size`` pixels at the present zoom."""
        return self.theme.px(size)

    def size(self, kind: str) -> int:
        """Pixel size of the letters of a paragraph ``kind``."""
        return self.px({"h1": tokens.TYPE_TITLE, "h2": tokens.TYPE_TITLE}.get(kind, tokens.TYPE_BODY))

    def font(self, kind: str = "text") -> QFont:
        """The font of running text."""
        font = QFont(QGuiApplication.font())  # with its further families, for scripts the first one lacks
        font.setPixelSize(self.size(kind))
        return font

    def code_font(self) -> QFont:
        """The font of code blocks."""
        font = QFont()
        font.setFamilies(list(MONOSPACE))
        font.setStyleHint(QFont.StyleHint.Monospace)
        font.setPixelSize(self.px(tokens.TYPE_SMALL))
        return font

    def char(self, span: Span, kind: str = "text") -> QTextCharFormat:
        """The format of ``span`` (its text doesn't matter) in a paragraph of ``kind``."""
        key = (
            Span("", span.bold, span.italic, span.strike, span.code, span.math, span.image, span.href),
            kind,
        )
        made = self._chars.get(key)
        if made is None:
            made = self._make_char(span, kind)
            if len(self._chars) < 400:  # each link is a key of its own
                self._chars[key] = made
        return made

    def _make_char(self, span: Span, kind: str) -> QTextCharFormat:
        made = QTextCharFormat()
        size = self.size(kind)
        made.setProperty(QTextCharFormat.Property.FontPixelSize, size)
        made.setForeground(QBrush(self.muted if kind == "h6" or span.image else self.text))
        heading = kind.startswith("h")
        made.setFontWeight(QFont.Weight.DemiBold if heading or span.bold else QFont.Weight.Normal)
        made.setFontItalic(span.italic or span.image)
        made.setFontStrikeOut(span.strike)
        if span.code:
            made.setFontFamilies(list(MONOSPACE))
            made.setProperty(QTextCharFormat.Property.FontPixelSize, max(1, round(size * 0.9)))
            made.setBackground(QBrush(self.code_background))
        if span.math:
            made.setFontItalic(kind != "math")
        if span.href:
            made.setAnchor(True)
            made.setAnchorHref(span.href)
            made.setForeground(QBrush(self.link))
            made.setFontUnderline(True)
            made.setToolTip(span.href)
        return made

    def block(self, paragraph: Paragraph, first: bool, after_item: bool = False) -> QTextBlockFormat:
        """The format of a paragraph; ``first`` in its document, ``after_item`` of the same list or quote."""
        key = (paragraph.kind, paragraph.quote, paragraph.indent, bool(paragraph.marker), after_item)
        made = self._blocks.get(key)
        if made is None:
            made = self._blocks[key] = self._make_block(paragraph, after_item)
        if first:
            made = QTextBlockFormat(made)
            made.setTopMargin(0)
        return made

    def space_above(self, paragraph: Paragraph, before: Paragraph) -> int:
        """Pixels between ``before`` and ``paragraph`` when they stand in documents of their own."""
        return round(self.block(paragraph, False, tight(paragraph, before)).topMargin())

    def _make_block(self, paragraph: Paragraph, after_item: bool) -> QTextBlockFormat:
        made = QTextBlockFormat()
        above = {"h1": 24, "h2": 22, "h3": 20, "h4": 16, "h5": 16, "h6": 16, "rule": 16, "more": 0}.get(
            paragraph.kind, 12
        )
        made.setTopMargin(self.px(4 if after_item else above))
        left = paragraph.quote * QUOTE_WIDTH + paragraph.indent * LIST_WIDTH
        made.setLeftMargin(self.px(left))
        if paragraph.marker:
            made.setTextIndent(-self.px(LIST_WIDTH))
            made.setTabPositions([QTextOption.Tab(self.px(LIST_WIDTH), QTextOption.TabType.LeftTab)])
        made.setLineHeight(
            LINE_HEIGHT if not paragraph.kind.startswith("h") else 125,
            QTextBlockFormat.LineHeightTypes.ProportionalHeight.value,
        )
        if paragraph.kind.startswith("h"):
            made.setHeadingLevel(int(paragraph.kind[1]))  # screen readers jump by it
        if paragraph.quote:
            made.setProperty(QUOTE_PROPERTY, paragraph.quote)
        if paragraph.kind == "rule":
            made.setProperty(RULE_PROPERTY, True)
        if paragraph.kind == "math":
            made.setLeftMargin(self.px(left + 24))
        return made


def tight(paragraph: Paragraph, before: Paragraph | None) -> bool:
    """Whether the two belong to one list, and so stand close together."""
    if before is None or not paragraph.indent or not before.indent:
        return False
    return bool(paragraph.marker) or paragraph.quote == before.quote


def fixed(pixels: int) -> QTextLength:
    """A fixed column width."""
    return QTextLength(QTextLength.Type.FixedLength, pixels)


def text_style() -> TextStyle:
    """The style of the theme in force."""
    return _style(theme.current())


@lru_cache(maxsize=2)
def _style(now: theme.Theme) -> TextStyle:
    return TextStyle(now)


def _coloured(colour: QColor) -> QTextCharFormat:
    made = QTextCharFormat()
    made.setForeground(QBrush(colour))
    return made
