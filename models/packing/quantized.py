"""Quantised weights: blocks of 32 along a row with one scale (and offset) each, and exact reading of GGUF blocks.

A weight is ``scale * q + offset``: int4 has q in 0..15, int8 has q in -127..127 (-128 in some GGUF files) and no offset.
Scales and offsets are float16, as in GGUF, so that Q4_0, Q4_1 and Q8_0 blocks are taken over without a second rounding.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from torch import Tensor

GROUP = 32  # weights that share a scale
Kind = Literal["int4", "int8", "bfloat16", "float32"]
BITS: dict[str, float] = {
    "int4": 5.0,
    "int8": 8.5,
    "bfloat16": 16.0,
    "float32": 32.0,
}  # a weight, scales included


@dataclass(frozen=True, eq=False)
class Weight:
    """A matrix (rows, cols) in one of four kinds.

    int4: ``q`` (rows, cols) uint8 of 0..15; int8: ``q`` (rows, cols) int8; both with ``scale`` (rows, cols / 32)
    float16, int4 also with ``offset`` of that shape. bfloat16 and float32: ``q`` is the matrix itself.
    """

    kind: Kind
    q: Tensor
    scale: Tensor | None = None
    offset: Tensor | None = None

    @property
    def rows(self) -> int:
        return int(self.q.shape[0])

    @property
    def cols(self) -> int:
        return int(self.q.shape[1])

    def take_rows(self, order: Tensor) -> Weight:
        """The same weights with their rows in another order."""
        scale = None if self.scale is None else self.scale[order]
        offset = None if self.offset is None else self.offset[order]
        return Weight(self.kind, self.q[order], scale, offset)

    def dequantize(self) -> Tensor:
        """The weights as (rows, cols) float32."""
        if self.scale is None:
            return self.q.float()
        blocks = self.q.view(self.rows, -1, GROUP).float() * self.scale.float().unsqueeze(-1)
        if self.offset is not None:
            blocks += self.offset.float().unsqueeze(-1)
        return blocks.view(self.rows, self.cols)


def quantize(weight: Tensor, kind: Kind) -> Weight:
    """Quantise a (rows, cols) matrix. int4 and int8 fall back to bfloat16 when cols is not a multiple of 32."""
    if kind == "float32":
        return Weight("float32", weight.float().contiguous())
    if kind == "bfloat16" or weight.shape[1] % GROUP:
        return Weight("bfloat16", weight.to(torch.bfloat16).contiguous())
    blocks = weight.float().view(weight.shape[0], -1, GROUP)
    return _int4(blocks) if kind == "int4" else _int8(blocks)


def _int8(blocks: Tensor) -> Weight:
    scale = (blocks.abs().amax(-1) / 127).half()
    q = (blocks * _inverse(scale).unsqueeze(-1)).round_().clamp_(-127, 127).to(torch.int8)
    return Weight("int8", q.flatten(1), scale)


def _int4(blocks: Tensor) -> Weight:
    """Round to nearest between each block's bounds, then try shrunken bounds and keep the least squared error.

    The search is that of "clipping" in weight quantisation (e.g. AWQ, Lin et al., arXiv 2306.00978, section 4).
    """
    low, high = blocks.amin(-1), blocks.amax(-1)
    best = torch.full_like(low, float("inf"))
    scale, offset = torch.zeros_like(low, dtype=torch.float16), low.half()
    for shrink in (1.0, 0.95, 0.9, 0.85, 0.8):
        s = ((high - low) * (shrink / 15)).half()
        o = (low + (high - low) * ((1 - shrink) / 2)).half()
        error = (blocks - _apply(_codes(blocks, s, o), s, o)).square_().sum(-1)
        better = error < best
        best = torch.where(better, error, best)
        scale, offset = torch.where(better, s, scale), torch.where(better, o, offset)
    return Weight("int4", _codes(blocks, scale, offset).to(torch.uint8).flatten(1), scale, offset)


def _inverse(scale: Tensor) -> Tensor:
    return torch.where(scale > 0, scale.float().reciprocal(), torch.zeros((), dtype=torch.float32))


def _codes(blocks: Tensor, scale: Tensor, offset: Tensor) -> Tensor:
    return ((blocks - offset.float().unsqueeze(-1)) * _inverse(scale).unsqueeze(-1)).round_().clamp_(0, 15)


def _apply(codes: Tensor, scale: Tensor, offset: Tensor) -> Tensor:
    return codes * scale.float().unsqueeze(-1) + offset.float().unsqueeze(-1)


# --- GGUF -------------------------------------------------------------------------------------------------
# Block layouts: ggml-common.h of llama.cpp (block_q4_0, block_q4_1, block_q8_0); low nibbles hold weights 0..15.


def from_gguf(data: np.ndarray, type_name: str, rows: int, cols: int) -> Weight | None:
    """The blocks of one GGUF tensor, bit for bit; ``type_name`` is GGML's (Q4_1, ...). None: another type.

    ``data`` holds the tensor's bytes in any shape.
    """
    if type_name in ("F32", "F16", "BF16"):
        return _plain(data, type_name, rows, cols)
    sizes = {"Q4_0": 18, "Q4_1": 20, "Q8_0": 34}
    if type_name not in sizes or cols % GROUP:
        return None
    blocks = np.ascontiguousarray(data).view(np.uint8).reshape(rows, cols // GROUP, sizes[type_name])
    scale = torch.from_numpy(blocks[..., :2].copy().view(np.float16)[..., 0])
    if type_name == "Q8_0":
        q = torch.from_numpy(blocks[..., 2:].copy().view(np.int8).reshape(rows, cols))
        return Weight("int8", q, scale)
    nibbles = torch.from_numpy(blocks[..., -16:].copy())
    q = torch.cat((nibbles & 15, nibbles >> 4), dim=-1).view(rows, cols)
    if type_name == "Q4_0":  # weight = scale * (q - 8); 8 * scale is exact in float16 short of overflow
        return Weight("int4", q, scale, (scale.float() * -8).half())
    offset = torch.from_numpy(blocks[..., 2:4].copy().view(np.float16)[..., 0])
    return Weight("int4", q, scale, offset)


def _plain(data: np.ndarray, type_name: str, rows: int, cols: int) -> Weight:
    raw = np.ascontiguousarray(data).view(np.uint8).reshape(-1).copy()
    if type_name == "F32":
        return Weight("float32", torch.from_numpy(raw.view(np.float32)).view(rows, cols))
    if type_name == "F16":
        return Weight("float32", torch.from_numpy(raw.view(np.float16)).float().view(rows, cols))
    return Weight("bfloat16", torch.from_numpy(raw).view(torch.bfloat16).view(rows, cols))
