"""Find in this chat: what the messages say as they are shown, how often a word stands in each, and which one is looked at.

Only messages whose source could hold the word are read as Markdown, a few milliseconds at a time, and what was read is
kept: a chat of ten thousand messages is searched without a frame that takes long. What is laid out is marked by
``mark_found``.
"""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject, QRectF, QTimer, Signal
from PySide6.QtGui import QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QTextEdit

from ui import theme
from ui.markdown.blocks import Block, Code, Paragraph, Span
from ui.markdown.clean import clean
from ui.markdown.incremental import SLICE, Incremental
from ui.transcript.body import Body
from ui.transcript.message_list import MessageList
from ui.transcript.message_view import MessageView
from ui.transcript.message_widget import MessageWidget
from ui.transcript.text_block import StillText

LONGEST = 200  # characters of what is looked for
_BUDGET_S = 0.006  # of one turn
_MARKS = str.maketrans("", "", "*_`~\\#>|")
_RENDERED = re.compile(
    r"[$&\\]|\]\("
)  # formulas, entities and links may read quite otherwise than their source


@dataclass(frozen=True, slots=True)
class Found:
    """``at`` is the message looked at and ``nth`` the place in it, both from 0; ``number`` of ``total`` for people."""

    at: int
    nth: int
    number: int
    total: int


def pattern_of(query: str) -> re.Pattern[str] | None:
    """What looks for ``query`` without regard to case; None: for nothing."""
    return re.compile(re.escape(query[:LONGEST]), re.IGNORECASE) if query.strip() else None


def shown_text(view: MessageView) -> str:
    """What the transcript shows of a message, a line for each paragraph, line of code and cell of a table."""
    if view.message.role == "user" and "```" not in view.text:
        return clean(view.text)
    parser = Incremental()
    for start in range(0, len(view.text), SLICE):
        parser.feed(view.text[start : start + SLICE])
    parser.finish()
    return "\n".join(_lines(parser.blocks))


def _lines(blocks: Sequence[Block]) -> list[str]:
    lines: list[str] = []
    for block in blocks:
        if isinstance(block, Paragraph):
            marker = f"{block.marker}\t" if block.marker else ""
            lines.append(marker + _text(block.spans))
        elif isinstance(block, Code):
            lines.append(block.text)
        else:
            lines += [_text(cell) for row in (block.header, *block.rows) for cell in row]
    return lines


def _text(spans: Sequence[Span]) -> str:
    return "".join(f"[{span.text}]" if span.image else span.text for span in spans)


class ChatSearch:
    """How often a pattern stands in each message of a list; counted by ``go_on`` a slice at a time."""

    def __init__(self) -> None:
        self._views: Sequence[MessageView] = ()
        self._sources: list[str] = []  # of what was counted, to notice what has changed
        self._counts: list[int | None] = []  # None: not counted yet
        self._texts: dict[str, tuple[str, str]] = {}  # message id -> source and what is shown of it
        self._pattern: re.Pattern[str] | None = None
        self._plain = ""
        self._next = 0

    def look_for(self, query: str, views: Sequence[MessageView]) -> None:
        """Begin anew."""
        self._pattern = pattern_of(query)
        self._plain = query[:LONGEST].translate(_MARKS).casefold()
        self._views, self._sources, self._counts = (), [], []
        self.take(views)

    def take(self, views: Sequence[MessageView]) -> bool:
        """The messages as they are now; whether any has changed and is counted anew."""
        changed = len(views) != len(self._sources)
        counts: list[int | None] = []
        for at, view in enumerate(views):
            same = at < len(self._sources) and self._sources[at] is view.text
            changed |= not same
            counts.append(self._counts[at] if same else None)
        if changed:
            self._counts, self._sources = counts, [view.text for view in views]
            self._next = 0
        self._views = views
        return changed

    @property
    def pattern(self) -> re.Pattern[str] | None:
        return self._pattern

    @property
    def complete(self) -> bool:
        return self._pattern is None or self._next >= len(self._counts)

    @property
    def total(self) -> int:
        return sum(count or 0 for count in self._counts)

    def count(self, at: int) -> int:
        """How often it stands in message ``at``, counted now if it was not yet."""
        known = self._counts[at]
        if known is None:
            known = self._counts[at] = self._count(self._views[at])
        return known

    def go_on(self, until: float) -> None:
        """Count on until the clock (``time.perf_counter``) says ``until``."""
        while not self.complete and time.perf_counter() < until:
            self.count(self._next)
            self._next += 1

    def number(self, at: int, nth: int) -> int:
        """Which of all places, from 1, the ``nth`` of message ``at`` is, as far as is counted."""
        return sum(count or 0 for count in self._counts[:at]) + nth + 1

    def step(self, at: int, nth: int, by: int) -> tuple[int, int] | None:
        """The place after (``by`` 1) or before (-1) the ``nth`` of message ``at``, going round; None: there is none."""
        size = len(self._counts)
        if not size or self._pattern is None:
            return None
        at = min(at, size - 1)
        if 0 <= nth + by < self.count(at):
            return at, nth + by
        for further in range(1, size + 1):
            other = (at + by * further) % size
            if count := self.count(other):
                return other, 0 if by > 0 else count - 1
        return None

    def _count(self, view: MessageView) -> int:
        if self._pattern is None or view.pair is not None:
            return 0
        if self._plain not in view.text.translate(_MARKS).casefold() and not _RENDERED.search(view.text):
            return 0
        known = self._texts.get(view.message.id)
        if known is None or known[0] is not view.text:
            known = self._texts[view.message.id] = (view.text, shown_text(view))
        return len(self._pattern.findall(known[1]))


