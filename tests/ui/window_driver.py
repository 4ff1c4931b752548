"""Drives the real window as a person would: keys, clicks, waiting until something can be seen."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEvent, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from assistant.paths import DataPaths
from assistant.records import Message
from assistant.settings import Settings
from ui import app as ui_app
from ui import i18n, theme
from ui.main_window import MainWindow
from ui.theme.confirm import ConfirmDialog


class Driver:
    """One open window over the data folder ``home``."""

    def __init__(
        self,
        home: Path,
        settings: Settings,
        *,
        start: bool = True,
        pairs: bool = False,
        fetch_default: bool | None = None,
        network_forbidden: bool = False,
    ) -> None:
        """``pairs``: a message may be answered twice; by lot, so only where a test is about that."""
        settings = settings.with_changes(offer_pairs=pairs)
        self.app = ui_app.application()
        i18n.install(self.app, "en")
        theme.install(self.app, "light")
        self.paths = DataPaths(home).ensure()
        self.window = MainWindow(
            self.paths, settings, network_forbidden=network_forbidden, fetch_default=fetch_default
        )
        self._open = True
        self.window.show()
        self.window.activateWindow()
        QTest.qWaitForWindowActive(self.window, 2000)
        if start:
            self.window.start()

    def until(self, seen: Callable[[], object], what: str, seconds: float = 60.0) -> None:
        """Let the window work until ``seen()``; fail with ``what`` if that never happens."""
        deadline = time.monotonic() + seconds
        while not seen():
            assert time.monotonic() < deadline, f"never happened: {what}; banner: {self.banner!r}"
            self.app.processEvents()
            time.sleep(0.005)
        self.app.processEvents()

    def settle(self, seconds: float = 0.2) -> None:
        """Let what was asked for come back from the other threads."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            self.app.processEvents()
            time.sleep(0.005)

    # --- what a person does -----------------------------------------------------------------------------

    def key(self, key: Qt.Key, *modifiers: Qt.KeyboardModifier) -> None:
        held = Qt.KeyboardModifier.NoModifier
        for modifier in modifiers:
            held |= modifier
        QTest.keyClick(self.focus() or self.window, key, held)
        self.app.processEvents()

    def type(self, text: str) -> None:
        """Type into whatever has the focus."""
        QTest.keyClicks(self.focus(), text)
        self.app.processEvents()

    def focus(self) -> QWidget | None:
        return QApplication.focusWidget()

    def say(self, text: str) -> None:
        """Write a message and send it with Enter."""
        self.key(Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
        self.type(text)
        self.key(Qt.Key.Key_Return)

    def replied(self, seconds: float = 120.0) -> Message:
        """Wait until the reply is complete and shown."""

        def done() -> bool:
            reply = self.window.chat.last_reply
            return reply is not None and reply.state == "done" and not self.window.chat.busy

        self.until(done, "a finished reply", seconds)
        self.settle()
        reply = self.window.chat.last_reply
        assert reply is not None
        return reply

    def dialog(self) -> ConfirmDialog | None:
        """The dialog that asks before something is lost."""
        found = [d for d in self.window.findChildren(ConfirmDialog) if d.isVisible()]
        return found[-1] if found else None

    def confirm(self, button: QWidget | None = None) -> None:
        """Press ``button`` and go through with what its dialog asks, as a person who reads it."""
        if button is not None:
            button.click()  # type: ignore[attr-defined]
        self.until(self.dialog, "the dialog that asks")
        dialog = self.dialog()
        assert dialog is not None
        if not dialog.armed:
            QTest.keyClicks(dialog.field, "erase")
        QTest.mouseClick(dialog.action, Qt.MouseButton.LeftButton)
        self.until(lambda: self.dialog() is None, "the end of the dialog")
        self.window.activateWindow()  # no window manager does it here
        self.until(self.window.isActiveWindow, "the window in front again")

    def close(self) -> None:
        """Close the window and take it apart: windows left behind are restyled with every later one."""
        if self._open:
            self._open = False
            self.window.close()
            self.app.processEvents()
            self.window.deleteLater()
            self.app.sendPostedEvents(None, QEvent.Type.DeferredDelete)
            self.app.processEvents()

    # --- what a person sees -----------------------------------------------------------------------------

    @property
    def banner(self) -> str:
        return self.window.page.banner.text

    @property
    def shown(self) -> list[str]:
        """The texts of the messages in the transcript."""
        return [view.message.text for view in self.window.page.transcript.messages()]

    @property
    def titles(self) -> list[str]:
        """The titles in the sidebar."""
        model = self.window.sidebar.model
        ids = model.conversation_ids()
        return [model.data(model.index_of(id)) for id in ids]


QT_PARTS = {"QScrollBar", "QSplitterHandle", "QStatusBar", "QSizeGrip", "QRubberBand", "QLineEditIconButton"}
QT_CONTROLS = {"QSpinBox", "QDoubleSpinBox", "Choice", "QLineEdit", "QScrollArea", "QComboBoxListView"}


def unnamed(window: QWidget) -> str:
    """The widgets of a window that a screen reader has no name for, a line each."""
    internal = ("qt_", "QComboBox")
    missing = []
    for widget in window.findChildren(QWidget):
        kind, parent = widget.metaObject().className(), widget.parentWidget()
        inside = widget.objectName().startswith(internal) or kind.startswith(internal)
        # Parts that Qt itself puts inside a control; the control has the name.
        inside |= parent is not None and parent.metaObject().className() in QT_CONTROLS
        # A label with nothing to say is hidden; with a text it gets that text as its name.
        inside |= kind == "QLabel" and not widget.text() and not widget.isVisible()
        if not inside and kind not in QT_PARTS and not widget.accessibleName().strip():
            chain = []
            at = widget
            while at is not None and len(chain) < 4:
                chain.append(at.metaObject().className())
                at = at.parentWidget()
            missing.append(" < ".join(chain))
    return "\n".join(sorted(set(missing)))
