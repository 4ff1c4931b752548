"""The one door for pictures: only what was decoded and re-encoded here reaches the store, Qt or a model.

Decoding happens in a process of its own under limits (``assistant.sandbox``), so that a hostile
file can at worst be refused. That process is kept warm for a while: the second picture is quick.
"""

from __future__ import annotations

import atexit
import os
from dataclasses import dataclass

from assistant.errors import BadInput
from assistant.sandbox import Worker, read_source
from assistant.vision import decoding, kinds

MAX_FILE_BYTES = 20_000_000


@dataclass(frozen=True, slots=True)
class IntakeImage:
    """A picture as it is kept: upright, RGB, one frame, no metadata; ``data`` is a PNG or JPEG file."""

    data: bytes
    mime: str  # image/png | image/jpeg
    name: str  # where it came from, for display
    width: int  # pixels
    height: int
    note: str = ""  # what was changed, for people


def intake(source: str | os.PathLike[str] | bytes, name: str = "") -> IntakeImage:
    """Take a picture in, from a file or from bytes. Blocks while it is decoded: not for a GUI thread.

    Raises BadInput in one sentence: missing, too large, not a picture of a kind on the list, damaged.
    """
    data, name = read_source(source, name, MAX_FILE_BYTES, "picture")
    kinds.check(data, name, MAX_FILE_BYTES)
    answer, pixels = _worker.decode(data, name)
    if "refused" in answer:
        raise BadInput(f"{name} {answer['refused']}")
    return IntakeImage(
        data=pixels,
        mime=str(answer["mime"]),
        name=name,
        width=int(answer["width"]),
        height=int(answer["height"]),
        note=str(answer["note"]),
    )


def close() -> None:
    """Let the decoding process go now."""
    _worker.close()


_worker = Worker(lambda: decoding.run, "attune-pictures")
atexit.register(close)
