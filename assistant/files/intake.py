"""The one door for files: what was read here reaches the store and the model; the file itself is not kept.

As for pictures (``assistant.vision.intake``), reading happens in a process of its own under limits of memory and time.
"""

from __future__ import annotations

import atexit
import hashlib
import os
import threading
from collections import OrderedDict
from dataclasses import dataclass, replace
from typing import Any

from assistant.errors import BadInput
from assistant.files.document import MIME, Document, from_bytes, to_bytes
from assistant.sandbox import Worker, read_source
from assistant.vision.intake import IntakeImage

MAX_FILE_BYTES = 50_000_000
_REMEMBERED = 8  # files: one that waits in the composer is asked for again when it is sent


@dataclass(frozen=True, slots=True)
class IntakeFile:
    """What was read in a file. ``data`` is the kept form of ``document``."""

    data: bytes
    document: Document
    name: str  # where it came from, for display
    size_bytes: int  # of the file itself
    pictures: tuple[IntakeImage, ...] = ()  # of pages without text, in the order of the pages
    note: str = ""  # what was left out, for people
    mime: str = MIME

    @property
    def pages(self) -> int:
        """How many pages the file has; 0: it has none."""
        return self.document.total_pages


def intake(source: str | os.PathLike[str] | bytes, name: str = "") -> IntakeFile:
    """Read a file, from its path or its bytes. Blocks while it is read: not for a GUI thread.

    Raises BadInput in one sentence: missing, empty, too large, protected, damaged, not text nor a document that can be read.
    """
    data, name = read_source(source, name, MAX_FILE_BYTES, "file")
    key = hashlib.sha256(data).hexdigest()
    found = _read.get(key)
    if found is None:
        found = _take(data, name)
        _read.put(key, found)
    pictures = tuple(
        replace(picture, name=f"{name}, {page.number}")
        for picture, page in zip(found.pictures, (p for p in found.document.pages if p.picture), strict=False)
    )
    return replace(found, name=name, pictures=pictures)


def _take(data: bytes, name: str) -> IntakeFile:
    answer, files = _worker.decode(data, name)
    if "refused" in answer:
        raise BadInput(f"{name} {answer['refused']}")
    start = int(answer["document"])
    document = from_bytes(files[:start])
    pictures = []
    for _number, size in answer["pictures"]:
        pictures.append(_picture(files[start : start + int(size)]))
        start += int(size)
    return IntakeFile(
        to_bytes(document), document, name, len(data), tuple(pictures), note=str(answer["note"])
    )


def _picture(jpeg: bytes) -> IntakeImage:
    """A page's picture by the way of all pictures, which leaves its bytes as they are."""
    from assistant.vision.intake import intake as take_picture

    return take_picture(jpeg, "page")


class _Remembered:
    """The files read last, by what they hold. Safe from any thread."""

    def __init__(self) -> None:
        self._found: OrderedDict[str, IntakeFile] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: str) -> IntakeFile | None:
        with self._lock:
            return self._found.get(key)

    def put(self, key: str, found: IntakeFile) -> None:
        with self._lock:
            self._found[key] = found
            while len(self._found) > _REMEMBERED:
                self._found.popitem(last=False)


def _body() -> Any:
    from assistant.files import decoding

    return decoding.run


_read = _Remembered()
_worker = Worker(_body, "attune-files")
atexit.register(_worker.close)
