"""Body of the process that decodes sounds (``assistant.sandbox``). It is given the bytes of a file and opens none.

It answers with a JSON object, then (if the sound was fine) a WAV file: one channel, 16 kHz, 16 bits, at most
``MAX_SECONDS`` long, without any metadata.
"""

from __future__ import annotations

import io
import wave
from multiprocessing.connection import Connection
from typing import Any

import numpy as np

from assistant.sandbox import serve

RATE_HZ = 16_000  # what models that hear expect
MAX_SECONDS = 30.0  # what they listen to at once
FORMATS = ("WAV", "WAVEX", "RF64", "FLAC", "OGG", "MP3")
_MAX_RATE_HZ = 384_000
_MAX_CHANNELS = 16


class Refused(Exception):
    """Why the sound cannot be used: the rest of a sentence that begins with its name."""


def run(connection: Connection) -> None:
    """Answer sounds until the other end is gone."""
    serve(connection, _load, answer)


def _load() -> None:
    import soundfile  # noqa: F401


def answer(data: bytes) -> tuple[dict[str, Any], bytes]:
    """({"mime", "seconds", "note"}, file) or ({"refused": clause}, b"")."""
    try:
        return decode(data)
    except Refused as refusal:
        return {"refused": str(refusal)}, b""
    except MemoryError:
        return {"refused": "needs more memory than a sound may take."}, b""
    except (OSError, ValueError, RuntimeError, TypeError, ArithmeticError):
        return {"refused": "is cut off or damaged."}, b""  # libsndfile's errors are RuntimeErrors


def decode(data: bytes) -> tuple[dict[str, Any], bytes]:
    """Decode, mix to one channel, resample, cut. Raises Refused, or what libsndfile raises on damaged data."""
    import soundfile

    with soundfile.SoundFile(io.BytesIO(data)) as file:
        if file.format not in FORMATS:
            raise Refused("is not a sound of a kind that can be opened (WAV, FLAC, OGG and MP3 can).")
        if not 1000 <= file.samplerate <= _MAX_RATE_HZ or not 1 <= file.channels <= _MAX_CHANNELS:
            raise Refused("has an unusual rate or number of channels and cannot be opened.")
        wanted = int(MAX_SECONDS * file.samplerate)
        samples = file.read(wanted + 1, dtype="float32", always_2d=True)
        rate = file.samplerate
    if not len(samples):
        raise Refused("holds no sound.")
    longer = len(samples) > wanted
    mono = resample(np.nan_to_num(samples[:wanted].mean(axis=1)), rate, RATE_HZ)
    note = f"the first {MAX_SECONDS:.0f} seconds of it" if longer else ""
    seconds = round(len(mono) / RATE_HZ, 2)
    return {"mime": "audio/wav", "seconds": seconds, "note": note}, to_wav(mono)


def resample(samples: np.ndarray, rate: int, to: int) -> np.ndarray:
    """Band-limited resampling of (n,) by cutting or padding the spectrum (exact for what both rates can hold)."""
    if rate == to:
        return samples
    length = max(1, round(len(samples) * to / rate))
    spectrum = np.fft.rfft(samples)
    kept = np.zeros(length // 2 + 1, dtype=spectrum.dtype)
    shared = min(len(spectrum), len(kept))
    kept[:shared] = spectrum[:shared]
    return (np.fft.irfft(kept, length) * (length / len(samples))).astype(np.float32)


def to_wav(mono: np.ndarray) -> bytes:
    """(n,) float in [-1, 1] as a 16-bit WAV file; what was such a file at this rate comes out as it went in."""
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE_HZ)
        out.writeframes(np.clip((mono * 32768).round(), -32768, 32767).astype("<i2").tobytes())
    return file.getvalue()
