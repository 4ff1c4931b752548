"""What this machine can do at most: the two limits that a decoder's speed is a fraction of.

Decoding one reply is limited by the bytes that each token reads from memory, reading a prompt by multiplications. Both
limits are measured by loops of the native library, with its own threads and instructions.
"""

from __future__ import annotations

import ctypes
import os
from functools import cache
from pathlib import Path
from typing import Any

from models import memory
from models.adapters.lora import projection_shape
from models.decoders.config import DecoderConfig
from models.decoders.native_library import library
from models.decoders.weights import PROJECTIONS

_LARGEST = 1 << 30  # bytes of the buffer that is read
_SMALLEST = 1 << 26


@cache
def _native() -> ctypes.CDLL | None:
    """The library with the two loops declared; None where it was not built, or was built before it had them."""
    found = library()
    if found is None or not hasattr(found, "attune_read_bandwidth"):
        return None
    found.attune_read_bandwidth.argtypes = [ctypes.c_int64, ctypes.c_int32, ctypes.c_double]
    found.attune_read_bandwidth.restype = ctypes.c_double
    found.attune_dot_peak.argtypes = [ctypes.c_int32, ctypes.c_double]
    found.attune_dot_peak.restype = ctypes.c_double
    return found


def buffer_bytes() -> int:
    """A buffer well beyond the last cache, within an eighth of the free memory."""
    wanted = min(_LARGEST, max(_SMALLEST, 16 * last_cache_bytes()))
    free = memory.available_bytes()
    return wanted if free is None else max(_SMALLEST, min(wanted, free // 8))


def last_cache_bytes() -> int:
    """Size of the largest processor cache; 64 MB where the system does not say."""
    found = [0]
    for path in Path("/sys/devices/system/cpu/cpu0/cache").glob("index*/size"):
        try:
            text = path.read_text(encoding="ascii").strip()
            found.append(int(text[:-1]) * {"K": 1 << 10, "M": 1 << 20, "G": 1 << 30}[text[-1]])
        except (OSError, ValueError, KeyError, IndexError):
            continue
    if not max(found) and hasattr(os, "sysconf") and "SC_LEVEL3_CACHE_SIZE" in os.sysconf_names:
        found.append(os.sysconf("SC_LEVEL3_CACHE_SIZE"))
    return max(found) if max(found) > 0 else 1 << 26


def read_bandwidth(threads: int, seconds: float) -> float | None:
    """Bytes a second that ``threads`` threads read from memory, the best of many passes; None: cannot be measured."""
    native = _native()
    return (native.attune_read_bandwidth(buffer_bytes(), threads, seconds) or None) if native else None


def dot_peak(threads: int, seconds: float) -> float | None:
    """Multiplications of int8 codes a second, each with its addition; None: cannot be measured."""
    native = _native()
    return (native.attune_dot_peak(threads, seconds) or None) if native else None


def token_bytes(decoder: Any, context: int) -> int:
    """Bytes that writing one token reads behind ``context`` tokens: packed matrices, keys and values."""
    return int(decoder.weight_bytes) + context * cache_token_bytes(decoder)


def cache_token_bytes(decoder: Any) -> int:
    """Bytes of keys and values of one token."""
    config: DecoderConfig = decoder.config
    width = decoder.new_cache(1, 16).own.values.element_size()
    return 2 * config.layers * config.kv_heads * config.head_dim * width


def prompt_products(config: DecoderConfig, tokens: int) -> int:
    """Multiplications by weights that reading ``tokens`` takes; the head counts once (for the last token).

    Attention is left out: of 512 tokens it is about a fiftieth.
    """
    layer = sum(rows * cols for rows, cols in (projection_shape(config, name) for name in PROJECTIONS))
    return config.layers * layer * tokens + config.vocab * config.hidden
