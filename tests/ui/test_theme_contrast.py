"""The palettes can be read: every pair that is drawn meets WCAG AA in light and in dark."""

import re
from dataclasses import asdict

import pytest

from ui.theme import tokens


@pytest.mark.parametrize("palette", [tokens.LIGHT, tokens.DARK], ids=["light", "dark"])
def test_every_drawn_pair_meets_its_contrast(palette):
    colours = asdict(palette)
    short = {
        (front, back): round(tokens.contrast(colours[front], colours[back]), 2)
        for front, back, least in tokens.CONTRAST
        if tokens.contrast(colours[front], colours[back]) < least
    }
    assert short == {}


@pytest.mark.parametrize("palette", [tokens.LIGHT, tokens.DARK], ids=["light", "dark"])
def test_colours_are_six_hex_digits(palette):
    assert all(re.fullmatch(r"#[0-9a-f]{6}", colour) for colour in asdict(palette).values())


def test_contrast_formula_knows_the_published_extremes():
    assert tokens.contrast("#000000", "#ffffff") == pytest.approx(21)
    assert tokens.contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)  # the known near miss
