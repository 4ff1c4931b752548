"""Is a folder from anywhere a LoRA adapter that can write replies? Looked at before a byte of it is copied. No torch."""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import Any

from assistant import strict_json
from assistant.errors import BadInput

CONFIG, WEIGHTS = ADAPTER = ("adapter_config.json", "adapter_model.safetensors")
_LARGEST = 2_000_000_000  # bytes of weights
_LARGEST_CONFIG = 1_000_000
_LARGEST_RANK = 4096
_KEY = re.compile(r"(.+)\.lora_([AB])\.(?:default\.)?weight")
_PLAIN_NAME = re.compile(r"[\w.]+")  # PEFT's patterns are regular expressions; these match themselves only
# The bits that are all set in a number which is infinite or none, by safetensors' names of the types.
_EXPONENTS = {"F32": ("<u4", 0x7F80_0000), "F16": ("<u2", 0x7C00), "BF16": ("<u2", 0x7F80)}


def check(folder: Path) -> None:
    """Raises BadInput in a sentence: no LoRA adapter, a kind that is not known, damaged, sizes that do not fit."""
    config, weights = folder / CONFIG, folder / WEIGHTS
    # is_file: a pipe would be waited on for ever.
    if not (config.is_file() and weights.is_file()):
        raise BadInput(f"{folder} holds no PEFT adapter that can be read.")
    try:
        if config.stat().st_size > _LARGEST_CONFIG or weights.stat().st_size > _LARGEST:
            raise BadInput(f"{folder.name} is too large for an adapter.")
        settings = strict_json.read(config.read_bytes())
        data = weights.read_bytes()
    except (OSError, ValueError) as error:
        raise BadInput(f"{folder} holds no PEFT adapter that can be read.") from error
    _check_settings(settings, folder.name)
    _check_weights(data, folder.name)


def _check_settings(settings: Any, name: str) -> None:
    if not isinstance(settings, dict) or settings.get("peft_type") != "LORA" or settings.get("use_dora"):
        raise BadInput(f"{name} is a kind of adapter that Attune does not know; LoRA is needed.")
    if settings.get("bias", "none") != "none" or settings.get("modules_to_save"):
        raise BadInput(
            f"{name} changes biases or whole layers, which Attune does not know; LoRA alone is needed."
        )
    damaged = BadInput(f"The adapter_config.json in {name} is damaged.")
    if not _is_number(settings.get("lora_alpha", 1.0)):
        raise damaged
    for pattern in ("alpha_pattern", "rank_pattern"):
        found = settings.get(pattern) or {}
        if not isinstance(found, dict) or not all(
            _PLAIN_NAME.fullmatch(key) and _is_number(value) for key, value in found.items()
        ):
            raise damaged


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _check_weights(data: bytes, name: str) -> None:
    """Every low-rank weight has both halves, A (rank, in) and B (out, rank), and only finite numbers."""
    import numpy as np
    from safetensors import SafetensorError, deserialize

    try:
        tensors = deserialize(data)
    except SafetensorError as error:
        raise BadInput(f"The weights in {name} are damaged.") from error
    wrong = BadInput(f"The weights in {name} do not fit together.")
    halves: dict[str, dict[str, list[int]]] = {}
    for key, tensor in tensors:
        found, shape = _KEY.fullmatch(key), list(tensor["shape"])
        if found is None or len(shape) != 2 or min(shape) < 1 or tensor["dtype"] not in _EXPONENTS:
            raise wrong
        halves.setdefault(found[1], {})[found[2]] = shape
        kind, exponent = _EXPONENTS[tensor["dtype"]]
        if bool(((np.frombuffer(tensor["data"], kind) & exponent) == exponent).any()):
            raise BadInput(f"The weights in {name} hold values that are no numbers, so it cannot be used.")
    for pair in halves.values():
        if set(pair) != {"A", "B"} or pair["A"][0] != pair["B"][1] or pair["A"][0] > _LARGEST_RANK:
            raise wrong
    if not halves:
        raise wrong
