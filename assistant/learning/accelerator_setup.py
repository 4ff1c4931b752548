"""Where and in what precision a policy is trained: the Accelerator of `accelerate` for the device the model is on.

Accelerate keeps one state a process. An engine may train the starter on the processor and then a model on a GPU, so the
state is made anew where another device or precision is wanted. Imported when the first update starts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

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
