"""The tensors of a GGUF file without its vocabulary, which gguf's reader takes seconds to walk item by item."""

from __future__ import annotations

import struct
from typing import Any

import numpy as np
from gguf import GGUFReader, GGUFValueType

_HEADER = struct.Struct("<IQ")  # an array's element type and length
_LENGTH = struct.Struct("<Q")


class TensorReader(GGUFReader):
    """``gguf.GGUFReader`` whose arrays are stepped over; everything else is as there.

    Overrides a private method, so gguf is pinned to a minor version and a test compares the tensors of both.
    """

    def _get_field_parts(self, orig_offs: int, raw_type: int) -> tuple[int, list[Any], list[int], list[Any]]:
        if int(raw_type) != int(GGUFValueType.ARRAY) or self.byte_order != "I":
            return super()._get_field_parts(orig_offs, raw_type)
        data = memoryview(self.data)  # type: ignore[arg-type]
        number, length = _HEADER.unpack_from(data, orig_offs)
        element = GGUFValueType(number)
        offset = orig_offs + _HEADER.size
        if element == GGUFValueType.STRING:
            for _ in range(length):
                offset += _LENGTH.size + _LENGTH.unpack_from(data, offset)[0]
        elif element in self.gguf_scalar_to_np:
            offset += length * np.dtype(self.gguf_scalar_to_np[element]).itemsize
        else:
            return super()._get_field_parts(orig_offs, raw_type)
        return offset - orig_offs, [], [], [GGUFValueType.ARRAY, element]
