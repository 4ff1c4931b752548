"""Which sounds are opened, told from their first bytes."""

from __future__ import annotations

OPENED = "WAV, FLAC, OGG and MP3"
SUFFIXES = (".wav", ".mp3", ".ogg", ".oga", ".flac")


def is_opened(data: bytes) -> bool:
    """Does this begin like one of the four formats that are opened?"""
    mp3 = data[:3] == b"ID3" or (len(data) > 1 and data[0] == 0xFF and data[1] & 0xE0 == 0xE0)
    riff = data[:4] in (b"RIFF", b"RF64") and data[8:12] == b"WAVE"
    return riff or data.startswith((b"fLaC", b"OggS")) or mp3
