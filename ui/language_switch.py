"""Shows the open window in another language: its parts are taken down and made again, in the new language.

Every text is translated where a part is made, so this needs nothing of the parts. What works behind them stays: the store's
threads, the engine with its model, downloads. So do the open chat, its draft, the page and the sizes. It waits for
replies and updates that are being written.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Protocol

from PySide6.QtCore import QObject, QTimer, Signal

_AGAIN_MS = 300


class Rebuilt(Protocol):
    """What the switch needs of the window."""

    @property
    def occupied(self) -> bool:
        """Something is being written that would be lost sight of."""

    def settle(self, done: Callable[[], None]) -> None:
        """Save what is typed, and call ``done`` when nothing asked of the other threads is on its way any more."""

    def rebuild(self) -> None:
        """Take down all parts and make them again."""


class LanguageSwitch(QObject):
    """``ask`` may be called at any time and as often as one likes."""

    def __init__(self, window: Rebuilt, parent: QObject) -> None:
        super().__init__(parent)
        self._window = window
        self._settling = False
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(self._try)

    @property
    def waiting(self) -> bool:
        """A change of the language is to come."""
        return self._soon.isActive() or self._settling

    def ask(self) -> None:
        """The language has changed: make the parts again as soon as that is possible."""
        if not self.waiting:
            self._soon.start(0)

    def _try(self) -> None:
        if self._window.occupied:
            self._soon.start(_AGAIN_MS)
            return
        self._settling = True
        self._window.settle(self._settled)

    def _settled(self) -> None:
        self._settling = False
        if self._window.occupied:  # begun meanwhile
            self._soon.start(_AGAIN_MS)
        else:
            self._window.rebuild()


def forget_listeners(sender: QObject) -> None:
    """Disconnect everything from the public signals that the class of ``sender`` and its Python bases declare."""
    for kind in type(sender).__mro__:
        for name, value in vars(kind).items():
            if isinstance(value, Signal) and kind.__module__.startswith("ui.") and not name.startswith("_"):
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore", RuntimeWarning)  # nobody listened to this one
                    getattr(sender, name).disconnect()
