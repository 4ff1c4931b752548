"""Whether frozen weights are better multiplied in bfloat16 on this processor: tried once, a few milliseconds.

Processors with AVX512-BF16 or AMX do it about twice as fast as float32; others emulate it and lose. Only frozen
weights are ever held so; adapters, norms, sums and the optimizer stay float32.
"""

from __future__ import annotations

import functools
import time

import torch
from torch.nn import functional as F

SMALLEST = 256  # hidden size below which nothing is gained


def pays(hidden: int, device: torch.device) -> bool:
    """For a model of this hidden size on this device."""
    return hidden >= SMALLEST and device.type == "cpu" and _faster_here()


@functools.cache
def _faster_here() -> bool:
    x, w = torch.randn(512, 512), torch.randn(1024, 512)
    return 1.3 * _seconds(x.bfloat16(), w.bfloat16()) < _seconds(x, w)


@torch.inference_mode()
def _seconds(x: torch.Tensor, w: torch.Tensor) -> float:
    times = []
    for _ in range(8):
        started = time.perf_counter()
        F.linear(x, w)
        times.append(time.perf_counter() - started)
    return min(times)
