"""A tiny model on disk and a client whose events are kept, for tests of the real engine process."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from watched_engine import Watched


@pytest.fixture(scope="session")
def tiny_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from tiny_model import make_tiny_model

    return make_tiny_model(tmp_path_factory.mktemp("tiny") / "tiny")


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory, tiny_folder: Path) -> Iterator[Watched]:
    """One engine with the tiny model for a whole file."""
    watched = Watched(tmp_path_factory.mktemp("logs"))
    watched.client.start()
    watched.load(tiny_folder)
    yield watched
    watched.client.shutdown()
