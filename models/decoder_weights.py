"""Reads a model folder's language weights one matrix at a time: safetensors, or the kept GGUF for exact int4.

Nothing is instantiated from transformers, so the largest thing in memory is one matrix beside the packed weights.
"""

from __future__ import annotations

import json
import re
import struct
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, ClassVar, Protocol

import torch
from torch import Tensor

from models.decoder_config import DecoderConfig
from models.errors import ModelRefused
from models.quantized import Kind, Weight, from_gguf, quantize

PROJECTIONS = (
    "self_attn.q_proj",
    "self_attn.k_proj",
    "self_attn.v_proj",
    "self_attn.o_proj",
    "mlp.gate_proj",
    "mlp.up_proj",
    "mlp.down_proj",
)
GGUF_NAME = "source.gguf"
_ROWS_AT_ONCE = 8192  # of a table of which some rows are wanted
_ANCHOR = re.compile(r"^(.*?)layers\.0\.self_attn\.q_proj\.weight$")


class WeightSource(Protocol):
    """Names are those of the language model itself: ``layers.0.mlp.up_proj``, ``embed_tokens``, ``norm``, ``lm_head``."""

    def matrix(self, name: str, kind: Kind) -> Weight:
        """The weight matrix (rows, cols) of ``name`` as ``kind`` (or as the file has it, see GgufSource)."""

    def vector(self, name: str) -> Tensor | None:
        """A norm's weight (``layers.0.input_layernorm.weight``) or a bias, float32; None: the model has none."""

    def rows(self, name: str, ids: Tensor) -> Tensor:
        """Some rows (m, cols) of a matrix, float32, in the order of ``ids``; the others are not held in memory."""


class SafetensorsSource:
    """The language weights in a folder's ``*.safetensors``, quantised as they are read."""

    def __init__(self, folder: Path) -> None:
        from safetensors import SafetensorError, safe_open

        self._stack = ExitStack()
        self._files: dict[str, Any] = {}
        names = sorted(folder.glob("*.safetensors"))
        index = folder / "model.safetensors.index.json"
        if index.is_file():
            used = set(json.loads(index.read_text())["weight_map"].values())
            names = [name for name in names if name.name in used]
        elif (folder / "model.safetensors").is_file():
            names = [folder / "model.safetensors"]
        try:
            for name in names:
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


class GgufSource:
    """The weights of a Llama GGUF as they are: Q4_0, Q4_1 and Q8_0 blocks are taken over bit for bit."""

    _NAMES: ClassVar[dict[str, str]] = {
        "self_attn.q_proj": "attn_q",
        "self_attn.k_proj": "attn_k",
        "self_attn.v_proj": "attn_v",
        "self_attn.o_proj": "attn_output",
        "mlp.gate_proj": "ffn_gate",
        "mlp.up_proj": "ffn_up",
        "mlp.down_proj": "ffn_down",
        "input_layernorm": "attn_norm",
        "post_attention_layernorm": "ffn_norm",
        "embed_tokens": "token_embd",
        "norm": "output_norm",
        "lm_head": "output",
    }

    def __init__(self, path: Path, config: DecoderConfig) -> None:
        from models.gguf_tensors import TensorReader

        self._config = config
        try:
            self._tensors = {tensor.name: tensor for tensor in TensorReader(path).tensors}
        except (ValueError, OSError, KeyError, IndexError, struct.error) as error:
            raise ModelRefused(f"{path.name} cannot be read ({error}).") from error

    def _tensor(self, name: str) -> Any | None:
        layer = re.match(r"layers\.(\d+)\.(.*)\.(weight|bias)$", name)
        if layer:
            return self._tensors.get(f"blk.{layer[1]}.{self._NAMES.get(layer[2], '?')}.{layer[3]}")
        base, _, part = name.rpartition(".")
        return self._tensors.get(f"{self._NAMES.get(base, '?')}.{part}")

    def matrix(self, name: str, kind: Kind) -> Weight:
        tensor = self._tensor(f"{name}.weight")
        if tensor is None:
            raise ModelRefused(f"The GGUF file lacks {name}.")
        cols, rows = (int(size) for size in tensor.shape)
        weight = from_gguf(tensor.data, tensor.tensor_type.name, rows, cols)
        if weight is None:
            raise ModelRefused(f"The GGUF file's {name} has the unsupported type {tensor.tensor_type.name}.")
        if weight.scale is None:
            weight = quantize(weight.q, kind)
        if name.endswith(("q_proj", "k_proj")):
            weight = weight.take_rows(_half_order(rows, self._config.head_dim))
        return weight

    def rows(self, name: str, ids: Tensor) -> Tensor:
        tensor = self._tensor(f"{name}.weight")
        if tensor is None:
            raise ModelRefused(f"The GGUF file lacks {name}.")
        cols, rows = (int(size) for size in tensor.shape)
        blocks = tensor.data.reshape(rows, -1)[ids.numpy()]
        weight = from_gguf(blocks, tensor.tensor_type.name, len(ids), cols)
        if weight is None:
            raise ModelRefused(f"The GGUF file's {name} has the unsupported type {tensor.tensor_type.name}.")
        return weight.dequantize()

    def vector(self, name: str) -> Tensor | None:
        tensor = self._tensor(name)
        return None if tensor is None else torch.from_numpy(tensor.data.copy()).float().flatten()


def _half_order(rows: int, head_dim: int) -> Tensor:
    """Row order that turns llama.cpp's interleaved rotary pairs into transformers' two halves."""
    return torch.arange(rows).view(-1, head_dim // 2, 2).transpose(1, 2).reshape(-1)


def gguf_beside(folder: Path, config: DecoderConfig) -> Path | None:
    """The folder's kept GGUF if its blocks can be used as they are (Llama names, supported types)."""
    path = folder / GGUF_NAME
    return path if config.family == "llama" and path.is_file() else None


def norm_weight(source: WeightSource, name: str, config: DecoderConfig) -> Tensor:
    """A norm's multiplier, float32, Gemma's offset included."""
    vector = source.vector(f"{name}.weight")
    if vector is None:
        raise ModelRefused(f"The model's weights lack {name}.")
    return (vector + config.norm_offset).contiguous()


def each_projection(config: DecoderConfig) -> Iterator[tuple[int, str]]:
    """(layer, projection) for every linear layer of the stack, in the order they are used."""
    for layer in range(config.layers):
        for projection in PROJECTIONS:
            yield layer, projection


Reporter = Callable[[str, float, float], None]
