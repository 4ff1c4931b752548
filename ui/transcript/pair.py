"""Two replies to one message, side by side and alike: which is better? A choice, or none at all."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QWidget

from assistant.records import Message
from ui import theme
from ui.theme import tokens
from ui.theme.widgets import Button, label
from ui.transcript.body import Body

_SIDE_BY_SIDE = 520  # pixels: narrower than this they stand one above the other
_PADDING = 12


class PairChoice(QWidget):
    """In a reply's place until one of the two is chosen, or the question is skipped."""

    chosen = Signal(str, str)  # id of the better one, id of the other
    skipped = Signal()
    changed = Signal()  # its height may be another one
    link_requested = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Two replies: which is better?"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._question = label(self.tr("Which is better? Your choice is learned from."), "muted", self)
        self.sides = (_Side(self.tr("Left reply"), "1", self), _Side(self.tr("Right reply"), "2", self))
        for at, side in enumerate(self.sides):
            side.better.clicked.connect(lambda _on=False, at=at: self._choose(at))
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
        row = max(skip.height(), now.px(24))
        self.skip.setGeometry(width - skip.width(), top, skip.width(), row)
        self._question.setGeometry(0, top, width - skip.width() - gap, row)
        top += row + gap
        if width < now.px(_SIDE_BY_SIDE):
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

    def _choose(self, at: int) -> None:
        self.chosen.emit(self._ids[at], self._ids[1 - at])

    def keyPressEvent(self, event: QKeyEvent) -> None:
        keys = {Qt.Key.Key_1: 0, Qt.Key.Key_Left: 0, Qt.Key.Key_2: 1, Qt.Key.Key_Right: 1}
        if event.key() in keys and event.modifiers() in (
            Qt.KeyboardModifier.NoModifier,
            Qt.KeyboardModifier.KeypadModifier,
        ):
            self._choose(keys[Qt.Key(event.key())])
        elif event.key() == Qt.Key.Key_Escape:
            self.skipped.emit()
        else:
            super().keyPressEvent(event)


class _Side(QFrame):
    """One of the two, with its button at the bottom."""

    def __init__(self, name: str, key: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self.setAccessibleName(name)
        self.body = Body(self, name)
        self.better = Button(self.tr("This one"), self)
        self.better.setProperty("dense", True)
        self.better.setAccessibleName(self.tr("{0} is better").format(name))
        self.better.setToolTip(self.tr("{0} is better").format(name) + f"  ({key})")

    def height_for(self, width: int) -> int:
        """The height in pixels that the reply and the button need; ``resizeEvent`` places them."""
        now = theme.current()
        inner = max(1, width - 2 * now.px(_PADDING))
        return self.body.height_for(inner) + self.better.sizeHint().height() + 3 * now.px(_PADDING)

    def resizeEvent(self, _event: object) -> None:
        pad, size = theme.current().px(_PADDING), self.better.sizeHint()
        inner = max(1, self.width() - 2 * pad)
        self.body.setGeometry(pad, pad, inner, self.body.height_for(inner))
        self.better.setGeometry(pad, self.height() - pad - size.height(), size.width(), size.height())
