"""A personal style on disk: a PEFT LoRA adapter folder, read into plain tensors (Hu et al., arXiv 2106.09685)."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from models.decoder_config import DecoderConfig
from models.decoder_weights import PROJECTIONS
from models.errors import ModelRefused

_KEY = re.compile(r"layers\.(\d+)\.((?:self_attn|mlp)\.\w+)\.lora_([AB])\.(?:default\.)?weight$")


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
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    refused = ModelRefused(f"The style in {folder.name} does not fit this model.")
    try:
        settings = json.loads((folder / "adapter_config.json").read_text("utf-8"))
        tensors = load_file(folder / "adapter_model.safetensors")
    except (OSError, ValueError, SafetensorError) as error:
        raise ModelRefused(f"The style in {folder.name} cannot be read ({error}).") from error
    if settings.get("use_dora") or settings.get("bias", "none") != "none":
        raise ModelRefused(f"The style in {folder.name} is of a kind that is not supported.")
    parts: dict[tuple[int, str], dict[str, Tensor]] = {}
    for key, tensor in tensors.items():
        match = _KEY.search(key)
        if match is None or match[2] not in PROJECTIONS or int(match[1]) >= config.layers:
            raise refused
        parts.setdefault((int(match[1]), match[2]), {})[match[3]] = tensor.float()
    products = {}
    for place, pair in parts.items():
        rows, cols = projection_shape(config, place[1])
        if set(pair) != {"A", "B"} or pair["A"].dim() != 2 or pair["B"].dim() != 2:
            raise refused
        a, b = pair["A"], pair["B"]
        if a.shape[1] != cols or b.shape[0] != rows or a.shape[0] != b.shape[1]:
            raise refused
        products[place] = LowRank(a.contiguous(), (b * _scale(settings, place, a.shape[0])).contiguous())
    if not products:
        raise refused
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


def _scale(settings: dict[str, Any], place: tuple[int, str], rank: int) -> float:
    """alpha / rank, or alpha / sqrt(rank) for rank-stabilised adapters (Kalajdzievski, arXiv 2312.03732)."""
    alpha = float(settings.get("lora_alpha", rank))
    name = f"layers.{place[0]}.{place[1]}"
    for pattern, value in (settings.get("alpha_pattern") or {}).items():
        if re.search(rf"(^|\.){pattern}$", name):
            alpha = float(value)
    return alpha / rank**0.5 if settings.get("use_rslora") else alpha / rank
