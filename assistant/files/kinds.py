"""What kind of file this is, by what it holds and never by its name; and the clause for one that cannot be read.

A clause is the rest of a sentence that begins with the file's name.
"""

from __future__ import annotations

import io
import zipfile
from typing import Literal

Kind = Literal["kept", "pdf", "docx", "text"]
READ = "text, Markdown, CSV, JSON, source code, DOCX and PDF"

_MOST_ENTRIES = 10_000  # in a ZIP archive that is looked into
_CANNOT = "which cannot be read here"

# (first bytes, clause)
_OTHER: tuple[tuple[bytes, str], ...] = (
    (b"{\\rtf", f"is an RTF document, {_CANNOT}; save it as DOCX or text first."),
    (b"7z\xbc\xaf\x27\x1c", f"is a 7-Zip archive, {_CANNOT}; attach the files in it."),
    (b"Rar!", f"is a RAR archive, {_CANNOT}; attach the files in it."),
    (b"\x1f\x8b", f"is a compressed archive, {_CANNOT}; attach the files in it."),
    (b"SQLite format 3\0", f"is a database, {_CANNOT}; export a table as CSV first."),
    (b"\x7fELF", f"is a program, {_CANNOT}."),
    (b"MZ", f"is a program, {_CANNOT}."),
    (b"\x1aE\xdf\xa3", f"is a video, {_CANNOT}."),
)  # fmt: skip
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # Office documents before 2007, and encrypted newer ones
_IN_ZIP: tuple[tuple[str, str], ...] = (
    ("xl/workbook.xml", f"is an Excel workbook, {_CANNOT}; save the sheet as CSV first."),
    ("xl/workbook.bin", f"is an Excel workbook, {_CANNOT}; save the sheet as CSV first."),
    ("ppt/presentation.xml", f"is a PowerPoint presentation, {_CANNOT}; save it as PDF first."),
    ("META-INF/container.xml", f"is an e-book, {_CANNOT}; save it as PDF or text first."),
    ("content.xml", f"is an OpenDocument file, {_CANNOT}; save it as DOCX or PDF first."),
)


class Refused(Exception):
    """Why a file cannot be read: the rest of a sentence that begins with its name."""


def kind_of(data: bytes, kept_start: bytes) -> Kind:
    """How ``data`` is to be read. Raises Refused for what is known not to be readable."""
    if data.startswith(kept_start):
        return "kept"
    if b"%PDF-" in data[:1024]:
        return "pdf"
    if data.startswith((b"PK\3\4", b"PK\5\6")):
        return _in_zip(data)
    if data.startswith(_OLE):
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise Refused("is protected by a password; save it without one first.")
        raise Refused(
            f"is an Office document of the old form (DOC, XLS or PPT), {_CANNOT}; save it as DOCX, CSV or PDF first."
        )
    if data[4:8] == b"ftyp":
        raise Refused(f"is a video or sound file, {_CANNOT}.")
    for start, clause in _OTHER:
        # "MZ" alone may begin a text; a program has bytes that no text has soon after.
        if data.startswith(start) and (len(start) > 2 or b"\0" in data[:256]):
            raise Refused(clause)
    return "text"


def _in_zip(data: bytes) -> Kind:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, IndexError) as error:
        raise Refused("is cut off or damaged.") from error
    if len(entries) > _MOST_ENTRIES:
        raise Refused(f"is a ZIP archive of more than {_MOST_ENTRIES:,} files, {_CANNOT}.")
    names = {entry.filename for entry in entries}
    if "word/document.xml" in names:
        return "docx"
    for name, clause in _IN_ZIP:
        if name in names:
            raise Refused(clause)
    raise Refused(f"is a ZIP archive, {_CANNOT}; attach the files in it.")
