"""What was trained for the starter and lies in this package: the connector's weights and the adapter for pictures.

``weights/recipe.json`` tells how they were made (``models.starter.train``) and what their files' hashes are.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.errors import ModelRefused
from models.starter.sources import sha256_of

if TYPE_CHECKING:
    import numpy as np

WEIGHTS = Path(__file__).with_name("weights")
CONNECTOR, SIGHT, RECIPE = "connector.safetensors", "sight.safetensors", "recipe.json"


@cache
def recipe() -> dict[str, Any]:
    """How the weights were made: versions, seeds, hashes of the data and of the weights."""
    return json.loads((WEIGHTS / RECIPE).read_text(encoding="utf-8"))


def sizes() -> dict[str, Any]:
    """The fields of StarterConfig that depend on the weights."""
    return dict(recipe()["sizes"])


def connector() -> dict[str, np.ndarray]:
    """The connector's trained tensors, float32, by their names in the module. Raises ModelRefused when damaged."""
    return _load(CONNECTOR)


def sight() -> dict[str, np.ndarray]:
    """The adapter's tensors, float32, by their names in ``models.starter.sight``. Raises ModelRefused when damaged."""
    return _load(SIGHT)


def _load(name: str) -> dict[str, np.ndarray]:
    from safetensors.numpy import load_file

    path = WEIGHTS / name
    if not path.is_file() or sha256_of(path) != recipe()["files"][name]:
        raise ModelRefused(f"The program's file {name} is missing or damaged; please install it again.")
    return {key: array.astype("float32") for key, array in load_file(path).items()}
