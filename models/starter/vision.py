"""Encoder and connector: pictures in, image tokens out. Needs no part of transformers that takes long to import."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from models.starter.connector import WHOLE_VIEWS, Connector, Seen, is_noise, stillness
from models.starter.encoder import EfficientNetLite
from models.starter.layout import LAYOUT, layout

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
        """Run the encoder over the views that are there (one of zeros is not)."""
        used = (pixel_values != 0).flatten(2).any(dim=2)  # (images, views)
        used[:, :WHOLE_VIEWS] = True
        logits, pooled = self.encoder(pixel_values[used])
        all_logits = logits.new_zeros((*used.shape, logits.shape[-1]))
        features = pooled.new_zeros((*used.shape, pooled.shape[1] + LAYOUT))
        all_logits[used] = logits
        features[used] = torch.cat([pooled, layout(pixel_values[used])], dim=1)
        whole = pixel_values[:, WHOLE_VIEWS - 1]
        return Seen(all_logits, features, used, glances, stillness(whole), is_noise(whole))


@torch.inference_mode()
def vision_from(config: StarterConfig, tensors: dict[str, Tensor]) -> Vision:
    """A Vision module holding ``tensors`` (names below ``model.vision.``), without the language model."""
    with torch.device("meta"):
        vision = Vision(config)
    vision.load_state_dict(tensors, strict=True, assign=True)
    return vision.eval().requires_grad_(False)
