"""Sounds the tests make: something like a voice, in every format that is opened."""

from __future__ import annotations

import io

import numpy as np
import soundfile


def voice(seconds: float = 1.5, rate: int = 44_100, channels: int = 2) -> np.ndarray:
    at = np.arange(int(seconds * rate)) / rate
    mono = 0.3 * np.sin(2 * np.pi * 440 * at) * (0.6 + 0.4 * np.sin(2 * np.pi * 3 * at))
    return np.stack([mono] * channels, axis=1).astype(np.float32)


def file_of(kind: str, samples: np.ndarray, rate: int = 44_100) -> bytes:
    file = io.BytesIO()
    subtype = {"OGG": "VORBIS", "MP3": "MPEG_LAYER_III"}.get(kind, "PCM_16")
    soundfile.write(file, samples, rate, format=kind, subtype=subtype)
    return file.getvalue()
