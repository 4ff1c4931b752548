"""What is done while a store is open, on a thread of its own so that nobody waits for it: once a day, and every half hour."""

from __future__ import annotations

import logging
import threading

from assistant.errors import StoreError
from assistant.paths import DataPaths
from assistant.store import backup, health
from assistant.store.snapshots import snapshot

log = logging.getLogger(__name__)


class DailyCare:
    """Today's backup and a snapshot, then a look at whether everything on the disk is as it was written.

    As long as the store is open it goes on: each part says itself whether it is due.
    """

    def __init__(self, paths: DataPaths) -> None:
        self._paths = paths
        self._stopped = threading.Event()
        self._first = threading.Event()
        self._thread = threading.Thread(target=self._run, name="daily-care", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            while not self._stopped.is_set():
                self._look_after()
                self._first.set()
                self._stopped.wait(snapshot.EVERY.total_seconds())
        finally:
            self._first.set()

    def _look_after(self) -> None:
        try:
            backup.daily(self._paths)
        except (StoreError, OSError) as error:
            log.warning("no backup today: %s", error)
        try:
            snapshot.take_if_due(self._paths)
        except StoreError as error:
            log.warning("no snapshot: %s", error)
        try:
            health.look_daily(self._paths, self._stopped.is_set)
            snapshot.look_daily(self._paths, self._stopped.is_set)
        except (StoreError, OSError) as error:
            log.warning("the data could not be looked through today: %s", error)

    def wait(self, timeout_s: float = 60.0) -> None:
        """Until all of it is done once."""
        self._first.wait(timeout_s)

    def close(self, timeout_s: float = 60.0) -> None:
        """Wait for the backup and the snapshot; the look is broken off, and begun again the next time."""
        self._stopped.set()
        self._thread.join(timeout_s)
