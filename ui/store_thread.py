"""A thread with a store of its own, where the window's reading and writing happens so that no disk can hold
it up.

Work is handed over as a function of the Store; its result, or the error it raised, comes back as a call on
the GUI thread. Work is done one piece at a time, in the order it was handed over.
"""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt, Signal, Slot

from assistant.errors import AttuneError
from assistant.paths import DataPaths

if TYPE_CHECKING:
    from assistant.store import Store

log = logging.getLogger(__name__)


class StoreThread(QObject):
    """One worker thread. Lives on the GUI thread; ``start`` opens the store over there.

    ``opened(notice)`` tells that the store is there, ``closed()`` that the thread has ended,
    ``broken(sentence)`` that the store cannot be used or that work failed without anyone waiting for its
    result.
    """

    opened = Signal(str)
    broken = Signal(str)
    closed = Signal()
    _deliver = Signal(object)

    def __init__(self, paths: DataPaths, name: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._paths, self._name = paths, name
        self._jobs: queue.SimpleQueue[Callable[[Store], None] | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._deliver.connect(self._run_here, Qt.ConnectionType.QueuedConnection)

    def start(self) -> None:
        """Start the thread; jobs handed over before wait until the store is open."""
        # Not a daemon: a reply being saved is finished before the interpreter leaves.
        self._thread = threading.Thread(target=self._work, name=self._name)
        self._thread.start()

    def announce(self) -> None:
        """Tell again that the store is open, to listeners that have just come."""
        self.opened.emit("")

    def run(
        self,
        work: Callable[[Store], Any],
        done: Callable[[Any], None] | None = None,
        failed: Callable[[str], None] | None = None,
    ) -> None:
        """Run ``work(store)`` over there, then ``done(result)`` or ``failed(sentence)`` on the GUI thread."""

        def job(store: Store) -> None:
            try:
                result = work(store)
            except Exception as error:  # noqa: BLE001 - a bug must not end the thread that saves the text
                sentence = self._sentence(error)
                if failed is not None:
                    self._deliver.emit(lambda: failed(sentence))
                else:
                    self.broken.emit(sentence)
                return
            if done is not None:
                self._deliver.emit(lambda: done(result))

        self._jobs.put(job)

    def post(self, work: Callable[[], None]) -> None:
        """Run ``work`` over there, after what was handed over before; from any thread. For engine events."""
        self.run(lambda _store: work())

    def deliver(self, call: Callable[[], None]) -> None:
        """Run ``call`` on the GUI thread; from any thread."""
        self._deliver.emit(call)

    def stop(self, timeout_s: float = 5.0) -> bool:
        """End the thread after the jobs at hand; False if it did not end in ``timeout_s``."""
        if self._thread is None:
            return True
        self._jobs.put(None)
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _work(self) -> None:
        from assistant.store import Store  # here: the import takes longer than showing the window

        try:
            store = Store.open(self._paths)
        except AttuneError as error:
            self.broken.emit(str(error))
            self.closed.emit()
            return
        self.opened.emit(store.notice)
        while (job := self._jobs.get()) is not None:
            job(store)
        store.close()
        self.closed.emit()

    def _sentence(self, error: Exception) -> str:
        if isinstance(error, AttuneError):
            return str(error)
        log.error("a job on the %s thread failed", self._name, exc_info=error)
        return self.tr("Something went wrong. The log file has the details.")

    @Slot(object)
    def _run_here(self, call: Callable[[], None]) -> None:
        call()


@dataclass(frozen=True, slots=True)
class StoreAccess:
    """A window's data folder and its two threads: one writes, the other reads, so that no search holds up a reply."""

    paths: DataPaths
    writer: StoreThread
    reader: StoreThread
