"""The tiny checkpoints of tests/models, for the model that hears."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from models_families import make


@pytest.fixture(scope="session")
def family_folder(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """The folder of a family's tiny checkpoint, made anew."""
    return lambda name: make(name, tmp_path_factory.mktemp("families") / name)
