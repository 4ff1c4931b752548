"""The connector's own rules: what is noise, how pictures of a conversation are told apart."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from PIL import Image

from models.perception import evidence
from models.perception.pixels import views
from models.perception.scene_words import PLACES
from models.starter import connector, roles
from models.starter.configuration import StarterConfig
from models.starter.train import simulate


def whole(pixels: np.ndarray) -> torch.Tensor:
    return views(Image.fromarray(pixels.clip(0, 255).astype(np.uint8)), 224)[1:2]


@pytest.mark.parametrize("size", [(240, 320), (700, 500)])
def test_noise_is_told_from_what_is_drawn_on_it(size: tuple[int, int]) -> None:
    random = np.random.default_rng(1)
    noise = random.normal(0, 50, (*size, 3)) + 128
    assert evidence.is_noise(whole(noise)).tolist() == [True]
    slope = np.linspace(0, 255, size[1])[None, :, None] + np.zeros((*size, 3))
    assert evidence.is_noise(whole(slope)).tolist() == [False]
    assert evidence.is_noise(whole(slope + random.normal(0, 10, slope.shape))).tolist() == [False]
    assert evidence.is_noise(whole(np.full((*size, 3), 90.0))).tolist() == [False]


@pytest.fixture(scope="module")
def tiny() -> connector.Connector:
    """Random words of eight numbers."""
    config = StarterConfig(
        text_config={"hidden_size": 8, "num_attention_heads": 2, "num_key_value_heads": 2},
        num_kinds=1,
        num_drawn=1,
    )
    made = connector.Connector(config).requires_grad_(False)
    generator = torch.Generator().manual_seed(1)
    for parameter in made.parameters():
        parameter.copy_(torch.randn(parameter.shape, generator=generator))
    return made


def test_a_token_a_role_and_pictures_differ_by_their_order(tiny: connector.Connector) -> None:
    _, cat = simulate.named(np.random.default_rng(1), "cat")
    tokens = tiny.tokens(evidence.stack([cat, cat, cat]), torch.arange(3))
    assert tokens.shape == (3, roles.TOKENS, 8)
    differ = (tokens[0] != tokens[1]).any(dim=1).nonzero().flatten().tolist()
    assert differ == [0, roles.TOKENS - 1]  # which picture it is; the same thing as the one before it
    differ = (tokens[1] != tokens[2]).any(dim=1).nonzero().flatten().tolist()
    assert differ == [0]


@pytest.mark.parametrize("place", PLACES)
def test_both_words_of_a_place_are_told_and_no_other(tiny: connector.Connector, place: str) -> None:
    _, scene = simulate.drawn_scene(np.random.default_rng(2), pair=False)
    scene.heads["place1"] = torch.eye(len(PLACES))[PLACES.index(place)][None]
    scene.heads["shape1"] = torch.eye(scene.heads["shape1"].shape[1])[:1]
    tokens = tiny.tokens(scene, torch.zeros(1, dtype=torch.long))[0]
    height = roles.ROLE_WORDS.index("height")
    told = tokens - connector.ROLE_WEIGHT * tiny.words["roles"]
    row, column = PLACES.index(place), PLACES.index(place)
    assert torch.allclose(told[height], tiny.words["rows"][row], atol=1e-5)
    assert torch.allclose(told[height + 1], tiny.words["columns"][column], atol=1e-5)
    words = {roles.words()["rows"][row][0], roles.words()["columns"][column][0]} - {"none"}
    assert words == set(place.split())
