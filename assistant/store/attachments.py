"""Attachments: files named by the SHA-256 of their bytes, written whole, kept while referred to."""

from __future__ import annotations

import hashlib
import os
import time
from pathlib import Path
from typing import Protocol

from assistant.errors import NotFound, StoreError
from assistant.paths import DataPaths
from assistant.records import Attachment, Recognition
from assistant.store import rows
from assistant.store.connection import Connection, clean, now
from models import durable


class ImageData(Protocol):
    """What picture intake gives (``assistant.vision.intake``): checked, upright, without metadata."""

    @property
    def data(self) -> bytes: ...
    @property
    def mime(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def width(self) -> int: ...
    @property
    def height(self) -> int: ...
    @property
    def note(self) -> str: ...


class SoundData(Protocol):
    """What sound intake gives (``assistant.sound.intake``): checked, one channel, without metadata."""

    @property
    def data(self) -> bytes: ...
    @property
    def mime(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def note(self) -> str: ...


class FileData(Protocol):
    """What file intake gives (``assistant.files.intake``): what was read in a text, DOCX or PDF file."""

    @property
    def data(self) -> bytes: ...
    @property
    def mime(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def pages(self) -> int: ...
    @property
    def note(self) -> str: ...


class Attachments(Connection):
    paths: DataPaths

    def add_attachment(self, image: ImageData) -> Attachment:
        """Keep the picture's bytes under their hash and return its record. Same bytes, same attachment."""
        return self._keep_attachment(image, "image", width=image.width, height=image.height)

    def add_sound(self, sound: SoundData) -> Attachment:
        """Keep the sound's bytes likewise."""
        return self._keep_attachment(sound, "audio")

    def add_file(self, file: FileData) -> Attachment:
        """Keep what was read in a file likewise."""
        return self._keep_attachment(file, "file", pages=file.pages or None)

    def _keep_attachment(
        self,
        taken: ImageData | SoundData | FileData,
        kind: str,
        *,
        width: int | None = None,
        height: int | None = None,
        pages: int | None = None,
    ) -> Attachment:
        sha256 = hashlib.sha256(taken.data).hexdigest()
        with self.transaction():
            path = self.attachment_path(sha256)
            if not path.exists():
                write_file(path, taken.data)
            else:
                os.utime(path)  # young again: it is about to be referred to
            self._insert(
                "attachment",
                {
                    "sha256": sha256,
                    "kind": kind,
                    "mime": taken.mime,
                    "name": clean(taken.name),
                    "size_bytes": len(taken.data),
                    "width": width,
                    "height": height,
                    "pages": pages,
                    "note": clean(taken.note),
                    "created_at": now(),
                },
                ignore=True,
            )
            kept = self.attachment(sha256)
        # The name is of this use of the picture; the one in the table is of its first.
        return Attachment(
            sha256=kept.sha256,
            kind=kept.kind,
            mime=kept.mime,
            name=clean(taken.name),
            size_bytes=kept.size_bytes,
            width=kept.width,
            height=kept.height,
            recognition=kept.recognition,
            note=clean(taken.note),
            pages=kept.pages,
        )

    def attachment(self, sha256: str) -> Attachment:
        """Raises NotFound."""
        row = self._row("SELECT * FROM attachment WHERE sha256 = ?", [sha256])
        if row is None:
            raise NotFound(f"There is no attachment {sha256}.")
        return rows.attachment(row)

    def attachment_path(self, sha256: str) -> Path:
        """Where the bytes of an attachment lie. Raises NotFound for what is no hash."""
        if len(sha256) != 64 or not set(sha256) <= set("0123456789abcdef"):
            raise NotFound("That is no attachment.")
        return self.paths.attachments / sha256

    def set_recognition(self, sha256: str, recognition: Recognition) -> None:
        """Keep what was seen in a picture."""
        self._update("attachment", "sha256", sha256, {"recognition": rows.recognition_json(recognition)})

    def collect_garbage(self, older_than_s: float = 3600.0) -> int:
        """Remove attachments nothing refers to; the number of bytes freed.

        Young ones stay: a picture is attached before the message that it belongs to is sent.
        """
        freed = 0
        with self.transaction():
            kept = {row[0] for row in self._rows(_REFERENCED)}
            for path in list(self.paths.attachments.iterdir()):
                status = path.stat()
                if path.name in kept or time.time() - status.st_mtime < older_than_s:
                    continue
                path.unlink()
                freed += status.st_size
            for row in self._rows("SELECT sha256 FROM attachment"):
                if row[0] not in kept and not self.attachment_path(row[0]).exists():
                    self._write("DELETE FROM attachment WHERE sha256 = ?", [row[0]])
        return freed


_REFERENCED = """SELECT sha256 FROM message_attachment
    UNION SELECT image.value FROM rating, json_each(rating.images) AS image"""


def private(path: str, flags: int) -> int:
    """The ``opener`` of files with the user's words in them: made for this user's eyes only."""
    return os.open(path, flags, 0o600)


def write_file(path: Path, data: bytes) -> None:
    """Write ``path`` whole or not at all; only this user can read it. Raises StoreError."""
    try:
        durable.write(path, data, private=True)
    except OSError as error:
        raise StoreError(f"The file could not be saved: {error.strerror or error}.") from error
