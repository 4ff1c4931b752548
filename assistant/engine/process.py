"""The engine process as its parent sees it: starting it, telling a busy one from a hung one, and why one is gone.

The engine answers Ping from a thread of its own, so no answer means a frozen process; and each Pong says how long the
running step has taken and how long it may, so that a step that never ends is noticed although Pongs come.
"""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from assistant.child_process import ChildProcess
from assistant.engine.codec import Channel
from assistant.engine.protocol import Pong


def _child(connection: Connection, log_dir: str | None, log_level: str) -> None:
    from assistant.engine.server import main

    main(connection, log_dir, log_level)


class EngineProcess(ChildProcess):
    """One life of the engine. ``channel`` talks to it."""

    def __init__(self, log_dir: Path | None, log_level: str = "INFO") -> None:
        super().__init__(_child, str(log_dir) if log_dir else None, log_level, name="attune-engine")
        self.channel = Channel.to_engine(self.connection)


def describe_end(exit_code: int | None) -> tuple[str, str]:
    """Why an engine that nobody asked to leave is gone: (kind of failure, clause for a sentence)."""
    sigkill = getattr(signal, "SIGKILL", 9)
    names = {
        signal.SIGSEGV: "a memory fault",
        signal.SIGABRT: "an internal abort",
        signal.SIGTERM: "it was told to end",
    }
    sigbus, sigill = getattr(signal, "SIGBUS", None), getattr(signal, "SIGILL", None)
    if sigbus is not None:
        names[sigbus] = "a memory fault"
    if sigill is not None:
        names[sigill] = "an instruction this processor does not have"
    if exit_code is not None and exit_code == -sigkill:
        return "memory", "the system ended it, most likely because memory ran out"
    if exit_code is not None and exit_code < 0:
        return "internal", names.get(signal.Signals(-exit_code), f"signal {-exit_code}")
    if exit_code in (0xC0000017, 0xC000012D):  # Windows: STATUS_NO_MEMORY, STATUS_COMMITMENT_LIMIT
        return "memory", "memory ran out"
    return "internal", f"exit code {exit_code}" if exit_code is not None else "no exit code"


# --- busy or hung? ---


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds. A loaded machine may stall a process for a while: better late than wrong."""

    ping_every_s: float = 2.0
    hung_after_s: float = 20.0  # without any answer
    start_s: float = (
        120.0  # from spawn to Ready (a first start reads gigabytes of libraries from a slow disk)
    )


class Watchdog:
    """Pings the engine on its own thread and calls ``give_up(why)`` at most once."""

    def __init__(self, limits: Limits, ping: Callable[[], None], give_up: Callable[[str], None]) -> None:
        self._limits, self._ping, self._give_up = limits, ping, give_up
        self._stop = threading.Event()
        self._started = time.monotonic()
        self._heard: float | None = None  # None: not ready yet
        self.last_pong: Pong | None = None

    def start(self) -> None:
        threading.Thread(target=self._run, name="engine-watchdog", daemon=True).start()

    def stop(self) -> None:
        self._stop.set()

    def ready(self) -> None:
        self._heard = time.monotonic()

    def pong(self, pong: Pong) -> None:
        self.last_pong, self._heard = pong, time.monotonic()

    def _run(self) -> None:
        limits = self._limits
        before = time.monotonic()
        while not self._stop.wait(limits.ping_every_s):
            now = time.monotonic()
            if now - before > limits.ping_every_s + limits.hung_after_s / 2:
                # This process itself was asleep (lid closed, debugger): the silence is not the engine's.
                self._started = now
                self._heard = now if self._heard is not None else None
            before = now
            why = self._verdict(now)
            if why:
                self._give_up(why)
                return
            self._ping()

    def _verdict(self, now: float) -> str:
        limits, pong = self._limits, self.last_pong
        if self._heard is None:
            waited = now - self._started
            return f"it was not ready after {waited:.0f} seconds" if waited > limits.start_s else ""
        if now - self._heard > limits.hung_after_s:
            return f"it did not answer for {now - self._heard:.0f} seconds"
        if pong is not None and pong.limit_s and pong.step_s > pong.limit_s:
            return f"it was stuck in '{pong.step}' for {pong.step_s:.0f} seconds"
        return ""
