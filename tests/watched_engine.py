"""A client of a real engine process whose events are kept, for tests."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from assistant.engine.client import Client
from assistant.engine.process import Limits
from assistant.engine.protocol import Loaded, Turn
from assistant.records import Sampling

LONG = Sampling(temperature=0.0, repetition_penalty=1.0, max_tokens=700)  # seconds of work for the tiny model
SHORT = Sampling(temperature=0.0, repetition_penalty=1.0, max_tokens=12)


class Watched:
    """A Client and all its events, with a way to wait for one of a kind."""

    def __init__(self, log_dir: Path, limits: Limits | None = None) -> None:
        self.events: list[Any] = []
        self._changed = threading.Condition()
        self.client = Client(log_dir, self._keep, limits=limits)

    def _keep(self, event: Any) -> None:
        with self._changed:
            self.events.append(event)
            self._changed.notify_all()

    def until(self, wanted: Callable[[Any], bool], timeout_s: float = 120.0, after: int = 0) -> Any:
        """The first event from index ``after`` on that is ``wanted``."""
        end = time.monotonic() + timeout_s
        with self._changed:
            while True:
                for event in self.events[after:]:
                    if wanted(event):
                        return event
                if not self._changed.wait(end - time.monotonic()):
                    raise AssertionError(f"no such event among {self.events[after:][-5:]}")

    def of(self, id: int, kind: type) -> list[Any]:
        return [event for event in list(self.events) if isinstance(event, kind) and event.id == id]

    def load(self, folder: Path) -> Loaded:
        event = self.client.wait(self.client.load(folder, "tiny"), 120)
        assert isinstance(event, Loaded), event
        return event

    def ask(self, text: str = "Tell me about the quick brown fox.", sampling: Sampling = SHORT) -> int:
        return self.client.generate((Turn("user", text),), sampling)
