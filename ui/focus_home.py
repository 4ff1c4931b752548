"""Where the keyboard goes when what had it is gone: one mechanism for the whole window.

Qt hands the focus of a widget that is hidden, disabled or destroyed to the next one in the chain, which is a button that
nobody chose. Here it goes home instead: to the message box, or on another page to the page itself. What is typed at
something that takes no text goes to the message box too.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QMainWindow, QWidget
from shiboken6 import isValid


class FocusHome(QObject):
    """``home``: what gets the keyboard. ``typing``: the box that typed words belong to, None on other pages."""

    def __init__(
        self, window: QMainWindow, home: Callable[[], QWidget], typing: Callable[[], QWidget | None]
    ) -> None:
        super().__init__(window)
        self._window, self._home, self._typing = window, home, typing
        self._lost = False
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(self._go_home)
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        application.focusChanged.connect(self._changed)
        window.installEventFilter(self)

    def _changed(self, old: QWidget | None, now: QWidget | None) -> None:
        if old is None or not isValid(old):
            self._lost |= old is not None
        elif old.window() is self._window:
            # Taken from a widget that is still there: someone chose the new place.
            self._lost = not (old.isVisible() and old.isEnabled())
        if self._lost:
            self._soon.start()

    def _go_home(self) -> None:
        if self._lost and self._window.isActiveWindow() and self._window.isVisible():
            self._lost = False
            self._home().setFocus(Qt.FocusReason.OtherFocusReason)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Of the window itself: keys come here when nothing that had the focus took them."""
        if event.type() == QEvent.Type.WindowActivate and self._lost:
            self._soon.start()
        elif event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            return self._typed(event)
        return super().eventFilter(watched, event)

    def _typed(self, event: QKeyEvent) -> bool:
        """Give a letter that nothing took to the message box."""
        text, held = event.text(), event.modifiers() & ~Qt.KeyboardModifier.ShiftModifier
        plain = held in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)
        box = self._typing()
        if not plain or not text.strip() or not text.isprintable() or box is None or box.hasFocus():
            return False
        box.setFocus(Qt.FocusReason.OtherFocusReason)
        QApplication.sendEvent(box, event)
        return True
