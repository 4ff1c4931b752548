"""The engine as the server's event loop sees it: a request is asked, and its events are awaited."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import Protocol

from assistant.engine import protocol as p
from assistant.engine.client import error_of, is_last
from assistant.errors import AttuneError, NotFound
from assistant.learning_records import SteeringRequest
from assistant.paths import DataPaths
from assistant.records import Recognition, Sampling, Turn
from assistant.services import models
from assistant.services.chat_job import Personal
from assistant.settings import Settings

log = logging.getLogger(__name__)


class EngineClient(Protocol):
    """What is needed of ``assistant.engine.client.Client``."""

    def new_id(self) -> int: ...
    def load(
        self,
        folder: Path | str,
        model: str,
        *,
        quantization: str = "auto",
        device: str = "auto",
        threads: int | None = None,
        pictures: str = "auto",
        idle_unload_s: float = 0.0,
        id: int | None = None,
    ) -> int: ...
    def prepare(self, models_dir: Path | str, *, id: int | None = None) -> int: ...
    def generate(
        self,
        turns: Sequence[Turn],
        sampling: Sampling | None = None,
        *,
        style: str | None = None,
        style_name: str | None = None,
        steering: SteeringRequest | None = None,
        id: int | None = None,
    ) -> int: ...
    def recognise(self, image: Path | str, *, id: int | None = None) -> int: ...
    def cancel(self, target: int) -> None: ...


class AsyncEngine:
    """Belongs to one event loop; ``on_event`` is for the client's own thread."""

    def __init__(self, paths: DataPaths, settings: Settings) -> None:
        """``use`` gives it its client before anything is asked."""
        self._paths, self._settings = paths, settings
        self._client: EngineClient | None = None
        self._loop = asyncio.get_running_loop()
        self._events: dict[int, asyncio.Queue[p.Event]] = {}
        self._loaded: p.ModelInfo | None = None

    def use(self, client: EngineClient) -> None:
        self._client = client

    def on_event(self, event: p.Event) -> None:
        """Give this to the client. On its thread."""
        try:
            self._loop.call_soon_threadsafe(self._take, event)
        except RuntimeError:  # the loop has ended: nobody waits any more
            log.info("%s came after the server had ended", type(event).__name__)

    def _take(self, event: p.Event) -> None:
        if isinstance(event, (p.EngineRestarted, p.EngineStopped)):
            log.warning("%s", event.reason)
            if isinstance(event, p.EngineStopped) or event.load_id is None:
                self._loaded = None
        elif (queue := self._events.get(getattr(event, "id", 0))) is not None:
            queue.put_nowait(event)

    async def ask(self, request: Callable[[EngineClient, int], int]) -> AsyncIterator[p.Event]:
        """The events of one request, the last one included. Closed early, the request is cancelled."""
        assert self._client is not None
        client, id = self._client, self._client.new_id()
        queue = self._events[id] = asyncio.Queue()
        ended = False
        try:
            request(client, id)
            while not ended:
                event = await queue.get()
                ended = is_last(event)
                yield event
        finally:
            del self._events[id]
            if not ended:
                client.cancel(id)

    async def _last(self, request: Callable[[EngineClient, int], int]) -> p.Event:
        """The last event of a request. Raises AttuneError for one that failed."""
        last: p.Event | None = None
        async for event in self.ask(request):
            last = event
        assert last is not None
        if isinstance(last, p.Failed):
            raise error_of(last)
        return last

    async def load(self, model: str) -> p.ModelInfo:
        """Have ``model`` loaded, if it is not yet; the starter is made first where it is missing.

        Raises NotFound and AttuneError in one sentence.
        """
        if self._loaded is not None and self._loaded.id == model:
            return self._loaded
        folder = models.find(self._paths, model)
        if folder is None:
            if models.starter_needs_download(self._paths):
                raise NotFound("The starter is not on this computer; run attune models get starter first.")
            await self._last(lambda client, id: client.prepare(self._paths.models, id=id))
            folder = self._paths.models / models.STARTER
        self._loaded = None
        settings = self._settings
        loaded = await self._last(
            lambda client, id: client.load(
                folder,
                model,
                quantization=settings.quantization,
                device=settings.device,
                threads=settings.threads,
                pictures=settings.picture_detail,
                idle_unload_s=60.0 * settings.unload_after_min,
                id=id,
            )
        )
        assert isinstance(loaded, p.Loaded)
        self._loaded = loaded.info
        return loaded.info

    async def recognise(self, picture: Path) -> Recognition | None:
        """What is in a picture; None where it cannot be told."""
        try:
            seen = await self._last(lambda client, id: client.recognise(picture, id=id))
        except AttuneError as error:
            log.warning("a picture could not be looked at: %s", type(error).__name__)
            return None
        assert isinstance(seen, p.Recognised)
        return seen.recognition

    async def write(
        self, turns: tuple[Turn, ...], sampling: Sampling, personal: Personal
    ) -> AsyncIterator[p.Event]:
        """Token events, then Done or Failed."""
        async for event in self.ask(
            lambda client, id: client.generate(
                turns,
                sampling,
                style=personal.style,
                style_name=personal.style_name,
                steering=personal.steering,
                id=id,
            )
        ):
            if isinstance(event, p.Failed) and event.kind == "model":
                self._loaded = None
            yield event
