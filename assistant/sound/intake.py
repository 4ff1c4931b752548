"""The one door for sounds: only what was decoded and re-encoded here reaches the store or a model.

As for pictures (``assistant.vision.intake``), decoding happens in a process of its own under limits of memory and time.
"""

from __future__ import annotations

import atexit
import io
import os
import wave
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assistant.errors import BadInput
from assistant.sandbox import Worker, read_source

if TYPE_CHECKING:
    import numpy as np

MAX_FILE_BYTES = 100_000_000
OPENED = "WAV, FLAC, OGG and MP3"


@dataclass(frozen=True, slots=True)
class IntakeSound:
    """A sound as it is kept: one channel, 16 kHz, 30 seconds at most; ``data`` is a WAV file."""

    data: bytes
    mime: str
    name: str  # where it came from, for display
    seconds: float
    note: str = ""  # what was changed, for people


def intake(source: str | os.PathLike[str] | bytes, name: str = "") -> IntakeSound:
    """Take a sound in, from a file or from bytes. Blocks while it is decoded: not for a GUI thread.

    Raises BadInput in one sentence: missing, too large, not a sound of a kind on the list, damaged.
    """
    data, name = read_source(source, name, MAX_FILE_BYTES, "sound")
    if not is_opened(data):
        raise BadInput(f"{name} is not a sound that can be opened ({OPENED} can).")
    answer, sound = _worker.decode(data, name)
    if "refused" in answer:
        raise BadInput(f"{name} {answer['refused']}")
    return IntakeSound(sound, str(answer["mime"]), name, float(answer["seconds"]), str(answer["note"]))


def is_opened(data: bytes) -> bool:
    """Does this begin like one of the four formats that are opened?"""
    # A frame of layer III; FF FE, which would be one of layer I, begins a text in UTF-16.
    frame = len(data) > 1 and data[0] == 0xFF and data[1] & 0xE6 == 0xE2
    mp3 = frame or (data[:3] == b"ID3" and data[3:4] in (b"\2", b"\3", b"\4"))
    riff = data[:4] in (b"RIFF", b"RF64") and data[8:12] == b"WAVE"
    return riff or data.startswith((b"fLaC", b"OggS")) or mp3


def seconds_of(size_bytes: int) -> float:
    """How long a kept sound of this many bytes is (one channel, 16 kHz, 16 bits, a header of 44 bytes)."""
    return max(0, size_bytes - 44) / 32_000


def samples_of(path: str | Path) -> np.ndarray:
    """A kept sound as float32 (n,) at 16 kHz. Raises BadInput when the file is gone or damaged."""
    import numpy as np

    try:
        data = Path(path).read_bytes()
        with wave.open(io.BytesIO(data)) as file:
            raw = file.readframes(file.getnframes())
    except (OSError, EOFError, wave.Error) as error:
        raise BadInput("An attached sound is missing or damaged; remove it and attach it again.") from error
    return np.frombuffer(raw, dtype="<i2").astype(np.float32) / 32768


def _body() -> Any:
    from assistant.sound import decoding

    return decoding.run


_worker = Worker(_body, "attune-sounds")
atexit.register(_worker.close)
