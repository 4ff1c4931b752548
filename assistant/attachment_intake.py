"""What may be attached to a message: a picture or a sound, told apart by what the file holds, each by its own door."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assistant.sound.intake import IntakeSound, is_opened
from assistant.sound.intake import intake as take_sound
from assistant.vision.intake import IntakeImage
from assistant.vision.intake import intake as take_picture

if TYPE_CHECKING:
    from assistant.records import Attachment

SOUND_SUFFIXES = (".wav", ".mp3", ".ogg", ".oga", ".flac")
_HEAD_BYTES = 16


def take(source: str | os.PathLike[str] | bytes, name: str = "") -> IntakeImage | IntakeSound:
    """Take a file in, from its path or its bytes. Blocks while it is decoded: not for a GUI thread.

    Raises BadInput in one sentence: missing, too large, neither a picture nor a sound of a kind on the lists, damaged.
    """
    if is_opened(_head(source)) or is_named_sound(name or ("" if isinstance(source, bytes) else source)):
        return take_sound(source, name)
    return take_picture(source, name)


def is_named_sound(name: str | os.PathLike[str]) -> bool:
    """Does the name end like a sound's? Asks no disk."""
    return os.fspath(name).lower().endswith(SOUND_SUFFIXES)


def keep(store: Any, taken: IntakeImage | IntakeSound) -> Attachment:
    """Into the store, as what it is."""
    found: Attachment = (
        store.add_sound(taken) if isinstance(taken, IntakeSound) else store.add_attachment(taken)
    )
    return found


def _head(source: str | os.PathLike[str] | bytes) -> bytes:
    """The first bytes; nothing for what cannot be read, whose door then says why."""
    if isinstance(source, bytes):
        return source[:_HEAD_BYTES]
    path = Path(source)
    try:
        if not path.is_file():  # a pipe could be waited on for ever
            return b""
        with path.open("rb") as file:
            return file.read(_HEAD_BYTES)
    except (OSError, ValueError):  # ValueError: a NUL in the name
        return b""
