"""What waits to be written: first come, first served within one program, and the programs take turns."""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from typing import Generic, TypeVar

T = TypeVar("T")


class QueueFull(Exception):
    """As many requests wait as may wait."""


class FairQueue(Generic[T]):
    """A bounded queue with a lane for each ``key``; ``get`` takes from the lanes in turn. Belongs to one event loop."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._lanes: OrderedDict[str, deque[T]] = OrderedDict()
        self._filled = asyncio.Event()

    def __len__(self) -> int:
        return sum(len(lane) for lane in self._lanes.values())

    @property
    def full(self) -> bool:
        return len(self) >= self._most

    def put(self, key: str, item: T) -> None:
        """Raises QueueFull."""
        if self.full:
            raise QueueFull
        self._lanes.setdefault(key, deque()).append(item)
        self._filled.set()

    async def get(self) -> T:
        """The next one, when there is one."""
        while not self._lanes:
            self._filled.clear()
            await self._filled.wait()
        key, lane = next(iter(self._lanes.items()))
        item = lane.popleft()
        if lane:
            self._lanes.move_to_end(key)
        else:
            del self._lanes[key]
        return item

    def remove(self, item: T) -> bool:
        """Take one out that need not be written any more; False if it has left the queue."""
        for key, lane in self._lanes.items():
            if item in lane:
                lane.remove(item)
                if not lane:
                    del self._lanes[key]
                return True
        return False

    def clear(self) -> list[T]:
        """Empty it; what was in it."""
        items = [item for lane in self._lanes.values() for item in lane]
        self._lanes.clear()
        return items
