"""Encoder and connector: pictures in, image tokens out. Needs no part of transformers that takes long to import."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from models.perception.encoder import EfficientNetLite
from models.perception.evidence import Seen, look
from models.starter.connector import Connector

if TYPE_CHECKING:
    from models.starter.configuration import StarterConfig


class Vision(nn.Module):
    """Encoder and connector alone: what the engine keeps in memory beside the fast decoder.

    ``forward(pixel_values (images, views, 3, side, side), glances (images, 4, s, s), order (images,)) -> (images, tokens,
    hidden)``; ``order``: see ``Connector``.
    """

    def __init__(self, config: StarterConfig) -> None:
        super().__init__()
        self.encoder = EfficientNetLite()
        self.connector = Connector(config)

    def forward(self, pixel_values: Tensor, glances: Tensor, order: Tensor) -> Tensor:
        return self.connector(self.look(pixel_values, glances), order)

    def look(self, pixel_values: Tensor, glances: Tensor) -> Seen:
        return look(self.encoder, pixel_values, glances)


@torch.inference_mode()
def vision_from(config: StarterConfig, tensors: dict[str, Tensor]) -> Vision:
    """A Vision module holding ``tensors`` (names below ``model.vision.``), without the language model."""
    with torch.device("meta"):
        vision = Vision(config)
    vision.load_state_dict(tensors, strict=True, assign=True)
    return vision.eval().requires_grad_(False)
