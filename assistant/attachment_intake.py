"""What may be attached to a message: a picture, a sound or a file with text, told apart by what it holds, each by its own
door."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assistant.files.intake import IntakeFile
from assistant.files.intake import intake as take_file
from assistant.sound.intake import IntakeSound, is_opened
from assistant.sound.intake import intake as take_sound
from assistant.vision import kinds
from assistant.vision.intake import IntakeImage
from assistant.vision.intake import intake as take_picture

if TYPE_CHECKING:
    from assistant.records import Attachment

PICTURE_SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".gif")
SOUND_SUFFIXES = (".wav", ".mp3", ".ogg", ".oga", ".flac")
_HEAD_BYTES = 1024

Taken = IntakeImage | IntakeSound | IntakeFile


def take(source: str | os.PathLike[str] | bytes, name: str = "") -> Taken:
    """Take a file in, from its path or its bytes. Blocks while it is decoded: not for a GUI thread.

    Raises BadInput in one sentence: missing, too large, damaged, of a kind that nothing here can read.
    """
    head, called = _head(source), name or ("" if isinstance(source, bytes) else source)
    if is_opened(head) or is_named_sound(called):
        return take_sound(source, name)
    if kinds.is_picture(head) or is_named_picture(called):
        return take_picture(source, name)
    return take_file(source, name)


def is_named_sound(name: str | os.PathLike[str]) -> bool:
    """Does the name end like a sound's? Asks no disk."""
    return os.fspath(name).lower().endswith(SOUND_SUFFIXES)


def is_named_picture(name: str | os.PathLike[str]) -> bool:
    """Does the name end like a picture's of a kind that is opened?"""
    return os.fspath(name).lower().endswith(PICTURE_SUFFIXES)


def keep(store: Any, taken: Taken) -> list[Attachment]:
    """Into the store, as what it is; a file is followed by the pictures of its pages without text."""
    if isinstance(taken, IntakeSound):
        return [store.add_sound(taken)]
    if isinstance(taken, IntakeFile):
        return [store.add_file(taken), *(store.add_attachment(picture) for picture in taken.pictures)]
    return [store.add_attachment(taken)]


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
