"""A model folder becomes a loaded model: checked, placed, and ready to read messages and pictures.

Every model, the starter included, comes through ``load``; another model is another folder and nothing else.
When the fast decoder knows the family, transformers' own language model is never built; ``module()`` builds
it on demand, for learning. Torch and transformers are imported inside functions, so importing this module
is cheap.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.errors import DoesNotFit, ModelError, ModelRefused
from models.fetch import trust
from models.fetch.trust import STARTER_TYPE, Checked
from models.loaded_model import LoadedModel
from models.memory import is_out_of_memory
from models.plain_config import PlainConfig, has_plain_rope

if TYPE_CHECKING:
    from models.placement import Placement

log = logging.getLogger(__name__)

Progress = Callable[[str, float, float], None]
# What libraries raise on settings and weights that make no sense.
_FAILURES = (
    *(ValueError, RuntimeError, LookupError, TypeError, AttributeError, ArithmeticError, AssertionError),
    *(OSError, ImportError),
)


def load(
    folder: Path,
    *,
    model_id: str,
    name: str = "",
    quantization: str = "auto",
    device: str = "auto",
    threads: int | None = None,
    pictures: str = "auto",
    progress: Progress | None = None,
) -> LoadedModel:
    """Load the model in ``folder``.

    ``quantization``: auto | int4 | int8 | bfloat16 | float32. ``device``: auto | cpu | cuda | mps | xpu. ``pictures``:
    auto | fast | detailed, see ``models.pictures.picture_budget``; auto is fast on a processor.
    Raises ModelNotFound, ModelRefused (unsafe, damaged, unknown) or ModelError (memory, device), each in
    one sentence.
    """
    started = time.monotonic()
    say = progress or (lambda phase, done, total: None)
    say("Checking the model", 0, 0)
    checked = trust.check(folder)
    quiet_transformers()
    import torch
    from huggingface_hub.errors import (
        StrictDataclassError,  # how transformers checks settings since version 5
    )

    if threads:
        torch.set_num_threads(threads)
    target = choose_device(device)
    say("Loading the model", 0, 0)
    try:
        model = _load(checked, model_id, name or folder.name, quantization, target, threads, say, started)
    except (*_FAILURES, StrictDataclassError) as error:
        raise ModelRefused(f"{folder.name} could not be loaded: {_first_line(error)}") from error
    if pictures != "auto":
        model.picture_detail = pictures
    return model


def _load(
    checked: Checked,
    model_id: str,
    name: str,
    quantization: str,
    device: str,
    threads: int | None,
    say: Progress,
    started: float,
) -> LoadedModel:
    """Try one way after the other to place the model; a way that runs out of memory makes room for the next."""
    from models import placement
    from models.decoders.config import from_hf

    config = read_config(checked)
    size = placement.size_of(checked, config)
    fast, free = from_hf(config) is not None, placement.free_bytes()
    try:
        ways = placement.options(size, quantization, device, fast, free, placement.gpu_free_bytes(device))
    except DoesNotFit as error:
        if device == "cpu" or quantization not in ("auto", "int4", "int8"):
            raise DoesNotFit(f"{checked.folder.name} does not fit: {error}") from error
        ways = []
    if device != "cpu":
        try:
            ways = [*ways, *placement.options(size, quantization, "cpu", fast, free)]
        except DoesNotFit as error:
            if not ways:
                raise DoesNotFit(f"{checked.folder.name} does not fit: {error}") from error
    for way in ways:
        if way.why:
            say(way.why, 0, 0)
        try:
            model = _build(checked, model_id, name, config, way, threads, say)
        except (MemoryError, RuntimeError, OSError) as error:
            if not is_out_of_memory(error):
                raise
            log.warning("out of memory with %s on %s", way.kind, way.device)
        else:
            model.load_s = time.monotonic() - started
            return model
        free_memory()
    raise DoesNotFit(f"{checked.folder.name} does not fit into memory, whatever the setting.")


def free_memory() -> None:
    """Give back what a failed or unloaded model held, on the graphics card too."""
    import gc

    import torch

    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


def read_config(checked: Checked) -> Any:
    """The model's configuration as its family's class; as it stands where it is complete, which is quicker."""
    if checked.model_type == STARTER_TYPE or (checked.gguf and has_plain_rope(checked.config)):
        return PlainConfig.read(checked.folder)
    from transformers import AutoConfig

    return AutoConfig.from_pretrained(str(checked.folder), local_files_only=True, trust_remote_code=False)


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


def _first_line(error: BaseException) -> str:
    lines = [line.strip() for line in str(error).strip().splitlines() if line.strip()]
    if len(lines) > 1 and "alidation error" in lines[0]:
        lines = lines[1:]  # the first line only names the check that failed
    return (lines[0][:300] if lines else type(error).__name__).rstrip(".") + "."


def _build(
    checked: Checked,
    model_id: str,
    name: str,
    config: Any,
    placement: Placement,
    threads: int | None,
    progress: Progress,
) -> LoadedModel:
    kind: type[LoadedModel] = LoadedModel
    processor: Any = None
    if checked.model_type == STARTER_TYPE:  # prepares pictures by itself: processors take seconds to import
        from models.starter.loaded import LoadedStarter

        kind = LoadedStarter
        tokenizer = LoadedStarter.read_tokenizer(checked.folder)
    elif checked.can_see or checked.can_hear:
        from models.pictures.processors import load_processor

        trust.check_tokenizer(checked.folder)
        processor = load_processor(checked.folder)
        tokenizer = processor.tokenizer
    elif checked.gguf:
        from models.gguf.tokenizer import read_tokenizer

        tokenizer = read_tokenizer(checked.folder)
    else:
        from transformers import AutoTokenizer

        trust.check_tokenizer(checked.folder)
        tokenizer = AutoTokenizer.from_pretrained(
            str(checked.folder), local_files_only=True, trust_remote_code=False
        )
    return kind(checked, model_id, name, config, tokenizer, processor, placement, threads, progress)


__all__ = ["LoadedModel", "load"]
