"""Pictures drawn here, with exact labels: one or two groups of equal things on a plain background, and clutter.

Pairs of a colour and a shape are held out by hash: what is asked in the evaluation was never drawn in training.
"""

from __future__ import annotations

import colorsys
import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFilter

from models.perception.scene_words import COLOURS, PLACES, SHAPES
from models.perception.shape_detector import SIDE, extent, palette

PLAIN = SHAPES[:10]
IGNORED = -100  # a label that is not asked for (cross entropy's own default)

# Hue (degrees), saturation, value: the range each colour is drawn in.
_RANGES = {
    "red": ((-8, 8), (0.75, 1), (0.7, 1)), "orange": ((22, 36), (0.8, 1), (0.88, 1)),
    "yellow": ((50, 60), (0.7, 1), (0.88, 1)), "green": ((95, 150), (0.55, 1), (0.4, 0.9)),
    "blue": ((205, 238), (0.65, 1), (0.6, 1)), "purple": ((268, 285), (0.5, 0.95), (0.45, 0.8)),
    "pink": ((318, 345), (0.28, 0.62), (0.93, 1)), "brown": ((16, 32), (0.55, 0.85), (0.3, 0.52)),
    "black": ((0, 360), (0, 0.2), (0, 0.12)), "white": ((0, 360), (0, 0.03), (0.96, 1)),
    "gray": ((0, 360), (0, 0.06), (0.4, 0.68)),
}  # fmt: skip


def held_out(colour: str, shape: str) -> bool:
    """Is this pair for the evaluation only (one in six)?"""
    return hashlib.sha256(f"{colour}|{shape}".encode()).digest()[0] < 43


@dataclass(frozen=True)
class Group:
    """``count`` equal things; ``boxes`` (left, top, right, bottom) in shares of the picture's sides."""

    count: int
    colour: str  # "" where a thing has no one colour
    shape: str
    boxes: tuple[tuple[float, float, float, float], ...]
    icon: int = -1  # which drawing, for shape "thing"

    def centre(self) -> tuple[float, float]:
        xs = [(box[0] + box[2]) / 2 for box in self.boxes]
        ys = [(box[1] + box[3]) / 2 for box in self.boxes]
        return sum(xs) / len(xs), sum(ys) / len(ys)


@dataclass(frozen=True)
class Scene:
    width: int
    height: int
    background: str
    groups: tuple[Group, ...]
    relation: str
    clutter: bool = False

    def things(self) -> list[tuple[float, float, int, int]]:
        """Each thing's middle in pixels of its view (``glance.view``), its shape and its colour (IGNORED: none)."""
        width, height = extent(self.width, self.height)
        left, top = (SIDE - width) // 2, (SIDE - height) // 2
        return [
            (
                left + (box[0] + box[2]) / 2 * width,
                top + (box[1] + box[3]) / 2 * height,
                SHAPES.index(group.shape),
                COLOURS.index(group.colour) if group.colour else IGNORED,
            )
            for group in self.groups
            for box in group.boxes
        ]


def place_of(x: float, y: float, sure: bool) -> str:
    """The ninth of the picture that (x, y) lies in; "" near a border between two (or when not ``sure``)."""
    if not sure:
        return ""
    for value in (x, y):
        if min(abs(value - 1 / 3), abs(value - 2 / 3)) < 0.035:
            return ""
    return PLACES[min(2, int(y * 3)) * 3 + min(2, int(x * 3))]


UNNAMED = "unnamed"  # a colour between those that have names, so that a shape is known whatever its colour
_BETWEEN = ((12, 20), (38, 48), (66, 90), (155, 198), (242, 262), (290, 315))  # degrees of hue


def colour_value(colour: str, random: np.random.Generator) -> tuple[int, int, int]:
    if colour == UNNAMED:
        low, high = _BETWEEN[int(random.integers(len(_BETWEEN)))]
        rgb = colorsys.hsv_to_rgb(
            random.uniform(low, high) / 360, random.uniform(0.3, 1), random.uniform(0.3, 1)
        )
        return tuple(round(255 * part) for part in rgb)  # type: ignore[return-value]
    (h0, h1), (s0, s1), (v0, v1) = _RANGES[colour]
    hue = random.uniform(h0, h1) % 360 / 360
    rgb = colorsys.hsv_to_rgb(hue, random.uniform(s0, s1), random.uniform(v0, v1))
    return tuple(round(255 * part) for part in rgb)  # type: ignore[return-value]


