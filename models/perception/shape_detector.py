"""The low-level branch: one quick look at the whole picture for plain things, their shapes, colours and places.

A small fully convolutional network marks the middle of each thing and tells its shape (centre points after Zhou et al.,
"Objects as Points", arXiv 1904.07850). It is trained here on drawn scenes, because the encoder was trained to overlook
just these, and it sees only how far each pixel is from the background's colour: given colours it learned which shape
never came in which (30 % right on pairs not drawn in training). Colours are read off the pixels; what is counted and
compared is counted and compared, not learned (``groups``).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor, nn

from models.perception.scene_words import COLOURS, COUNTS, HEADS, PLACES, RELATIONS, SHAPES

SIDE = 80  # pixels
STRIDE = 4
KINDS = len(SHAPES) - 1  # "unclear" is not a thing's shape
LAYERS = (
    (24, 2, 1),
    (40, 2, 1),
    (48, 1, 1),
    (48, 1, 2),
    (48, 1, 4),
    (48, 1, 1),
)  # channels, stride, dilation
FOUND = 0.35  # least confidence of a thing


def view(image: Image.Image) -> np.ndarray:
    """RGB picture -> (4, SIDE, SIDE) uint8: the whole of it, undistorted, and where it is (255) or isn't (0)."""
    width, height = extent(image.width, image.height)
    shrinks = max(image.size) > SIDE
    small = image.resize((width, height), Image.Resampling.BOX if shrinks else Image.Resampling.BILINEAR)
    pixels = np.zeros((SIDE, SIDE, 4), np.uint8)
    left, top = (SIDE - width) // 2, (SIDE - height) // 2
    pixels[..., :3] = 127
    pixels[top : top + height, left : left + width, :3] = np.asarray(small)
    pixels[top : top + height, left : left + width, 3] = 255
    return np.ascontiguousarray(pixels.transpose(2, 0, 1))


def extent(width: int, height: int) -> tuple[int, int]:
    """Width and height that a picture has in its view."""
    scale = SIDE / max(width, height)
    return max(1, round(width * scale)), max(1, round(height * scale))


@dataclass(frozen=True)
class Marks:
    """Raw output, pictures first: ``centre`` (n, grid, grid) logits, ``shape`` (n, KINDS, grid, grid), ``clutter`` (n,)
    logits."""

    centre: Tensor
    shape: Tensor
    clutter: Tensor


class Glance(nn.Module):
    """``forward((pictures, 4, SIDE, SIDE) uint8) -> Marks``"""

    def __init__(self, norm: bool = False) -> None:
        """``norm``: with batch norms, for training."""
        super().__init__()
        inputs = 2
        self.convs = nn.ModuleList()
        for channels, stride, dilation in LAYERS:
            self.convs.append(nn.Conv2d(inputs, channels, 3, stride, dilation, dilation))
            inputs = channels
        self.norms = nn.ModuleList(nn.BatchNorm2d(layer[0]) for layer in LAYERS) if norm else None
        self.marks = nn.Conv2d(inputs, 1 + KINDS, 1)
        self.whole = nn.Linear(2 * inputs, 1)

    def forward(self, pixels: Tensor) -> Marks:
        x = torch.stack([contrast(pixels), (pixels[:, 3] > 0).float()], dim=1)
        for index, conv in enumerate(self.convs):
            x = conv(x)
            x = F.relu(x if self.norms is None else self.norms[index](x))
        centre, shape = self.marks(x).split([1, KINDS], dim=1)
        whole = self.whole(torch.cat([x.mean(dim=(2, 3)), x.amax(dim=(2, 3))], dim=1))
        return Marks(centre[:, 0], shape, whole[:, 0])

    def folded(self) -> Glance:
        """The same without batch norms (in evaluation mode): ``w' = w s``, ``b' = (b - mean) s + beta``."""
        plain = Glance()
        plain.load_state_dict({k: v for k, v in self.state_dict().items() if not k.startswith("norms.")})
        assert self.norms is not None
        for conv, norm in zip(plain.convs, self.norms, strict=True):
            assert isinstance(conv, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d)
            assert norm.running_mean is not None and norm.running_var is not None and conv.bias is not None
            scale = norm.weight.data / torch.sqrt(norm.running_var + norm.eps)
            conv.weight.data *= scale[:, None, None, None]
            conv.bias.data = (conv.bias.data - norm.running_mean) * scale + norm.bias.data
        return plain


