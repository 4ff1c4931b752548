"""Pictures to the starter's pixel tensors, with nothing but numpy, Pillow and torch.

Scaling and crop are the encoder's own (Google's ``efficientnet/lite``): the centre square of side
``min(h, w) * 224 / (224 + 32)``, bicubic, ``(x - 127) / 128``. A second view shows the whole picture, and a small,
undistorted one is for the low-level branch.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from models.perception.shape_detector import view

CROP_PADDING = 32  # pixels, of the original evaluation crop
LONG = 2.0  # sides' ratio from which a picture is looked at in parts too
MOST_PARTS = 4


def pixels(images: Sequence[Any], side: int) -> dict[str, Tensor]:
    """``{"pixel_values": float32 (images, views, 3, side, side), "glances": uint8 (images, 4, s, s)}``

    A picture has its two views, a long one also up to MOST_PARTS square parts along its length; where other pictures
    of a batch have more views, those missing are zeros.
    """
    pictures = [as_rgb(image) for image in images]
    seen = [views(picture, side) for picture in pictures]
    most = max((len(one) for one in seen), default=0)
    padded = [torch.nn.functional.pad(one, (0, 0, 0, 0, 0, 0, 0, most - len(one))) for one in seen]
    glances = torch.from_numpy(np.stack([view(picture) for picture in pictures]))
    return {"pixel_values": torch.stack(padded), "glances": glances}


def views(image: Image.Image, side: int) -> Tensor:
    """(views, 3, side, side): the centre square, the whole picture squeezed into a square, a long one's parts."""
    crop = max(1, round(min(image.size) * side / (side + CROP_PADDING)))
    left, top = (image.width - crop) // 2, (image.height - crop) // 2
    boxes = [(left, top, left + crop, top + crop), (0, 0, *image.size), *parts(image.width, image.height)]
    scaled = [image.resize((side, side), Image.Resampling.BICUBIC, box=box) for box in boxes]
    arrays = [(np.asarray(one, dtype=np.float32) - 127.0) / 128.0 for one in scaled]
    return torch.from_numpy(np.stack(arrays)).permute(0, 3, 1, 2).contiguous()


def parts(width: int, height: int) -> list[tuple[int, int, int, int]]:
    """Squares (left, top, right, bottom) that cover a picture at least LONG times as long as it is wide; else none."""
    long, short = max(width, height), max(1, min(width, height))
    if long < LONG * short:
        return []
    count = min(MOST_PARTS, math.ceil(long / short))
    starts = [round((long - short) * index / (count - 1)) for index in range(count)]
    if width >= height:
        return [(start, 0, start + short, height) for start in starts]
    return [(0, start, width, start + short) for start in starts]


def as_rgb(image: Any) -> Image.Image:
    """Any picture as RGB; transparency is laid over white, as a page would show it."""
    if not isinstance(image, Image.Image):
        image = Image.fromarray(np.asarray(image))
    if image.has_transparency_data:
        rgba = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", rgba.size, (255, 255, 255, 255)), rgba)
    return image.convert("RGB")
