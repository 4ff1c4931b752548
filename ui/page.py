"""What settings, models and the list of keys have in common: a title with a way back, and a column that
scrolls."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from ui.theme import tokens
from ui.theme.focus import follow_layout
from ui.theme.widgets import IconButton, label, line

_WIDTH = 680


class Page(QWidget):
    """``column`` takes the sections; they are as wide as text reads well, and centred."""

    back_wanted = Signal()

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName(title)
        self.back = IconButton("arrow-left", self.tr("Back to the chat"), self, shortcut="Esc")
        self.back.clicked.connect(self.back_wanted)
        top = QHBoxLayout()
        top.setSpacing(tokens.GRID)
        top.addWidget(self.back)
        top.addWidget(label(title, "title", self), 1)
        inner = QWidget()
        inner.setAccessibleName(title)
        inner.setMaximumWidth(_WIDTH)
        inner.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.column = QVBoxLayout(inner)
        self.column.setContentsMargins(0, tokens.GRID, 0, tokens.GRID * 4)
        self.column.setSpacing(tokens.GRID * 3)
        holder = QWidget()
        holder.setAccessibleName(title)
        row = QHBoxLayout(holder)
        row.setContentsMargins(tokens.GRID * 3, 0, tokens.GRID * 3, 0)
        row.addStretch(1)
        row.addWidget(inner, 100)
        row.addStretch(1)
        self.scroller = QScrollArea(self)
        self.scroller.setAccessibleName(title)
        self.scroller.setWidgetResizable(True)
        self.scroller.setFrameShape(QFrame.Shape.NoFrame)
        self.scroller.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.scroller.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.scroller.setWidget(holder)
        self.scroller.viewport().setAutoFillBackground(False)
        holder.setAutoFillBackground(False)
        column = QVBoxLayout(self)
        column.setContentsMargins(tokens.GRID + tokens.HALF, tokens.GRID, 0, 0)
        column.setSpacing(tokens.GRID)
        column.addLayout(top)
        column.addWidget(self.scroller, 1)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        follow_layout(self)


class Section(QWidget):
    """A heading and a card of rows."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(title)
        self.card = QFrame(self)
        self.card.setProperty("role", "card")
        self.card.setAccessibleName(title)
        self.rows = QVBoxLayout(self.card)
        self.rows.setContentsMargins(tokens.GRID * 2, tokens.GRID, tokens.GRID * 2, tokens.GRID)
        self.rows.setSpacing(tokens.HALF)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(tokens.GRID)
        column.addWidget(label(title, "section", self))
        column.addWidget(self.card)

    def add(self, widget: QWidget) -> None:
        """A row of its own."""
        if self.rows.count():
            self.rows.addWidget(line(self.card))
        self.rows.addWidget(widget)

    def add_row(self, text: str, control: QWidget, explanation: str = "") -> QWidget:
        """A named control; its name is also what a screen reader says."""
        row = QWidget(self.card)
        row.setAccessibleName(text)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(label(text, parent=row, wrap=True))
        if explanation:
            words.addWidget(label(explanation, "caption", row, wrap=True))
        control.setParent(row)
        if not control.accessibleName():
            control.setAccessibleName(text)
        if explanation and not control.accessibleDescription():
            control.setAccessibleDescription(explanation)
        box = QHBoxLayout(row)
        box.setContentsMargins(0, tokens.GRID, 0, tokens.GRID)
        box.setSpacing(tokens.GRID * 2)
        box.addLayout(words, 1)
        box.addWidget(control)
        self.add(row)
        return row
