"""Where a drawing has which colours: a few cells of the thing itself, cut out of the picture's ground.

Drawings of one thing are laid out alike in many styles, whatever an encoder trained on photos makes of them: with these
cells beside its features more of them are named rightly (``docs/starter.md``). Nothing here is trained.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from models.perception.shape_detector import SIDE, contrast

CELLS = 8  # a side
LAYOUT = 4 * CELLS * CELLS  # red, green, blue, and how much of the cell is thing
THING = 0.2  # least contrast of what is no ground


@torch.inference_mode()
def layout(pixels: Tensor) -> Tensor:
    """(n, 3, s, s) in [-1, 1] -> (n, LAYOUT) in 0..1: the thing's box, made square, in CELLS x CELLS means."""
    small = F.interpolate(pixels, size=(SIDE, SIDE), mode="area")
    rgb = (small * 128 + 127).round().clamp(0, 255)
    views = torch.cat([rgb, torch.full_like(rgb[:, :1], 255)], dim=1).to(torch.uint8)
    masks = (contrast(views) > THING).float()
    return torch.stack([_cells(one, mask) for one, mask in zip(rgb / 255, masks, strict=True)])


def _cells(rgb: Tensor, mask: Tensor) -> Tensor:
    """(3, s, s) and (s, s) of 0 and 1 -> (LAYOUT,)"""
    rows, columns = (
        mask.amax(axis).nonzero().flatten().tolist() or [0, mask.shape[0] - 1] for axis in (1, 0)
    )
    top, bottom, left, right = rows[0], rows[-1] + 1, columns[0], columns[-1] + 1
    box = torch.cat([rgb * mask, mask[None]])[:, top:bottom, left:right]
    side = max(bottom - top, right - left)
    down, across = side - (bottom - top), side - (right - left)
    square = F.pad(box, (across // 2, across - across // 2, down // 2, down - down // 2))
    return F.adaptive_avg_pool2d(square, CELLS).flatten()
