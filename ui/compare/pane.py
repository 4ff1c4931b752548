"""One of two replies: its Markdown in a column that scrolls, under a letter that says nothing of who wrote it."""

from __future__ import annotations

import difflib

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from ui.theme import tokens
from ui.theme.widgets import label
from ui.transcript.body import Body


class ReplyPane(QFrame):
    def __init__(self, letter: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self.setAccessibleName(self.tr("Reply {0}").format(letter))
        self._letter = letter
        self._title = label(self.tr("Reply {0}").format(letter), "section", self)
        self._waiting = label("", "muted", self, wrap=True)
        self._waiting.setAccessibleName(self.tr("Reply {0}").format(letter))
        self.body = Body(self, self.tr("Reply {0}").format(letter))
        self.body.changed.connect(self._place)
        self._area = _Area(self.body, self)
        self._area.setAccessibleName(self.tr("Reply {0}").format(letter))
        self._area.resized.append(self._place)
        column = QVBoxLayout(self)
        column.setContentsMargins(tokens.GRID * 2, tokens.GRID + tokens.HALF, tokens.GRID, tokens.GRID)
        column.setSpacing(tokens.GRID)
        column.addWidget(self._title)
        column.addWidget(self._waiting)
        column.addWidget(self._area, 1)

    def begin(self, waiting: str) -> None:
        """Empty, with a word on what is being waited for."""
        self.body.set_text("", finished=False)
        self.reveal("")
        self.wait(waiting)

    def wait(self, text: str) -> None:
        self._waiting.setText(text)
        self._waiting.setAccessibleName(text or "-")
        self._waiting.setVisible(bool(text))

    def append(self, text: str) -> None:
        self.wait("")
        self.body.append(text)
        self.body.advance()
        self._place()

    def show_text(self, text: str) -> None:
        """The whole reply."""
        self.wait("")
        self.body.set_text(text)
        self._place()

    def mark_new(self, other: str) -> None:
        """Set in bold what this reply has and ``other`` has not."""
        own = self.text.split(" ")
        matcher = difflib.SequenceMatcher(None, other.split(" "), own, autojunk=False)
        parts = []
        for kind, _a, _b, start, end in matcher.get_opcodes():
            words = " ".join(own[start:end])
            if not words:
                continue
            # Bold does not reach over a line's end, and what is marked up already is left as it is.
            plain = kind == "equal" or any(sign in words for sign in "*_`#|\n")
            parts.append(words if plain else f"**{words}**")
        self.body.set_text(" ".join(parts))
        self._place()

    @property
    def text(self) -> str:
        return self.body.source()

    def reveal(self, who: str) -> None:
        """Say who wrote it; empty: it stays a secret."""
        name = self.tr("Reply {0}").format(self._letter)
        text = f"{name} · {who}" if who else name
        self._title.setText(text)
        self._title.setAccessibleName(text)

    def title(self) -> str:
        return self._title.text()

    def _place(self) -> None:
        width = max(80, self._area.viewport().width() - tokens.GRID)
        self.body.resize(width, self.body.height_for(width))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange and hasattr(self, "_area"):
            self.body.restyle()
            self._place()


class _Area(QScrollArea):
    """Tells of its new width; the body has a height of its own for each."""

    def __init__(self, body: QWidget, parent: QObject) -> None:
        super().__init__(parent)  # type: ignore[arg-type]
        self.resized: list[object] = []
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWidgetResizable(False)
        self.setWidget(body)
        self.viewport().setAutoFillBackground(False)
        body.setAutoFillBackground(False)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        for call in self.resized:
            call()  # type: ignore[operator]
