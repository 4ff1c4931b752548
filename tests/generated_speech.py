"""Voice-like sound made by the tests: vowels as harmonics under formants, with pauses; and files of every kind."""

from __future__ import annotations

import io

import numpy as np
import soundfile

# (first, second formant) in Hz of five vowels, after Peterson and Barney (1952), men's means rounded
VOWELS = ((730, 1090), (530, 1840), (270, 2290), (570, 840), (300, 870))


def speech(seconds: float = 1.5, rate: int = 44_100, channels: int = 2) -> np.ndarray:
    """(samples, channels) float32 in -1..1: a buzz of 120 Hz shaped by one vowel after the other, 0.2 s each."""
    at = np.arange(int(seconds * rate)) / rate
    pitch = 2 * np.pi * 120 * at
    sound = np.zeros_like(at)
    for number in range(1, 30):
        hertz = 120 * number
        if hertz >= rate / 2:
            break
        for turn, formants in enumerate(VOWELS):
            speaks = (at // 0.2).astype(int) % len(VOWELS) == turn
            loud = sum(np.exp(-(((hertz - formant) / 120) ** 2)) for formant in formants)
            sound += np.where(speaks, loud, 0.0) * np.sin(number * pitch)
    envelope = np.clip(np.sin(np.pi * (at % 0.2) / 0.2) * 3, 0, 1)
    sound = 0.4 * sound * envelope / max(1e-9, float(np.abs(sound).max()))
    return np.stack([sound] * channels, axis=1).astype(np.float32)


def file_of(kind: str, samples: np.ndarray, rate: int = 44_100) -> bytes:
    """``samples`` as a file of ``kind``: WAV, FLAC, OGG or MP3."""
    file = io.BytesIO()
    subtype = {"OGG": "VORBIS", "MP3": "MPEG_LAYER_III"}.get(kind, "PCM_16")
    soundfile.write(file, samples, rate, format=kind, subtype=subtype)
    return file.getvalue()
