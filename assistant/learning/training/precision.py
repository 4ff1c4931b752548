"""Where and in what precision a policy is trained: the Accelerator of `accelerate` for the device the model is on, and
whether frozen weights are better multiplied in bfloat16 on this processor.

Accelerate keeps one state per process. An engine may train the starter on the processor and then a model on a GPU, so the
state is made anew where another device or precision is wanted. Imported when the first update starts.

Processors with AVX512-BF16 or AMX multiply in bfloat16 about twice as fast as in float32; others emulate it and lose. That
is tried once, in a few milliseconds. Only frozen weights are ever held so; adapters, norms, sums and the optimizer stay
float32.
"""

from __future__ import annotations

import functools
import time
from typing import TYPE_CHECKING

import torch
from torch.nn import functional as F

if TYPE_CHECKING:
    from accelerate import Accelerator


def accelerator(device: torch.device) -> Accelerator:
    """For training on ``device``: mixed precision in bfloat16 on a GPU that has it, whole float32 on a processor."""
    from accelerate import Accelerator
    from accelerate.state import AcceleratorState

    on_cpu = device.type == "cpu"
    precision = "bf16" if device.type == "cuda" and torch.cuda.is_bf16_supported() else "no"
    if AcceleratorState._shared_state and (
        AcceleratorState().device.type != device.type or AcceleratorState().mixed_precision != precision
    ):
        AcceleratorState._reset_state(
            reset_partial_state=True
        )  # as transformers does: there is no public way
    return Accelerator(cpu=on_cpu, mixed_precision=precision)


# --- bfloat16 on this processor ---


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
