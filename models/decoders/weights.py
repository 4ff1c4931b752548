"""Reads a model folder's language weights one matrix at a time: from safetensors here, from GGUF in ``gguf_source``.

Nothing is instantiated from transformers, so the largest thing in memory is one matrix beside the packed weights.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol

import torch
from torch import Tensor

from models.decoders.config import DecoderConfig
from models.errors import ModelRefused
from models.packing.quantized import Kind, Weight, quantize

PROJECTIONS = (
    "self_attn.q_proj",
    "self_attn.k_proj",
    "self_attn.v_proj",
    "self_attn.o_proj",
    "mlp.gate_proj",
    "mlp.up_proj",
    "mlp.down_proj",
)
_ROWS_AT_ONCE = 8192  # of a table of which some rows are wanted
_ANCHOR = re.compile(r"^(.*?)layers\.0\.self_attn\.q_proj\.weight$")


class HasVectors(Protocol):
    def vector(self, name: str) -> Tensor | None:
        """A norm's weight (``layers.0.input_layernorm.weight``) or a bias, float32; None: the model has none."""


class WeightSource(HasVectors, Protocol):
    """Names are those of the language model itself: ``layers.0.mlp.up_proj``, ``embed_tokens``, ``norm``, ``lm_head``."""

    def matrix(self, name: str, kind: Kind) -> Weight:
        """The weight matrix (rows, cols) of ``name`` as ``kind`` (or as the file has it, see ``gguf_source``)."""

    def rows(self, name: str, ids: Tensor) -> Tensor:
        """Some rows (m, cols) of a matrix, float32, in the order of ``ids``; the others are not held in memory."""


def weight_files(folder: Path) -> list[Path]:
    """The safetensors files that hold the weights of the model in ``folder``."""
    names = sorted(folder.glob("*.safetensors"))
    index = folder / "model.safetensors.index.json"
    if index.is_file():
        used = set(json.loads(index.read_text())["weight_map"].values())
        return [name for name in names if name.name in used]
    return [folder / "model.safetensors"] if (folder / "model.safetensors").is_file() else names


class SafetensorsSource:
    """The language weights in a folder's ``*.safetensors``, quantised as they are read."""

    def __init__(self, folder: Path) -> None:
        from safetensors import SafetensorError, safe_open

        self._stack = ExitStack()
        self._files: dict[str, Any] = {}
        try:
            for name in weight_files(folder):
                file = self._stack.enter_context(safe_open(name, framework="pt"))
                self._files.update(dict.fromkeys(file.keys(), file))
        except (SafetensorError, OSError) as error:
            raise ModelRefused(f"The weights in {folder.name} cannot be read ({error}).") from error
        self._prefix = self._language_prefix()

    def __enter__(self) -> SafetensorsSource:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def _language_prefix(self) -> str | None:
        """What stands before ``layers.0...`` in the language half's names (a vision tower has such names too)."""
        found = [match.group(1) for key in self._files if (match := _ANCHOR.match(key))]
        found = [prefix for prefix in found if "vision" not in prefix and "audio" not in prefix]
        return found[0] if len(found) == 1 else None

    @property
    def usable(self) -> bool:
        return self._prefix is not None

    def _key(self, name: str) -> str | None:
        if name.startswith("lm_head"):
            return next((key for key in self._files if key.endswith(name)), None)
        key = f"{self._prefix}{name}"
        return key if key in self._files else None

    def matrix(self, name: str, kind: Kind) -> Weight:
        key = self._key(f"{name}.weight")
        if key is None:
            raise ModelRefused(f"The model's weights lack {name}.")
        return quantize(self._files[key].get_tensor(key), kind)

    def rows(self, name: str, ids: Tensor) -> Tensor:
        key = self._key(f"{name}.weight")
        if key is None:
            raise ModelRefused(f"The model's weights lack {name}.")
        part = self._files[key].get_slice(key)
        found = torch.empty((len(ids), part.get_shape()[1]))
        for start in range(0, part.get_shape()[0], _ROWS_AT_ONCE):
            here = ((ids >= start) & (ids < start + _ROWS_AT_ONCE)).nonzero()[:, 0]
            if len(here):
                found[here] = part[start : start + _ROWS_AT_ONCE][ids[here] - start].float()
        return found

    def vector(self, name: str) -> Tensor | None:
        key = self._key(name)
        return None if key is None else self._files[key].get_tensor(key).float()


def norm_weight(source: HasVectors, name: str, config: DecoderConfig) -> Tensor:
    """A norm's multiplier, float32, Gemma's offset included."""
    vector = source.vector(f"{name}.weight")
    if vector is None:
        raise ModelRefused(f"The model's weights lack {name}.")
    return (vector + config.norm_offset).contiguous()


Reporter = Callable[[str, float, float], None]
