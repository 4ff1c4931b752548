"""The language model's adapter for pictures: low-rank products beside its linear maps, on only while it sees.

A conversation sees from its first picture on: the flag travels with its key-value cache. Without a picture nothing is
added anywhere, so text is answered exactly as without this adapter.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

if TYPE_CHECKING:
    from models.starter.configuration import StarterConfig

PREFIX = "model.sight."


def places(config: StarterConfig) -> list[tuple[int, str]]:
    """(layer, projection) of every adapted linear map, e.g. (6, "self_attn.q_proj")."""
    layers = range(config.sight_first_layer, config.get_text_config().num_hidden_layers)
    return [(layer, projection) for layer in layers for projection in config.sight_projections]


def key(layer: int, projection: str, part: str) -> str:
    """A parameter's name below PREFIX; ``part``: a or b."""
    return f"{layer}-{projection.replace('.', '-')}-{part}"


class Sight(nn.ParameterDict):
    """All products ``b @ (a @ x)``: a (rank, columns), b (rows, rank), the scale already in b."""

    def __init__(self, config: StarterConfig, language_model: nn.Module) -> None:
        super().__init__()
        self.on = False
        for layer, projection in places(config):
            linear = language_model.get_submodule(f"layers.{layer}.{projection}")
            assert isinstance(linear, nn.Linear)
            rows, columns = linear.weight.shape
            a, b = (key(layer, projection, part) for part in "ab")
            self[a] = nn.Parameter(torch.empty(config.sight_rank, columns))
            self[b] = nn.Parameter(torch.empty(rows, config.sight_rank))
            linear.register_forward_hook(self._hook(a, b))

    def _hook(self, a: str, b: str) -> Any:
        def add(_module: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> Tensor | None:
            if not self.on:
                return None
            return output + F.linear(F.linear(inputs[0], self[a]), self[b])

        return add