def contrast(pixels: Tensor) -> Tensor:
    """(n, 4, side, side) uint8 -> (n, side, side) in 0..1: each pixel's distance from the background's colour, which is
    the median along the picture's edge."""
    inside = pixels[:, 3] > 0
    edge = edge_of(inside)
    rgb = pixels[:, :3].float()
    ground = torch.stack([one[:, at].median(dim=1).values for one, at in zip(rgb, edge, strict=True)])
    distance = ((rgb - ground[:, :, None, None]) ** 2).sum(1).sqrt() * inside
    most = distance.amax(dim=(1, 2), keepdim=True).clamp(min=24)
    return (distance / most) ** 0.7


def edge_of(inside: Tensor) -> Tensor:
    """(n, side, side) bool -> the two outermost pixels of what is inside."""
    outside = (~inside).float()[:, None]
    return inside & (F.max_pool2d(F.pad(outside, (2, 2, 2, 2), value=1.0), 5, 1)[:, 0] > 0)


@dataclass(frozen=True)
class Spot:
    """A thing: its middle in shares of the picture's sides, and its probabilities."""

    x: float
    y: float
    shape: Tensor  # (KINDS,)
    colour: Tensor  # (colours,)

    @property
    def looks(self) -> tuple[int, int]:
        return int(self.shape.argmax()), int(self.colour.argmax())


def spots(marks: Marks, index: int, pixels: Tensor) -> list[Spot]:
    """The things found in one picture of a batch, whose view is ``pixels`` (4, SIDE, SIDE)."""
    heat = marks.centre[index].sigmoid()
    strength = contrast(pixels[None])[0]
    named = F.one_hot(colour_names(pixels[None])[0], len(COLOURS)).float()
    axis = torch.arange(SIDE) + 0.5
    peaks = (heat == F.max_pool2d(heat[None, None], 3, 1, 1)[0, 0]) & (heat > FOUND)
    inside = pixels[3] > 0
    rows, columns = inside.any(1).nonzero(), inside.any(0).nonzero()
    top, left = int(rows[0]), int(columns[0])
    height, width = int(rows[-1]) - top + 1, int(columns[-1]) - left + 1
    padded = F.pad(heat, (1, 1, 1, 1))
    steps = torch.tensor([-1.0, 0.0, 1.0])
    found = []
    for row, column in peaks.nonzero().tolist():
        around = padded[row : row + 3, column : column + 3] ** 2
        dx, dy = (float((around.sum(axis) * steps).sum() / around.sum()) for axis in (0, 1))
        x, y = (((at + 0.5 + d) * STRIDE) for at, d in ((column, dx), (row, dy)))
        found.append(
            Spot(
                min(1.0, max(0.0, (x - left) / width)),
                min(1.0, max(0.0, (y - top) / height)),
                marks.shape[index, :, row, column].softmax(0),
                _colour(named, strength, ((axis - y)[:, None] ** 2 + (axis - x)[None, :] ** 2)),
            )
        )
    return found


def _colour(named: Tensor, strength: Tensor, distance: Tensor) -> Tensor:
    """Shares of the colours (SIDE, SIDE, colours) of what stands out nearest to a thing's middle."""
    shares = torch.full((len(COLOURS),), 1 / len(COLOURS))
    for spread in (3.0, 6.0, 12.0, 24.0):
        near = strength * torch.exp(-distance / (2 * spread**2))
        weight = near * (strength > 0.6 * strength[distance < (2 * spread) ** 2].max().clamp(min=0.15))
        if float(weight.sum()) > 6:  # pixels
            shares = (named * weight[..., None]).sum((0, 1)) / weight.sum()
            break
    return shares


def heads(marks: Marks, pixels: Tensor) -> dict[str, Tensor]:
    """What the marks (of views ``pixels`` (n, 4, SIDE, SIDE)) say by ``scenes.HEADS``: (n, classes) probabilities."""
    rows = [_heads(spots(marks, i, pixels[i]), float(marks.clutter[i].sigmoid())) for i in range(len(pixels))]
    found = {name: torch.stack([row[name] for row in rows]) for name, _ in HEADS if name != "background"}
    return {**found, "background": border(pixels)}


def _heads(found: list[Spot], clutter: float) -> dict[str, Tensor]:
    out = {name: torch.full((size,), 1.0 / size) for name, size in HEADS}
    grouped = groups(found)
    hazy = 1.0 if not grouped else clutter
    out["relation"] = one_hot(relation(grouped), len(RELATIONS))
    out["count1"] = out["count2"] = one_hot(0, len(COUNTS))
    out["shape1"] = one_hot(len(SHAPES) - 1, len(SHAPES))
    for number, group in enumerate(grouped, 1):
        out[f"count{number}"] = one_hot(min(len(group), len(COUNTS) - 1), len(COUNTS))
        shape = F.pad(torch.stack([one.shape for one in group]).mean(0), (0, 1))
        out[f"shape{number}"] = (1 - hazy) * shape + hazy * one_hot(len(SHAPES) - 1, len(SHAPES))
        out[f"colour{number}"] = torch.stack([one.colour for one in group]).mean(0)
        x, y = centre(group)
        out[f"place{number}"] = one_hot(min(2, int(y * 3)) * 3 + min(2, int(x * 3)), len(PLACES))
    return out


