"""The front's side of the engine: requests down, events up, and a new engine when one dies.

Used alike by the window and the command line. Nothing here waits for the engine except ``wait`` and
``shutdown``; nothing here imports torch.
"""

from __future__ import annotations

import itertools
import logging
import queue
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from assistant.engine import protocol as p
from assistant.engine.codec import Closed, ProtocolError, encode
from assistant.engine.process import EngineProcess, Limits, Watchdog, describe_end
from assistant.errors import AttuneError, BadInput, EngineDied, OutOfMemory
from assistant.learning_records import EvaluationJob, FinishedReply, SteeringRequest, UpdateJob
from assistant.records import Sampling
from models.benchmark.bench_report import BenchOptions

log = logging.getLogger(__name__)

CRASHES_IN_A_ROW = 3
_KEPT_RESULTS = 64
LAST_EVENTS = (
    p.Loaded, p.Prepared, p.Done, p.Prefilled, p.Recognised, p.Shifted, p.LearnDone, p.Evaluated, p.Benched, p.Failed,
)  # fmt: skip


def is_last(event: p.Event) -> bool:
    """Whether this event ends its request."""
    return isinstance(event, LAST_EVENTS)


def error_of(failed: p.Failed) -> AttuneError:
    """The exception that says the same as a Failed event."""
    kinds: dict[str, type[AttuneError]] = {"bad_input": BadInput, "memory": OutOfMemory}
    return kinds.get(failed.kind, AttuneError)(failed.reason)


@dataclass
class _Life:
    """One engine process with its threads and what it was asked."""

    process: EngineProcess
    outbox: queue.Queue[p.Request | None]
    ready: bool = False
    hung: str = ""  # why the watchdog gave it up
    leaving: bool = False  # it was asked to end


