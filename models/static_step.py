"""One token for every sequence of a cache with all shapes and addresses fixed, so that a CUDA graph can replay it.

Launching some 400 small kernels a token from Python costs more than the kernels themselves; a recorded graph launches
them all at once (torch.cuda.CUDAGraph). The position is a tensor, keys and values are written in place, and attention
looks at the cache's whole capacity under a mask. The same code runs unrecorded on a CPU, where the tests compare it
with the ordinary path; the recording itself has not been run on a GPU yet.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import torch
from torch import Tensor

if TYPE_CHECKING:
    from models.decoder_config import DecoderConfig
    from models.eager_cache import EagerCache

_WARM_UP = 2  # runs before recording: libraries allocate their workspaces in the first ones


class Stack(Protocol):
    """What is needed of ``models.eager_decoder.EagerDecoder``."""

    config: DecoderConfig
    device: str
    style: Path | None

    def rope_tables(self, length: int) -> list[tuple[Tensor, Tensor]]: ...
    def embed(self, ids: Tensor) -> Tensor: ...
    def layers_forward(
        self,
        x: Tensor,
        cache: Any,
        rotations: list[tuple[Tensor, Tensor]],
        masks: Mapping[int, Tensor | None],
        shape: tuple[int, int],
    ) -> Tensor: ...
    def logits(self, x: Tensor) -> Tensor: ...


class StaticStep:
    """Belongs to one cache as it is now: it is made anew when the cache grows or the style changes."""

    def __init__(self, decoder: Stack, cache: EagerCache) -> None:
        self._decoder = decoder
        self._keys, self._values = cache.tensors()
        self.style, self.sees = decoder.style, cache.sees
        capacity = self._keys[0].shape[2]
        device = decoder.device
        self._ids = torch.zeros((cache.batch, 1), dtype=torch.long, device=device)
        self._position = torch.zeros(1, dtype=torch.long, device=device)
        self._at = torch.arange(capacity, device=device)
        self._tables = decoder.rope_tables(capacity)
        self._graph: torch.cuda.CUDAGraph | None = None
        self._logits = torch.empty(0)
        if device.startswith("cuda"):
            self._record()

    def run(self, ids: Tensor, position: int) -> Tensor:
        """``ids`` (batch, 1) at ``position`` -> logits (batch, vocab) float32, overwritten by the next run."""
        self._ids.copy_(ids)
        self._position.fill_(position)
        if self._graph is None:
            self._logits = self._compute()
        else:
            self._graph.replay()
        return self._logits

    def append(self, layer: int, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
        """As ``EagerCache.append``, but at the position that the tensor says, and all of the capacity comes back."""
        self._keys[layer].index_copy_(2, self._position, keys)
        self._values[layer].index_copy_(2, self._position, values)
        return self._keys[layer], self._values[layer]

    def _compute(self) -> Tensor:
        decoder = self._decoder
        masks = {}
        for window in set(decoder.config.windows):
            mask = self._at <= self._position
            masks[window] = (mask & (self._at > self._position - window) if window else mask).view(
                1, 1, 1, -1
            )
        rotations = [
            (cos.index_select(0, self._position).view(1, 1, 1, -1), sin.index_select(0, self._position).view(1, 1, 1, -1))
            for cos, sin in self._tables
        ]  # fmt: skip
        x = decoder.embed(self._ids)
        x = decoder.layers_forward(x, self, rotations, masks, (self._ids.shape[0], 1))
        return decoder.logits(x)

    def _record(self) -> None:
        """What is written into the cache meanwhile (at position 0) is put back."""
        kept = [tensor[:, :, :1].clone() for tensor in (*self._keys, *self._values)]
        stream = torch.cuda.Stream()
        stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(stream):
            for _ in range(_WARM_UP):
                self._compute()
        torch.cuda.current_stream().wait_stream(stream)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            self._logits = self._compute()
        self._graph = graph
        for tensor, first in zip((*self._keys, *self._values), kept, strict=True):
            tensor[:, :, :1] = first
