"""What is done once a day, on a thread of its own so that opening the store does not wait for it."""

from __future__ import annotations

import logging
import threading

from assistant.errors import StoreError
from assistant.paths import DataPaths
from assistant.store import backup, health

log = logging.getLogger(__name__)


class DailyCare:
    """Today's backup, then a look at whether everything on the disk is as it was written."""

    def __init__(self, paths: DataPaths) -> None:
        self._paths = paths
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="daily-care", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            backup.daily(self._paths)
        except (StoreError, OSError) as error:
            log.warning("no backup today: %s", error)
        try:
            health.look_daily(self._paths, self._stopped.is_set)
        except (StoreError, OSError) as error:
            log.warning("the data could not be looked through today: %s", error)

    def wait(self, timeout_s: float = 60.0) -> None:
        """Until all of it is done."""
        self._thread.join(timeout_s)

    def close(self, timeout_s: float = 60.0) -> None:
        """Wait for the backup; the look is broken off, and begun again the next time."""
        self._stopped.set()
        self._thread.join(timeout_s)