def icon_colours(drawings: np.ndarray) -> list[str]:
    """The one colour that most of each drawing (n, side, side, 4) has, or ""."""
    found = []
    for pixels in drawings:
        small = np.asarray(Image.fromarray(pixels).resize((SIDE, SIDE), Image.Resampling.BOX))
        opaque = torch.from_numpy((small * (small[..., 3:] > 127)).transpose(2, 0, 1).copy())[None]
        shares = palette(opaque, torch.tensor([False]))[0]
        found.append(COLOURS[int(shares.argmax())] if float(shares.max()) >= 0.6 else "")
    return found


def scene(
    random: np.random.Generator,
    test: bool = False,
    icons: Sequence[str] = (),
    kind: str = "",
    unnamed: bool = False,
) -> Scene:
    """A random scene. ``test``: its (first) pair of colour and shape is a held-out one; ``icons``: their colours.

    ``kind``: single | many | pair | clutter | empty, or drawn at random. ``unnamed``: some in colours without a name.
    """
    if not kind:
        kind = str(
            random.choice(["single", "many", "pair", "clutter", "empty"], p=[0.27, 0.27, 0.36, 0.07, 0.03])
        )
    long = 160
    ratio = float(random.choice([1.0, 1.33, 1.5, 0.75, 0.67, 1.78]))
    width, height = (long, round(long / ratio)) if ratio >= 1 else (round(long * ratio), long)
    background = str(random.choice(COLOURS, p=_BACKGROUNDS))
    if kind == "clutter":
        return Scene(width, height, "", (), "alone", clutter=True)
    if kind == "empty":
        return Scene(width, height, background, (), "alone")
    used: list[str] = []
    relation = "alone"
    groups: list[Group] = []
    areas = [(0.0, 0.0, 1.0, 1.0)]
    counts = [int(random.integers(2, 6)) if kind == "many" else 1]
    if kind == "pair":
        relation = str(random.choice(["beside", "above"]))
        cut = random.uniform(0.42, 0.58)
        areas = [(0, 0, cut, 1), (cut, 0, 1, 1)] if relation == "beside" else [(0, 0, 1, cut), (0, cut, 1, 1)]
        counts = [1, 1] if random.random() < 0.7 else [int(n) for n in random.integers(1, 4, 2)]
    for count, area in zip(counts, areas, strict=True):
        shape, colour, icon = _look(random, background, test and not groups, icons, used, unnamed)
        used.append(f"{colour}|{shape}")
        boxes = _boxes(random, count, area, width / height, shape)
        groups.append(Group(len(boxes), colour, shape, tuple(boxes), icon))
    if relation != "alone":
        (x0, y0), (x1, y1) = (group.centre() for group in groups)
        relation = "beside" if abs(x0 - x1) >= abs(y0 - y1) else "above"
        groups.sort(key=lambda group: group.centre()[relation == "above"])
    return Scene(width, height, background, tuple(groups), relation)


_BACKGROUNDS = np.array([0.05, 0.04, 0.06, 0.06, 0.07, 0.04, 0.05, 0.05, 0.13, 0.33, 0.12])


def _look(
    random: np.random.Generator,
    background: str,
    test: bool,
    icons: Sequence[str],
    used: list[str],
    unnamed: bool,
) -> tuple[str, str, int]:
    if icons and random.random() < 0.2:
        icon = int(random.integers(len(icons)))
        return "thing", icons[icon], icon
    if unnamed and random.random() < 0.25:
        return str(random.choice(PLAIN)), "", -1
    while True:
        shape, colour = str(random.choice(PLAIN)), str(random.choice(COLOURS))
        alike = {colour, background} in (
            {"red", "pink"},
            {"orange", "brown"},
            {"gray", "white"},
            {"orange", "yellow"},
        )
        if colour == background or alike or f"{colour}|{shape}" in used or held_out(colour, shape) != test:
            continue
        return shape, colour, -1


