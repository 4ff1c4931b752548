"""A tiny real model for the tests of learning, loaded once."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))
from tiny_model import make_tiny_model


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory):
    from models import loader

    folder = make_tiny_model(tmp_path_factory.mktemp("tiny") / "tiny")
    return loader.load(folder, model_id="tiny", threads=1)


@pytest.fixture(scope="session")
def tiny_float(tiny):
    """The same with exact weights in its decoder."""
    from models import loader

    return loader.load(tiny.folder, model_id="tiny", quantization="float32", threads=1)
