"""Caches of prompts already read, so that a second turn or another branch reads only what is new.

A few key-value caches are kept, most recently used last. A prompt takes the one with the longest common
beginning (compared by ``Inputs.keys``); the engine has one working thread, so a cache is either here or in
use, never both.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from models.decoders.decoder import Cache

MOST_TOKENS = 16_384  # over all caches that are kept, where the model's own context is not longer
MOST_CACHES = 4


@dataclass(eq=False)
class _Kept:
    style: str | None
    keys: tuple[Hashable, ...]  # of the tokens in ``cache``
    cache: Cache


class PrefixCaches:
    """Kept caches of one loaded model. Keys and values depend on the style, so each style has its own.

    ``context_length`` of the model: one conversation that fills it is kept, too.
    """

    def __init__(self, context_length: int = 0) -> None:
        self._most_tokens = max(MOST_TOKENS, context_length)
        self._kept: list[_Kept] = []

    def take(
        self, style: str | None, keys: Sequence[Hashable], new: Callable[[], Any], at_least: int = 1
    ) -> tuple[Any, int]:
        """A cache holding the first n of ``keys`` and n, ``at_least <= n < len(keys)``; else ``(new(), 0)``.

        The last token is always left to be read: its logits are what the reply begins with.
        """
        best, shared = None, max(0, at_least - 1)
        for kept in self._kept:
            if kept.style == style:
                length = min(common(kept.keys, keys), len(keys) - 1)
                if length > shared:
                    best, shared = kept, length
        if best is None:
            return new(), 0
        if shared < len(best.keys) // 2 and len(self._kept) < MOST_CACHES:
            # Another conversation that happens to begin alike (the same system prompt): leave the long one
            # whole.
            cache = best.cache.fork(1)
        else:
            self._kept.remove(best)
            cache = best.cache
        try:
            cache.truncate(shared)
        except ValueError:  # sliding-window caches cannot go back
            return new(), 0
        return cache, shared

    def shared(self, style: str | None, keys: Sequence[Hashable]) -> int:
        """How many of the first ``keys`` a kept cache holds."""
        return max((common(kept.keys, keys) for kept in self._kept if kept.style == style), default=0)

    def give(self, style: str | None, keys: Sequence[Hashable], cache: Cache) -> None:
        """Keep ``cache``, whose tokens are the first ``cache.length`` of ``keys``."""
        length = min(cache.length, len(keys))
        if length == 0 or length > self._most_tokens:
            return
        self._kept.append(_Kept(style, tuple(keys[:length]), cache))
        while len(self._kept) > MOST_CACHES or sum(len(kept.keys) for kept in self._kept) > self._most_tokens:
            self._kept.pop(0)

    def clear(self) -> None:
        """Free them all."""
        self._kept.clear()


def common(mine: Sequence[Hashable], other: Sequence[Hashable]) -> int:
    """How many leading positions are the same."""
    for index, (a, b) in enumerate(zip(mine, other, strict=False)):
        if a != b:
            return index
    return min(len(mine), len(other))
