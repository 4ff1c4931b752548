"""One window per data folder: a second start raises the first window and ends.

A lock file holds the folder (it is given back by the system when its process ends, however it ends); a local
socket carries the word "raise" to the window that has it.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from PySide6.QtCore import QLockFile, QObject, Signal
from PySide6.QtNetwork import QLocalServer, QLocalSocket

_WAIT_MS = 1000


class SingleInstance(QObject):
    """``acquire`` says whether this process may open the window; ``raise_requested`` that another one
    asked."""

    raise_requested = Signal()

    def __init__(self, folder: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lock = QLockFile(str(folder / "window.lock"))
        self._lock.setStaleLockTime(0)  # never stale by age: only when its process is gone
        # Hashed: a socket's name has a length limit that a data folder's path has not.
        self._name = "attune-" + hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:24]
        self._server: QLocalServer | None = None

    def acquire(self) -> bool:
        """Take the data folder; False (after asking the other window to come forward) if it is taken."""
        if not self._lock.tryLock(0):
            self._ask_other()
            return False
        QLocalServer.removeServer(self._name)  # what a killed window left behind
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._heard)
        self._server.listen(self._name)  # without it only raising is lost, not the lock
        return True

    def release(self) -> None:
        """Give the folder back."""
        if self._server is not None:
            self._server.close()
            self._server = None
        self._lock.unlock()

    def _ask_other(self) -> None:
        socket = QLocalSocket()
        socket.connectToServer(self._name)
        if socket.waitForConnected(_WAIT_MS):
            socket.write(b"raise\n")
            socket.waitForBytesWritten(_WAIT_MS)
            socket.disconnectFromServer()

    def _heard(self) -> None:
        while self._server is not None and (socket := self._server.nextPendingConnection()) is not None:
            # Whatever was sent, connecting means "come forward"; nothing of it is read.
            socket.disconnected.connect(socket.deleteLater)
            socket.disconnectFromServer()
            self.raise_requested.emit()
