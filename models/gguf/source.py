"""The language weights of a GGUF file by the names that the decoders use, dequantised exactly or as raw blocks.

llama.cpp stores the query and key rows of Llama and Mistral in another order (rotary pairs side by side), and Gemma's
norms with the one that is added to them; both are undone here, so that every source of weights says the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from models.decoders.config import DecoderConfig
from models.errors import ModelRefused
from models.gguf.header import TensorInfo, read_header
from models.packing.quantized import Kind, Weight, from_gguf, quantize

_LAYER = re.compile(r"layers\.(\d+)\.(.*)\.(weight|bias)")
_IN_LAYER = {
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "self_attn.q_norm": "attn_q_norm",
    "self_attn.k_norm": "attn_k_norm",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
    "input_layernorm": "attn_norm",
    "post_attention_layernorm": "ffn_norm",
}
# Gemma 2 and 3 have a norm after attention and after the MLP too.
_SANDWICH = {
    "post_attention_layernorm": "post_attention_norm",
    "pre_feedforward_layernorm": "ffn_norm",
    "post_feedforward_layernorm": "post_ffw_norm",
}
_OUTER = {"embed_tokens": "token_embd", "norm": "output_norm", "lm_head": "output"}
_INTERLEAVED = frozenset({"llama", "mistral"})  # families whose query and key rows are stored as rotary pairs
_STEP_BYTES = 64 << 20  # of float32 that are made at once


@dataclass(frozen=True, slots=True)
class Raw:
    """A matrix as the file has it."""

    type: str  # GGML's name
    rows: int
    cols: int
    data: np.ndarray  # uint8 view of the memory-mapped file
    row_order: np.ndarray | None  # int32: row i is in the file's row row_order[i]; None: as they are


class GgufSource:
    """Implements ``decoder_weights.WeightSource`` for a GGUF file, which is memory-mapped as long as this lives."""

    def __init__(self, path: Path, config: DecoderConfig) -> None:
        self._config = config
        header = read_header(path)
        self._tensors = header.tensors
        try:
            self._bytes = np.memmap(path, dtype=np.uint8, mode="r")
        except (OSError, ValueError) as error:
            raise ModelRefused(f"{path.name} cannot be read ({error}).") from error

    def _tensor(self, name: str) -> TensorInfo | None:
        layer = _LAYER.fullmatch(name)
        if layer is None:
            base, _, part = name.rpartition(".")
            return self._tensors.get(f"{_OUTER.get(base, '?')}.{part}")
        names = _IN_LAYER | _SANDWICH if self._config.sandwich_norms else _IN_LAYER
        return self._tensors.get(f"blk.{layer[1]}.{names.get(layer[2], '?')}.{layer[3]}")

    def raw(self, name: str) -> Raw:
        """The matrix ``name`` without touching its bytes. Raises ModelRefused when the file lacks it."""
        tensor = self._tensor(f"{name}.weight")
        if tensor is None or len(tensor.shape) != 2:
            raise ModelRefused(f"The GGUF file lacks {name}.")
        rows, cols = tensor.shape
        data = self._bytes[tensor.start : tensor.start + tensor.size_bytes]
        return Raw(tensor.type, rows, cols, data, self._row_order(name, rows))

    def _row_order(self, name: str, rows: int) -> np.ndarray | None:
        """Where the rows of transformers' two halves lie among llama.cpp's interleaved rotary pairs."""
        config = self._config
        if config.family not in _INTERLEAVED or not name.endswith(("q_proj", "k_proj")):
            return None
        if rows % config.head_dim:
            raise ModelRefused(f"The model's weights and its configuration do not fit together ({name}).")
        pairs = np.arange(rows, dtype=np.int32).reshape(-1, config.head_dim // 2, 2)
        return np.ascontiguousarray(pairs.transpose(0, 2, 1)).reshape(-1)

    def matrix(self, name: str, kind: Kind) -> Weight:
        """As ``kind``; Q4_0, Q4_1 and Q8_0 blocks are kept bit for bit where a quantised kind is wanted."""
        raw = self.raw(name)
        if kind in ("int4", "int8"):
            weight = from_gguf(raw.data, raw.type, raw.rows, raw.cols)
            if weight is not None and weight.scale is not None:
                order = raw.row_order
                return weight if order is None else weight.take_rows(torch.from_numpy(order).long())
        return _in_parts(dequantized(raw), kind)

    def rows(self, name: str, ids: Tensor) -> Tensor:
        """See ``WeightSource.rows``."""
        raw = self.raw(name)
        wanted = ids.numpy() if raw.row_order is None else raw.row_order[ids.numpy()]
        blocks = raw.data.reshape(raw.rows, -1)[wanted]
        return torch.from_numpy(_dequantize(blocks, raw.type, len(wanted), raw.cols).copy())

    def vector(self, name: str) -> Tensor | None:
        """See ``WeightSource.vector``."""
        tensor = self._tensor(name)
        if tensor is None:
            return None
        data = self._bytes[tensor.start : tensor.start + tensor.size_bytes]
        values = _dequantize(data, tensor.type, 1, tensor.count)[0]
        order = self._row_order(name.removesuffix(".bias"), tensor.count) if name.endswith(".bias") else None
        if order is not None:
            values = values[order]
        if name.endswith("norm.weight"):
            values = values - np.float32(self._config.norm_offset)
        return torch.from_numpy(np.array(values, dtype=np.float32))


def embedding_rows(path: Path) -> tuple[Callable[[int], Tensor], int] | None:
    """(one row of the table of word embeddings by its id, float32; how many there are). Raises ModelRefused."""
    header = read_header(path)
    tensor = header.tensors.get("token_embd.weight")
    if tensor is None or len(tensor.shape) != 2:
        return None
    count, width = tensor.shape
    stored = np.memmap(
        path, dtype=np.uint8, mode="r", offset=tensor.start, shape=(count, tensor.size_bytes // count)
    )

    def row(index: int) -> Tensor:
        values = _dequantize(stored[index], tensor.type, 1, width)[0]
        return torch.from_numpy(np.array(values, dtype=np.float32))

    return row, count


def dequantized(raw: Raw) -> Tensor:
    """The exact weights (rows, cols) float32, rows in transformers' order."""
    out = torch.empty((raw.rows, raw.cols))
    view = out.numpy()
    blocks = raw.data.reshape(raw.rows, -1)
    step = max(1, _STEP_BYTES // (raw.cols * 4))
    for start in range(0, raw.rows, step):
        part = blocks[start : start + step]
        if raw.row_order is not None:
            part = blocks[raw.row_order[start : start + step]]
        view[start : start + step] = _dequantize(part, raw.type, part.shape[0], raw.cols)
    return out


def _dequantize(data: np.ndarray, type_name: str, rows: int, cols: int) -> np.ndarray:
    from gguf import GGMLQuantizationType
    from gguf.quants import dequantize

    raw = np.ascontiguousarray(data).reshape(-1)
    if type_name == "F32":
        return raw.view(np.float32).reshape(rows, cols)
    if type_name == "F64":
        return raw.view(np.float64).astype(np.float32).reshape(rows, cols)
    return dequantize(raw.reshape(rows, -1), GGMLQuantizationType[type_name]).reshape(rows, cols)


def _in_parts(weight: Tensor, kind: Kind) -> Weight:
    """Quantise by rows: the search for scales takes several times the memory of what it looks at."""
    step = max(1, _STEP_BYTES // (weight.shape[1] * 4))
    if kind not in ("int4", "int8") or weight.shape[0] <= step:
        return quantize(weight, kind)
    parts = [quantize(part, kind) for part in weight.split(step)]

    def joined(field: str) -> Tensor | None:
        tensors = [getattr(part, field) for part in parts]
        return None if tensors[0] is None else torch.cat(tensors)

    q = joined("q")
    assert q is not None
    return Weight(parts[0].kind, q, joined("scale"), joined("offset"))
