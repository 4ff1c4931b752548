"""The header of a GGUF file: its settings and where its tensors lie, read with every number checked before it is used.

A header is untrusted: counts, lengths, sizes and offsets are compared with the size of the file and with limits that no
model comes near, so that a damaged or hostile file costs neither time nor memory. Long arrays (the vocabulary) are
stepped over and read only when asked for. The format: docs/gguf.md of ggml. Torch-free.
"""

from __future__ import annotations

import math
import mmap
import struct
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

from models.errors import ModelNotFound, ModelRefused

# GGML's number of a tensor type: (name, weights per block, bytes per block), from ggml.h and ggml-common.h.
TYPES: dict[int, tuple[str, int, int]] = {
    0: ("F32", 1, 4),
    1: ("F16", 1, 2),
    28: ("F64", 1, 8),
    30: ("BF16", 1, 2),
    2: ("Q4_0", 32, 18),
    3: ("Q4_1", 32, 20),
    6: ("Q5_0", 32, 22),
    7: ("Q5_1", 32, 24),
    8: ("Q8_0", 32, 34),
    10: ("Q2_K", 256, 84),
    11: ("Q3_K", 256, 110),
    12: ("Q4_K", 256, 144),
    13: ("Q5_K", 256, 176),
    14: ("Q6_K", 256, 210),
    20: ("IQ4_NL", 32, 18),
    23: ("IQ4_XS", 256, 136),
}
_FORMATS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
_SCALARS = {kind: struct.Struct("<" + code) for kind, code in _FORMATS.items()}
_BOOL, _STRING, _ARRAY = 7, 8, 9
_U32, _U64, _HEAD = struct.Struct("<I"), struct.Struct("<Q"), struct.Struct("<IQQ")
_ARRAY_HEAD = struct.Struct("<IQ")
_KEEP_INLINE = 1024  # items of an array that is read at once

# Far above every real file; a llama.cpp file of 2026 has about 30 settings, 300 to 2000 tensors, 256k words.
MAX_SETTINGS = 4096
MAX_TENSORS = 65_536
MAX_ITEMS = 1 << 22  # of all arrays together
MAX_HEADER_BYTES = 256 << 20
MAX_NAME_BYTES = 512
MAX_TEXT_BYTES = 8 << 20
MAX_DIMENSION = 1 << 28

Scalar = int | float | bool | str


@dataclass(frozen=True, slots=True)
class TensorInfo:
    """A tensor's place in the file."""

    name: str
    type: str  # GGML's name: F32, Q4_K, ...
    shape: tuple[int, ...]  # in numpy's order: (rows, cols); GGUF itself lists the columns first
    start: int  # bytes from the beginning of the file
    size_bytes: int

    @property
    def count(self) -> int:
        return math.prod(self.shape)


@dataclass(frozen=True, slots=True)
class _Array:
    """An array that was stepped over."""

    kind: int
    length: int
    start: int
    end: int


@dataclass(frozen=True, eq=False)
class Header:
    """Settings by name, tensors by name, and the places of the long arrays."""

    path: Path
    size_bytes: int  # of the file
    settings: dict[str, Scalar | tuple[Scalar, ...]]
    tensors: dict[str, TensorInfo]
    _arrays: dict[str, _Array] = field(repr=False, default_factory=dict)

    @property
    def architecture(self) -> str:
        return self.text("general.architecture")

    def text(self, name: str) -> str:
        value = self.settings.get(name)
        return value if isinstance(value, str) else ""

    def number(self, name: str) -> int | None:
        value = self.settings.get(name)
        return value if isinstance(value, int) and not isinstance(value, bool) else None

    def real(self, name: str) -> float | None:
        value = self.settings.get(name)
        return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None

    def length(self, name: str) -> int | None:
        """Items of an array; None: there is no such array."""
        if name in self._arrays:
            return self._arrays[name].length
        value = self.settings.get(name)
        return len(value) if isinstance(value, tuple) else None

    def array(self, name: str) -> tuple[Scalar, ...] | None:
        """An array's items, read from the file now if it is long. Raises ModelRefused."""
        known = self._arrays.get(name)
        if known is None:
            value = self.settings.get(name)
            return value if isinstance(value, tuple) else None
        with _Reader(self.path) as reader:
            reader.at = known.start
            return reader.items(known.kind, known.length)

    def parameters(self) -> int:
        """Stored numbers in all tensors."""
        return sum(tensor.count for tensor in self.tensors.values())


