"""Token events at a pace a window can follow: the first at once, then at most fifty a second."""

from __future__ import annotations

import time
from collections.abc import Callable

from assistant.engine.protocol import Token
from assistant.generation.reply import Piece

EVERY_S = 0.02


class TokenStream:
    """Gathers pieces of reply ``id`` into Token events. The texts of all of them, joined, are the reply."""

    def __init__(
        self, id: int, emit: Callable[[Token], None], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._id, self._emit, self._clock = id, emit, clock
        self._waiting: list[str] = []
        self._count = 0
        self._sent_at: float | None = None
        self.text = ""

    def add(self, piece: Piece) -> None:
        if piece.text:
            self._waiting.append(piece.text)
        self._count = piece.count
        if self._sent_at is None or self._clock() - self._sent_at >= EVERY_S:
            self.flush()

    def finish(self, whole: str) -> None:
        """Send what is missing of the ``whole`` reply."""
        self.flush()
        rest = whole[len(self.text) :] if whole.startswith(self.text) else ""
        if rest:
            self._waiting.append(rest)
            self.flush()

    def flush(self) -> None:
        """Send what has gathered, if anything."""
        text = "".join(self._waiting)
        if text:
            self._waiting.clear()
            self._sent_at = self._clock()
            self.text += text
            self._emit(Token(self._id, text, self._count))
