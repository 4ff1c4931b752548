"""Messages that came many at once are put into the search index afterwards, on a thread of its own.

Until then search looks through their texts (``search``), so nothing is missed meanwhile.
"""

from __future__ import annotations

import logging
import threading

from assistant.errors import StoreError
from assistant.paths import DataPaths
from assistant.store import locks
from assistant.store.connection import TURN_S, UNREADABLE, connect, explain

log = logging.getLogger(__name__)

MANY = 500  # messages: so many at once are indexed afterwards
BATCH = 500  # messages in one transaction: about a quarter of a second
_PENDING = "SELECT seq FROM unindexed ORDER BY seq DESC LIMIT ?"


def index(paths: DataPaths, stopped: threading.Event) -> None:
    """Index what waits, newest first, with rests in which others can write; leaves early when told so. StoreError."""
    lock = locks.try_lock(paths.root / "index.lock")
    if lock is None:  # another thread or process is at it
        return
    with lock:
        try:
            db = connect(paths.database)
        except UNREADABLE as error:
            raise explain(error) from error
        try:
            while not stopped.is_set():
                db.conn.execute("BEGIN IMMEDIATE")
                places = [row[0] for row in db.conn.execute(_PENDING, [BATCH])]
                for place in places:
                    # In this order: the triggers leave alone what stands in ``unindexed``.
                    db.conn.execute(
                        """INSERT INTO message_fts (rowid, text) SELECT seq, text || char(10, 10)
                           FROM message WHERE seq = ? AND state = 'done'""",
                        [place],
                    )
                    db.conn.execute("DELETE FROM unindexed WHERE seq = ?", [place])
                db.conn.execute("COMMIT")
                if len(places) < BATCH:
                    return
                stopped.wait(TURN_S)
        except UNREADABLE as error:
            raise explain(error) from error
        finally:
            db.close()


class Indexing:
    """The thread that does it, for one open store. ``start`` whenever something may wait."""

    def __init__(self, paths: DataPaths) -> None:
        self._paths = paths
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(target=self._run, name="indexing", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        try:
            index(self._paths, self._stopped)
        except (StoreError, OSError) as error:
            log.warning("messages wait to be indexed: %s", error)

    def wait(self, timeout_s: float = 600.0) -> None:
        """Until what waited is indexed."""
        if self._thread is not None:
            self._thread.join(timeout_s)

    def close(self) -> None:
        """Stop after the part at hand; the next opening goes on."""
        self._stopped.set()
        self.wait(60.0)
