"""EfficientNet-Lite as a plain torch module: a picture in, 1000 ImageNet logits and what its stages saw out.

Architecture: Tan & Le, "EfficientNet" (arXiv 1905.11946), in the Lite variant of Google's TPU repository
(ReLU6, no squeeze-and-excitation, fixed stem and head). "Same" padding as TensorFlow pads it, input scaled
to [-1, 1]. Batch norms are folded into the convolutions when the starter is prepared, so every convolution
has a bias.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

CHANNELS = 1280  # of the last map


@dataclass(frozen=True, slots=True)
class Stage:
    """``repeats`` inverted-residual blocks; the first one has ``stride``."""

    repeats: int
    kernel: int
    stride: int
    expand: int
    channels: int


LITE0 = (
    Stage(1, 3, 1, 1, 16),
    Stage(2, 3, 2, 6, 24),
    Stage(2, 5, 2, 6, 40),
    Stage(3, 3, 2, 6, 80),
    Stage(3, 5, 1, 6, 112),
    Stage(4, 5, 2, 6, 192),
    Stage(1, 3, 1, 6, 320),
)


# Pooled: square roots of the last map's means, then mean and standard deviation of every stage's output.
FEATURES = CHANNELS + 2 * sum(stage.channels for stage in LITE0)


class SameConv(nn.Conv2d):
    """A convolution padded as TensorFlow does: output = ceil(input / stride), odd padding right and bottom."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int = 1, groups: int = 1) -> None:
        super().__init__(inputs, outputs, kernel, stride, groups=groups)

    def forward(self, x: Tensor) -> Tensor:  # (batch, inputs, h, w) -> (batch, outputs, ceil(h/s), ceil(w/s))
        kernel, stride = self.kernel_size[0], self.stride[0]
        if kernel > 1:
            rows, columns = (
                max((-(-size // stride) - 1) * stride + kernel - size, 0)
                for size in (x.shape[-2], x.shape[-1])
            )
            x = F.pad(x, (columns // 2, columns - columns // 2, rows // 2, rows - rows // 2))
        return super().forward(x)


class Block(nn.Module):
    """Inverted residual: 1x1 expansion, depthwise convolution, linear 1x1 projection."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int, expand: int) -> None:
        super().__init__()
        inner = inputs * expand
        self.expand = SameConv(inputs, inner, 1) if expand != 1 else None
        self.depthwise = SameConv(inner, inner, kernel, stride, groups=inner)
        self.project = SameConv(inner, outputs, 1)
        self.residual = stride == 1 and inputs == outputs

    def forward(self, x: Tensor) -> Tensor:
        y = x if self.expand is None else F.relu6(self.expand(x))
        y = self.project(F.relu6(self.depthwise(y)))
        return x + y if self.residual else y


class EfficientNetLite(nn.Module):
    """``forward((batch, 3, s, s) in [-1, 1]) -> logits (batch, 1000), pooled features (batch, FEATURES)``

    (as many features as the stages have; FEATURES with LITE0.) The early stages know textures and colours, which the last
    one has learned to overlook.
    """

    def __init__(self, stages: tuple[Stage, ...] = LITE0, stem: int = 32, classes: int = 1000) -> None:
        super().__init__()
        self.stem = SameConv(3, stem, 3, 2)
        blocks: list[Block] = []
        channels = stem
        self.ends: set[int] = set()  # the stages' last blocks
        for stage in stages:
            for index in range(stage.repeats):
                stride = stage.stride if index == 0 else 1
                blocks.append(Block(channels, stage.channels, stage.kernel, stride, stage.expand))
                channels = stage.channels
            self.ends.add(len(blocks) - 1)
        self.blocks = nn.ModuleList(blocks)
        self.head = SameConv(channels, CHANNELS, 1)
        self.classifier = nn.Linear(CHANNELS, classes)

    def forward(self, pixels: Tensor) -> tuple[Tensor, Tensor]:
        x = F.relu6(self.stem(pixels))
        of_stages = []
        for index, block in enumerate(self.blocks):
            x = block(x)
            if index in self.ends:
                of_stages += [x.mean(dim=(2, 3)), x.std(dim=(2, 3))]
        pooled = F.relu6(self.head(x)).mean(dim=(2, 3))
        return self.classifier(pooled), torch.cat([pooled.sqrt(), *of_stages], dim=1)

    @torch.inference_mode()
    def probabilities(self, pixels: Tensor) -> Tensor:
        """(batch, 3, side, side) -> (batch, 1000) softmax probabilities."""
        return self(pixels)[0].softmax(dim=-1)
