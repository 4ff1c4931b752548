"""Markdown that grows: finished blocks are parsed once, only the unfinished end is parsed again.

A reply arrives a few characters at a time, and parsing all of it each time costs quadratic time. CommonMark lets a
block be called finished as soon as the next one has begun, so the source is cut there: ``blocks[:settled]`` never
changes again. Long pieces are cut further: lists at their items, code at its lines, tables at their rows. What stays
too long (``MAX_PIECE``) or too tangled is shown as it was written, so the time of one ``feed`` is bounded.
"""

from __future__ import annotations

import re
from dataclasses import replace

from ui.markdown import parser
from ui.markdown.blocks import Block, Code, ParagraphKind, Table
from ui.markdown.clean import clean

MAX_PIECE = 4096  # characters of one unfinished block; about 10 ms of parsing
PLAIN_PIECE = 8192  # characters of a plain paragraph, and
PLAIN_LINES = 100  # lines: laying out one costs time with its length
SLICE = 2048  # characters to feed at once where time matters
_FENCE = re.compile(r"( {0,3})(`{3,}|~{3,})([^\n]*)\n")
_BLANK = re.compile(r"\n[ \t]*\n")


class Incremental:
    """The blocks of a Markdown text that is being written. ``feed`` what arrives, ``finish`` at its end."""

    def __init__(self) -> None:
        self._done: list[Block] = []
        self._last: list[Block] = []  # of the unfinished end
        self._tail = ""  # source of the unfinished end
        self._fence: re.Match[str] | None = None  # the open code fence at the start of ``_tail``
        self._searched = 0  # in ``_tail``: up to here there is no closing fence
        self._table = ""  # header and delimiter lines of the table whose rows are arriving
        self._plain_kind: ParagraphKind = "text"  # "more" once its first piece is settled
        self._plain = False  # the unfinished block is shown as written

    @property
    def blocks(self) -> list[Block]:
        """All blocks so far."""
        return self._done + self._last

    @property
    def settled(self) -> int:
        """How many of ``blocks`` will never change."""
        return len(self._done)

    def feed(self, text: str) -> None:
        """Take the next piece of the source. Time is bounded for up to ``SLICE`` characters."""
        self._tail += clean(text)
        self._advance()

    def finish(self) -> None:
        """The source is complete: what was unfinished is settled."""
        self._tail += "\n"
        self._advance()
        if self._last and isinstance(self._last[-1], Code):
            self._last[-1] = replace(self._last[-1], closed=True)
        self._done += self._last
        self._last, self._tail, self._fence, self._table, self._plain = [], "", None, "", False

    def _advance(self) -> None:
        while self._step():
            pass

    def _step(self) -> bool:
        """Read what can be read of the tail; true when a block was settled and more is waiting."""
        if self._fence is not None:
            return self._in_fence(self._fence)
        if self._table:
            return self._in_table()
        if self._plain:
            return self._in_plain()
        self._tail = re.sub(r"\A(?:[ \t]*\n)+", "", self._tail)
        if not self._tail.strip():
            self._last = []
            return False
        opening = _FENCE.match(self._tail)
        if opening and not (opening[2][0] == "`" and "`" in opening[3]):
            self._fence, self._searched = opening, opening.end()
            return True
        return self._in_text()

    def _in_text(self) -> bool:
        piece = self._tail
        if len(piece) > MAX_PIECE:
            cut = piece.rfind("\n", 0, MAX_PIECE)
            piece = piece[: cut + 1] if cut > 0 else piece[:MAX_PIECE]
        if parser.too_tangled(piece):
            self._plain = True
            return True
        stream = parser.tokens(piece)
        tops = parser.tops(stream)
        whole = piece == self._tail
        if not tops:  # nothing but definitions or an empty quote
            self._last = parser.plain_paragraphs(piece) if whole else []
            return self._drop(piece, settle=not whole)
        last = tops[-1]
        start = last.items[-1] if last.kind == "list" and len(last.items) > 1 else last.start
        if _too_deep(stream):
            self._plain = True
            return True
        if start == 0 and last.kind == "table" and last.end - last.start >= 2:
            header = piece[: _line(piece, 2)]
            if header.endswith("\n"):
                self._table = header
                self._tail = self._tail[len(header) :]
                self._last = parser.blocks(parser.tokens(header))
                return True
        if start == 0:
            if not whole:  # one block longer than a piece
                self._plain = True
                return True
            self._last = parser.blocks(stream)
            return False
        cut = _line(piece, start)
        if start == last.start:
            finished = [token.map for token in stream].index([last.start, last.end])
            self._done += parser.blocks(stream[:finished])
        else:
            self._done += parser.blocks(parser.tokens(piece[:cut]))
        self._tail, self._last = self._tail[cut:], []
        return True

    def _drop(self, piece: str, settle: bool) -> bool:
        if settle:
            self._done += parser.plain_paragraphs(piece)
            self._tail = self._tail[len(piece) :]
        return settle

    def _in_plain(self) -> bool:
        """An untypical block: as written, until a blank line ends it."""
        end = _BLANK.search(self._tail)
        cut = plain_cut(self._tail[: end.start()] if end else self._tail)
        if cut:
            self._done += parser.plain_paragraphs(self._tail[:cut], self._plain_kind)
            self._tail, self._last, self._plain_kind = self._tail[cut:], [], "more"
            return True
        if end is None:
            self._last = parser.plain_paragraphs(self._tail, self._plain_kind)
            return False
        self._done += parser.plain_paragraphs(self._tail[: end.start()], self._plain_kind)
        self._tail, self._last = self._tail[end.end() :], []
        self._plain, self._plain_kind = False, "text"
        return True

    def _in_fence(self, opening: re.Match[str]) -> bool:
        indent, mark = len(opening[1]), opening[2]
        closing = re.compile(rf"^ {{0,3}}{re.escape(mark[0])}{{{len(mark)},}}[ \t]*(?:\n|\Z)", re.MULTILINE)
        language = opening[3].strip().split(" ")[0][:40]
        end = closing.search(self._tail, self._searched)
        # A closing mark at the very end may still grow into something else; shown as closed, settled later.
        text = self._tail[opening.end() : end.start() if end else len(self._tail)]
        if indent:
            text = re.sub(rf"^ {{1,{indent}}}", "", text, flags=re.MULTILINE)
        if end is None or not end[0].endswith("\n"):
            newline = self._tail.rfind("\n")
            self._searched = max(self._searched, newline + 1)
            partial = "" if end else _half_closing(text, mark)
            text = text[: len(text) - len(partial)]
            self._last = [Code(text.removesuffix("\n"), language, closed=end is not None)]
            return False
        self._done.append(Code(text.removesuffix("\n"), language))
        self._tail, self._last, self._fence = self._tail[end.end() :], [], None
        return True

    def _in_table(self) -> bool:
        """Rows of the table that is growing: each complete line is read once, an incomplete one waits."""
        table = self._last[0]
        assert isinstance(table, Table)
        newline = self._tail.rfind("\n") + 1
        complete, rest = self._tail[:newline], self._tail[newline:]
        if complete:
            if parser.too_tangled(complete):
                return self._end_table()
            source = self._table + complete
            stream = parser.tokens(source)
            rows = parser.blocks(stream)[0]
            assert isinstance(rows, Table)
            self._last = [replace(table, rows=table.rows + rows.rows)]
            taken = _line(source, parser.tops(stream)[0].end) - len(self._table)
            self._tail = self._tail[taken:]
            if taken < newline:  # another block has begun
                return self._end_table()
        if len(rest) > 200 and ("|" not in rest[:200] or len(rest) > MAX_PIECE):
            return self._end_table()
        return False

    def _end_table(self) -> bool:
        self._done += self._last
        self._table, self._last = "", []
        return True


