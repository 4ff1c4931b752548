"""What a model is given for one reply: token ids, keys to compare beginnings by, and the pictures' share."""

from __future__ import annotations

import hashlib
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image
    from torch import Tensor


@dataclass(frozen=True, slots=True)
class Inputs:
    """One prompt, batch size 1, n tokens.

    ``keys`` tell whether two prompts begin alike: a text position's key is its token id, an image
    position's is ``(sha256 of the pixels, k)``. ``embeds`` is given when the pictures' features are already
    merged.
    """

    ids: Tensor  # (1, n) int64
    keys: tuple[Hashable, ...]  # length n
    extra: dict[str, Tensor] = field(default_factory=dict)  # pixel_values, ...; empty for text
    embeds: Tensor | None = None  # (1, n, hidden) float32

    def __len__(self) -> int:
        return len(self.keys)


def of_ids(ids: Sequence[int]) -> Inputs:
    """A prompt that is text alone."""
    return Inputs(ids_tensor(ids), tuple(ids))


def ids_tensor(ids: Sequence[int]) -> Tensor:
    """Token ids as (1, n) int64."""
    import torch

    return torch.tensor([list(ids)], dtype=torch.long)


def fingerprint(image: Image) -> str:
    """SHA-256 of a picture's mode, size and pixels."""
    digest = hashlib.sha256(f"{image.mode} {image.width} {image.height} ".encode())
    digest.update(image.tobytes())
    return digest.hexdigest()
