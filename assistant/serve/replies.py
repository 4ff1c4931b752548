"""Replies on their way: a bounded queue, and one reply after the other written by the engine."""

from __future__ import annotations

import asyncio
import logging
import tempfile
import time
import uuid
from collections import OrderedDict
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, TypeVar

from assistant.engine import protocol as p
from assistant.errors import AttuneError, BadInput, StoreError
from assistant.records import Recognition, Sampling, Turn
from assistant.serve.engine import AsyncEngine
from assistant.serve.errors import CLOSING, ApiError, of_attune, of_failed
from assistant.serve.fair_queue import FairQueue, QueueFull
from assistant.serve.responses import Finished
from assistant.services.completions import CompletionService, Kept, Picture, Said, Writer
from models.errors import ModelError

log = logging.getLogger(__name__)

GONE = ApiError(499, "The client closed the connection.")
_LONGEST_WAIT_S = 120  # that a client is told to wait before it tries again
_RECOGNITIONS = 256  # of pictures, remembered between requests

T = TypeVar("T")


class InStore(Protocol):
    """Runs a function on the store's own thread."""

    def __call__(self, function: Callable[[], T]) -> Coroutine[Any, Any, T]: ...


@dataclass(frozen=True, slots=True)
class Order:
    """A request for a reply, checked as far as that goes without the model."""

    program: str  # who asks: programs take turns
    writer: Writer
    said: tuple[Said, ...]
    sampled: Callable[[Sampling], Sampling]  # what the request says about drawing, over the model's advice
    card: bool = True
    search: bool = True
    keep: bool = False


@dataclass(eq=False)
class Reply:
    """One reply as its client sees it: ``events`` brings text, then how it ended."""

    order: Order
    id: str = field(default_factory=lambda: uuid.uuid4().hex)
    created: int = field(default_factory=lambda: int(time.time()))
    events: asyncio.Queue[p.Token | Finished | ApiError] = field(default_factory=asyncio.Queue)
    ended: bool = False

    def end(self, how: Finished | ApiError) -> None:
        """Nothing follows; what comes later than the first end is passed over."""
        if not self.ended:
            self.ended = True
            self.events.put_nowait(how)


