"""An engine client that accepts everything and never answers: the model that is still loading."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

from assistant.engine.protocol import Event


class SilentClient:
    """Stands for ``assistant.engine.client.Client``; ``asked`` holds the names of the requests made."""

    def __init__(
        self, log_dir: Path | None = None, on_event: Callable[[Event], None] | None = None, **_: Any
    ) -> None:
        self.on_event = on_event
        self.asked: list[str] = []
        self._ids = itertools.count(1)

    def new_id(self) -> int:
        return next(self._ids)

    def _ask(self, name: str, id: int | None) -> int:
        self.asked.append(name)
        return self.new_id() if id is None else id

    def start(self) -> None:
        pass

    def shutdown(self) -> None:
        pass

    def load(self, *_: Any, id: int | None = None, **__: Any) -> int:
        return self._ask("load", id)

    def prepare(self, *_: Any, id: int | None = None, **__: Any) -> int:
        return self._ask("prepare", id)

    def generate(self, *_: Any, id: int | None = None, **__: Any) -> int:
        return self._ask("generate", id)

    def prefill(self, *_: Any, id: int | None = None, **__: Any) -> int:
        return id or 0

    def recognise(self, *_: Any, id: int | None = None, **__: Any) -> int:
        return self._ask("recognise", id)

    def pace(self, learn_percent: int) -> None:
        self.learn_percent = learn_percent

    def cancel(self, target: int) -> None:
        self.asked.append("cancel")

    @property
    def pid(self) -> int | None:
        return None