class _Damaged(Exception):
    """``why``: a clause for a sentence."""


class _Reader:
    """A cursor over the memory-mapped file. Every read is checked against the file's end."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb")
        try:
            self.size = self._file.seek(0, 2)
            self._map = mmap.mmap(self._file.fileno(), 0, access=mmap.ACCESS_READ) if self.size else None
        except BaseException:
            self._file.close()
            raise
        self.limit = min(self.size, MAX_HEADER_BYTES)
        self.at = 0
        self.items_left = MAX_ITEMS

    def __enter__(self) -> _Reader:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._map is not None:
            self._map.close()
        self._file.close()

    def unpack(self, form: struct.Struct) -> tuple[Scalar, ...]:
        end = self.at + form.size
        if end > self.limit or self._map is None:
            raise _Damaged("its header is cut off")
        values = form.unpack_from(self._map, self.at)
        self.at = end
        return values

    def u32(self) -> int:
        return int(self.unpack(_U32)[0])

    def u64(self) -> int:
        return int(self.unpack(_U64)[0])

    def string(self, most: int) -> str:
        length = self.u64()
        if length > most or self.at + length > self.limit or self._map is None:
            raise _Damaged("a text in its header has an impossible length")
        raw = self._map[self.at : self.at + length]
        self.at += length
        try:
            return raw.decode("utf-8")
        except UnicodeDecodeError as error:
            raise _Damaged("a text in its header is not UTF-8") from error

    def scalar(self, kind: int) -> Scalar:
        if kind == _STRING:
            return self.string(MAX_TEXT_BYTES)
        form = _SCALARS.get(kind)
        if form is None:
            raise _Damaged(f"a setting has the unknown type {kind}")
        return self.unpack(form)[0]

    def items(self, kind: int, length: int) -> tuple[Scalar, ...]:
        """The items of an array that ``array`` has stepped over."""
        if kind == _STRING:
            return self._words(length)
        return tuple(self.unpack(struct.Struct(f"<{length}{_FORMATS[kind]}")))

    def _words(self, length: int) -> tuple[str, ...]:
        """Strings of an array; some converters store tokens that are no whole UTF-8."""
        words, at, data, unpack = [], self.at, self._map, _U64.unpack_from
        assert data is not None
        for _ in range(length):
            start = at + 8
            if start > self.limit or (at := start + unpack(data, at)[0]) > self.limit:
                raise _Damaged("a text in its header has an impossible length")
            words.append(data[start:at].decode("utf-8", errors="replace"))
        self.at = at
        return tuple(words)

    def array(self) -> _Array:
        """Step over an array."""
        kind, length = (int(value) for value in self.unpack(_ARRAY_HEAD))
        if kind != _STRING and kind not in _SCALARS:
            raise _Damaged("an array in its header has elements of an unknown type")
        least = _U64.size if kind == _STRING else _SCALARS[kind].size
        if length > self.items_left or length * least > self.limit - self.at or self._map is None:
            raise _Damaged("an array in its header has an impossible length")
        self.items_left -= length
        start = self.at
        if kind != _STRING:
            self.at += length * least
            return _Array(kind, length, start, self.at)
        at, limit, data, unpack = start, self.limit, self._map, _U64.unpack_from
        for _ in range(length):
            if at + 8 > limit:
                raise _Damaged("its header is cut off")
            at += 8 + unpack(data, at)[0]
        if at > limit:
            raise _Damaged("its header is cut off")
        self.at = at
        return _Array(kind, length, start, at)


def is_gguf(path: Path) -> bool:
    """Whether a file begins as GGUF files do."""
    with path.open("rb") as file:
        return file.read(4) == b"GGUF"


def read_header(path: Path) -> Header:
    """Read and check a GGUF file's header. Raises ModelNotFound, or ModelRefused with one sentence."""
    if not path.is_file():
        raise ModelNotFound(f"There is no file {path}.")
    try:
        if not is_gguf(path):
            raise ModelRefused(
                f"{path.name} is no GGUF file; a model is a GGUF file or a folder with safetensors."
            )
        with _Reader(path) as reader:
            return _read(reader, path)
    except _Damaged as error:
        raise ModelRefused(f"{path.name} is damaged or was not downloaded completely: {error}.") from error
    except OSError as error:
        raise ModelRefused(f"{path.name} cannot be read ({error.strerror or error}).") from error