def one_hot(index: int, size: int) -> Tensor:
    return F.one_hot(torch.tensor(index), size).float()


def centre(group: list[Spot]) -> tuple[float, float]:
    return sum(one.x for one in group) / len(group), sum(one.y for one in group) / len(group)


def groups(found: list[Spot]) -> list[list[Spot]]:
    """At most two groups of like things: by shape and colour; if those are more, by shape, then by colour.

    The left one comes first, or the upper one where they stand above each other.
    """
    looks: list[Callable[[Spot], object]] = [
        lambda one: one.looks,
        lambda one: one.looks[0],
        lambda one: one.looks[1],
    ]
    parted: list[list[Spot]] = []
    for look in looks:
        members: dict[object, list[Spot]] = {}
        for one in found:
            members.setdefault(look(one), []).append(one)
        parted = sorted(members.values(), key=len, reverse=True)
        if len(parted) <= 2:
            break
    parted = parted[:2]
    axis = 0 if relation(parted) == 1 else 1
    return sorted(parted, key=lambda group: centre(group)[axis])


def relation(parted: list[list[Spot]]) -> int:
    """Index of RELATIONS: how two groups stand to each other."""
    if len(parted) < 2:
        return 0
    (x0, y0), (x1, y1) = (centre(group) for group in parted)
    return 1 if abs(x0 - x1) >= abs(y0 - y1) else 2


_BOUNDS = (("red", -1, 14), ("orange", 14, 43), ("yellow", 43, 68), ("green", 68, 165), ("blue", 165, 252),
           ("purple", 252, 292), ("pink", 292, 342), ("red", 342, 361))  # degrees of hue  # fmt: skip


def colour_names(pixels: Tensor) -> Tensor:
    """(n, 4, side, side) uint8 -> (n, side, side) index of each pixel's colour, by bounds of hue, saturation, value."""
    rgb = pixels[:, :3].float() / 255
    value, low = rgb.amax(1), rgb.amin(1)
    spread = value - low
    saturation = spread / value.clamp(min=1e-6)
    r, g, b = rgb.unbind(1)
    safe = spread.clamp(min=1e-6)
    hue = 60 * torch.where(
        value == r, ((g - b) / safe) % 6, torch.where(value == g, (b - r) / safe + 2, (r - g) / safe + 4)
    )
    found = torch.full(hue.shape, COLOURS.index("gray"))
    for name, lower, upper in _BOUNDS:
        found[(hue > lower) & (hue <= upper)] = COLOURS.index(name)
    found[(hue > 8) & (hue < 60) & (value < 0.62)] = COLOURS.index("brown")
    reddish = (found == COLOURS.index("red")) | (found == COLOURS.index("pink"))
    found[reddish & (value > 0.85) & (saturation < 0.6)] = COLOURS.index("pink")
    grey = saturation < 0.16
    found[grey] = COLOURS.index("gray")
    found[grey & (value > 0.85)] = COLOURS.index("white")
    found[value < 0.2] = COLOURS.index("black")
    return found


def _shares(names: Tensor, weight: Tensor) -> Tensor:
    shares = torch.stack([((names == index) * weight).sum((1, 2)) for index in range(len(COLOURS))], 1)
    return shares / shares.sum(1, keepdim=True).clamp(min=1e-6)


def palette(pixels: Tensor, drawn: Tensor) -> Tensor:
    """(n, 4, side, side) uint8 -> (n, colours): shares of the named colours, the middle counting most; of drawings
    (``drawn`` (n,) bool) without the background."""
    axis = torch.linspace(-1, 1, pixels.shape[-1])
    weight = torch.exp(-(axis[:, None] ** 2 + axis[None, :] ** 2) / 0.5) * (pixels[:, 3] > 0)
    strength = contrast(pixels)
    things = weight * (strength > 0.25)
    apart = drawn & (things.sum(dim=(1, 2)) > 0)
    return _shares(colour_names(pixels), torch.where(apart[:, None, None], things, weight))


def border(pixels: Tensor) -> Tensor:
    """(n, 4, side, side) uint8 -> (n, colours): shares of the named colours along the picture's edge."""
    return _shares(colour_names(pixels), edge_of(pixels[:, 3] > 0).float())
