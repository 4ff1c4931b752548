"""Tiny checkpoints of every family, made once a run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from models_families import make  # see tests/models_families.py


@pytest.fixture(scope="session")
def family_folder(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """The folder of a family's tiny checkpoint."""
    made: dict[str, Path] = {}

    def folder(name: str) -> Path:
        if name not in made:
            made[name] = make(name, tmp_path_factory.mktemp("families") / name)
        return made[name]

    return folder
