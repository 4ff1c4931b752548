"""Two replies to one message, A and B, side by side or one above the other: which is preferred? Or neither."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QWidget

from assistant.records import Message
from ui import theme
from ui.markdown.blocks import Code, Table
from ui.theme import tokens
from ui.theme.widgets import Button, label
from ui.transcript.body import Body

_SIDE_BY_SIDE = 680  # pixels: narrower than this they stand one above the other
_PADDING = 12


class PairChoice(QWidget):
    """In a reply's place until one of the two is chosen, or the question is skipped."""

    chosen = Signal(str, str)  # id of the better one, id of the other
    skipped = Signal()
    changed = Signal()  # its height may be another one
    link_requested = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Which reply do you prefer?"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        asked = self.tr("Which reply do you prefer? Attune learns from your choice.")
        self._question = label(asked, "muted", self, wrap=True)
        self.sides = (_Side("A", "Alt+1", self), _Side("B", "Alt+2", self))
        for at, side in enumerate(self.sides):
            side.better.clicked.connect(lambda _on=False, at=at: self.choose(at))
            side.body.changed.connect(self.changed)
            side.body.link_requested.connect(self.link_requested)
        self.skip = Button(self.tr("Skip"), self, kind="ghost")
        self.skip.setProperty("dense", True)
        self.skip.setToolTip(self.tr("Skip") + "  (Esc)")
        self.skip.clicked.connect(self.skipped)
        self._ids: tuple[str, str] = ("", "")

    def show_pair(self, left: Message, right: Message) -> None:
        """Show two replies."""
        if (left.id, right.id) != self._ids:
            self._ids = (left.id, right.id)
            for side, message in zip(self.sides, (left, right), strict=True):
                side.body.set_text(message.text)

    def restyle(self) -> None:
        """The theme or zoom has changed."""
        for side in self.sides:
            side.body.restyle()

    def height_for(self, width: int) -> int:
        """Lay out ``width`` pixels wide; the height in pixels."""
        now = theme.current()
        gap, top = now.px(tokens.GRID), 0
        skip = self.skip.sizeHint()
        room = max(1, width - skip.width() - gap)
        row = max(skip.height(), now.px(24), self._question.heightForWidth(room))
        self.skip.setGeometry(width - skip.width(), top, skip.width(), skip.height())
        self._question.setGeometry(0, top, room, row)
        top += row + gap
        # Code and tables are not cut to half the width.
        if width < now.px(_SIDE_BY_SIDE) or any(side.is_wide() for side in self.sides):
            for side in self.sides:
                height = side.height_for(width)
                side.setGeometry(0, top, width, height)
                top += height + gap
            return top - gap
        half = (width - gap) // 2
        height = max(side.height_for(half) for side in self.sides)
        for at, side in enumerate(self.sides):
            side.setGeometry(at * (half + gap), top, half, height)
        return top + height

    def choose(self, at: int) -> None:
        """This one (0: A, 1: B) is preferred."""
        self.chosen.emit(self._ids[at], self._ids[1 - at])

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.skipped.emit()
        else:
            super().keyPressEvent(event)


class _Side(QFrame):
    """One of the two, with its button at the bottom."""

    def __init__(self, letter: str, key: str, parent: QWidget) -> None:
        super().__init__(parent)
        name = self.tr("Reply {0}").format(letter)
        self.setProperty("role", "card")
        self.setAccessibleName(name)
        self._title = label(name, "section", self)
        self.body = Body(self, name)
        self.better = Button(self.tr("Prefer {0}").format(letter), self)
        self.better.setProperty("dense", True)
        self.better.setToolTip(self.tr("Prefer {0}").format(letter) + f"  ({key})")

    def is_wide(self) -> bool:
        """Whether it has code or a table, which need the whole width."""
        return any(isinstance(block, Code | Table) for block in self.body.blocks())

    def height_for(self, width: int) -> int:
        """The height in pixels that the reply and the button need; ``resizeEvent`` places them."""
        now = theme.current()
        inner = max(1, width - 2 * now.px(_PADDING))
        title = self._title.sizeHint().height() + now.px(tokens.HALF)
        return title + self.body.height_for(inner) + self.better.sizeHint().height() + 3 * now.px(_PADDING)

    def resizeEvent(self, _event: object) -> None:
        pad, size = theme.current().px(_PADDING), self.better.sizeHint()
        inner = max(1, self.width() - 2 * pad)
        title = self._title.sizeHint().height()
        self._title.setGeometry(pad, pad, inner, title)
        top = pad + title + theme.current().px(tokens.HALF)
        self.body.setGeometry(pad, top, inner, self.body.height_for(inner))
        self.better.setGeometry(pad, self.height() - pad - size.height(), size.width(), size.height())
