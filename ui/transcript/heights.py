"""Heights of all items of a long list, with their running sums: both to change and to find in logarithmic time.

A binary indexed tree (Fenwick 1994, "A new data structure for cumulative frequency tables").
"""

from __future__ import annotations

from collections.abc import Iterable


class Heights:
    """Heights in pixels of items 0..n-1."""

    def __init__(self, values: Iterable[int] = ()) -> None:
        self._values = list(values)
        self._tree = [0, *self._values]
        for at in range(1, len(self._tree)):
            above = at + (at & -at)
            if above < len(self._tree):
                self._tree[above] += self._tree[at]

    def __len__(self) -> int:
        return len(self._values)

    def __getitem__(self, index: int) -> int:
        return self._values[index]

    @property
    def total(self) -> int:
        """The sum of all heights."""
        return self.before(len(self._values))

    def before(self, index: int) -> int:
        """The sum of the heights of items 0..index-1: where item ``index`` begins."""
        total = 0
        while index > 0:
            total += self._tree[index]
            index &= index - 1
        return total

    def set(self, index: int, height: int) -> None:
        """Change one height."""
        change = height - self._values[index]
        self._values[index] = height
        at = index + 1
        while change and at < len(self._tree):
            self._tree[at] += change
            at += at & -at

    def append(self, height: int) -> None:
        """Add an item at the end."""
        self._values.append(height)
        at = len(self._values)
        self._tree.append(height + self.before(at - 1) - self.before(at - (at & -at)))

    def at(self, offset: int) -> int:
        """The item in which ``offset`` lies (the last one when beyond; 0 when before or empty)."""
        index, step = 0, 1 << len(self._values).bit_length()
        while step:
            following = index + step
            if following < len(self._tree) and self._tree[following] <= offset:
                index = following
                offset -= self._tree[following]
            step >>= 1
        return max(0, min(index, len(self._values) - 1))
