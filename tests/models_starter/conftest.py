"""The real starter, prepared once a session; skipped where its packages are not at hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from models.starter import prepare, source_available


@pytest.fixture(scope="session")
def starter_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A models folder with the prepared starter."""
    if not source_available():
        pytest.skip("the packages that carry the starter's weights are not installed")
    folder = tmp_path_factory.mktemp("models")
    prepare(folder, lambda phase, done, total: None)
    return folder
