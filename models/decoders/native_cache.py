"""The native decoder's key-value cache: one block of memory for all layers, forks share their common beginning.

A fork keeps a reference to the tokens it shares instead of copying them; the sharing ends on a multiple of 16 tokens
(the kernels' block), what lies behind is copied. A cache that was forked and is then cut back below that point makes
itself a copy before it writes there, so forks never see a change.

``joined`` puts sequences of different lengths into one batch: each goes on at its own end.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from models.decoders.config import DecoderConfig

BLOCK = 16  # tokens
CHUNK = 256  # tokens the capacity grows by at least


@dataclass(eq=False)
class Storage:
    """Keys (layers, batch, kv_heads, capacity / 16, head_dim, 16) and values (layers, batch, kv_heads, capacity, head_dim)."""

    keys: Tensor
    values: Tensor
    frozen: int = 0  # positions from the start of this storage that forks rely on

    @property
    def capacity(self) -> int:
        return int(self.values.shape[3])


class NativeCache:
    """See ``models.decoders.decoder.Cache``."""

    def __init__(self, config: DecoderConfig, batch: int, capacity: int, dtype: torch.dtype) -> None:
        self.batch, self.length = batch, 0
        self.lengths: Tensor | None = (
            None  # (batch,) int32, where sequences differ; ``length`` is the greatest
        )
        self.sees = False  # pictures were read: the model's adapter for them is on
        self._config, self._dtype = config, dtype
        self.prefix: Storage | None = None  # batch 1, shared by all sequences
        self.shared = 0  # positions of it in use
        self.own = self._storage(capacity)

    def _storage(self, capacity: int) -> Storage:
        capacity = max(CHUNK, -(-capacity // CHUNK) * CHUNK)
        c = self._config
        keys = torch.empty(
            (c.layers, self.batch, c.kv_heads, capacity // BLOCK, c.head_dim, BLOCK), dtype=self._dtype
        )
        values = torch.empty((c.layers, self.batch, c.kv_heads, capacity, c.head_dim), dtype=self._dtype)
        return Storage(keys, values)

    def truncate(self, length: int) -> None:
        """Forget everything from token ``length`` on."""
        self._must_be_even()
        length = max(0, length)
        self.sees = self.sees and length > 0
        if length >= self.length:
            return
        if length < self.shared and self.prefix is not None:
            keep = length // BLOCK * BLOCK
            own = self._storage(0)
            _copy(self.prefix, keep, own, 0, length - keep)
            self.own, self.shared = own, keep
        self.length = length

    def fork(self, batch: int) -> NativeCache:
        """A cache of ``batch`` sequences that begin with this one's tokens, which are shared where possible."""
        if self.batch not in (1, batch):
            raise ValueError("only a cache of one sequence can be forked into more")
        self._must_be_even()
        other = self._like(batch, self.length)
        if self.batch > 1 or (self.prefix is not None and batch == 1):
            other.prefix, other.shared = self.prefix, self.shared
            other.own = other._storage(self.length - self.shared)
            _copy(self.own, 0, other.own, 0, self.length - self.shared)
            return other
        base = self._joined()
        other.prefix, other.shared = base, self.length // BLOCK * BLOCK
        base.frozen = max(base.frozen, other.shared)
        other.own = other._storage(self.length - other.shared)
        _copy(base, other.shared, other.own, 0, self.length - other.shared)
        return other

    def select(self, rows: list[int]) -> NativeCache:
        """A cache of some of this one's sequences (those that still go on); this one stays as it is."""
        other = self._like(len(rows), self.length)
        other.prefix, other.shared = self.prefix, self.shared
        index = torch.tensor(rows)
        other.own = Storage(
            self.own.keys.index_select(1, index), self.own.values.index_select(1, index), self.own.frozen
        )
        if self.lengths is not None:
            other.lengths = self.lengths[index]
            other.length = int(other.lengths.max())
        return other

    @classmethod
    def joined(cls, parts: Sequence[tuple[NativeCache, int]]) -> NativeCache:
        """One batch of caches of one sequence each, every one so many times over; they may differ in length.

        What all of them share by reference (``fork`` of one cache) stays shared; the rest is copied. Raises ValueError for
        none, for a cache of several sequences, and where some have read pictures and others not.
        """
        caches = [cache for cache, count in parts for _ in range(count)]
        if not caches or any(cache.batch != 1 for cache in caches):
            raise ValueError("caches of one sequence are joined, at least one")
        first = caches[0]
        if any(cache.sees != first.sees for cache in caches):
            raise ValueError("sequences with pictures and without are not read in one batch")
        alike = all(c.prefix is first.prefix and c.shared == first.shared for c in caches)
        shared = first.shared if alike and first.prefix is not None else 0
        other = first._like(len(caches), max(cache.length for cache in caches))
        other.prefix, other.shared = (first.prefix if shared else None), shared
        other.own = other._storage(other.length - shared)
        row = 0
        for cache, count in parts:
            source = cache.own if shared or cache.shared == 0 else cache._joined()
            _copy(source, 0, other.own, 0, cache.length - shared, slice(row, row + count))
            row += count
        if any(cache.length != first.length for cache in caches):
            other.lengths = torch.tensor([cache.length for cache in caches], dtype=torch.int32)
        return other

    def advance(self, n: int) -> None:
        """``n`` tokens were read into each sequence."""
        self.length += n
        if self.lengths is not None:
            self.lengths += n

    def _like(self, batch: int, length: int) -> NativeCache:
        """An empty cache of this model whose storage is yet to be set."""
        other = NativeCache.__new__(NativeCache)
        other._config, other._dtype, other.batch, other.length = self._config, self._dtype, batch, length
        other.lengths, other.sees, other.prefix, other.shared = None, self.sees, None, 0
        return other

    def _must_be_even(self) -> None:
        if self.lengths is not None:
            raise ValueError("a batch of sequences of different lengths can only be written on")

    def _joined(self) -> Storage:
        """Everything of this one sequence in one storage."""
        if self.prefix is None or self.shared == 0:
            return self.own
        joined = self._storage(self.length)
        _copy(self.prefix, 0, joined, 0, self.shared)
        _copy(self.own, 0, joined, self.shared, self.length - self.shared)
        return joined

    def reserve(self, n: int) -> None:
        """Make room for ``n`` more tokens in storage of its own."""
        used, wanted = self.length - self.shared, self.length - self.shared + n
        if wanted <= self.own.capacity and used >= self.own.frozen:
            return
        capacity = max(
            wanted, self.own.capacity * 3 // 2 if wanted > self.own.capacity else self.own.capacity
        )
        grown = self._storage(capacity)
        _copy(self.own, 0, grown, 0, used)
        self.own = grown


def _copy(
    source: Storage, start: int, target: Storage, to: int, count: int, rows: slice = slice(None)
) -> None:
    """Copy ``count`` positions into some ``rows`` of the target; both starts are multiples of 16."""
    if count <= 0:
        return
    blocks = -(-count // BLOCK)
    s, t = start // BLOCK, to // BLOCK
    target.keys[:, rows, :, t : t + blocks] = source.keys[:, :, :, s : s + blocks]
    target.values[:, rows, :, to : to + count] = source.values[:, :, :, start : start + count]
