"""What was trained for the starter and lies in this package: its adapter for pictures.

How it was made stands in the recipe of ``models.perception.trained_files``, beside that of the weights it was trained with.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.perception import trained_files

if TYPE_CHECKING:
    import numpy as np

WEIGHTS = Path(__file__).with_name("weights")
SIGHT = "sight.safetensors"


def sizes() -> dict[str, Any]:
    """The fields of StarterConfig that depend on the weights."""
    return dict(trained_files.recipe()["sizes"])


def sight() -> dict[str, np.ndarray]:
    """The adapter's tensors, float32, by their names in ``models.starter.vision_adapter``. Raises ModelRefused when damaged."""
    return trained_files.load(WEIGHTS / SIGHT)