class Desk:
    """Takes orders and has them written. Belongs to one event loop."""

    def __init__(
        self, engine: AsyncEngine, service: CompletionService, in_store: InStore, most_waiting: int
    ) -> None:
        self._engine, self._service, self._in_store = engine, service, in_store
        self._queue: FairQueue[Reply] = FairQueue(most_waiting)
        self._running: tuple[Reply, asyncio.Task[None]] | None = None
        self._closing = False
        self._usual_s = 5.0  # that a reply takes, a running mean
        self._seen: OrderedDict[str, Recognition | None] = OrderedDict()

    # --- what the routes do -----------------------------------------------------------------------------

    def check_room(self) -> None:
        """Raises ApiError while no more requests are taken: before anything is done for one."""
        if self._closing:
            raise ApiError(503, CLOSING)
        if self._queue.full:
            wait_s = min(_LONGEST_WAIT_S, max(1, round(self._usual_s * len(self._queue) / 2)))
            raise ApiError(
                429,
                f"{len(self._queue)} requests are waiting already; try again in {wait_s} s.",
                code="queue_full",
                retry_after_s=wait_s,
            )

    def submit(self, order: Order) -> Reply:
        """Have a reply written when its turn comes. Raises ApiError."""
        self.check_room()
        reply = Reply(order)
        try:
            self._queue.put(order.program, reply)
        except QueueFull:
            self.check_room()
            raise
        return reply

    def cancel(self, reply: Reply, why: ApiError = GONE) -> None:
        """Stop a reply, whether it waits or is being written; the engine stops at its next token."""
        if reply.ended:
            return
        self._queue.remove(reply)
        reply.end(why)
        if self._running is not None and self._running[0] is reply:
            self._running[1].cancel()

    def close(self, grace_s: float) -> None:
        """Take no more; what waits is refused, what is being written has ``grace_s`` to end."""
        self._closing = True
        for reply in self._queue.clear():
            reply.end(ApiError(503, CLOSING))
        asyncio.get_running_loop().call_later(grace_s, self._stop_running)

    def _stop_running(self) -> None:
        if self._running is not None:
            self.cancel(self._running[0], ApiError(503, CLOSING))

    # --- the work ---------------------------------------------------------------------------------------

    async def work(self) -> None:
        """Write what is ordered, for as long as the server runs."""
        while True:
            reply = await self._queue.get()
            if reply.ended:
                continue
            task = asyncio.ensure_future(self._answer(reply))
            self._running = reply, task
            started = time.monotonic()
            try:
                await asyncio.wait([task])
            finally:
                task.cancel()
                self._running = None
            self._usual_s += 0.2 * (time.monotonic() - started - self._usual_s)

    async def _answer(self, reply: Reply) -> None:
        try:
            await self._write(reply)
        except ApiError as error:
            reply.end(error)
        except ModelError as error:
            reply.end(ApiError(500, str(error)))
        except AttuneError as error:
            reply.end(of_attune(error))
        except Exception:
            log.exception("a reply failed")
            reply.end(ApiError(500, "The reply failed for a reason that the log tells."))
        finally:
            reply.end(GONE)

    async def _write(self, reply: Reply) -> None:
        order, service = reply.order, self._service
        info = await self._engine.load(order.writer.model)
        if not info.can_see and any(said.pictures for said in order.said):
            raise BadInput(f"The model {info.name} cannot see pictures.")
        with tempfile.TemporaryDirectory(prefix="attune-serve-") as folder:
            turns, seen = await self._turns(order, Path(folder))
            advice = await self._in_store(lambda: service.sampling(info.sampling))
            personal = await self._in_store(
                lambda: service.personal(order.writer, card=order.card, search=order.search)
            )
            async for event in self._engine.write(turns, order.sampled(advice), personal):
                if isinstance(event, p.Token):
                    reply.events.put_nowait(event)
                elif isinstance(event, p.Done):
                    kept = order.keep and await self._keep(reply, event, seen)
                    reply.end(Finished(event.text, event.generation, kept))
                elif isinstance(event, p.Failed):
                    raise of_failed(event)

    async def _turns(self, order: Order, folder: Path) -> tuple[tuple[Turn, ...], dict[str, Recognition]]:
        """The request as the engine reads it, pictures as files in ``folder``; and what was seen in them."""
        found: dict[str, Recognition] = {}
        turns = []
        for said in order.said:
            paths, seen = [], []
            for picture in said.pictures:
                path = folder / picture.sha256
                await asyncio.to_thread(path.write_bytes, picture.image.data)
                recognition = await self._look(picture, path)
                if recognition is not None:
                    found[picture.sha256] = recognition
                paths.append(str(path))
                # A picture in which nothing was recognised is not worth a line in the prompt.
                seen.append(recognition if recognition is not None and recognition.line() else None)
            turns.append(Turn(said.role, said.text, tuple(paths), tuple(seen)))
        return tuple(turns), found

    async def _look(self, picture: Picture, path: Path) -> Recognition | None:
        if picture.sha256 not in self._seen:
            self._seen[picture.sha256] = await self._engine.recognise(path)
        self._seen.move_to_end(picture.sha256)
        while len(self._seen) > _RECOGNITIONS:
            self._seen.popitem(last=False)
        return self._seen[picture.sha256]

    async def _keep(self, reply: Reply, done: p.Done, seen: dict[str, Recognition]) -> bool:
        """Keep a finished reply; False where that failed: the client gets its reply all the same."""
        order = reply.order
        kept = Kept(reply.id, order.writer, order.said, done.text, done.generation, seen)
        try:
            await self._in_store(lambda: self._service.keep(kept))
        except StoreError as error:
            log.warning("a reply could not be kept: %s", error)
            return False
        return True
