"""Fixtures of the store's tests: a data folder, a store in it, and a real small picture."""

from __future__ import annotations

import io
from types import SimpleNamespace

import pytest
from PIL import Image

from assistant.paths import DataPaths
from assistant.store import Store


@pytest.fixture
def paths(tmp_path):
    return DataPaths(tmp_path / "data folder 数据")


@pytest.fixture
def store(paths):
    with Store.open(paths) as store:
        yield store


@pytest.fixture
def png():
    """The bytes of a small picture as intake would give them."""
    file = io.BytesIO()
    Image.new("RGB", (8, 6), (200, 120, 40)).save(file, "PNG", compress_level=4)
    return file.getvalue()


@pytest.fixture
def picture(png):
    return SimpleNamespace(data=png, mime="image/png", name="cat.png", width=8, height=6, note="")
