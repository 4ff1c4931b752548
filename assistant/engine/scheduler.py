"""One thing at a time, the most urgent first, in short steps.

Each job is a generator; the scheduler advances the most urgent one by one step and looks again. So a reply
that arrives while learning runs waits for one learning step at most, and never the other way round.
"""

from __future__ import annotations

import itertools
import logging
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import IntEnum

log = logging.getLogger(__name__)


class Priority(IntEnum):
    """Lower goes first. Loading keeps its place among replies: what was asked after it wants the new
    model."""

    REPLY = 0
    RECOGNISE = 1
    PREFILL = 2
    BENCH = 3
    LEARN = 4


class Cancelled(Exception):
    """The job was ended by a Cancel or because its model is being unloaded; ``str`` says so to a person."""


@dataclass(eq=False)
class Job:
    """``steps`` is advanced until it ends. ``limit_s``: a single step longer than this counts as hung."""

    id: int
    name: str
    priority: Priority
    steps: Iterator[None]
    limit_s: float
    finishes_itself: bool = False  # a cancelled reply still says Done with what was written
    uses_model: bool = True
    takes_turns: bool = False  # with others of its kind: after a step it goes to the end of the queue
    cancelled: threading.Event = field(default_factory=threading.Event)
    started: bool = False
    order: int = 0


@dataclass(frozen=True, slots=True)
class Pulse:
    """What the engine is at: name of the step, its age and limit in seconds."""

    step: str = ""
    step_s: float = 0.0
    limit_s: float = 0.0


class Scheduler:
    """``run`` belongs to one thread; everything else may be called from another."""

    def __init__(
        self,
        on_error: Callable[[Job, BaseException], None],
        before_step: Callable[[Job], None],
        on_idle: Callable[[], None] = lambda: None,
        *,
        idle_every_s: float = 15.0,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], bool] | None = None,
    ) -> None:
        """``on_idle`` is called on the running thread every ``idle_every_s`` in which there was nothing to do and no job
        that has begun holds the model.

        ``sleep`` waits so many seconds or until something changed, and says whether something did.
        """
        self._on_error = on_error
        self._before_step = before_step
        self._on_idle = on_idle
        self._idle_every_s = idle_every_s
        self._jobs: list[Job] = []
        self._wake = threading.Condition()
        self._orders = itertools.count()
        self._clock, self._sleep = clock, sleep or self._wake.wait
        self._paused = False
        self._learn_share = 1.0  # of the time that learning may work
        self._learned: tuple[float, float] = (0.0, 0.0)  # its last step: when it ended, how long it took
        self._stopping = False
        self._running: tuple[Job, float] | None = None

    def submit(self, job: Job) -> None:
        with self._wake:
            job.order = next(self._orders)
            self._jobs.append(job)
            self._wake.notify_all()

    def cancel(self, target: int) -> None:
        """Mark a job; it ends at its next step. Unknown ids (already answered) are ignored."""
        with self._wake:
            for job in self._jobs:
                if job.id == target:
                    job.cancelled.set()
            self._wake.notify_all()

    def pause(self, paused: bool) -> None:
        """Hold learning back, or let it go on."""
        with self._wake:
            self._paused = paused
            self._wake.notify_all()

    def pace(self, percent: float) -> None:
        """Let learning work in ``percent`` (up to 100) of the time only; holds at once, for a running update too."""
        with self._wake:
            self._learn_share = min(max(percent, 1.0), 100.0) / 100.0
            self._wake.notify_all()

    def stop(self) -> None:
        with self._wake:
            self._stopping = True
            self._wake.notify_all()

    def pulse(self) -> Pulse:
        running = self._running
        if running is None:
            return Pulse()
        job, since = running
        return Pulse(job.name, self._clock() - since, job.limit_s)

    def end_started(self, reason: str) -> None:
        """End all jobs that hold on to the loaded model (from within a step: the model is about to go)."""
        with self._wake:
            current = self._running[0] if self._running else None
            going = [job for job in self._jobs if job.started and job.uses_model and job is not current]
        for job in going:
            self._finish(job, Cancelled(reason))

    def run(self) -> None:
        """Work until ``stop``; jobs still there are closed."""
        while not self._stopping:
            job = self._next()
            if job is not None:
                self._step(job)
            elif not self._stopping and not self._model_is_held():
                self._on_idle()
        for job in list(self._jobs):
            self._close(job)

    def _next(self) -> Job | None:
        """The most urgent job; None: none for a while, or told to stop."""
        with self._wake:
            while not self._stopping:
                rest_s = self._rest_s()
                ready = [
                    job
                    for job in self._jobs
                    if job.cancelled.is_set()
                    or job.priority is not Priority.LEARN
                    or not (self._paused or rest_s > 0)
                ]
                if ready:
                    return min(ready, key=lambda job: (job.priority, job.order))
                resting = rest_s > 0 and bool(self._jobs) and not self._paused
                if not self._sleep(rest_s if resting else self._idle_every_s) and not resting:
                    return None
        return None

    def _model_is_held(self) -> bool:
        """Has a job begun that works with the loaded model (an update that was paused, for one)?

        Its model cannot be let go: it would stay in memory beside the one that the next reply loads.
        """
        with self._wake:
            return any(job.started and job.uses_model for job in self._jobs)

    def _rest_s(self) -> float:
        """How long learning still has to rest so that its last step was no more than its share of the time."""
        ended, took = self._learned
        return ended + took * (1.0 / self._learn_share - 1.0) - self._clock()

    def _step(self, job: Job) -> None:
        began = self._clock()
        self._running = (job, began)
        try:
            if job.cancelled.is_set() and not job.finishes_itself:
                self._finish(job, Cancelled("Stopped."))
                return
            self._before_step(job)
            job.started = True
            next(job.steps)
            if job.takes_turns:
                job.order = next(self._orders)
        except StopIteration:
            self._finish(job, None)
        except Exception as error:  # noqa: BLE001 - told to the front by on_error, which logs the unexpected
            self._finish(job, error)
        finally:
            self._running = None
            if job.priority is Priority.LEARN:
                ended = self._clock()
                self._learned = (ended, ended - began)

    def _finish(self, job: Job, error: BaseException | None) -> None:
        with self._wake:
            if job not in self._jobs:
                return
            self._jobs.remove(job)
        self._close(job)
        if error is not None:
            self._on_error(job, error)

    def _close(self, job: Job) -> None:
        close = getattr(job.steps, "close", None)
        if close is None:
            return
        try:
            close()
        except Exception:
            log.exception("closing %s %d failed", job.name, job.id)
