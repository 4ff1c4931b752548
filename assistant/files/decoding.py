"""Body of the process that reads files (``assistant.sandbox``). It is given the bytes of a file and opens none.

It answers with a JSON object, then the kept form of what was read (``assistant.files.document``) and behind it the
pictures of pages without text.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from multiprocessing.connection import Connection
from typing import Any

from assistant.errors import BadInput
from assistant.files import docx_reader, pdf_reader, text_reader
from assistant.files.document import (
    MAX_CHARACTERS,
    MAX_PAGES,
    START,
    Document,
    Page,
    from_bytes,
    plain,
    to_bytes,
)
from assistant.files.kinds import Refused, kind_of
from assistant.sandbox import serve


def run(connection: Connection) -> None:
    """Answer files until the other end is gone."""
    serve(connection, _load, answer)


def _load() -> None:
    import charset_normalizer  # noqa: F401
    import PIL.Image
    import PIL.JpegImagePlugin  # noqa: F401
    import pypdfium2  # noqa: F401


def answer(data: bytes) -> tuple[dict[str, Any], bytes]:
    """({"note", "document": bytes, "pictures": [[page, bytes], ...]}, files) or ({"refused": clause}, b"")."""
    try:
        document, pictures, note = read(data)
    except Refused as refusal:
        return {"refused": str(refusal)}, b""
    except MemoryError:
        return {"refused": "needs more memory than a file may take."}, b""
    except (
        OSError,
        ValueError,
        TypeError,
        IndexError,
        KeyError,
        RuntimeError,
        ArithmeticError,
        RecursionError,
    ):
        return {"refused": "is damaged and cannot be read."}, b""  # what parsers raise on what nobody foresaw
    kept = to_bytes(document)
    sizes = [[number, len(picture)] for number, picture in pictures]
    return {"note": note, "document": len(kept), "pictures": sizes}, b"".join(
        [kept, *(p for _, p in pictures)]
    )


def read(data: bytes) -> tuple[Document, list[tuple[int, bytes]], str]:
    """What is in a file, the pictures of its pages without text, and what was left out. Raises Refused."""
    kind = kind_of(data, START)
    if kind == "kept":
        try:
            return from_bytes(data), [], ""
        except BadInput as error:
            raise Refused("is damaged and cannot be read.") from error
    if kind == "pdf":
        return _pdf(data)
    texts = docx_reader.read(data) if kind == "docx" else [text_reader.read(data)]
    total = len(texts) if len(texts) > 1 else 0
    pages, cut = _cut([Page(number if total else 0, plain(t)) for number, t in enumerate(texts, 1)])
    if not any(page.text.strip() for page in pages):
        raise Refused("holds no text.")
    return Document(tuple(pages), total), [], f"only the first {MAX_CHARACTERS:,} characters" if cut else ""


def _pdf(data: bytes) -> tuple[Document, list[tuple[int, bytes]], str]:
    found = pdf_reader.read(data)
    names = {number: hashlib.sha256(picture).hexdigest() for number, picture in found.pictures.items()}
    pages, _ = _cut(
        [Page(number, plain(text), names.get(number, "")) for number, text in enumerate(found.texts, 1)]
    )
    if not found.pictures and not any(page.text.strip() for page in pages):
        raise Refused("holds no text and no pictures.")
    notes = []
    if len(pages) < found.total:
        notes.append(f"only the first {len(pages):,} of {found.total:,} pages")
    if found.unread:
        notes.append(f"pictures of {len(names)} of the {len(names) + found.unread} pages without text")
    return Document(tuple(pages), found.total), sorted(found.pictures.items()), "; ".join(notes)


def _cut(pages: Sequence[Page]) -> tuple[list[Page], bool]:
    """As many pages as are kept of one file, and whether that are fewer."""
    kept: list[Page] = []
    room = MAX_CHARACTERS
    for page in pages[:MAX_PAGES]:
        if room <= 0:
            break
        kept.append(Page(page.number, page.text[:room].strip("\n"), page.picture))
        room -= len(page.text)
    return kept, room < 0 or len(kept) < len(pages)
