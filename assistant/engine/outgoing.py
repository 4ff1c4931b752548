"""What the engine tells the front: text at a pace that a window can follow, and an exception as one sentence for a person.

The first token goes at once, then there are at most fifty events per second.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from assistant.engine.protocol import Failed, Token
from assistant.engine.scheduler import Cancelled
from assistant.errors import AttuneError, BadInput, NotFound, OutOfMemory
from assistant.generation.reply import Piece
from models.errors import ModelError
from models.memory import is_out_of_memory

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


# --- what went wrong ---


log = logging.getLogger(__name__)


def failed(id: int, error: BaseException) -> Failed:
    """The event for ``error``; what nobody expected is logged with its traceback."""
    if isinstance(error, Cancelled):
        return Failed(id, "cancelled", str(error) or "Stopped.")
    if isinstance(error, OutOfMemory) or is_out_of_memory(error):
        log.error("out of memory: %s", type(error).__name__)
        said = str(error) if isinstance(error, OutOfMemory) else ""
        return Failed(
            id,
            "memory",
            said or "There was not enough memory for this; a smaller model or a shorter text may fit.",
        )
    if isinstance(error, (BadInput, NotFound)):
        return Failed(id, "bad_input", str(error))
    if isinstance(error, ModelError):
        return Failed(id, "model", str(error))
    if isinstance(error, AttuneError):
        return Failed(id, "internal", str(error))
    log.error("unexpected %s", type(error).__name__, exc_info=error)
    if isinstance(error, OSError):
        where = f" ({error.filename})" if error.filename else ""
        return Failed(
            id, "internal", f"The engine could not read or write a file: {error.strerror or error}{where}."
        )
    return Failed(
        id,
        "internal",
        f"Something went wrong in the engine ({type(error).__name__}); its log has the details.",
    )
