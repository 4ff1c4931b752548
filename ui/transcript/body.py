"""The text of a message as a stack of blocks: running text, code, tables. Grows at its end without redrawing the rest.

Time is kept short by design: a long text is taken in slices from a timer, finished blocks are written once, and what
grows (a paragraph, code, a table) is added to where it stands. More than ``SHOWN`` characters wait behind "Show more".
"""

from __future__ import annotations

import time
from typing import TypeVar

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QWidget

from ui.markdown.blocks import Block, Code, Paragraph, ParagraphKind, Span, Table, plain_text
from ui.markdown.clean import clean
from ui.markdown.incremental import PLAIN_PIECE, SLICE, Incremental, plain_cut
from ui.markdown.style import LIST_WIDTH, QUOTE_WIDTH, text_style
from ui.theme.widgets import Button
from ui.transcript.code_block import CodeBlock
from ui.transcript.formula_block import FormulaBlock
from ui.transcript.table_block import TableBlock
from ui.transcript.text_block import StillText, TextBlock

SHOWN = 64 * 1024  # characters shown before "Show more"
AT_ONCE = 3 * SLICE  # characters drawn before a message is first seen; the rest follows from a timer
_GAP = 12  # pixels between text and code or tables
_PREPARE_MS = 5
_PIECE_LENGTH = 4_000  # characters in one text document, and
_PIECE_COUNT = 40  # paragraphs: an edit at its end costs time with what is in it
_SLICE_LINES = 24  # lines in one slice
_FIRST_BUDGET_S = 0.012  # before a message is first seen
_BUDGET_S = 0.006  # of one timer's turn

_Piece = TextBlock | CodeBlock | TableBlock
_P = TypeVar("_P", TextBlock, CodeBlock, FormulaBlock, TableBlock)


def _is_heading(block: Block) -> bool:
    return isinstance(block, Paragraph) and block.kind.startswith("h")


