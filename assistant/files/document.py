"""What was read in a file, as it is kept and as it travels: the text of each page, and which picture stands for a page
without text.

The kept form is one line of JSON. The same file gives the same bytes, and kept bytes that are taken in again (an import)
come out as they were.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from assistant import strict_json
from assistant.errors import BadInput

MIME = "application/x-attune-file"
START = b'{"attune-file":1,'  # how the kept form begins
MAX_CHARACTERS = 5_000_000  # kept of one file: some 2,000 printed pages
MAX_PAGES = 2_000
MAX_KEPT_BYTES = 40_000_000  # of the kept form: four bytes for a character, escapes, pages
_VERSION = 1

# Nothing a person could see or that a line needs: control characters, halves of characters, and signs that turn the
# direction of writing or hide text (the tag characters).
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufdd0-\ufdef\ufeff\ufff9-\ufffc\ufffe\uffff\U000e0000-\U000e007f]"
)
_LINE_ENDS = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a file, or all of a file that has no pages."""

    number: int  # from 1; 0: the file has no pages
    text: str
    picture: str = ""  # SHA-256 of the picture that stands for a page without text


@dataclass(frozen=True, slots=True)
class Document:
    """``total_pages`` counts those of the file, of which ``pages`` may hold the first ones only; 0: it has none."""

    pages: tuple[Page, ...]
    total_pages: int = 0

    @property
    def text(self) -> str:
        """The text of all pages, two line ends between them."""
        return "\n\n".join(page.text for page in self.pages if page.text)

    @property
    def characters(self) -> int:
        return sum(len(page.text) for page in self.pages)


def plain(text: str) -> str:
    """``text`` with line ends as ``\\n`` and without what nobody can see."""
    return _INVISIBLE.sub("", _LINE_ENDS.sub("\n", text))


def to_bytes(document: Document) -> bytes:
    """The kept form."""
    pages = [{"number": p.number, "text": p.text, "picture": p.picture} for p in document.pages]
    value = {"attune-file": _VERSION, "total_pages": document.total_pages, "pages": pages}
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def from_bytes(data: bytes) -> Document:
    """Read the kept form, from anywhere. Raises BadInput for what ``to_bytes`` did not write."""
    try:
        if len(data) > MAX_KEPT_BYTES:
            raise ValueError("too large")
        value = strict_json.read(data)
        if not isinstance(value, dict) or value.get("attune-file") != _VERSION:
            raise ValueError("not the kept form")
        document = Document(tuple(_page(item) for item in value["pages"]), _count(value["total_pages"]))
        if document.characters > MAX_CHARACTERS or len(document.pages) > MAX_PAGES:
            raise ValueError("too long")
        return document
    except (ValueError, KeyError, TypeError) as error:
        raise BadInput("An attached file is damaged; remove it and attach it again.") from error


def read_kept(path: str | Path) -> Document:
    """What the store keeps of a file. Raises BadInput where it is missing or damaged."""
    try:
        return from_bytes(Path(path).read_bytes())
    except OSError as error:
        raise BadInput("An attached file is missing; remove it and attach it again.") from error


def ranges(numbers: Sequence[int]) -> str:
    """Numbers for people: ``1-3, 7``."""
    runs: list[list[int]] = []
    for number in sorted(set(numbers)):
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs)


def _page(item: object) -> Page:
    if not isinstance(item, dict) or not isinstance(item["text"], str):
        raise ValueError("no page")
    picture = item["picture"]
    if not isinstance(picture, str) or not re.fullmatch(r"(?:[0-9a-f]{64})?", picture):
        raise ValueError("no picture")
    return Page(_count(item["number"]), plain(item["text"]), picture)


def _count(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 1_000_000:
        raise ValueError("no number of pages")
    return value
