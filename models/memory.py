"""How much memory this machine has left, from the operating system itself, what running out of it looks like, and how
much of a model's context it is enough for.

Torch-free.
"""

from __future__ import annotations

import ctypes
import gc
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

_OUT_OF_MEMORY = (
    "out of memory",
    "not enough memory",
    "can't allocate memory",
    "cannot allocate memory",
    "bad_alloc",
)


def is_out_of_memory(error: BaseException) -> bool:
    """Python's own, the CPU allocator's RuntimeError, CUDA's or MPS's (a RuntimeError too), the system's."""
    if isinstance(error, MemoryError):
        return True
    return isinstance(error, (RuntimeError, OSError)) and any(
        words in str(error).lower() for words in _OUT_OF_MEMORY
    )


def available_bytes() -> int | None:
    """Memory that a new program could use without swapping; None where the system doesn't say."""
    if sys.platform == "win32":
        status = _MemoryStatus()
        status.length = ctypes.sizeof(_MemoryStatus)
        if not ctypes.windll.kernel32.GlobalMemoryStatusEx(ctypes.byref(status)):
            return None
        return int(status.available_physical)
    if sys.platform == "darwin":
        return _mac_available()
    return min((n for n in (_meminfo("MemAvailable"), _cgroup_left()) if n is not None), default=None)


def give_back() -> None:
    """Hand freed memory back to the system: the C library keeps what was freed in small pieces for itself otherwise."""
    gc.collect()
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # the GNU library only
        if trim is not None:
            trim(0)


def limit(spare_bytes: int) -> None:
    """From now on this process may take ``spare_bytes`` more than it has; asking for more than that fails.

    Counted is the process's own data (RLIMIT_DATA), not files that it maps, as weights are. Where the system has no such
    limit (Windows, macOS), nothing happens.
    """
    if sys.platform != "linux":
        return
    import resource

    used = _in_kilobytes(Path("/proc/self/status"), "VmData")
    if used is None:
        return
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    wanted = used + max(0, spare_bytes)
    resource.setrlimit(
        resource.RLIMIT_DATA, (wanted if hard == resource.RLIM_INFINITY else min(wanted, hard), hard)
    )


def total_bytes() -> int | None:
    """Physical memory of the machine, or what a container may use of it; None where the system doesn't say."""
    if sys.platform == "win32":
        status = _MemoryStatus()
        status.length = ctypes.sizeof(_MemoryStatus)
        if not ctypes.windll.kernel32.GlobalMemoryStatusEx(ctypes.byref(status)):
            return None
        return int(status.total_physical)
    try:
        physical = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError):
        return None
    limit = _cgroup_limit()
    return physical if limit is None else min(physical, limit)


def _meminfo(field: str) -> int | None:
    return _in_kilobytes(Path("/proc/meminfo"), field)


def _in_kilobytes(file: Path, field: str) -> int | None:
    """Bytes of a field of one of the kernel's tables."""
    try:
        for line in file.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith(field + ":"):
                return int(line.split()[1]) * 1024
    except (OSError, ValueError, IndexError):
        return None
    return None


def _cgroup_limit() -> int | None:
    """A container's limit (cgroup v2)."""
    try:
        return int((Path("/sys/fs/cgroup") / "memory.max").read_text(encoding="ascii"))
    except (OSError, ValueError):  # none, or "max"
        return None


def _cgroup_left() -> int | None:
    """What a container's limit (cgroup v2) leaves; caches it would give back are not counted as used."""
    root = Path("/sys/fs/cgroup")
    try:
        limit = (root / "memory.max").read_text(encoding="ascii").strip()
        if limit == "max":
            return None
        used = int((root / "memory.current").read_text(encoding="ascii"))
        stat = dict(
            line.split() for line in (root / "memory.stat").read_text(encoding="ascii").splitlines() if line
        )
        return max(0, int(limit) - used + int(stat.get("file", 0)))
    except (OSError, ValueError):
        return None


def _mac_available() -> int | None:
    """Free, inactive and speculative pages of ``vm_stat``."""
    try:
        text = subprocess.run(["vm_stat"], capture_output=True, text=True, timeout=5, check=True).stdout
        pages = {
            name.strip(): int(value.strip().rstrip("."))
            for name, value in (line.split(":", 1) for line in text.splitlines()[1:] if ":" in line)
            if value.strip().rstrip(".").isdigit()
        }
    except (OSError, subprocess.SubprocessError, ValueError):
        return None
    kinds = ("Pages free", "Pages inactive", "Pages speculative")
    return sum(pages.get(kind, 0) for kind in kinds) * os.sysconf("SC_PAGE_SIZE")


class _MemoryStatus(ctypes.Structure):
    _fields_ = (
        ("length", ctypes.c_uint32),
        ("memory_load", ctypes.c_uint32),
        ("total_physical", ctypes.c_uint64),
        ("available_physical", ctypes.c_uint64),
        ("total_page_file", ctypes.c_uint64),
        ("available_page_file", ctypes.c_uint64),
        ("total_virtual", ctypes.c_uint64),
        ("available_virtual", ctypes.c_uint64),
        ("available_extended_virtual", ctypes.c_uint64),
    )


# --- how much of a model's context this machine has memory for ---

# Of the memory that is free once the weights are there. A cache grows by half and is copied as it grows, so at its
# worst moment it takes two and a half times its size, and the rest of the machine needs some memory too.
CONTEXT_SHARE = 0.25
LEAST_TOKENS = 4096  # even where memory is short: less is no conversation
STEP = 1024  # tokens that a shortened context is a multiple of


def cache_bytes_a_token(config: Any) -> int:
    """Bytes of keys and values in half precision, from a transformers configuration."""
    text = config.get_text_config(decoder=True).to_dict()  # plain values: some families' vary by layer
    attention = text.get("num_attention_heads") or text.get("n_head") or 1
    hidden = text.get("hidden_size") or text.get("n_embd") or 0
    heads = text.get("num_key_value_heads") or attention
    width = max(text.get("head_dim") or hidden // attention, text.get("global_head_dim") or 0)
    layers = text.get("num_hidden_layers") or text.get("n_layer") or 0
    return 2 * int(layers) * int(heads) * int(width) * 2


def affordable_context(context: int, bytes_a_token: int, free_bytes: int | None) -> int:
    """Tokens of ``context`` that the memory allows; all of them where the system does not say what is free."""
    if free_bytes is None or bytes_a_token <= 0:
        return context
    room = int(free_bytes * CONTEXT_SHARE) // bytes_a_token // STEP * STEP
    return min(context, max(LEAST_TOKENS, room))


def context_note(used: int, whole: int) -> str:
    """What a person is told when the context was shortened; empty when it was not."""
    if used >= whole:
        return ""
    return f"The free memory is enough for {used:,} of the {whole:,} tokens that this model can read at once."
