"""The bar above the transcript that finds something in the open chat: a field, how many there are, forth and back."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QSizePolicy, QWidget

from ui import theme
from ui.theme import tokens
from ui.theme.widgets import IconButton, label
from ui.transcript import announce
from ui.transcript.find_in_chat import LONGEST, FindInChat, Found, selected_text
from ui.transcript.message_list import MessageList

_AFTER_MS = 120  # without typing, before it is looked for


class FindBar(QFrame):
    """Hidden until ``open_bar``."""

    def __init__(self, messages: MessageList, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self.setAccessibleName(self.tr("Find in this chat"))
        self._messages = messages
        self._delay = QTimer(self, singleShot=True, interval=_AFTER_MS)
        self._delay.timeout.connect(self._look)
        self.finder = FindInChat(messages, self)
        self.finder.found.connect(self._show_found)
        self.field = QLineEdit(self)
        self.field.setPlaceholderText(self.tr("Find in this chat"))
        self.field.setAccessibleName(self.tr("Find in this chat"))
        self.field.setMaxLength(LONGEST)
        self.field.setClearButtonEnabled(True)
        self.field.textChanged.connect(self._typed)
        self.field.installEventFilter(self)
        self.count = label("", "caption", self)
        self.count.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        self.previous = IconButton("chevron-up", self.tr("Previous"), self, shortcut="Shift+F3")
        self.previous.clicked.connect(lambda: self.step(-1))
        self.next = IconButton("chevron-down", self.tr("Next"), self, shortcut="F3")
        self.next.clicked.connect(lambda: self.step(1))
        self.close_button = IconButton("x", self.tr("Close"), self, shortcut="Esc")
        self.close_button.clicked.connect(self.close_bar)
        row = QHBoxLayout(self)
        row.setContentsMargins(tokens.GRID, tokens.HALF, tokens.HALF, tokens.HALF)
        row.setSpacing(tokens.HALF)
        row.addWidget(self.field, 1)
        for part in (self.count, self.previous, self.next, self.close_button):
            row.addWidget(part)
        self._looked_for = self._said = ""
        theme.signals().changed.connect(self._fit)
        self._fit()
        self.hide()

    def open_bar(self) -> None:
        """Show it, with what is selected in a message, and give it the keyboard."""
        chosen = selected_text(self._messages)
        self.show()
        if chosen and chosen != self.field.text():
            self.field.setText(chosen)
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.field.selectAll()
        self._looked_for = ""
        self._delay.start(0)

    def close_bar(self) -> bool:
        """Hide it and all marks; False if it was not there."""
        if self.isHidden():
            return False
        self._delay.stop()
        self.finder.stop()
        self._looked_for = self._said = ""
        self.hide()  # the keyboard goes back to the message box
        return True

    def step(self, by: int) -> None:
        """Go to the next place (1) or the one before (-1); opens the bar if it is closed."""
        if self.isHidden():
            if self._messages.views() and self.field.text().strip():
                self.open_bar()
            return
        if self._delay.isActive() or self.field.text() != self._looked_for:
            self._look()  # its first place is the next one
        else:
            self.finder.step(by)

    def _typed(self) -> None:
        self._delay.start(_AFTER_MS)

    def _look(self) -> None:
        self._delay.stop()
        if self.isHidden() or self.field.text() == self._looked_for:
            return
        self._looked_for = self.field.text()
        self.finder.look_for(self._looked_for)

    def _show_found(self, found: Found | None) -> None:
        some = found is not None
        if found is not None:
            more = "" if self.finder.complete else "+"
            text = self.tr("{0} of {1}").format(found.number, f"{found.total}{more}")
        elif not self.field.text().strip():
            text = ""
        else:
            text = self.tr("Not found") if self.finder.complete else self.tr("Searching…")
        self.count.setText(text)
        self.count.setAccessibleName(text or "-")
        for button in (self.previous, self.next):
            button.setEnabled(some)
        if text and self.finder.complete and text != self._said:
            self._said = text
            announce.say(self, text)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.field and event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                back = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
                self.step(-1 if back else 1)
                return True
            if event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Up):
                self.step(1 if event.key() == Qt.Key.Key_Down else -1)
                return True
        return super().eventFilter(watched, event)

    def _fit(self) -> None:
        """Room for the count, so that the buttons do not move while it grows."""
        self.count.setMinimumWidth(self.count.fontMetrics().horizontalAdvance("0,000 of 0,000") + tokens.GRID)
