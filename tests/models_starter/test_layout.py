"""The layout of a drawing: the thing's colours by its cells, wherever it lies and whatever the ground."""

from __future__ import annotations

import pytest
import torch
from PIL import Image, ImageDraw

from models.perception.layout import CELLS, LAYOUT, layout
from models.perception.pixels import views


def flag(left: int, top: int, size: int, ground: str) -> torch.Tensor:
    """A square, red above and blue below, as the whole view of a picture."""
    picture = Image.new("RGB", (224, 224), ground)
    pen = ImageDraw.Draw(picture)
    pen.rectangle((left, top, left + size - 1, top + size // 2 - 1), fill=(255, 0, 0))
    pen.rectangle((left, top + size // 2, left + size - 1, top + size - 1), fill=(0, 0, 255))
    return layout(views(picture, 224)[1:2])[0].view(4, CELLS, CELLS)


@pytest.mark.parametrize(
    ("left", "top", "size", "ground"),
    [(40, 40, 140, "white"), (8, 100, 100, "white"), (100, 20, 100, "black")],
)
def test_colours_lie_where_the_thing_has_them(left: int, top: int, size: int, ground: str) -> None:
    red, green, blue, there = flag(left, top, size, ground)
    inner = slice(1, CELLS - 1)  # the outermost cells may hold a little of the ground
    assert there[inner, inner].min() > 0.95
    assert red[1:3, inner].min() > 0.9
    assert red[-3:-1, inner].max() < 0.1
    assert blue[-3:-1, inner].min() > 0.9
    assert green[inner, inner].max() < 0.1


def test_a_wide_thing_is_made_square_and_nothing_is_no_thing() -> None:
    picture = Image.new("RGB", (224, 224), "white")
    ImageDraw.Draw(picture).rectangle((12, 90, 211, 129), fill=(0, 128, 0))
    there = layout(views(picture, 224)[1:2])[0].view(4, CELLS, CELLS)[3]
    assert there[0].max() == there[-1].max() == 0
    assert there[CELLS // 2].min() > 0.5
    assert layout(torch.zeros(2, 3, 224, 224)).tolist() == [[0.0] * LAYOUT] * 2
