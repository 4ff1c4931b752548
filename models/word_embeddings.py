"""A model's word embeddings, a few rows at a time, read from its folder: safetensors, or a GGUF file as it is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor

from models.errors import ModelRefused

_SAMPLED = 512  # rows whose mean length is the typical one
_GGUF = "source.gguf"
_TABLES = ("embed_tokens.weight", "wte.weight")


class WordEmbeddings:
    """``rows(ids)`` -> (n, hidden) float32; ``norm``: their typical length. Raises ModelRefused where there are none."""

    def __init__(self, folder: Path) -> None:
        found = _of_safetensors(folder) or _of_gguf(folder / _GGUF)
        if found is None:
            raise ModelRefused(f"{folder.name} has no word embeddings that can be read.")
        self._read, count = found
        some = torch.linspace(0, count - 1, min(count, _SAMPLED)).long().tolist()
        self.norm = float(self.rows(some).norm(dim=1).mean())

    def rows(self, ids: list[int]) -> Tensor:
        return torch.stack([self._read(index) for index in ids])


Found = tuple[Callable[[int], Tensor], int]  # one row by its id, and how many there are


def _of_safetensors(folder: Path) -> Found | None:
    from safetensors import safe_open

    for path in sorted(folder.glob("*.safetensors")):
        file = safe_open(path, framework="pt")
        keys = [key for key in file.keys() if key.endswith(_TABLES)]  # noqa: SIM118 - no mapping
        if keys:
            table = file.get_slice(keys[0])
            return (lambda index: table[index : index + 1][0].float()), int(table.get_shape()[0])  # noqa: B023
    return None


def _of_gguf(path: Path) -> Found | None:
    if not path.is_file():
        return None
    from models.gguf_source import embedding_rows

    return embedding_rows(path)
