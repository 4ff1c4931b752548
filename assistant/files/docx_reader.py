"""The text of a Word document, in the order of reading, with the page breaks that Word noted when it last laid it out.

Read by the standard library: python-docx was tried (1.2.0) and leaves out inserted text of tracked changes and
everything in content controls, a cover page or a table of contents. expat loads nothing from outside, stops entities
that multiply, and reads a part piece by piece, so that a document needs no more memory than its text.
"""

from __future__ import annotations

import io
import zipfile
from xml.etree.ElementTree import Element, ParseError, iterparse

from assistant.files.document import MAX_CHARACTERS, MAX_PAGES
from assistant.files.kinds import Refused

MAX_UNPACKED_BYTES = 200_000_000  # of the parts that are read
_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_STRICT = "{http://purl.oclc.org/ooxml/wordprocessingml/main}"  # the ISO form of the same
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_MARKS = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-", "ptab": "\t"}


def read(data: bytes) -> list[str]:
    """The text of each page; one page where the document does not say where its pages end. Raises Refused."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if any(entry.flag_bits & 1 for entry in archive.infolist()):
                raise Refused("is protected by a password; save it without one first.")
            pages = _pages(archive, "word/document.xml")
            for name, title in (("word/footnotes.xml", "Footnotes"), ("word/endnotes.xml", "Endnotes")):
                if name in archive.namelist() and (notes := "\n".join(_pages(archive, name)).strip()):
                    pages[-1] += f"\n\n{title}\n{notes}"
            return pages
    except (
        zipfile.BadZipFile,
        ParseError,
        OSError,
        ValueError,
        EOFError,
        KeyError,
        NotImplementedError,
    ) as error:
        raise Refused("is cut off or damaged.") from error


def _pages(archive: zipfile.ZipFile, name: str) -> list[str]:
    """The text of a part, page by page. The size that the archive states is the most that is unpacked of it."""
    if archive.getinfo(name).file_size > MAX_UNPACKED_BYTES:
        raise Refused(f"unpacks to more than {MAX_UNPACKED_BYTES // 1_000_000} MB and was refused.")
    reader = _Reader()
    with archive.open(name) as part:
        for event, element in iterparse(part, ("start", "end")):
            if event == "start":
                reader.begin(element)
            else:
                reader.end(element)
                element.clear()  # what was read is not needed again
            if reader.characters > MAX_CHARACTERS:
                break
    return reader.pages()


class _Reader:
    """Gathers text from the beginnings and ends of elements."""

    def __init__(self) -> None:
        self.characters = 0
        self._done: list[str] = []
        self._now: list[str] = []
        self._skipping = 0  # depth within a second rendering of the same content, or within deleted text
        self._cells = 0  # depth of table cells

    def pages(self) -> list[str]:
        return [*self._done, "".join(self._now)]

    def begin(self, element: Element) -> None:
        name = _name(element)
        if self._skipping or name == "skip":
            self._skipping += 1
        elif name == "tc":
            self._cells += 1
        elif (
            name == "lastRenderedPageBreak" and "".join(self._now).strip() and len(self._done) < MAX_PAGES - 1
        ):
            self._done.append("".join(self._now))
            self._now = []

    def end(self, element: Element) -> None:
        name = _name(element)
        if self._skipping:
            self._skipping -= 1
        elif name == "t":
            self._add(element.text or "")
        elif name in _MARKS:
            self._add(_MARKS[name])
        elif name == "p":
            self._add(" " if self._cells else "\n")
        elif name == "tc":
            self._cells -= 1
            self._add("| ")
        elif name == "tr" or name == "tbl":
            self._add("\n")

    def _add(self, text: str) -> None:
        self._now.append(text)
        self.characters += len(text)


def _name(element: Element) -> str:
    """The local name of an element of the word processor; "skip" for what must not be read; "" for others."""
    tag = str(element.tag)
    if tag == _FALLBACK:
        return "skip"
    for space in (_WORD, _STRICT):
        if tag.startswith(space):
            local = tag[len(space) :]
            return "skip" if local in ("del", "moveFrom") else local
    return ""
