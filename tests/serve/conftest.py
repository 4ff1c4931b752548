"""The API with an engine that is a thread: what it was asked is noted, and it writes what the message says."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import queue
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx2
import pytest
import uvicorn

from assistant.engine import protocol as p
from assistant.paths import DataPaths
from assistant.records import Generation, Recognition, ReplyDetails
from assistant.serve.app import Api, Defaults
from assistant.serve.engine import AsyncEngine
from assistant.serve.guard import Access, Bodies
from assistant.serve.replies import Desk
from assistant.serve.server import _config, _Server
from assistant.services.completions import CompletionService
from assistant.settings import Settings
from assistant.store import Store

TOKEN = "a-token-for-tests"
AUTH = {"Authorization": f"Bearer {TOKEN}"}


@dataclass
class FakeClient:
    """Writes "echo: " and the last message. "forever" is written until it is cancelled; "fail KIND" fails."""

    on_event: Callable[[p.Event], None] = lambda event: None
    asked: list[dict[str, Any]] = field(default_factory=list)
    cancelled: set[int] = field(default_factory=set)
    finished: list[str] = field(default_factory=list)
    loads: list[str] = field(default_factory=list)
    can_see: bool = True

    def __post_init__(self) -> None:
        self._ids = itertools.count(1)
        self._work: queue.Queue[Callable[[], None] | None] = queue.Queue()
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        while (work := self._work.get()) is not None:
            work()

    def new_id(self) -> int:
        return next(self._ids)

    def load(self, folder: Path | str, model: str, *, id: int, **options: Any) -> int:
        def work() -> None:
            self.loads.append(model)
            info = p.ModelInfo(model, model, 1, "int4", "cpu", 1024, self.can_see, False, "native", 0.1)
            self.on_event(p.Loaded(id, info))

        self._work.put(work)
        return id

    def recognise(self, image: Path | str, *, id: int) -> int:
        assert Path(image).is_file()
        self._work.put(lambda: self.on_event(p.Recognised(id, Recognition((("cat", 0.9),), "EXIT"))))
        return id

    def generate(self, turns: Any, sampling: Any, *, id: int, **options: Any) -> int:
        self._work.put(lambda: self._write(id, turns, sampling, options))
        return id

    def _write(self, id: int, turns: Any, sampling: Any, options: dict[str, Any]) -> None:
        self.asked.append({"turns": turns, "sampling": sampling, **options})
        text = turns[-1].text
        if text.startswith("fail "):
            self.on_event(p.Failed(id, text.split()[1], "It failed, please shorten it."))  # type: ignore[arg-type]
            return None
        words = itertools.repeat("on ") if text == "forever" else iter(["echo: ", text])
        written = ""
        for count, word in enumerate(words, 1):
            if id in self.cancelled:
                self.finished.append("cancelled")
                return self._done(id, written, "cancelled", sampling, options)
            written += word
            self.on_event(p.Token(id, word, count))
            if text == "forever":
                time.sleep(0.002)
        self.finished.append(text)
        return self._done(id, written, "stop", sampling, options)

    def _done(self, id: int, text: str, finish: Any, sampling: Any, options: dict[str, Any]) -> None:
        made = Generation(
            self.loads[-1], options["style_name"], 7, 3, 0.1, 10.0, finish, sampling.seed or 1,
            prompt_ids=(1, 2), reply_ids=(3,), logprobs=(-0.5,), details=ReplyDetails(reused_tokens=2),
        )  # fmt: skip
        self.on_event(p.Done(id, text, made))

    def cancel(self, target: int) -> None:
        self.cancelled.add(target)

    def close(self) -> None:
        self._work.put(None)


@dataclass
class Running:
    """A server on a thread of its own, on a free port of this computer."""

    url: str
    client: FakeClient
    paths: DataPaths
    server: uvicorn.Server
    desk: Desk
    in_loop: Callable[[Callable[[], Any]], Any]

    def http(self, **headers: str) -> httpx2.Client:
        return httpx2.Client(base_url=self.url, headers=AUTH | headers, timeout=60)

    def chat(self, text: str = "Hello", **fields: Any) -> httpx2.Response:
        body = {"model": "tiny", "messages": [{"role": "user", "content": text}]} | fields
        with self.http() as http:
            return http.post("/v1/chat/completions", json=body)

    def until(self, true: Callable[[], Any]) -> None:
        """Wait for something that comes in any case; a hang is the test's timeout."""
        while not true():
            time.sleep(0.005)


Start = Callable[..., Any]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DataPaths:
    """A data folder with two models that the catalogue finds."""
    from models.fetch import catalog

    paths = DataPaths(tmp_path / "home").ensure()
    for name in ("tiny", "other"):
        (paths.models / name).mkdir()
    entries = [SimpleNamespace(id="tiny"), SimpleNamespace(id="other")]
    monkeypatch.setattr(catalog, "installed", lambda folder: entries)
    monkeypatch.setattr(catalog, "locate", lambda name, folder: (name, folder / name))
    return paths


@pytest.fixture
def start(home: DataPaths) -> Iterator[Start]:
    """Starts servers: ``start(most_waiting=2, keep=True)``."""
    with contextlib.ExitStack() as stack:
        yield lambda **options: stack.enter_context(running(home, **options))


@contextlib.contextmanager
def running(
    paths: DataPaths,
    *,
    most_waiting: int = 8,
    bodies: Bodies | None = None,
    origins: tuple[str, ...] = (),
    can_see: bool = True,
    grace_s: float = 0.2,
    **defaults: Any,
) -> Iterator[Running]:
    listener = socket.create_server(("127.0.0.1", 0))
    client = FakeClient(can_see=can_see)
    made: dict[str, Any] = {}
    ready = threading.Event()

    async def main() -> None:
        loop = asyncio.get_running_loop()
        engine = AsyncEngine(paths, Settings())
        client.on_event = engine.on_event
        engine.use(client)  # type: ignore[arg-type]
        thread = ThreadPoolExecutor(1)

        async def in_store(function: Callable[[], Any]) -> Any:
            return await loop.run_in_executor(thread, function)

        store = await in_store(lambda: Store.open(paths))
        service = CompletionService(store, paths)
        desk = Desk(engine, service, in_store, most_waiting)  # type: ignore[arg-type]
        work = asyncio.ensure_future(desk.work())
        api = Api(desk, service, in_store, Defaults("tiny", **defaults), bodies)  # type: ignore[arg-type]
        app = api.app(Access(TOKEN, frozenset(), frozenset(origins)))
        server = _Server(_config(app, SimpleNamespace(grace_s=grace_s)), desk, grace_s)  # type: ignore[arg-type]
        made.update(server=server, desk=desk, loop=loop)
        ready.set()
        await server.serve([listener])
        work.cancel()
        await in_store(store.close)
        thread.shutdown()

    thread = threading.Thread(target=lambda: asyncio.run(main()))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    thread.start()
    ready.wait()

    def in_loop(function: Callable[[], Any]) -> Any:
        async def call() -> Any:
            return function()

        return asyncio.run_coroutine_threadsafe(call(), made["loop"]).result()

    try:
        yield Running(url, client, paths, made["server"], made["desk"], in_loop)
    finally:
        made["server"].should_exit = True
        thread.join()
        client.close()
