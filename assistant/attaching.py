"""What a message can carry: a picture or a sound, told apart by its first bytes, each through its own door."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from assistant.sound.kinds import SUFFIXES as SOUND_SUFFIXES
from assistant.sound.kinds import is_opened

if TYPE_CHECKING:
    from assistant.records import Attachment
    from assistant.store import Store

PICTURE_SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".gif")
_HEAD = 16  # bytes that tell the kind


def is_sound(source: Path | bytes) -> bool:
    """Does it begin like a sound? A file that cannot be read is judged by its name; its intake says what is wrong."""
    if isinstance(source, bytes):
        return is_opened(source[:_HEAD])
    try:
        with source.open("rb") as file:
            head = file.read(_HEAD)
    except OSError:
        head = b""
    return is_opened(head) or source.suffix.lower() in SOUND_SUFFIXES


def keep(store: Store, path: Path) -> Attachment:
    """Take a file in and keep it. Blocks while it is decoded. Raises BadInput in one sentence."""
    if is_sound(path):
        from assistant.sound.intake import intake as take_sound

        return store.add_sound(take_sound(path, path.name))
    from assistant.vision import intake

    return store.add_attachment(intake(path, path.name))
