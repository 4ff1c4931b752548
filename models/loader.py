"""A model folder becomes a loaded model: checked, placed, and ready to read messages and pictures.

Every model, the starter included, comes through ``load``; another model is another folder and nothing else.
When the fast decoder knows the family, transformers' own language model is never built; ``module()`` builds
it on demand, for learning. Torch and transformers are imported inside functions, so importing this module
is cheap.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from models import memory, trust
from models.errors import ModelError, ModelRefused
from models.loaded_model import LoadedModel
from models.trust import STARTER_TYPE, Checked

Progress = Callable[[str, float, float], None]

_HEADROOM = 1.15  # weights, times this, must fit: caches, buffers, the system's own needs


def load(
    folder: Path,
    *,
    model_id: str,
    name: str = "",
    quantization: str = "auto",
    device: str = "auto",
    threads: int | None = None,
    progress: Progress | None = None,
) -> LoadedModel:
    """Load the model in ``folder``.

    ``quantization``: auto | int4 | int8 | bfloat16 | float32. ``device``: auto | cpu | cuda | mps | xpu.
    Raises ModelNotFound, ModelRefused (unsafe, damaged, unknown) or ModelError (memory, device), each in
    one sentence.
    """
    started = time.monotonic()
    say = progress or (lambda phase, done, total: None)
    say("Checking the model", 0, 0)
    checked = trust.check(folder)
    quiet_transformers()
    import torch

    if threads:
        torch.set_num_threads(threads)
    target = choose_device(device)
    _check_memory(checked, quantization, target)
    say("Loading the model", 0, 0)
    try:
        model = _build(checked, model_id, name or folder.name, quantization, target, threads)
    except (MemoryError, torch.OutOfMemoryError) as error:
        raise ModelError(f"{folder.name} does not fit into memory.") from error
    except (ValueError, RuntimeError, KeyError, TypeError, AttributeError, OSError, ImportError) as error:
        raise ModelRefused(f"{folder.name} could not be loaded: {_first_line(error)}") from error
    model.load_s = time.monotonic() - started
    return model


def quiet_transformers() -> None:
    """Keep transformers and the hub library offline and silent; read by them when they are first imported."""
    for key in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "HF_HUB_DISABLE_TELEMETRY"):
        os.environ.setdefault(key, "1")
    os.environ.setdefault("DISABLE_SAFETENSORS_CONVERSION", "1")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    from transformers.utils import logging

    logging.set_verbosity_error()
    logging.disable_progress_bar()


def choose_device(device: str) -> str:
    """``auto`` is the first of cuda, mps, xpu that is there, else cpu. Raises ModelError for one that isn't."""
    import torch

    present = {
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
        "xpu": hasattr(torch, "xpu") and torch.xpu.is_available(),
        "cpu": True,
    }
    if device == "auto":
        return next(kind for kind, there in present.items() if there)
    if not present.get(device.split(":")[0], False):
        raise ModelError(f"This machine has no {device!r} device that torch can use.")
    return device


def _check_memory(checked: Checked, quantization: str, device: str) -> None:
    """Refuse a model that would push the machine into swapping, before anything is read."""
    if device != "cpu":
        return  # a device's own out-of-memory error is immediate and harmless
    share = {"int4": 0.2, "int8": 0.35}.get(
        quantization, 1.0
    )  # of float32 files; the rest is layers kept whole
    needed = int(checked.weight_bytes * share * _HEADROOM)
    left = memory.available_bytes()
    if left is not None and needed > left:
        raise ModelError(
            f"{checked.folder.name} needs about {needed / 1e9:.1f} GB of memory, {left / 1e9:.1f} GB are free."
        )


def _first_line(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return (lines[0][:300] if lines else type(error).__name__).rstrip(".") + "."


def _build(
    checked: Checked, model_id: str, name: str, quantization: str, device: str, threads: int | None
) -> LoadedModel:
    from transformers import AutoConfig, AutoProcessor, AutoTokenizer

    if checked.model_type == STARTER_TYPE:
        from models import starter

        starter.register()
    folder = str(checked.folder)
    config = AutoConfig.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
    processor: Any = None
    if checked.can_see:
        processor = AutoProcessor.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
    tokenizer = getattr(processor, "tokenizer", None) or AutoTokenizer.from_pretrained(
        folder, local_files_only=True, trust_remote_code=False
    )
    kind: type[LoadedModel] = LoadedModel
    if checked.model_type == STARTER_TYPE:
        from models.starter.loaded import LoadedStarter

        kind = LoadedStarter
    return kind(checked, model_id, name, config, tokenizer, processor, quantization, device, threads)


__all__ = ["LoadedModel", "load"]