def plain_cut(text: str) -> int:
    """Where to end a plain paragraph that is too long: after a line, else a word, else anywhere. 0: it isn't."""
    lines = text.split("\n", PLAIN_LINES)
    if len(lines) > PLAIN_LINES and len(text) - len(lines[-1]) <= PLAIN_PIECE:
        return len(text) - len(lines[-1])
    if len(text) <= PLAIN_PIECE:
        return 0
    for mark in "\n ":
        cut = text.rfind(mark, 0, PLAIN_PIECE) + 1
        if cut > 0:
            return cut
    return PLAIN_PIECE


def _line(text: str, number: int) -> int:
    """Where line ``number`` (from 0) of ``text`` begins; its end when the text has fewer lines."""
    at = 0
    for _ in range(number):
        at = text.find("\n", at) + 1
        if not at:
            return len(text)
    return at


def _too_deep(stream: list) -> bool:
    """Nested as deep as the parser goes: it would drop what lies below."""
    return any(token.level >= parser.MAX_NESTING - 1 for token in stream)


def _half_closing(text: str, mark: str) -> str:
    """The end of ``text`` that may become the closing fence, so that no backtick flashes up in the code."""
    last = text[text.rfind("\n") + 1 :]
    return last if last and set(last.strip(" ")) <= {mark[0]} and len(last.strip(" ")) <= len(mark) else ""
