"""What was trained for perception and lies in this package.

``weights/recipe.json`` tells how it and the starter's adapter were made (``models.starter.train``), and the hashes.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.errors import ModelRefused
from models.fetch.packaged_weights import sha256_of

if TYPE_CHECKING:
    import numpy as np

WEIGHTS = Path(__file__).with_name("weights")
CONNECTOR, RECIPE = "connector.safetensors", "recipe.json"


@cache
def recipe() -> dict[str, Any]:
    """How the weights were made: versions, seeds, hashes of the data and of the weights."""
    return json.loads((WEIGHTS / RECIPE).read_text(encoding="utf-8"))


def senses() -> dict[str, np.ndarray]:
    """The trained tensors of ``evidence.Senses``, float32, by their names in it. Raises ModelRefused when damaged."""
    return load(WEIGHTS / CONNECTOR)


def load(path: Path) -> dict[str, np.ndarray]:
    """A file's tensors, float32. Raises ModelRefused when it isn't the one that the recipe names."""
    from safetensors.numpy import load_file

    if not path.is_file() or sha256_of(path) != recipe()["files"][path.name]:
        raise ModelRefused(f"The program's file {path.name} is missing or damaged; please install it again.")
    return {key: array.astype("float32") for key, array in load_file(path).items()}
