"""The engine process: listens on one thread, works on another, leaves when its front is gone."""

from __future__ import annotations

import functools
import logging
import os
import threading
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from pathlib import Path

from assistant.engine import environment
from assistant.engine import protocol as p
from assistant.engine.codec import Channel, Closed, ProtocolError
from assistant.engine.jobs import Engine
from assistant.engine.outgoing import failed
from assistant.engine.scheduler import Job, Priority, Scheduler

log = logging.getLogger(__name__)

_LEAVE_AFTER_S = 2.0  # a step that does not end in this time after Shutdown is abandoned
# A single step longer than this is a hang. Generous: a large model on a slow disk or a slow processor is no
# hang.
_LIMIT_S = {
    "load": 1800.0,
    "reply": 600.0,
    "prefill": 600.0,
    "recognise": 300.0,
    "reread": 600.0,
    "bench": 900.0,
    "learn": 900.0,
}


class Server:
    """Routes requests to jobs. ``run`` returns after Shutdown."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._scheduler = Scheduler(self._on_error, self._before_step, lambda: self._engine.sleep_if_idle())
        self._engine = Engine(self.emit, self._scheduler.end_started)
        self._engine.limits_memory = True
        self._preparing: dict[int, threading.Event] = {}

    def run(self) -> None:
        threading.Thread(target=self._listen, name="listener", daemon=True).start()
        self.emit(p.Ready(p.VERSION, os.getpid()))
        self._scheduler.submit(
            Job(
                0,
                "start",
                Priority.REPLY,
                self._engine.import_libraries(),
                _LIMIT_S["load"],
                uses_model=False,
            )
        )
        self._scheduler.run()

    def emit(self, event: p.Event) -> None:
        """Send an event; an event that is not plain data becomes a Failed, so that nobody waits for ever."""
        try:
            self._channel.send(event)
        except ProtocolError as error:
            log.error("%s", error)
            self._channel.send(
                p.Failed(getattr(event, "id", 0), "internal", f"The engine gave no valid answer: {error}.")
            )
        except Closed:
            _leave("the front is gone")

    # --- listening thread -------------------------------------------------------------------------------

    def _listen(self) -> None:
        while True:
            try:
                request = self._channel.receive()
            except Closed:
                _leave("the front is gone")
            except ProtocolError as error:
                log.error("a request was not understood: %s", error)
                continue
            try:
                self._route(request)
            except Exception as error:
                log.exception("routing %s failed", type(request).__name__)
                self.emit(failed(request.id, error))

    def _route(self, request: p.Request) -> None:
        engine = self._engine
        match request:
            case p.Ping():
                pulse = self._scheduler.pulse()
                memory = environment.resident_bytes()
                self.emit(p.Pong(request.id, pulse.step, pulse.step_s, pulse.limit_s, memory))
            case p.Cancel():
                if request.target in self._preparing:
                    self._preparing[request.target].set()
                self._scheduler.cancel(request.target)
            case p.Pause():
                self._scheduler.pause(request.paused)
            case p.Pace():
                self._scheduler.pace(request.learn_percent)
                self._engine.learn_percent = request.learn_percent
            case p.Shutdown():
                self._scheduler.stop()
                timer = threading.Timer(_LEAVE_AFTER_S, _leave, ["told to, in the middle of a step"])
                timer.daemon = True
                timer.start()
            case p.Prepare():
                self._prepare(request)
            case p.Load():
                self._add(request, "load", Priority.REPLY, engine.load, uses_model=False)
            case p.Generate():
                turns = bool(request.comparing)
                self._add(
                    request, "reply", Priority.REPLY, engine.generate, finishes_itself=True, takes_turns=turns
                )
            case p.Prefill():
                self._add(request, "prefill", Priority.PREFILL, engine.prefill)
            case p.Recognise():
                self._add(request, "recognise", Priority.RECOGNISE, engine.recognise)
            case p.Reread():
                self._add(request, "reread", Priority.RECOGNISE, engine.reread)
            case p.Bench():
                self._add(request, "bench", Priority.BENCH, engine.bench)
            case p.Learn():
                self._add(request, "learn", Priority.LEARN, engine.learn)
            case p.Evaluate():
                self._add(request, "learn", Priority.LEARN, engine.evaluate)

    def _add(
        self,
        request: p.Request,
        name: str,
        priority: Priority,
        work: Callable[..., Iterator[None]],
        *,
        finishes_itself: bool = False,
        uses_model: bool = True,
        takes_turns: bool = False,
    ) -> None:
        cancelled = threading.Event()
        steps = work(request, cancelled.is_set)
        limit = _LIMIT_S[name]
        job = Job(
            request.id, name, priority, steps, limit, finishes_itself, uses_model, takes_turns, cancelled
        )
        self._scheduler.submit(job)

    def _prepare(self, request: p.Prepare) -> None:
        """On a thread of its own: it needs no loaded model, takes long, and must not hold replies up."""
        cancelled = self._preparing[request.id] = threading.Event()
        work = functools.partial(self._engine.prepare, request, cancelled.is_set)

        def run() -> None:
            try:
                work()
            except Exception as error:  # noqa: BLE001 - told to the front; failed() logs the unexpected
                self.emit(failed(request.id, error))
            finally:
                self._preparing.pop(request.id, None)

        threading.Thread(target=run, name="prepare", daemon=True).start()

    # --- working thread ---------------------------------------------------------------------------------

    def _before_step(self, job: Job) -> None:
        self._engine.before_step(job.id)

    def _on_error(self, job: Job, error: BaseException) -> None:
        event = failed(job.id, error)
        if event.kind == "memory":
            self._engine.shed_memory()
        if job.id:
            self.emit(event)


def _leave(why: str) -> None:
    """At once, without teardown: whatever is written to disk here is written whole or not at all."""
    log.info("leaving: %s", why)
    logging.shutdown()
    os._exit(0)


def main(connection: Connection, log_dir: str | None, log_level: str) -> None:
    """Body of the spawned process."""
    environment.prepare(Path(log_dir) if log_dir else None, log_level)
    log.info("engine %d starts, %s threads", os.getpid(), os.environ["OMP_NUM_THREADS"])
    Server(Channel.to_front(connection)).run()
    _leave("told to")
