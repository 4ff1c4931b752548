"""Writes paragraphs into a ``QTextDocument`` through a cursor: no HTML is ever made, so none can be injected.

The document of a growing reply is edited at its end only: what is settled stays laid out.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtGui import QTextBlockFormat, QTextCursor, QTextDocument

from ui.markdown.blocks import Paragraph, Span
from ui.markdown.style import TextStyle, tight

_LINE_SEPARATOR = "\u2028"  # Qt's line break inside a paragraph
_SPANS_ONLY = Span("")


def write_paragraph(
    cursor: QTextCursor, paragraph: Paragraph, before: Paragraph | None, style: TextStyle, first: bool
) -> None:
    """Append ``paragraph`` at ``cursor`` (the end of its document). ``before`` is the one above it, if any."""
    form = style.block(paragraph, first, tight(paragraph, before))
    if first:
        cursor.setBlockFormat(form)
    else:
        cursor.insertBlock(form)
    if paragraph.marker:
        cursor.insertText(paragraph.marker + "\t", style.char(_SPANS_ONLY, paragraph.kind))
    write_spans(cursor, paragraph.spans, style, paragraph.kind)


def write_spans(cursor: QTextCursor, spans: Sequence[Span], style: TextStyle, kind: str = "text") -> None:
    """Append ``spans`` at ``cursor`` in the formats of ``style``."""
    for span in spans:
        text = span.text.replace("\n", _LINE_SEPARATOR)
        cursor.insertText(f"[{text}]" if span.image else text, style.char(span, kind))


def grow_paragraph(cursor: QTextCursor, old: Paragraph, new: Paragraph, style: TextStyle) -> bool:
    """Append to the paragraph that ends the document what ``new`` has more than ``old``; false if it
    isn't only more."""
    if (old.kind, old.quote, old.indent, old.marker) != (new.kind, new.quote, new.indent, new.marker):
        return False
    count = len(old.spans)
    if not count or count > len(new.spans) or old.spans[: count - 1] != new.spans[: count - 1]:
        return False
    last, grown = old.spans[-1], new.spans[count - 1]
    if (
        grown.image
        or Span("", *_flags(last)) != Span("", *_flags(grown))
        or not grown.text.startswith(last.text)
    ):
        return False
    more = Span(grown.text[len(last.text) :], *_flags(grown))
    write_spans(cursor, (more, *new.spans[count:]), style, new.kind)
    return True


def clear(document: QTextDocument) -> None:
    """Empty ``document``, its first block without a format."""
    document.clear()
    cursor = QTextCursor(document)
    cursor.setBlockFormat(QTextBlockFormat())


def _flags(span: Span) -> tuple[bool, bool, bool, bool, bool, bool, str]:
    return span.bold, span.italic, span.strike, span.code, span.math, span.image, span.href
