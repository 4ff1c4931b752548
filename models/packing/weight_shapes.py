"""Every weight has the size that the configuration says, or the model is refused.

The fast decoders trust sizes (the native one computes addresses from them), so nothing reaches them unchecked.
"""

from __future__ import annotations

import re

from torch import Tensor

from models.adapters.lora import projection_shape
from models.decoders.config import DecoderConfig
from models.decoders.weights import PROJECTIONS, WeightSource
from models.errors import ModelRefused
from models.packing.quantized import Kind, Weight

_LAYER = re.compile(r"layers\.(\d+)\.(.+)")


class CheckedShapes:
    """A WeightSource that refuses what has another size than ``config`` says."""

    def __init__(self, source: WeightSource, config: DecoderConfig) -> None:
        self.source, self._config = source, config

    def matrix(self, name: str, kind: Kind) -> Weight:
        """See ``WeightSource.matrix``. Raises ModelRefused."""
        weight = self.source.matrix(name, kind)
        if (weight.rows, weight.cols) != matrix_shape(self._config, name):
            raise ModelRefused(f"The model's weights and its configuration do not fit together ({name}).")
        return weight

    def vector(self, name: str) -> Tensor | None:
        """See ``WeightSource.vector``. Raises ModelRefused."""
        vector = self.source.vector(name)
        if vector is not None and tuple(vector.shape) != (vector_length(self._config, name),):
            raise ModelRefused(f"The model's weights and its configuration do not fit together ({name}).")
        return vector

    def rows(self, name: str, ids: Tensor) -> Tensor:
        """See ``WeightSource.rows``."""
        return self.source.rows(name, ids)


def matrix_shape(config: DecoderConfig, name: str) -> tuple[int, int]:
    """(rows, cols) of a matrix by its name (``layers.0.mlp.up_proj``, ``embed_tokens``, ``lm_head``)."""
    layer = _LAYER.fullmatch(name)
    if layer and layer[2] in PROJECTIONS:
        return projection_shape(config, layer[2])
    return config.vocab, config.hidden


def vector_length(config: DecoderConfig, name: str) -> int:
    """Numbers of a norm's weight or of a bias by its name."""
    base, _, part = name.rpartition(".")
    if part == "bias":
        return matrix_shape(config, base)[0]
    return config.head_dim if base.endswith(("q_norm", "k_norm")) else config.hidden
