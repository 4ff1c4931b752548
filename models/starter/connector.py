"""From what the encoder saw to a few embeddings that the language model reads in place of image tokens.

Closed form, after ConSE (Norouzi et al., arXiv 1312.5650): the words for a class are known to the language model as
token embeddings, so a picture's are the mixture of its classes' words, weighted with their probabilities. Classes
are first summed into everyday kinds. A picture of nothing known reads as just that, instead of as a mixture of
everything: the weight of the mixture falls to zero as the best kind's probability does.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from transformers import PreTrainedConfig

CLASSES = 1000
UNSURE, SURE = 0.25, 0.45  # best kind's probability at which the mixture's weight is 0 and 1
SHARPNESS = 2.0  # power of the kinds' probabilities, so that the best one is heard


class Connector(nn.Module):
    """``forward(logits (images, views, 1000)) -> (images, tokens, hidden)``. Both tables are made by ``checkpoint``."""

    def __init__(self, config: PreTrainedConfig) -> None:
        super().__init__()
        self.tokens: int = config.num_image_tokens
        self.hidden: int = config.get_text_config().hidden_size
        # (kinds, 1000): 1 where a class is of a kind
        self.kinds = nn.Parameter(torch.empty(config.num_kinds, CLASSES))
        # (kinds + 1, tokens * hidden): embeddings of the words for each kind; the last row: nothing known
        self.words = nn.Parameter(torch.empty(config.num_kinds + 1, self.tokens * self.hidden))

    def forward(self, logits: Tensor) -> Tensor:
        probabilities = logits.softmax(dim=-1).mean(dim=1) @ self.kinds.T  # (images, kinds)
        best = probabilities.amax(dim=-1, keepdim=True)
        weight = ((best - UNSURE) / (SURE - UNSURE)).clamp(0, 1)
        sharp = probabilities**SHARPNESS
        mixture = torch.cat([weight * sharp / sharp.sum(dim=-1, keepdim=True), 1 - weight], dim=-1)
        return (mixture @ self.words).view(-1, self.tokens, self.hidden)
