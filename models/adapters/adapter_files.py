"""The one reader of PEFT LoRA adapters (Hu et al. 2021, arXiv 2106.09685, eq. 3): a personal style, an adapter that is
imported or merged, one that training goes on from. Everything is looked at before anything is used or copied.

``check`` loads no torch.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.errors import ModelRefused

if TYPE_CHECKING:
    from torch import Tensor

CONFIG, WEIGHTS = ADAPTER = ("adapter_config.json", "adapter_model.safetensors")
_LARGEST = 2_000_000_000  # bytes of weights
_LARGEST_CONFIG = 1_000_000
_LARGEST_RANK = 4096
_KEY = re.compile(r"(?:base_model\.model\.)?(?P<module>.+)\.lora_(?P<side>[AB])\.(?:default\.)?weight")
_PLAIN_NAME = re.compile(r"[\w.]+")  # PEFT's patterns are regular expressions; these match themselves only
# The bits that are all set in a number which is infinite or none, by safetensors' names of the types.
_EXPONENTS = {"F32": ("<u4", 0x7F80_0000), "F16": ("<u2", 0x7C00), "BF16": ("<u2", 0x7F80)}


@dataclass(frozen=True, slots=True)
class Settings:
    """What an adapter's configuration says that is needed to apply it."""

    base: str  # the model it was made for, as it names it
    alpha: float | None = None  # None: its rank, so that the scale is 1
    rank_stabilised: bool = False
    alphas: Mapping[str, float] = field(default_factory=dict)  # of some modules, by their names' ends

    def scale(self, module: str, rank: int) -> float:
        """alpha / rank of a module, by its whole name; alpha / sqrt(rank) where rank-stabilised (Kalajdzievski, arXiv
        2312.03732). The first pattern that fits counts, as in PEFT."""
        own = (a for name, a in self.alphas.items() if module == name or module.endswith(f".{name}"))
        alpha = next(own, self.alpha)
        if alpha is None:
            alpha = float(rank)
        return alpha / math.sqrt(rank) if self.rank_stabilised else alpha / rank


def settings_of(folder: Path) -> Settings:
    """The configuration of an adapter folder. Raises ModelRefused: none, damaged, or of a kind that is not known."""
    return _settings(_bytes(folder, CONFIG, _LARGEST_CONFIG), folder.name)


def check(folder: Path) -> None:
    """Raises ModelRefused in a sentence: no LoRA adapter, a kind that is not known, damaged, sizes that do not fit."""
    settings_of(folder)
    _check_weights(_bytes(folder, WEIGHTS, _LARGEST), folder.name)


def modules_of(folder: Path) -> list[str]:
    """The names of the modules that an adapter changes. Raises as ``check`` does."""
    return _check_weights(_bytes(folder, WEIGHTS, _LARGEST), folder.name)


def tensors_of(folder: Path) -> dict[str, Tensor]:
    """The tensors of a checked adapter under the names in its file. Raises as ``check`` does."""
    from safetensors.torch import load

    data = _bytes(folder, WEIGHTS, _LARGEST)
    _check_weights(data, folder.name)
    return load(data)


def read(folder: Path) -> tuple[Settings, dict[str, tuple[Tensor, Tensor]]]:
    """A checked adapter: its settings, and A (rank, in) and B (out, rank), float32, of each module by its whole name.

    The scale is not in them (``Settings.scale``). Raises as ``check`` does.
    """
    settings = settings_of(folder)
    sides: dict[str, dict[str, Tensor]] = {}
    for key, tensor in tensors_of(folder).items():
        match = _KEY.fullmatch(key)
        assert match is not None  # _check_weights has looked at each
        sides.setdefault(match["module"], {})[match["side"]] = tensor.float()
    return settings, {module: (pair["A"], pair["B"]) for module, pair in sides.items()}


