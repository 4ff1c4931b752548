"""An error that nothing caught: it is logged, and a dialog names the log. The program goes on."""

from __future__ import annotations

import faulthandler
import logging
import sys
import threading
import time
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QCoreApplication, QObject, Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QMessageBox

log = logging.getLogger(__name__)

_QUIET_S = 60.0  # between two dialogs: an error in a timer comes again and again


class CrashDialog(QObject):
    """Install once, on the GUI thread. Errors of any thread arrive here."""

    _happened = Signal(str)
    report_wanted = Signal()

    def __init__(self, logs: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._logs = logs
        self._shown_at = float("-inf")
        self.box: QMessageBox | None = None
        self._happened.connect(self._show, Qt.ConnectionType.QueuedConnection)

    def install(self) -> None:
        sys.excepthook = self._uncaught
        threading.excepthook = lambda thrown: self._uncaught(
            thrown.exc_type, thrown.exc_value or thrown.exc_type(), thrown.exc_traceback
        )
        try:  # a crash in native code leaves the Python stack here
            self._native = (self._logs / "window-crash.log").open("w", encoding="utf-8")
            faulthandler.enable(self._native)
        except OSError:  # a full or read-only disk
            faulthandler.enable(sys.stderr)

    def _uncaught(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            QCoreApplication.quit()
            return
        log.error("an error was not caught", exc_info=(kind, error, trace))
        self._happened.emit(kind.__name__)

    def _show(self, kind: str) -> None:
        if time.monotonic() - self._shown_at < _QUIET_S or (self.box is not None and self.box.isVisible()):
            return
        self._shown_at = time.monotonic()
        file = self._logs / "window.log"
        box = self.box = QMessageBox(QMessageBox.Icon.Warning, "Attune", self.tr("Something went wrong."))
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setInformativeText(
            self.tr(
                "Your chats are safe. If something does not work any more, close Attune and start it again. "
                "The details ({0}) are in the log file {1}."
            ).format(kind, file)
        )
        look = box.addButton(self.tr("Open the log folder"), QMessageBox.ButtonRole.ActionRole)
        report = box.addButton(self.tr("Report a problem…"), QMessageBox.ButtonRole.ActionRole)
        box.addButton(QMessageBox.StandardButton.Close)
        look.clicked.connect(lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._logs))))
        report.clicked.connect(self.report_wanted)
        box.setModal(False)
        box.show()
