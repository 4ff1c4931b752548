"""A personal style on disk: a PEFT LoRA adapter folder, read into plain tensors (Hu et al., arXiv 2106.09685)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from models.adapters import adapter_files
from models.decoders.config import DecoderConfig
from models.decoders.weights import PROJECTIONS
from models.errors import ModelRefused

_MODULE = re.compile(r"layers\.(\d+)\.((?:self_attn|mlp)\.\w+)$")


@dataclass(frozen=True, eq=False)
class LowRank:
    """``y += b @ (a @ x)``; the adapter's scale is already in ``b``."""

    a: Tensor  # (rank, cols) float32
    b: Tensor  # (rows, rank) float32

    @property
    def rank(self) -> int:
        return int(self.a.shape[0])


@dataclass(frozen=True, eq=False)
class Style:
    """The low-rank products of one adapter by (layer, projection)."""

    products: dict[tuple[int, str], LowRank]


def joined(one: Style, other: Style) -> Style:
    """Both adapters at once: where they meet, ranks are put together (``b1 a1 x + b2 a2 x = [b1 b2] [a1; a2] x``)."""
    products = {**one.products, **other.products}
    for place in one.products.keys() & other.products.keys():
        first, second = one.products[place], other.products[place]
        products[place] = LowRank(
            torch.cat([first.a, second.a]).contiguous(), torch.cat([first.b, second.b], dim=1).contiguous()
        )
    return Style(products)


def read_style(folder: Path, config: DecoderConfig) -> Style:
    """Read a PEFT LoRA folder. Raises ModelRefused when it is damaged or not for a model of these sizes."""
    settings, modules = adapter_files.read(folder)
    products = {}
    for module, (a, b) in modules.items():
        match = _MODULE.search(module)
        if match is None or match[2] not in PROJECTIONS or int(match[1]) >= config.layers:
            raise ModelRefused(f"The style in {folder.name} does not fit this model.")
        if (b.shape[0], a.shape[1]) != projection_shape(config, match[2]):
            raise ModelRefused(f"The style in {folder.name} does not fit this model.")
        scaled = b * settings.scale(module, a.shape[0])
        products[int(match[1]), match[2]] = LowRank(a.contiguous(), scaled.contiguous())
    return Style(products)


def projection_shape(config: DecoderConfig, projection: str) -> tuple[int, int]:
    """(rows, cols) of one of a layer's linear maps."""
    heads, kv = config.heads * config.head_dim, config.kv_heads * config.head_dim
    return {
        "self_attn.q_proj": (heads, config.hidden),
        "self_attn.k_proj": (kv, config.hidden),
        "self_attn.v_proj": (kv, config.hidden),
        "self_attn.o_proj": (config.hidden, heads),
        "mlp.gate_proj": (config.intermediate, config.hidden),
        "mlp.up_proj": (config.intermediate, config.hidden),
        "mlp.down_proj": (config.hidden, config.intermediate),
    }[projection]