class FindInChat(QObject):
    """Looks for what it is told to in the messages of ``messages``, marks it and brings it into view."""

    found = Signal(object)  # Found, or None: nothing (yet)

    def __init__(self, messages: MessageList, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._list, self._search = messages, ChatSearch()
        self._place: tuple[int, int] | None = None
        self._first = 0  # where to begin: the first message in sight
        self._turn = QTimer(self, interval=0)
        self._turn.timeout.connect(self._go_on)
        self._soon = QTimer(self, singleShot=True, interval=60)
        self._soon.timeout.connect(self._refresh)
        messages.arranged.connect(self._arranged)

    @property
    def active(self) -> bool:
        return self._search.pattern is not None

    @property
    def complete(self) -> bool:
        """Whether all messages have been looked through."""
        return self._search.complete

    def look_for(self, query: str) -> None:
        """Look for ``query`` from what is in sight on; for nothing if it is blank."""
        self._place = None
        self._first = self._list.first_visible()
        self._search.look_for(query, self._list.views())
        self._turn.start()
        self._go_on()

    def step(self, by: int) -> None:
        """Go to the next place (1) or the one before (-1), going round at the ends."""
        if not self.active:
            return
        self._search.take(self._list.views())
        at, nth = self._place if self._place is not None else (self._first, -1 if by > 0 else 0)
        self._place = self._search.step(at, nth, by)
        self._show()
        self._tell()

    def stop(self) -> None:
        """No marks any more."""
        self._turn.stop()
        self._place = None
        self._search.look_for("", ())
        self._mark()

    def _go_on(self) -> None:
        self._search.go_on(time.perf_counter() + _BUDGET_S)
        if self._place is None and self.active and (self._search.total or self._search.complete):
            self._place = self._search.step(self._first, -1, 1)
            self._show()
        if self._search.complete:
            self._turn.stop()
            self._mark()
        self._tell()

    def _arranged(self) -> None:
        if not self._soon.isActive():
            self._soon.start()

    def _refresh(self) -> None:
        """Other messages are laid out, or some have changed."""
        if self.active and self._search.take(self._list.views()):
            if self._place is not None and self._place[0] >= len(self._list.views()):
                self._place = None
            self._turn.start()
        self._mark()

    def _tell(self) -> None:
        if self._place is None:
            self.found.emit(None)
        else:
            number = self._search.number(*self._place)
            self.found.emit(Found(*self._place, number, max(number, self._search.total)))

    def _mark(self) -> None:
        index = {view.message.id: at for at, view in enumerate(self._list.views())} if self.active else {}
        for widget in self._list.widgets():
            at = index.get(widget.message_id)
            here = self._place is not None and self._place[0] == at
            nth = self._place[1] if here and self._place is not None else None
            mark_found(widget.body, self._search.pattern, nth)

    def _show(self) -> None:
        """Bring the place looked at into view."""
        self._mark()
        if self._place is None:
            return
        message_id = self._list.views()[self._place[0]].message.id
        self._list.bring(message_id)
        self._mark()
        widget = self._list.widget_of(message_id)
        area = (
            None
            if widget is None
            else _area(widget, mark_found(widget.body, self._search.pattern, self._place[1]))
        )
        if area is not None:
            self._list.bring_part(message_id, round(area.top()), round(area.height()))


def mark_found(
    body: Body, pattern: re.Pattern[str] | None, current: int | None
) -> tuple[StillText, QTextCursor] | None:
    """Mark what ``pattern`` finds in a text that is laid out, the place number ``current`` more strongly; where that is."""
    place: tuple[StillText, QTextCursor] | None = None
    number = 0
    for text in body.texts():
        selections: list[QTextEdit.ExtraSelection] = []
        block = text.document().begin() if pattern is not None else None
        while block is not None and block.isValid():
            for start, end in _places(pattern, block.text()):
                cursor = QTextCursor(block)
                cursor.setPosition(block.position() + start)
                cursor.setPosition(block.position() + end, QTextCursor.MoveMode.KeepAnchor)
                selections.append(_selection(cursor, number == current))
                if number == current:
                    place = (text, cursor)
                number += 1
            block = block.next()
        if selections or text.extraSelections():
            text.setExtraSelections(selections)
    return place


def _places(pattern: re.Pattern[str] | None, line: str) -> list[tuple[int, int]]:
    """Where it stands in a line, counted as Qt counts: in UTF-16 units."""
    if pattern is None:
        return []
    found = [match.span() for match in pattern.finditer(line)]
    if line.isascii() or not found or max(line) <= "\uffff":
        return found
    units = lambda end: len(line[:end].encode("utf-16-le", "surrogatepass")) // 2  # noqa: E731
    return [(units(start), units(end)) for start, end in found]


def _selection(cursor: QTextCursor, current: bool) -> QTextEdit.ExtraSelection:
    made = QTextEdit.ExtraSelection()
    form = QTextCharFormat()
    form.setBackground(theme.colour("rarer_much" if current else "rarer"))
    form.setForeground(theme.colour("text"))
    made.cursor, made.format = cursor, form
    return made


def _area(widget: MessageWidget, place: tuple[StillText, QTextCursor] | None) -> QRectF | None:
    """Where a place is in the message's widget."""
    if place is None:
        return None
    text, cursor = place
    rect = text.cursorRect(cursor)
    return QRectF(text.viewport().mapTo(widget, rect.topLeft()), rect.size())


def selected_text(messages: MessageList) -> str:
    """What is selected in a message, if it is one line: what is looked for first."""
    for widget in messages.widgets():
        for text in widget.body.texts():
            chosen = text.textCursor().selectedText()
            if chosen.strip() and "\u2029" not in chosen and len(chosen) <= LONGEST:
                return chosen
    return ""
