"""What Markdown becomes: a flat list of blocks of styled spans, plain data that can be compared and counted.

Lists and quotes are flattened: a paragraph carries its depth and its marker. So two versions of a growing reply can be
compared block by block, and only what changed is drawn again.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

ParagraphKind = Literal["text", "more", "h1", "h2", "h3", "h4", "h5", "h6", "math", "rule"]
Align = Literal["", "left", "center", "right"]


@dataclass(frozen=True, slots=True)
class Span:
    """A run of text in one style. ``href`` is empty or has passed ``links.allowed``."""

    text: str
    bold: bool = False
    italic: bool = False
    strike: bool = False
    code: bool = False
    math: bool = False
    image: bool = False  # stands for a picture that is not loaded; ``text`` is its description
    href: str = ""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A line of running text: paragraph, heading, list item, formula or rule; "more" goes on with the one above."""

    spans: tuple[Span, ...]
    kind: ParagraphKind = "text"
    quote: int = 0  # depth of block quotes around it
    indent: int = 0  # depth of lists around it
    marker: str = ""  # "•", "3.", "☑" on the first paragraph of a list item


@dataclass(frozen=True, slots=True)
class Code:
    """A code block. ``closed`` is false while its fence is still open (a reply being written)."""

    text: str
    language: str = ""
    closed: bool = True
    quote: int = 0
    indent: int = 0
    formula: bool = False  # LaTeX on a line of its own that Unicode cannot say: typeset where that can be


@dataclass(frozen=True, slots=True)
class Table:
    """A table of at most ``parser.MAX_COLUMNS`` columns; cells are runs of spans."""

    header: tuple[tuple[Span, ...], ...]
    rows: tuple[tuple[tuple[Span, ...], ...], ...]
    aligns: tuple[Align, ...]
    hidden_columns: int = 0  # columns left out because there were too many
    quote: int = 0
    indent: int = 0


Block = Paragraph | Code | Table


def spans_text(spans: Iterable[Span]) -> str:
    """The text of the spans, unstyled."""
    return "".join(span.text for span in spans)


def plain_text(blocks: Iterable[Block]) -> str:
    """The blocks as a person would read them aloud: without markup, a line a paragraph. For screen readers."""
    lines: list[str] = []
    for block in blocks:
        if isinstance(block, Paragraph):
            if block.kind == "rule":
                continue
            marker = f"{block.marker} " if block.marker else ""
            lines.append(marker + spans_text(block.spans))
        elif isinstance(block, Code):
            lines.append(block.text)
        else:
            for row in (block.header, *block.rows):
                lines.append(", ".join(spans_text(cell) for cell in row))
    return "\n".join(lines)
