"""The eager decoder's key-value cache: one tensor a layer, grown in chunks."""

from __future__ import annotations

import torch
from torch import Tensor

from models.decoder_config import DecoderConfig

CHUNK = 256  # tokens


class EagerCache:
    """Keys and values (batch, kv_heads, capacity, head_dim) of each layer."""

    def __init__(
        self, config: DecoderConfig, batch: int, capacity: int, dtype: torch.dtype, device: str
    ) -> None:
        self.batch, self.length = batch, 0
        self.sees = False  # pictures were read: the model's adapter for them is on
        self._config, self._dtype, self._device = config, dtype, device
        self._keys, self._values = self._empty(capacity), self._empty(capacity)

    def _empty(self, capacity: int) -> list[Tensor]:
        capacity = max(CHUNK, -(-capacity // CHUNK) * CHUNK)
        shape = (self.batch, self._config.kv_heads, capacity, self._config.head_dim)
        # Zeros: a masked position still takes part in a product, and what is not a number would spread.
        return [
            torch.zeros(shape, dtype=self._dtype, device=self._device) for _ in range(self._config.layers)
        ]

    def truncate(self, length: int) -> None:
        """Forget everything from token ``length`` on."""
        self.length = min(self.length, max(0, length))
        self.sees = self.sees and self.length > 0

    def fork(self, batch: int) -> EagerCache:
        """A copy whose one sequence is repeated ``batch`` times (or a plain copy when ``batch`` is the same)."""
        if self.batch not in (1, batch):
            raise ValueError("only a cache of one sequence can be forked into more")
        other = EagerCache(self._config, batch, self.length, self._dtype, self._device)
        other.length, other.sees = self.length, self.sees
        for mine, theirs in ((self._keys, other._keys), (self._values, other._values)):
            for source, target in zip(mine, theirs, strict=True):
                target[:, :, : self.length] = source[:, :, : self.length]
        return other

    def reserve(self, n: int) -> int:
        """Make room for ``n`` more tokens; the position of the first of them."""
        if self.length + n > self._keys[0].shape[2]:
            wanted = max(self.length + n, self._keys[0].shape[2] * 3 // 2)
            for tensors in (self._keys, self._values):
                for index, grown in enumerate(self._empty(wanted)):
                    grown[:, :, : self.length] = tensors[index][:, :, : self.length]
                    tensors[index] = grown
        return self.length

    def append(self, layer: int, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
        """Put (batch, kv_heads, n, head_dim) behind what is there; all keys and values of the layer so far.

        ``length`` moves once a forward pass, by the decoder.
        """
        end = self.length + keys.shape[2]
        self._keys[layer][:, :, self.length : end] = keys
        self._values[layer][:, :, self.length : end] = values
        return self._keys[layer][:, :, :end], self._values[layer][:, :, :end]
