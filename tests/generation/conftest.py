from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The tiny model, loaded in this process, weights in float32."""
    from tiny_model import make_tiny_model

    from models.loader import load

    folder: Path = make_tiny_model(tmp_path_factory.mktemp("tiny") / "tiny")
    return load(folder, model_id="tiny", quantization="float32", device="cpu")
