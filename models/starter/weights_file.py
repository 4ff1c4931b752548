"""Write a safetensors file tensor by tensor, so that half a gigabyte never has to lie in memory at once.

The format (https://github.com/huggingface/safetensors#format): an unsigned 64-bit little-endian length, that
many bytes of JSON naming each tensor's dtype, shape and place, then the raw little-endian data without gaps.
"""

from __future__ import annotations

import json
import os
import struct
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import numpy as np

Maker = Callable[[], "np.ndarray"]


def write(path: Path, tensors: Mapping[str, tuple[tuple[int, ...], Maker]]) -> Iterator[int]:
    """Write float32 tensors ``{name: (shape, function that makes it)}`` to ``path`` and fsync it.

    Yields the bytes written after each tensor, for progress. Raises ValueError when a made array has another
    shape than announced, OSError when the disk is full.
    """
    header: dict[str, object] = {"__metadata__": {"format": "pt"}}
    start = 0
    for name, (shape, _) in tensors.items():
        size = 4 * int(np.prod(shape))
        header[name] = {"dtype": "F32", "shape": list(shape), "data_offsets": [start, start + size]}
        start += size
    encoded = json.dumps(header, separators=(",", ":")).encode()
    encoded += b" " * (-len(encoded) % 8)
    with path.open("wb") as file:
        file.write(struct.pack("<Q", len(encoded)))
        file.write(encoded)
        for name, (shape, make) in tensors.items():
            array = np.ascontiguousarray(make(), dtype="<f4")
            if array.shape != tuple(shape):
                raise ValueError(f"{name} has shape {array.shape}, {shape} was announced")
            file.write(array.data)
            yield array.nbytes
        file.flush()
        os.fsync(file.fileno())