def _boxes(
    random: np.random.Generator, count: int, area: tuple[float, float, float, float], ratio: float, shape: str
) -> list[tuple[float, float, float, float]]:
    """Places for ``count`` things of one size, not touching, within ``area``; fewer if they don't fit."""
    width, height = area[2] - area[0], area[3] - area[1]
    short = min(width * ratio, height) / max(1.0, ratio)  # in shares of the longer side
    most = {1: 0.62, 2: 0.42, 3: 0.36, 4: 0.32, 5: 0.3}[count]
    size = max(0.15, short * random.uniform(0.24, most))
    aspect = 1.0
    if shape in ("rectangle", "oval"):
        aspect = float(random.uniform(1.5, 2.1)) ** float(random.choice([-1.0, 1.0]))
    long = max(1.0, 1 / ratio) if ratio < 1 else 1.0
    for _ in range(60):
        boxes: list[tuple[float, float, float, float]] = []
        for _ in range(count * 30):
            w = size * math.sqrt(aspect) * (1.0 if ratio >= 1 else long)
            h = size / math.sqrt(aspect) * (ratio if ratio >= 1 else 1.0)
            if w > width * 0.96 or h > height * 0.96:
                break
            x = area[0] + random.uniform(0.02, 0.98 - w / width) * width
            y = area[1] + random.uniform(0.02, 0.98 - h / height) * height
            if all(
                x > b[2] + 0.02 or x + w < b[0] - 0.02 or y > b[3] + 0.02 or y + h < b[1] - 0.02
                for b in boxes
            ):
                boxes.append((x, y, x + w, y + h))
                if len(boxes) == count:
                    return boxes
        size *= 0.93
    return boxes


def draw(
    one: Scene, random: np.random.Generator, drawings: np.ndarray | None = None, scale: int = 1
) -> Image.Image:
    """The picture of a scene, ``scale`` times its width and height. ``drawings`` (n, side, side, 4): the icons."""
    width, height = one.width * scale, one.height * scale
    if one.clutter:
        return _clutter(random, width, height)
    picture = Image.new("RGB", (width, height), colour_value(one.background, random))
    if random.random() < 0.15:
        _shade(picture, random)
    for group in one.groups:
        colour = colour_value(group.colour or UNNAMED, random)
        turn = random.uniform(-12, 12) if random.random() < 0.4 else 0.0
        outline = None
        if random.random() < 0.15 and group.shape != "thing":
            outline = (0, 0, 0) if sum(colour) > 200 else (255, 255, 255)
        for box in group.boxes:
            pixels = (box[0] * width, box[1] * height, box[2] * width, box[3] * height)
            if group.shape == "thing":
                assert drawings is not None
                _paste(picture, drawings[group.icon], pixels)
            else:
                _shape(ImageDraw.Draw(picture), group.shape, pixels, colour, turn, outline, max(1, scale))
    if random.random() < 0.15:
        picture = picture.filter(ImageFilter.GaussianBlur(float(random.uniform(0.3, 1.2)) * scale))
    if random.random() < 0.2:
        noise = random.normal(0, random.uniform(2, 10), (height, width, 3))
        picture = Image.fromarray(np.clip(np.asarray(picture) + noise, 0, 255).astype(np.uint8))
    return picture


def _paste(picture: Image.Image, pixels: np.ndarray, box: tuple[float, float, float, float]) -> None:
    size = max(4, round(box[2] - box[0])), max(4, round(box[3] - box[1]))
    drawing = Image.fromarray(pixels).resize(size, Image.Resampling.BILINEAR)
    picture.paste(drawing, (round(box[0]), round(box[1])), drawing)


def _shade(picture: Image.Image, random: np.random.Generator) -> None:
    """A light gradient over the background."""
    ramp = np.linspace(-1, 1, picture.width)[None, :] * random.uniform(-18, 18)
    ramp = ramp + np.linspace(-1, 1, picture.height)[:, None] * random.uniform(-18, 18)
    picture.paste(Image.fromarray(np.clip(np.asarray(picture) + ramp[..., None], 0, 255).astype(np.uint8)))