def _read(reader: _Reader, path: Path) -> Header:
    reader.at = 4
    version, n_tensors, n_settings = (int(value) for value in reader.unpack(_HEAD))
    if version & 0xFFFF == 0:
        raise _Damaged("it is in the byte order of another kind of processor")
    if version not in (2, 3):
        raise _Damaged(f"it is of the GGUF version {version}, and 2 or 3 is known")
    if n_settings > min(MAX_SETTINGS, reader.size // 13) or n_tensors > min(MAX_TENSORS, reader.size // 33):
        raise _Damaged("its header names an impossible number of entries")
    settings: dict[str, Scalar | tuple[Scalar, ...]] = {}
    arrays: dict[str, _Array] = {}
    for _ in range(n_settings):
        name = reader.string(MAX_NAME_BYTES)
        if name in settings or name in arrays:
            raise _Damaged(f"its header has two settings called {name[:60]!r}")
        kind = reader.u32()
        if kind != _ARRAY:
            settings[name] = reader.scalar(kind)
            continue
        array = reader.array()
        if array.length > _KEEP_INLINE or array.end - array.start > MAX_TEXT_BYTES:
            arrays[name] = array
        else:
            reader.at = array.start
            settings[name] = reader.items(array.kind, array.length)
    alignment = settings.get("general.alignment", 32)
    if not isinstance(alignment, int) or not 1 <= alignment <= 1 << 16 or alignment & (alignment - 1):
        raise _Damaged("its alignment is impossible")
    raw = [_tensor(reader) for _ in range(n_tensors)]
    data = reader.at + -reader.at % alignment
    return Header(path, reader.size, settings, _placed(raw, data, alignment, reader.size), arrays)


def _tensor(reader: _Reader) -> tuple[str, str, tuple[int, ...], int, int]:
    """(name, type, shape, offset, bytes) of the next tensor."""
    name = reader.string(MAX_NAME_BYTES)
    n_dimensions = reader.u32()
    if not 1 <= n_dimensions <= 4:
        raise _Damaged(f"the tensor {name[:60]!r} has {n_dimensions} dimensions")
    sizes = tuple(reader.u64() for _ in range(n_dimensions))
    number, offset = reader.u32(), reader.u64()
    if number not in TYPES:
        raise _Damaged(f"the tensor {name[:60]!r} has a type that Attune does not know ({number})")
    kind, block, block_bytes = TYPES[number]
    if any(not 1 <= n <= MAX_DIMENSION for n in sizes) or sizes[0] % block:
        raise _Damaged(f"the tensor {name[:60]!r} has an impossible size")
    return name, kind, sizes[::-1], offset, math.prod(sizes) // block * block_bytes


def _placed(
    raw: list[tuple[str, str, tuple[int, ...], int, int]], data: int, alignment: int, size: int
) -> dict[str, TensorInfo]:
    """Tensors by name; each lies inside the file, and none on another."""
    tensors: dict[str, TensorInfo] = {}
    for name, kind, shape, offset, n_bytes in raw:
        if name in tensors:
            raise _Damaged(f"it has two tensors called {name[:60]!r}")
        if offset % alignment or data + offset + n_bytes > size:
            raise _Damaged(f"the tensor {name[:60]!r} lies outside the file")
        tensors[name] = TensorInfo(name, kind, shape, data + offset, n_bytes)
    end = 0
    for tensor in sorted(tensors.values(), key=lambda one: one.start):
        if tensor.start < end:
            raise _Damaged(f"the tensor {tensor.name[:60]!r} lies on top of another")
        end = tensor.start + tensor.size_bytes
    return tensors
