"""The low-level branch: what is computed rather than learned is exact; the trained part knows unseen pairs."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from models.perception import shape_detector, trained_files
from models.perception.evidence import lightness, main_colours, stillness
from models.perception.pixels import parts
from models.perception.scene_words import COLOURS, SHAPES
from models.perception.shape_detector import Glance, Spot
from models.starter.train import low_level, scene_pictures


def spot(x: float, y: float, shape: str = "circle", colour: str = "red") -> Spot:
    return Spot(
        x,
        y,
        shape_detector.one_hot(SHAPES.index(shape), shape_detector.KINDS),
        shape_detector.one_hot(COLOURS.index(colour), len(COLOURS)),
    )


@pytest.mark.parametrize("colour", COLOURS)
def test_a_plain_colour_is_named(colour: str) -> None:
    random = np.random.default_rng(1)
    for _ in range(30):
        picture = Image.new("RGB", (60, 40), scene_pictures.colour_value(colour, random))
        view = torch.from_numpy(shape_detector.view(picture))[None]
        drawn = bool(random.integers(2))
        assert COLOURS[int(shape_detector.palette(view, torch.tensor([drawn]))[0].argmax())] == colour
        assert COLOURS[int(shape_detector.border(view)[0].argmax())] == colour
        assert main_colours(shape_detector.palette(view, torch.tensor([drawn])))[1].item() == -1


def test_things_are_counted_by_look_and_ordered() -> None:
    found = [spot(0.8, 0.2), spot(0.9, 0.7), spot(0.1, 0.5, "square", "blue")]
    first, second = shape_detector.groups(found)
    assert (len(first), first[0].looks[0]) == (1, SHAPES.index("square"))
    assert len(second) == 2
    assert shape_detector.relation([first, second]) == 1  # beside
    above = shape_detector.groups([spot(0.5, 0.9, "star", "black"), spot(0.4, 0.1)])
    assert above[0][0].y == 0.1
    assert shape_detector.relation(above) == 2
    assert shape_detector.groups([]) == []


@given(st.integers(1, 5))
def test_colours_that_differ_within_a_shape_are_one_group(count: int) -> None:
    found = [spot(0.1 + 0.2 * i, 0.5, "star", COLOURS[i]) for i in range(count)]
    groups = shape_detector.groups(found)
    assert sum(map(len, groups)) == count


@given(st.integers(1, 4000), st.integers(1, 4000))
def test_long_pictures_are_covered_by_their_parts(width: int, height: int) -> None:
    found = parts(width, height)
    long, short = max(width, height), min(width, height)
    assert bool(found) == (long >= 2 * short)
    for left, top, right, bottom in found:
        assert 0 <= left < right <= width
        assert 0 <= top < bottom <= height
        assert min(right - left, bottom - top) == short
    if found:
        assert found[0][:2] == (0, 0)
        assert found[-1][2:] == (width, height)


def test_light_dark_and_still() -> None:
    views = torch.from_numpy(
        np.stack([shape_detector.view(Image.new("RGB", (300, 100), grey)) for grey in ("white", "black")])
    )
    assert lightness(views)[:, 1].tolist() == pytest.approx([1, 0], abs=0.01)
    assert lightness(views).sum(1).tolist() == pytest.approx([1, 1])
    flat = torch.zeros(1, 3, 32, 32)
    noise = torch.rand(1, 3, 32, 32)
    assert float(stillness(flat)) == 1
    assert float(stillness(noise)) < 0.05


def test_batch_norms_fold_away() -> None:
    torch.manual_seed(0)
    model = Glance(norm=True)
    view = torch.randint(0, 256, (6, 4, shape_detector.SIDE, shape_detector.SIDE)).to(torch.uint8)
    model.train()
    for _ in range(3):
        model(view)
    model.eval()
    with torch.inference_mode():
        one, other = model(view), model.folded()(view)
    torch.testing.assert_close(one.shape, other.shape, atol=1e-4, rtol=1e-3)
    torch.testing.assert_close(one.centre, other.centre, atol=1e-4, rtol=1e-3)


def test_the_trained_branch_knows_pairs_it_never_saw() -> None:
    learned = {name: torch.from_numpy(one) for name, one in trained_files.senses().items()}
    weights = {n.removeprefix("glance."): one for n, one in learned.items() if n.startswith("glance.")}
    model = Glance()
    model.load_state_dict(weights)
    scenes, views = [], []
    for index in range(60):
        random = np.random.default_rng((77, index))
        scenes.append(scene_pictures.scene(random, test=True, kind="single" if index % 2 else "many"))
        views.append(shape_detector.view(scene_pictures.draw(scenes[-1], random, scale=2)))
    right = low_level.accuracy(model, np.stack(views), scenes)
    assert right["colour"] >= 0.9
    assert right["shape"] >= 0.85
    assert right["count"] >= 0.85
