"""The conversation itself: transcript (or welcome), a banner for what went wrong, and the composer."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from ui import theme
from ui.banner import Banner
from ui.composer.composer import Composer
from ui.conversations.instructions_bar import InstructionsBar
from ui.theme import tokens
from ui.transcript.find_bar import FindBar
from ui.transcript.view import TranscriptView
from ui.welcome import Welcome


class ChatPage(QWidget):
    """Only layout: the parts are public and the window connects them."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName(self.tr("Chat"))
        self.welcome = Welcome(self)
        self.transcript = TranscriptView(self)
        self.upper = QStackedWidget(self)
        self.upper.setAccessibleName(self.tr("Conversation"))
        self.upper.addWidget(self.welcome)
        self.upper.addWidget(self.transcript)
        self.instructions = InstructionsBar(self)
        self.find_bar = FindBar(self.transcript.message_list(), self)
        self.banner = Banner(self)
        self.composer = Composer(self)
        lower = QWidget(self)
        lower.setAccessibleName(self.tr("Your message"))
        self._lower = lower
        self._fit()
        theme.signals().changed.connect(self._fit)
        inner = QVBoxLayout(lower)
        inner.setContentsMargins(tokens.GRID * 2, 0, tokens.GRID * 2, 0)
        inner.setSpacing(tokens.GRID)
        inner.addWidget(self.banner)
        inner.addWidget(self.composer)
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.addStretch(1)
        row.addWidget(lower, 100)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(tokens.GRID)
        column.addWidget(self.instructions)
        column.addWidget(self.find_bar, 0, Qt.AlignmentFlag.AlignRight)
        column.addWidget(self.upper, 1)
        column.addLayout(row)

    def _fit(self) -> None:
        """As wide as the text above, at every zoom."""
        self._lower.setMaximumWidth(theme.current().px(tokens.TEXT_WIDTH) + tokens.GRID * 4)

    def show_welcome(self, welcome: bool) -> None:
        """The welcome while there is nothing to read, else the transcript."""
        self.upper.setCurrentWidget(self.welcome if welcome else self.transcript)
        if welcome:
            self.find_bar.close_bar()