class Body(QWidget):
    """Shows Markdown (``set_text``, ``append``, ``finish``) or plain text (``set_plain``)."""

    changed = Signal()  # its height may be another one
    link_requested = Signal(str)
    code_copied = Signal()

    def __init__(self, parent: QWidget | None = None, name: str = "") -> None:
        super().__init__(parent)
        self.setAccessibleName(name or self.tr("Text of the message"))
        self._name = name
        self._markdown: Incremental | None = Incremental()
        self._source = ""
        self._taken = 0  # characters of the source that were fed
        self._limit = SHOWN
        self._finished = True
        self._shown: list[Block] = []
        self._settled = 0  # of ``_shown``: these don't change any more
        self._pieces: list[tuple[_Piece, int]] = []  # with the index of each one's first block
        self._spare: dict[type[QWidget], list[_Piece]] = {}
        self._more = Button(self.tr("Show more"), self, kind="plain")
        self._more.setProperty("dense", True)
        self._more.clicked.connect(self._show_more)
        self._more.hide()
        self._timer = QTimer(self, interval=0)
        self._timer.timeout.connect(self._turn)
        self._heights: dict[_Piece, tuple[int, int]] = {}  # width, height of unchanged pieces

    # -- what to show -----------------------------------------------------------------------------

    def set_text(self, source: str, finished: bool = True) -> None:
        """Show ``source`` as Markdown, from its beginning. Not ``finished``: more will be appended."""
        self._begin(source, finished, Incremental())

    def set_plain(self, source: str) -> None:
        """Show ``source`` as it is."""
        self._begin(source, True, None)

    def append(self, text: str) -> None:
        """More of the Markdown; drawn by the next ``advance``."""
        self._source += text

    def advance(self) -> None:
        """Draw what was appended, a slice now and the rest from a timer."""
        self._feed(SLICE)
        self._go_on()

    def finish(self) -> None:
        """No more will be appended."""
        self._finished = True
        self._go_on()

    def is_finished(self) -> bool:
        """Whether no more will be appended."""
        return self._finished

    def prepare(self) -> None:
        """Make the widgets the reply may need next, one at a time, so that none is made while text is drawn."""
        for kind in (TextBlock, CodeBlock, TableBlock):
            if self._spare.get(kind):
                continue
            made: _Piece
            if kind is TextBlock:
                made = self._text_block()
            else:
                made = self._code_block() if kind is CodeBlock else self._table_block()
            made.ensurePolished()
            made.hide()
            self._spare.setdefault(kind, []).append(made)
            QTimer.singleShot(_PREPARE_MS, self, self.prepare)
            return

    def source(self) -> str:
        """The whole text."""
        return self._source

    def blocks(self) -> list[Block]:
        """What is shown, as data."""
        return self._shown

    def spoken(self) -> str:
        """What is shown as a person would read it aloud."""
        return plain_text(self._shown)

    def is_complete(self) -> bool:
        """Whether all that may be shown has been drawn."""
        return self._taken >= min(len(self._source), self._limit)

    def pieces(self) -> list[_Piece]:
        """The widgets shown, from the top."""
        return [piece for piece, _ in self._pieces]

    def texts(self) -> list[StillText]:
        """The texts of what is shown, from the top."""
        return [piece if isinstance(piece, TextBlock) else piece.text_widget() for piece in self.pieces()]

    def last_code(self) -> CodeBlock | None:
        """The last code block, if there is one."""
        blocks = [piece for piece, _ in self._pieces if isinstance(piece, CodeBlock)]
        return next((piece for piece in reversed(blocks) if not piece.code().formula), None)

    # -- geometry ---------------------------------------------------------------------------------

    def height_for(self, width: int) -> int:
        """Lay everything out ``width`` pixels wide and return the height."""
        style = text_style()
        top = 0
        for number, (piece, first) in enumerate(self._pieces):
            if number:
                top += self._space_above(first)
            left = self._left(self._shown[first])
            room = max(40, width - left)
            known = self._heights.get(piece)
            if known is None or known[0] != room:
                known = self._heights[piece] = (room, piece.height_for(room))
            piece.setGeometry(left, top, room, known[1])
            top += known[1]
        if not self._more.isHidden():
            hint = self._more.sizeHint()
            self._more.setGeometry(0, top + style.px(8), hint.width(), hint.height())
            top += hint.height() + style.px(8)
        return top

    def _space_above(self, first: int) -> int:
        """Pixels above the piece that begins with block ``first``."""
        style, block, before = text_style(), self._shown[first], self._shown[first - 1]
        if isinstance(block, Paragraph) and isinstance(before, Paragraph):
            return style.space_above(block, before)
        return style.px(_GAP if not _is_heading(block) else 2 * _GAP)

    def natural_width(self, most: int) -> int:
        """The width the text wants, at most ``most`` pixels; for a bubble that hugs a short text."""
        widest = 0.0
        for piece, _ in self._pieces:
            if not isinstance(piece, TextBlock):
                return most
            piece.height_for(most)
            widest = max(widest, piece.document().idealWidth())
            self._heights.pop(piece, None)
        return min(most, int(widest) + 2)

    def restyle(self) -> None:
        """The theme has changed: draw everything again."""
        source, finished, limit = self._source, self._finished, self._limit
        for spare in self._spare.values():
            for piece in spare:
                piece.deleteLater()
        self._spare.clear()
        self._begin(source, finished, None if self._markdown is None else Incremental(), limit)

    # -- inside -----------------------------------------------------------------------------------

    def _begin(self, source: str, finished: bool, markdown: Incremental | None, limit: int = SHOWN) -> None:
        self._timer.stop()
        self._markdown, self._source, self._taken = markdown, source, 0
        self._finished, self._limit = finished, limit
        self._truncate(0)
        self._settled = 0
        self._feed(AT_ONCE, _FIRST_BUDGET_S)
        self._go_on()

    def _go_on(self) -> None:
        """Leave the rest to the timer, or close the text when there is none."""
        waiting = len(self._source) > self._limit
        if waiting == self._more.isHidden():
            self._more.setVisible(waiting)
            self.changed.emit()
        if not self.is_complete():
            self._timer.start()
            return
        self._timer.stop()
        if self._finished and not waiting and self._markdown is not None and self._taken:
            self._markdown.finish()
            self._draw(self._markdown.blocks, self._markdown.settled)

    def _turn(self) -> None:
        until = time.perf_counter() + _BUDGET_S
        while not self.is_complete() and time.perf_counter() < until:
            self._feed(1)
        self._go_on()
        self.changed.emit()

    def _feed(self, count: int, budget_s: float = 1.0) -> None:
        """Read up to ``count`` characters more of the source, a slice at a time; stop early after ``budget_s``."""
        until = time.perf_counter() + budget_s
        stop = min(self._taken + count, len(self._source), self._limit)
        while self._taken < stop:
            piece = self._slice(min(len(self._source), self._limit))
            self._taken += len(piece)
            if self._markdown is None:
                self._draw_plain(piece)
            else:
                self._markdown.feed(piece)
                self._draw(self._markdown.blocks, self._markdown.settled)
            if time.perf_counter() > until:
                break

    def _slice(self, stop: int) -> str:
        """The next characters to read, whole lines where possible, few enough to be drawn in a few milliseconds."""
        start, end = self._taken, min(self._taken + SLICE, stop)
        piece = self._source[start:end]
        lines = piece.split("\n", _SLICE_LINES)
        if len(lines) > _SLICE_LINES:
            return piece[: len(piece) - len(lines[-1])]
        if end == stop:
            return piece
        whole = piece.rfind("\n") + 1
        if whole:
            return piece[:whole]
        if self._markdown is not None:
            return piece
        # Each slice of plain text becomes a paragraph: don't cut within a line that isn't huge.
        rest = self._source[start : min(start + PLAIN_PIECE, self._limit)]
        line = rest.find("\n") + 1
        return rest[: line or plain_cut(rest) or len(rest)]

    def _draw_plain(self, text: str) -> None:
        kind: ParagraphKind = "more" if self._shown else "text"
        paragraph = Paragraph((Span(clean(text).removesuffix("\n")),), kind)
        self._draw([*self._shown, paragraph], len(self._shown) + 1)

    def _draw(self, blocks: list[Block], settled: int) -> None:
        """Make what is shown equal to ``blocks``, touching only the end that differs."""
        same = min(self._settled, len(blocks))
        while same < min(len(self._shown), len(blocks)) and self._shown[same] == blocks[same]:
            same += 1
        if same == len(self._shown) - 1 and same < len(blocks) and self._grow(blocks[same]):
            self._shown[same] = blocks[same]
            same += 1
        if same < len(self._shown):
            self._truncate(same)
        for block in blocks[same:]:
            self._add(block)
        self._settled = settled

    def _grow(self, block: Block) -> bool:
        piece, _ = self._pieces[-1]
        if (
            (isinstance(block, Paragraph) and isinstance(piece, TextBlock) and piece.grow(block))
            or (
                isinstance(block, Code)
                and isinstance(piece, CodeBlock)
                and self._same_place(block)
                and piece.grow(block)
            )
            or (isinstance(block, Table) and isinstance(piece, TableBlock) and piece.grow(block))
        ):
            self._heights.pop(piece, None)
            return True
        return False

    def _same_place(self, block: Code) -> bool:
        return self._left(self._shown[-1]) == self._left(block)

    def _truncate(self, count: int) -> None:
        """Remove all blocks but the first ``count``."""
        del self._shown[count:]
        while self._pieces and self._pieces[-1][1] >= count:
            piece, _ = self._pieces.pop()
            self._heights.pop(piece, None)
            piece.hide()
            self._spare.setdefault(type(piece), []).append(piece)
        if self._pieces:
            piece, first = self._pieces[-1]
            if isinstance(piece, TextBlock) and count - first < len(piece.paragraphs()):
                piece.keep(count - first)
                self._heights.pop(piece, None)

    def _add(self, block: Block) -> None:
        last = self._pieces[-1][0] if self._pieces else None
        if isinstance(block, Paragraph):
            if not isinstance(last, TextBlock) or last.is_full(_PIECE_LENGTH, _PIECE_COUNT):
                last = self._text_block()
                self._pieces.append((last, len(self._shown)))
            last.append(block)
            self._heights.pop(last, None)
        elif isinstance(block, Code):
            code = self._formula_block() if block.formula else self._code_block()
            code.show_code(block)
            self._pieces.append((code, len(self._shown)))
        else:
            table = self._table_block()
            table.show_table(block)
            self._pieces.append((table, len(self._shown)))
        self._shown.append(block)

    def _text_block(self) -> TextBlock:
        made = self._reused(TextBlock)
        if made is None:
            made = TextBlock(self)
            made.anchorClicked.connect(lambda url: self.link_requested.emit(url.toString()))
        else:
            made.reset()
        made.setAccessibleName(self.accessibleName())
        made.show()
        return made

    def _code_block(self) -> CodeBlock:
        made = self._reused(CodeBlock)
        if made is None:
            made = CodeBlock(self)
            made.copied.connect(self.code_copied)
        made.show()
        return made

    def _formula_block(self) -> FormulaBlock:
        made = self._reused(FormulaBlock)
        if made is None:
            made = FormulaBlock(self)
            made.copied.connect(self.code_copied)
            made.resized.connect(self._remeasure)
        made.show()
        return made

    def _table_block(self) -> TableBlock:
        made = self._reused(TableBlock)
        if made is None:
            made = TableBlock(self)
            made.text_widget().anchorClicked.connect(lambda url: self.link_requested.emit(url.toString()))
            made.resized.connect(self._remeasure)
        made.show()
        return made

    def _reused(self, kind: type[_P]) -> _P | None:
        spare = self._spare.get(kind)
        if not self._finished:
            QTimer.singleShot(_PREPARE_MS, self, self.prepare)  # another may be needed soon
        return spare.pop() if spare else None  # type: ignore[return-value]

    def _remeasure(self) -> None:
        self._heights.clear()
        self.changed.emit()

    def _show_more(self) -> None:
        self._limit += SHOWN
        self._more.hide()
        self._feed(SLICE)
        self._go_on()
        self.changed.emit()

    @staticmethod
    def _left(block: Block) -> int:
        """Where a block that isn't running text begins: as deep as the list or quote it stands in."""
        if isinstance(block, Paragraph):
            return 0
        return text_style().px(block.indent * LIST_WIDTH + block.quote * QUOTE_WIDTH)
