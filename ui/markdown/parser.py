"""Markdown source -> blocks, through markdown-it-py with HTML off.

Only ever called with a few thousand characters at a time (``incremental.py`` sees to it), because some inputs cost the
parser quadratic time. HTML stays visible text, pictures become their description, links pass ``links.allowed``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from mdit_py_plugins.dollarmath import dollarmath_plugin

from ui.markdown import latex, links
from ui.markdown.blocks import Align, Block, Code, Paragraph, ParagraphKind, Span, Table

MAX_COLUMNS = 30
MAX_NESTING = 20
MAX_BRACKETS = 150  # "[" in one piece: each costs the parser a scan of the rest
MAX_MARKS = 1200  # "*", "_", "~", "`", "<", "&" in one piece
_BULLETS = ("•", "◦", "▪")


@dataclass(frozen=True, slots=True)
class Top:
    """A block at the top level of a parsed piece: its kind and the source lines ``[start, end)`` it takes."""

    kind: str  # "paragraph", "fence", "table", "list", ...
    start: int
    end: int
    items: tuple[int, ...] = ()  # first line of each item, of a list


def too_tangled(source: str) -> bool:
    """Whether ``source`` has so many marks that parsing it could take long; it is then shown as it is."""
    return source.count("[") > MAX_BRACKETS or sum(map(source.count, "*_~`<&")) > MAX_MARKS


def tokens(source: str) -> list[Token]:
    """markdown-it's token stream of ``source``."""
    return _markdown().parse(source)


def tops(stream: list[Token]) -> list[Top]:
    """The top-level blocks of a token stream, in order."""
    found: list[Top] = []
    for token in stream:
        if token.level == 0 and token.nesting >= 0 and token.map:
            found.append(Top(token.type.removesuffix("_open"), token.map[0], token.map[1]))
        elif token.level == 1 and token.type == "list_item_open" and token.map and found:
            found[-1] = replace(found[-1], kind="list", items=(*found[-1].items, token.map[0]))
    return found


def blocks(stream: list[Token]) -> list[Block]:
    """The blocks of a token stream; lists and quotes flattened."""
    return _Flattener().run(stream)


def plain_paragraphs(source: str, kind: ParagraphKind = "text") -> list[Block]:
    """``source`` without any markup understood: one paragraph, line breaks kept."""
    text = source.strip("\n")
    return [Paragraph((Span(text),), kind)] if text else []


@lru_cache(maxsize=1)
def _markdown() -> MarkdownIt:
    markdown = MarkdownIt("commonmark", {"html": False, "linkify": False, "maxNesting": MAX_NESTING})
    markdown.enable(["table", "strikethrough"])
    markdown.use(
        dollarmath_plugin, allow_space=False, allow_digits=False, allow_labels=False, double_inline=True
    )
    markdown.inline.ruler.before("escape", "bracket_math", _bracket_math)
    # Definitions elsewhere in the text are unknown here (pieces are parsed apart), and cost time.
    markdown.disable(["reference"])
    return markdown


def _bracket_math(state: StateInline, silent: bool) -> bool:
    """``\\( ... \\)`` and ``\\[ ... \\]``, which models write as often as dollars."""
    opening = state.src[state.pos : state.pos + 2]
    if opening not in ("\\(", "\\["):
        return False
    end = state.src.find("\\)" if opening == "\\(" else "\\]", state.pos + 2)
    if end < 0 or end + 2 > state.posMax or not state.src[state.pos + 2 : end].strip():
        return False
    if not silent:
        token = state.push("math_inline", "math", 0)
        token.content = state.src[state.pos + 2 : end]
    state.pos = end + 2
    return True