class Client:
    """Starts, feeds, watches and restarts the engine process.

    ``on_event`` gets every event but Ready and Pong, on the client's reader thread, in order; events of a
    request may come before the call that made the request has returned (pass ``id=client.new_id()`` to know
    the id first). After a crash it gets a Failed for each request in flight, then EngineRestarted (the last
    model is loading again) or, after three crashes in a row, EngineStopped.
    """

    def __init__(
        self,
        log_dir: Path | str | None = None,
        on_event: Callable[[p.Event], None] | None = None,
        *,
        limits: Limits | None = None,
        log_level: str = "INFO",
    ) -> None:
        self._log_dir = Path(log_dir) if log_dir else None
        self._log_level = log_level
        self._on_event = on_event
        self._limits = limits or Limits()
        self._ids = itertools.count(1)
        self._lock = threading.RLock()
        self._changed = threading.Condition(self._lock)
        self._life: _Life | None = None
        self._in_flight: dict[int, p.Request] = {}  # asked of the running engine
        self._open: set[int] = set()  # without a delivered last event
        self._results: OrderedDict[int, p.Event] = OrderedDict()
        self._loaded: p.Load | None = None  # the last model that loaded well
        self._info: p.ModelInfo | None = None
        self._crashes = 0
        self._stopped_reason = ""
        self._closed = False
        self._paused = False
        self._learn_percent = 100
        self._reader: threading.Thread | None = None
        self._delivering = threading.local()

    # --- life -------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Start the engine process if none runs. Returns at once; requests may be made right away."""
        with self._lock:
            self._closed = False
            if self._life is None:
                self._crashes, self._stopped_reason = 0, ""
                self._begin_life()

    def shutdown(self, timeout_s: float = 5.0) -> None:
        """End the engine: ask, wait ``timeout_s`` at most, then kill. No process is left. May be called
        twice."""
        with self._lock:
            self._closed = True
            life, reader = self._life, self._reader
            if life is None:
                return
            life.leaving = True
            life.outbox.put(p.Shutdown(next(self._ids)))
        if not life.process.join(timeout_s):
            log.warning("engine %d did not leave in %.1f s and is killed", life.process.pid, timeout_s)
            life.process.kill()
            life.process.join(timeout_s)
        if reader is not None and reader is not threading.current_thread():
            reader.join(timeout_s)

    def __enter__(self) -> Client:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()

    @property
    def pid(self) -> int | None:
        """Process id of the running engine."""
        with self._lock:
            return self._life.process.pid if self._life else None

    @property
    def model(self) -> p.ModelInfo | None:
        """The model loaded in the running engine."""
        with self._lock:
            return self._info

    @property
    def rss_bytes(self) -> int:
        """Resident memory of the engine as of its last pulse (0: unknown)."""
        with self._lock:
            pong = self._watchdog.last_pong if self._life else None
            return pong.rss_bytes if pong else 0

    @property
    def stopped_reason(self) -> str:
        """Why the engine stays down; empty while it runs or was never started."""
        with self._lock:
            return self._stopped_reason

    def in_flight(self) -> tuple[int, ...]:
        """Ids of requests that have not been answered yet."""
        with self._lock:
            return tuple(self._in_flight)

    # --- requests ---------------------------------------------------------------------------------------

    def new_id(self) -> int:
        """An id for a request to come, for whoever must know it before its first event."""
        return next(self._ids)

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
    ) -> int:
        """Load a model folder; starts the engine again if it had been stopped after crashes.

        After ``idle_unload_s`` without work (0: never) the engine gives its memory back, and loads it again by itself
        when the next request needs it.
        """
        with self._lock:
            if self._stopped_reason:
                self._closed = False
                self.start()
        request = p.Load(
            self._id(id), str(folder), model, quantization, device, threads, pictures, idle_unload_s
        )
        return self._submit(request)

    def prepare(self, models_dir: Path | str, *, id: int | None = None) -> int:
        """Make the starter model folder under ``models_dir``."""
        return self._submit(p.Prepare(self._id(id), str(models_dir)))

    def generate(
        self,
        turns: Sequence[p.Turn],
        sampling: Sampling | None = None,
        *,
        style: Path | str | None = None,
        style_name: str | None = None,
        steering: SteeringRequest | None = None,
        comparing: Literal["", "side", "base"] = "",
        id: int | None = None,
    ) -> int:
        """Ask for a reply to ``turns`` (oldest first, the last one the user's)."""
        return self._submit(
            p.Generate(
                self._id(id),
                tuple(turns),
                sampling or Sampling(),
                str(style) if style else None,
                style_name,
                steering,
                comparing,
            )
        )

    def prefill(
        self,
        turns: Sequence[p.Turn],
        *,
        style: Path | str | None = None,
        steering: SteeringRequest | None = None,
        id: int | None = None,
    ) -> int:
        """Have the beginning of the next prompt read ahead: ``turns`` so far, whose answer the user still writes."""
        return self._submit(p.Prefill(self._id(id), tuple(turns), str(style) if style else None, steering))

    def recognise(self, image: Path | str, *, id: int | None = None) -> int:
        """Name what is in a picture and read its text."""
        return self._submit(p.Recognise(self._id(id), str(image)))

    def reread(self, reply: FinishedReply, *, id: int | None = None) -> int:
        """Read a finished reply with and without its style; ``reply`` from ``assistant.token_attribution.request``."""
        return self._submit(p.Reread(self._id(id), reply))

    def learn(self, job: UpdateJob, *, id: int | None = None) -> int:
        return self._submit(p.Learn(self._id(id), job))

    def evaluate(self, job: EvaluationJob, *, id: int | None = None) -> int:
        return self._submit(p.Evaluate(self._id(id), job))

    def bench(self, options: BenchOptions | None = None, *, id: int | None = None) -> int:
        return self._submit(p.Bench(self._id(id), options or BenchOptions()))

    def pause(self, paused: bool = True) -> None:
        """Pause or resume learning; kept over restarts of the engine."""
        with self._lock:
            self._paused = paused
            self._send(p.Pause(next(self._ids), paused))

    def pace(self, learn_percent: int) -> None:
        """Let learning work in so much of the time only, 1 to 100 percent; kept over restarts of the engine."""
        with self._lock:
            self._learn_percent = learn_percent
            self._send(p.Pace(next(self._ids), learn_percent))

    def cancel(self, target: int) -> None:
        """Stop a request at its next token or step; its last event still comes."""
        with self._lock:
            self._send(p.Cancel(next(self._ids), target))

    def wait(self, id: int, timeout_s: float | None = None) -> p.Event:
        """Block until the last event of request ``id``. Raise ``TimeoutError``; not from a callback."""
        if getattr(self._delivering, "now", False):
            raise RuntimeError("wait() inside on_event would wait for itself")
        with self._changed:
            if id not in self._results and id not in self._open:
                raise ValueError(f"request {id} was never made, or its result is long gone")
            if not self._changed.wait_for(lambda: id in self._results, timeout_s):
                raise TimeoutError(f"no answer to request {id} after {timeout_s} s")
            return self._results[id]

    def result(self, id: int, timeout_s: float | None = None) -> p.Event:
        """Like ``wait``, but a Failed becomes the AttuneError that says the same."""
        event = self.wait(id, timeout_s)
        if isinstance(event, p.Failed):
            raise error_of(event)
        return event

    # --- inside -----------------------------------------------------------------------------------------

    def _id(self, id: int | None) -> int:
        return next(self._ids) if id is None else id

    def _submit(self, request: Any) -> int:
        encode(request)  # what is not plain data fails here, in the caller, and never reaches a thread
        with self._lock:
            if self._closed or self._stopped_reason:
                reason = self._stopped_reason or "The engine was closed."
                self._refuse(p.Failed(request.id, "cancelled" if self._closed else "internal", reason))
                return request.id
            if self._life is None:
                self._begin_life()
            self._open.add(request.id)
            self._in_flight[request.id] = request
            self._send(request)
        return request.id

    def _send(self, request: p.Request) -> None:
        if self._life is not None:
            self._life.outbox.put(request)

    def _begin_life(self) -> None:
        """Under the lock: spawn an engine and its three threads (one reads, one writes, one watches)."""
        try:
            process = EngineProcess(self._log_dir, self._log_level)
        except OSError as error:
            raise EngineDied(f"The engine process cannot be started: {error.strerror or error}.") from error
        life = _Life(process, queue.Queue())
        self._life, self._info = life, None
        self._watchdog = Watchdog(
            self._limits, lambda: self._ping(life), lambda why: self._give_up(life, why)
        )
        self._reader = threading.Thread(
            target=self._read, args=(life, self._watchdog, self._reader), name="engine-reader", daemon=True
        )
        threading.Thread(target=self._write, args=(life,), name="engine-writer", daemon=True).start()
        self._reader.start()
        self._watchdog.start()
        if self._paused:
            life.outbox.put(p.Pause(next(self._ids), True))
        if self._learn_percent != 100:
            life.outbox.put(p.Pace(next(self._ids), self._learn_percent))

    def _ping(self, life: _Life) -> None:
        if life.ready:
            life.outbox.put(p.Ping(next(self._ids)))

    def _give_up(self, life: _Life, why: str) -> None:
        if not life.leaving:
            life.hung = why
            log.error("engine %d: %s; killing it", life.process.pid, why)
            life.process.kill()

    def _write(self, life: _Life) -> None:
        while (request := life.outbox.get()) is not None:
            try:
                life.process.channel.send(request)
            except Closed:
                return  # the reader sees the end too and does what is needed

    def _read(self, life: _Life, watchdog: Watchdog, predecessor: threading.Thread | None) -> None:
        if predecessor is not None:
            predecessor.join()  # it still tells of the death before: events come from one thread at a time
        broken = ""
        while True:
            try:
                event = life.process.channel.receive()
            except Closed:
                break
            except ProtocolError as error:
                broken = f"it sent something unreadable ({error})"
                life.process.kill()
                break
            if isinstance(event, p.Pong):
                watchdog.pong(event)
            elif isinstance(event, p.Ready):
                if event.version != p.VERSION:
                    broken = f"it speaks version {event.version} of the protocol, not {p.VERSION}"
                    life.process.kill()
                    break
                life.ready = True
                watchdog.ready()
            else:
                self._take(event)
        watchdog.stop()
        life.outbox.put(None)
        if not life.process.join(5.0):
            life.process.kill()
            life.process.join(5.0)
        life.process.channel.close()
        self._end_life(life, broken)

    def _take(self, event: p.Event) -> None:
        with self._changed:
            if is_last(event):
                request = self._in_flight.pop(getattr(event, "id", 0), None)
                if isinstance(event, p.Loaded) and isinstance(request, p.Load):
                    self._loaded, self._info = request, event.info
                elif not isinstance(event, (p.Failed, p.Prepared)):
                    self._crashes = 0  # real work was done: the next crash is the first in a row
                if isinstance(request, p.Load) and isinstance(event, p.Failed):
                    self._info = None
        self._deliver(event)

    def _deliver(self, event: p.Event) -> None:
        """Callback first, then ``wait``: whoever waited finds the callback's work done."""
        if self._on_event is not None:
            self._delivering.now = True
            try:
                self._on_event(event)
            except Exception:
                log.exception("a listener failed on %s", type(event).__name__)
            finally:
                self._delivering.now = False
        if is_last(event):
            id: int = event.id  # type: ignore[union-attr]
            with self._changed:
                self._open.discard(id)
                self._results[id] = event
                while len(self._results) > _KEPT_RESULTS:
                    self._results.popitem(last=False)
                self._changed.notify_all()

    def _refuse(self, failed: p.Failed) -> None:
        """Under the lock: answer a request that no engine will see, on a thread as always."""
        self._open.add(failed.id)
        threading.Thread(target=self._deliver, args=(failed,), name="engine-refusal", daemon=True).start()

    def _end_life(self, life: _Life, broken: str) -> None:
        """On the reader thread, when the process is gone: tell who waits, and start anew unless asked to
        leave."""
        exit_code = life.process.exit_code
        load_id: int | None = None
        with self._lock:
            lost = list(self._in_flight.values())
            self._in_flight.clear()
            self._life = self._info = None
            asked = life.leaving or self._closed
            restart = False
            if asked:
                kind, reason = "cancelled", "The engine was closed."
            else:
                kind, why = describe_end(exit_code)
                if life.hung or broken:
                    kind, why = "internal", life.hung or broken
                self._crashes += 1
                log.error(
                    "engine %d ended: %s (exit code %s, crash %d in a row)",
                    life.process.pid,
                    why,
                    exit_code,
                    self._crashes,
                )
                restart = self._crashes < CRASHES_IN_A_ROW
                reason = _sentence(why, life.ready, restart, self._crashes)
                if restart:
                    try:
                        self._begin_life()
                    except EngineDied as error:
                        restart, reason = False, str(error)
                if not restart:
                    self._stopped_reason = reason
                elif self._loaded is not None:
                    load_id = next(self._ids)
                    self._open.add(load_id)
                    self._in_flight[load_id] = replace(self._loaded, id=load_id)
                    self._send(self._in_flight[load_id])
            crashes = self._crashes
        for request in lost:
            self._deliver(p.Failed(request.id, kind, reason))  # type: ignore[arg-type]
        if restart:
            self._deliver(p.EngineRestarted(reason, crashes, load_id))
        elif not asked:
            self._deliver(p.EngineStopped(reason, crashes))


def _sentence(why: str, was_ready: bool, restart: bool, crashes: int) -> str:
    what = "stopped" if was_ready else "could not start"
    if restart:
        return f"The engine {what} ({why}) and is being started again."
    return f"The engine {what} {crashes} times in a row ({why}) and stays off until a model is loaded again."
