"""An exception in the engine as the one sentence a person reads."""

from __future__ import annotations

import logging

from assistant.engine.protocol import Failed
from assistant.engine.scheduler import Cancelled
from assistant.errors import AttuneError, BadInput, NotFound, OutOfMemory
from models.errors import ModelError
from models.memory import is_out_of_memory

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