class _Flattener:
    """Walks a token stream once, keeping the depth of quotes and lists."""

    def __init__(self) -> None:
        self._out: list[Block] = []
        self._quote = 0
        self._lists: list[int | None] = []  # next number of each open list, None: bullets
        self._marker = ""

    def run(self, stream: list[Token]) -> list[Block]:
        at = 0
        while at < len(stream):
            token = stream[at]
            if token.type == "table_open":
                at = self._table(stream, at)
                continue
            self._one(token, stream[at + 1] if at + 1 < len(stream) else None)
            at += 1
        return self._out

    def _one(self, token: Token, following: Token | None) -> None:
        match token.type:
            case "blockquote_open":
                self._flush_marker()
                self._quote += 1
            case "blockquote_close":
                self._quote -= 1
            case "bullet_list_open":
                self._flush_marker()
                self._lists.append(None)
            case "ordered_list_open":
                self._flush_marker()
                self._lists.append(int(token.attrGet("start") or (0 if token.attrGet("start") == 0 else 1)))
            case "bullet_list_close" | "ordered_list_close":
                self._lists.pop()
            case "list_item_open":
                number = self._lists[-1]
                if number is None:
                    bullets = sum(1 for entry in self._lists if entry is None)
                    self._marker = _BULLETS[min(bullets, len(_BULLETS)) - 1]
                else:
                    # ``info`` is the number as written: a list cut in two by the stream goes on counting right.
                    self._marker = f"{token.info or number}."
                    self._lists[-1] = number + 1
            case "list_item_close":
                self._flush_marker()
            case "heading_open" | "paragraph_open":
                kind: ParagraphKind = token.tag if token.type == "heading_open" else "text"  # type: ignore[assignment]
                self._paragraph(_spans(following.children or []) if following else (), kind)
            case "fence" | "code_block":
                self._flush_marker()
                language = token.info.strip().split()[0] if token.info.strip() else ""
                text = token.content.removesuffix("\n")
                self._out.append(Code(text, language[:40], True, self._quote, len(self._lists)))
            case "math_block" | "math_block_label":
                formula = latex.readable(token.content)
                # A script that Unicode has no letters for reads badly where there is room to typeset it.
                if formula is None or (set("^_") & set(formula) and latex.may_be_drawn(token.content)):
                    self._formula_source(token.content)
                else:
                    self._paragraph((Span(formula, math=True),), "math")
            case "hr":
                self._flush_marker()
                self._out.append(Paragraph((), "rule", self._quote, len(self._lists)))
            case _:
                pass  # closings, and "inline", which its paragraph has taken

    def _formula_source(self, source: str) -> None:
        """A formula that cannot be shown in Unicode: its source, whole."""
        self._flush_marker()
        text = source.strip("\n")
        self._out.append(Code(text, "latex", True, self._quote, len(self._lists), formula=True))

    def _paragraph(self, spans: tuple[Span, ...], kind: ParagraphKind) -> None:
        marker, self._marker = self._marker, ""
        if marker and spans and spans[0].text[:4] in ("[ ] ", "[x] ", "[X] "):
            marker = "☐" if spans[0].text[1] == " " else "☑"
            spans = (replace(spans[0], text=spans[0].text[4:]), *spans[1:])
        only_formula = kind == "text" and len(spans) == 1 and spans[0].math and not marker
        self._out.append(
            Paragraph(spans, "math" if only_formula else kind, self._quote, len(self._lists), marker)
        )

    def _flush_marker(self) -> None:
        """A marker whose item doesn't start with text gets a line of its own."""
        if self._marker:
            self._paragraph((), "text")

    def _table(self, stream: list[Token], at: int) -> int:
        self._flush_marker()
        rows: list[tuple[tuple[Span, ...], ...]] = []
        cells: list[tuple[Span, ...]] = []
        aligns: list[Align] = []
        columns = 0
        while stream[at].type != "table_close":
            token = stream[at]
            if token.type == "tr_open":
                cells = []
                columns = 0
            elif token.type in ("th_open", "td_open"):
                columns += 1
                if columns <= MAX_COLUMNS:
                    cells.append(_spans(stream[at + 1].children or []))
                    if not rows:
                        style = str(token.attrGet("style") or "")
                        aligns.append(style.removeprefix("text-align:") if style else "")  # type: ignore[arg-type]
            elif token.type == "tr_close":
                rows.append(tuple(cells))
            at += 1
        hidden = max(0, columns - MAX_COLUMNS)
        self._out.append(
            Table(rows[0], tuple(rows[1:]), tuple(aligns), hidden, self._quote, len(self._lists))
        )
        return at + 1


def _spans(children: list[Token]) -> tuple[Span, ...]:
    """The styled runs of an inline token's children; neighbours of one style are joined."""
    out: list[Span] = []
    bold = italic = strike = 0
    href = ""

    def add(text: str, **style: bool) -> None:
        if not text:
            return
        span = Span(text, bold=bold > 0, italic=italic > 0, strike=strike > 0, href=href, **style)
        if out and replace(out[-1], text="") == replace(span, text=""):
            out[-1] = replace(span, text=out[-1].text + text)
        else:
            out.append(span)

    for token in children:
        match token.type:
            case "text" | "html_inline" | "text_special":
                add(token.content)
            case "softbreak" | "hardbreak":
                add("\n")  # a model's line break is meant: letters, poems, addresses
            case "code_inline":
                add(token.content, code=True)
            case "math_inline" | "math_inline_double":
                text = latex.readable(token.content)
                if text is None:  # its source, whole
                    add(" ".join(token.content.split()), code=True)
                else:
                    add(text, math=True)
            case "strong_open":
                bold += 1
            case "strong_close":
                bold -= 1
            case "em_open":
                italic += 1
            case "em_close":
                italic -= 1
            case "s_open":
                strike += 1
            case "s_close":
                strike -= 1
            case "link_open":
                target = str(token.attrGet("href") or "")
                href = target if links.allowed(target) else ""
            case "link_close":
                href = ""
            case "image":
                target = str(token.attrGet("src") or "")
                inside = href
                href = href or (target if links.allowed(target) else "")
                add(token.content or target[:80], image=True)
                href = inside
            case _:
                add(token.content)
    return tuple(out)