def _bytes(folder: Path, name: str, most: int) -> bytes:
    """The content of one of an adapter's files."""
    path = folder / name
    # is_file: a pipe would be waited on for ever.
    if not path.is_file():
        if (
            name == WEIGHTS
            and folder.is_dir()
            and any(p.suffix in (".bin", ".pt", ".pth") for p in folder.iterdir())
        ):
            raise ModelRefused(
                f"{folder.name} has its weights only as a pickle file, which can run code; safetensors are needed."
            )
        raise ModelRefused(f"{folder} holds no PEFT adapter that can be read.")
    try:
        if path.stat().st_size > most:
            raise ModelRefused(f"{folder.name} is too large for an adapter.")
        return path.read_bytes()
    except OSError as error:
        raise ModelRefused(f"{folder} holds no PEFT adapter that can be read.") from error


def _settings(data: bytes, name: str) -> Settings:
    try:
        found = json.loads(data, parse_constant=_not_finite)
    except (ValueError, RecursionError) as error:
        raise ModelRefused(f"The {CONFIG} in {name} is damaged.") from error
    kind = found.get("peft_type") if isinstance(found, dict) else None
    if kind != "LORA":
        raise ModelRefused(f"{name} is an adapter of the kind {str(kind)[:40]!r}; only LORA fits.")
    if found.get("use_dora") or found.get("bias", "none") != "none" or found.get("modules_to_save"):
        raise ModelRefused(
            f"{name} changes more than low-rank weights (DoRA, biases or whole layers); LoRA alone is needed."
        )
    damaged = ModelRefused(f"The {CONFIG} in {name} is damaged.")
    alpha = found.get("lora_alpha")
    if alpha is not None and not _is_number(alpha):
        raise damaged
    for pattern in ("alpha_pattern", "rank_pattern"):
        own = found.get(pattern) or {}
        if not isinstance(own, dict) or not all(
            _PLAIN_NAME.fullmatch(key) and _is_number(value) for key, value in own.items()
        ):
            raise damaged
    alphas = {key: float(value) for key, value in (found.get("alpha_pattern") or {}).items()}
    base = str(found.get("base_model_name_or_path") or "")
    return Settings(base, None if alpha is None else float(alpha), bool(found.get("use_rslora")), alphas)


def _not_finite(word: str) -> float:
    raise ValueError(f"{word} is no number")


def _is_number(value: Any) -> bool:
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        return False
    try:
        return math.isfinite(value)
    except OverflowError:  # an integer that no float holds
        return False


def _check_weights(data: bytes, name: str) -> list[str]:
    """The modules of which every low-rank weight has both halves, A (rank, in) and B (out, rank), of finite numbers."""
    import numpy as np
    from safetensors import SafetensorError, deserialize

    try:
        tensors = deserialize(data)
    except SafetensorError as error:
        raise ModelRefused(f"The weights in {name} are damaged.") from error
    wrong = ModelRefused(f"The weights in {name} do not fit together.")
    halves: dict[str, dict[str, list[int]]] = {}
    for key, tensor in tensors:
        found, shape = _KEY.fullmatch(key), list(tensor["shape"])
        if found is None:
            raise ModelRefused(f"{name} holds {key[:80]!r}, which is no low-rank weight.")
        if len(shape) != 2 or min(shape) < 1 or tensor["dtype"] not in _EXPONENTS:
            raise wrong
        halves.setdefault(found["module"], {})[found["side"]] = shape
        kind, exponent = _EXPONENTS[tensor["dtype"]]
        if bool(((np.frombuffer(tensor["data"], kind) & exponent) == exponent).any()):
            raise ModelRefused(
                f"The weights in {name} hold values that are no numbers, so it cannot be used."
            )
    for pair in halves.values():
        if set(pair) != {"A", "B"}:
            raise ModelRefused(f"{name} is not complete: a low-rank weight lacks its other half.")
        if pair["A"][0] != pair["B"][1] or pair["A"][0] > _LARGEST_RANK:
            raise wrong
    if not halves:
        raise wrong
    return list(halves)