def _shape(
    pen: ImageDraw.ImageDraw,
    shape: str,
    box: tuple[float, float, float, float],
    colour: tuple[int, int, int],
    turn: float,
    outline: tuple[int, int, int] | None,
    scale: int,
) -> None:
    left, top, right, bottom = box
    cx, cy, rx, ry = (left + right) / 2, (top + bottom) / 2, (right - left) / 2, (bottom - top) / 2
    if shape in ("circle", "oval"):
        pen.ellipse(box, fill=colour, outline=outline, width=scale)
        return
    if shape == "ring":
        pen.ellipse(box, outline=colour, width=max(2, round(min(rx, ry) * 0.42)))
        return
    points = [
        (cx + rx * (x * math.cos(a) - y * math.sin(a)), cy + ry * (x * math.sin(a) + y * math.cos(a)))
        for a in (math.radians(turn),)
        for x, y in OUTLINES[shape]
    ]
    pen.polygon(points, fill=colour, outline=outline, width=scale)


def _star() -> list[tuple[float, float]]:
    at = [(math.pi * k / 5 - math.pi / 2, 1.0 if k % 2 == 0 else 0.42) for k in range(10)]
    return [(r * math.cos(a), r * math.sin(a)) for a, r in at]


def _heart() -> list[tuple[float, float]]:
    at = [2 * math.pi * k / 40 for k in range(40)]
    return [
        (
            math.sin(t) ** 3,
            -(13 * math.cos(t) - 5 * math.cos(2 * t) - 2 * math.cos(3 * t) - math.cos(4 * t)) / 16 - 0.1,
        )
        for t in at
    ]


_T = 0.36  # half the width of a cross's bars
OUTLINES: dict[str, list[tuple[float, float]]] = {
    "square": [(-0.93, -0.93), (0.93, -0.93), (0.93, 0.93), (-0.93, 0.93)],
    "rectangle": [(-0.95, -0.95), (0.95, -0.95), (0.95, 0.95), (-0.95, 0.95)],
    "triangle": [(0, -1), (0.95, 0.85), (-0.95, 0.85)],
    "diamond": [(0, -1), (0.75, 0), (0, 1), (-0.75, 0)],
    "cross": [(-_T, -1), (_T, -1), (_T, -_T), (1, -_T), (1, _T), (_T, _T), (_T, 1), (-_T, 1), (-_T, _T), (-1, _T),
              (-1, -_T), (-_T, -_T)],
    "star": _star(),
    "heart": _heart(),
}  # fmt: skip


def _clutter(random: np.random.Generator, width: int, height: int) -> Image.Image:
    """No plain scene: cloudy noise with many overlapping patches, or lines of writing."""
    cells = int(random.integers(3, 24))
    small = random.integers(0, 256, (cells, cells, 3)).astype(np.uint8)
    if random.random() < 0.5:
        base = random.integers(30, 226, 3)
        small = np.clip(base + random.normal(0, random.uniform(10, 50), (cells, cells, 3)), 0, 255).astype(
            np.uint8
        )
    picture = Image.fromarray(small).resize((width, height), Image.Resampling.BICUBIC)
    pen = ImageDraw.Draw(picture)
    for _ in range(int(random.integers(0, 40))):
        x, y = random.uniform(0, width), random.uniform(0, height)
        r = random.uniform(0.02, 0.3) * width
        fill = tuple(int(v) for v in random.integers(0, 256, 3))
        corners = [
            (x + r * random.uniform(0.4, 1) * math.cos(a), y + r * random.uniform(0.4, 1) * math.sin(a))
            for a in np.linspace(0, 2 * math.pi, int(random.integers(3, 9)), endpoint=False)
        ]
        pen.polygon(corners, fill=fill)
    picture = picture.filter(ImageFilter.GaussianBlur(float(random.uniform(0, 2.5))))
    if random.random() < 0.5:
        noise = random.normal(0, random.uniform(3, 25), (height, width, 3))
        picture = Image.fromarray(np.clip(np.asarray(picture) + noise, 0, 255).astype(np.uint8))
    return picture
