"""Starting and ending: the port, the store's thread, the engine, and what a signal does."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import socket
import threading
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, TypeVar

import uvicorn

from assistant.engine.client import Client
from assistant.engine.protocol import ModelInfo
from assistant.errors import AttuneError, BadInput
from assistant.paths import DataPaths
from assistant.serve.app import Api, Defaults
from assistant.serve.engine import AsyncEngine
from assistant.serve.guard import Access, names
from assistant.serve.replies import Desk
from assistant.services.completions import CompletionService
from assistant.settings import Settings
from assistant.store import Store

log = logging.getLogger(__name__)

PORT = 8642
MOST_WAITING = 128
GRACE_S = 10.0  # that a reply has to end when the server is told to
_MOST_CONNECTIONS = 1024

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ServeOptions:
    """How the server is started."""

    paths: DataPaths
    settings: Settings
    token: str
    defaults: Defaults
    host: str = "127.0.0.1"
    port: int = PORT  # 0: any that is free
    most_waiting: int = MOST_WAITING
    origins: tuple[str, ...] = ()
    log_level: str = "INFO"
    grace_s: float = GRACE_S
    host_names: tuple[str, ...] = field(default=())  # beside ``host`` and localhost


@dataclass(frozen=True, slots=True)
class Started:
    """Told once, when the first request can come."""

    url: str
    model: ModelInfo
    notice: str  # of the store, mostly empty


def serve(options: ServeOptions, started: Callable[[Started], None]) -> None:
    """Serve until SIGINT or SIGTERM. Raises AttuneError in one sentence for a server that cannot start."""
    with _listening(options.host, options.port) as listener:
        asyncio.run(_serve(options, listener, started))


def _listening(host: str, port: int) -> socket.socket:
    """A socket bound before anything slow is done. Raises BadInput, AttuneError."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError) as error:
        raise BadInput(f"{host!r} is no address of this computer.") from error
    family, _, _, _, address = found[0]
    try:
        return socket.create_server(address[:2], family=family, backlog=256)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise AttuneError(f"The server cannot listen on {host}, port {port}: {reason}.") from error


class _Server(uvicorn.Server):
    """uvicorn's server, which tells the desk when it ends, and leaves a signal that ended it at that."""

    def __init__(self, config: uvicorn.Config, desk: Desk, grace_s: float) -> None:
        super().__init__(config)
        self._desk, self._grace_s = desk, grace_s

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._desk.close(self._grace_s)
        await super().shutdown(sockets)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """As uvicorn's own, which raises the signal once more at the end: a server that was told to end has done well."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        numbers = (signal.SIGINT, signal.SIGTERM)
        before = {number: signal.signal(number, self.handle_exit) for number in numbers}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


async def _serve(options: ServeOptions, listener: socket.socket, started: Callable[[Started], None]) -> None:
    loop = asyncio.get_running_loop()
    engine = AsyncEngine(options.paths, options.settings)
    client = Client(options.paths.logs, engine.on_event, log_level=options.log_level.upper())
    thread = ThreadPoolExecutor(1, thread_name_prefix="store")

    def in_store(function: Callable[[], T]) -> Coroutine[Any, Any, T]:
        async def run() -> T:
            return await loop.run_in_executor(thread, function)

        return run()

    store: Store | None = None
    work: asyncio.Task[None] | None = None
    try:
        client.start()
        engine.use(client)
        store = await in_store(lambda: Store.open(options.paths))
        service = CompletionService(store, options.paths)
        info = await engine.load(options.defaults.model)
        await in_store(lambda: service.writer(options.defaults.model))  # a path of this computer is no name
        desk = Desk(engine, service, in_store, options.most_waiting)
        work = asyncio.ensure_future(desk.work())
        access = Access(options.token, names((options.host, *options.host_names)), frozenset(options.origins))
        server = _Server(
            _config(Api(desk, service, in_store, options.defaults).app(access), options),
            desk,
            options.grace_s,
        )
        started(Started(_url(listener), info, store.notice))
        await server.serve([listener])
    finally:
        if work is not None:
            work.cancel()
            await asyncio.wait([work])
        await asyncio.to_thread(client.shutdown)
        if store is not None:
            await in_store(store.close)
        thread.shutdown()


def _config(app: Any, options: ServeOptions) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        log_config=None,  # to Attune's own log
        access_log=False,
        lifespan="off",
        ws="none",
        http="h11",
        loop="asyncio",
        server_header=False,
        proxy_headers=False,
        limit_concurrency=_MOST_CONNECTIONS,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=round(options.grace_s) + 5,
    )


def _url(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
