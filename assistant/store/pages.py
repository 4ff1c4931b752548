"""Read table rows straight from the pages of an SQLite file, for databases that SQLite itself cannot open.

Follows the file format (https://www.sqlite.org/fileformat2.html, sections 1.6 and 2.1): every page of kind 13
is a leaf of a table; its cells are records. Which table a page belonged to is not said there, so the caller
tells rows apart by their shape. Rows of pages long freed may be among them.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

Record = tuple[int, tuple[Any, ...]]  # rowid, values

_LEAF = 13
_MAX_RECORD_BYTES = 100_000_000
_SIZES = (512, 1024, 2048, 4096, 8192, 16384, 32768, 65536)


def records(path: Path) -> Iterator[Record]:
    """Every row that can still be read in the file, in the order of its pages."""
    data = path.read_bytes()
    page_size = guess_page_size(data)
    for start in range(0, len(data) - page_size + 1, page_size):
        # The first page begins with the file's header of 100 bytes.
        yield from _page(data, start, 100 if start == 0 else 0, page_size)


def guess_page_size(data: bytes) -> int:
    """The page size in the header, or 4096 (SQLite's own choice) where the header is damaged."""
    size = int.from_bytes(data[16:18], "big") if data[:16] == b"SQLite format 3\0" else 4096
    size = 65536 if size == 1 else size
    return size if size in _SIZES else 4096


def _page(data: bytes, start: int, offset: int, page_size: int) -> Iterator[Record]:
    header = start + offset
    if data[header] != _LEAF:
        return
    (cells,) = struct.unpack_from(">H", data, header + 3)
    if cells * 2 + offset + 8 > page_size:
        return
    for index in range(cells):
        (pointer,) = struct.unpack_from(">H", data, header + 8 + 2 * index)
        if pointer < offset + 8 or pointer >= page_size:
            continue
        record = _cell(data, start + pointer, page_size)
        if record is not None:
            yield record


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for length in range(1, 10):
        byte = data[at + length - 1]
        if length == 9:
            return (value << 8) | byte, at + 9
        value = (value << 7) | (byte & 0x7F)
        if byte < 0x80:
            return value, at + length
    raise IndexError


def _cell(data: bytes, at: int, page_size: int) -> Record | None:
    try:
        size, at = _varint(data, at)
        rowid, at = _varint(data, at)
        if size > min(_MAX_RECORD_BYTES, len(data)):
            return None
        payload = _payload(data, at, size, page_size)
        return None if payload is None else (rowid, _values(payload))
    except (IndexError, struct.error, UnicodeDecodeError):
        return None


def _payload(data: bytes, at: int, size: int, page_size: int) -> bytes | None:
    """The bytes of a record, gathered from its overflow pages if it is long (no reserved bytes a page)."""
    most = page_size - 35
    if size <= most:
        payload = data[at : at + size]
        return payload if len(payload) == size else None
    least = (page_size - 12) * 32 // 255 - 23
    here = least + (size - least) % (page_size - 4)
    here = here if here <= most else least
    parts = [data[at : at + here]]
    (next_page,) = struct.unpack_from(">I", data, at + here)
    left = size - here
    seen: set[int] = set()
    while left > 0:
        if next_page == 0 or next_page in seen or next_page * page_size > len(data):
            return None
        seen.add(next_page)
        start = (next_page - 1) * page_size
        take = min(left, page_size - 4)
        parts.append(data[start + 4 : start + 4 + take])
        left -= take
        (next_page,) = struct.unpack_from(">I", data, start)
    return b"".join(parts)


def _values(payload: bytes) -> tuple[Any, ...]:
    """The values of a record; raises IndexError where it is cut off."""
    header_size, at = _varint(payload, 0)
    if header_size > len(payload):
        raise IndexError
    kinds = []
    while at < header_size:
        kind, at = _varint(payload, at)
        kinds.append(kind)
    values: list[Any] = []
    at = header_size
    for kind in kinds:
        length = (0, 1, 2, 3, 4, 6, 8, 8, 0, 0)[kind] if kind < 10 else (kind - 12) // 2
        if kind in (10, 11) or at + length > len(payload):
            raise IndexError
        part = payload[at : at + length]
        at += length
        if kind == 0:
            values.append(None)
        elif kind < 7:
            values.append(int.from_bytes(part, "big", signed=True))
        elif kind == 7:
            values.append(struct.unpack(">d", part)[0])
        elif kind < 10:
            values.append(kind - 8)
        elif kind % 2 == 0:
            values.append(part)
        else:
            values.append(part.decode("utf-8"))
    return tuple(values)
