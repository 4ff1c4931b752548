"""The engine process as its parent sees it: started by spawn, watched, ended for good.

The child inherits one end of a pipe and nothing else; when this process disappears, even by ``kill -9``, the
child ends whatever it is doing (``assistant.parent_watch``).
"""

from __future__ import annotations

import multiprocessing
import signal
import threading
from multiprocessing.connection import Connection, wait
from pathlib import Path

from assistant.engine.transport import Channel


def _child(connection: Connection, log_dir: str | None, log_level: str) -> None:
    from assistant.parent_watch import end_with_parent

    end_with_parent()
    from assistant.engine.server import main

    main(connection, log_dir, log_level)


class EngineProcess:
    """One life of the engine. ``channel`` talks to it."""

    def __init__(self, log_dir: Path | None, log_level: str = "INFO") -> None:
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe(duplex=True)
        self._process = context.Process(
            target=_child,
            args=(theirs, str(log_dir) if log_dir else None, log_level),
            name="attune-engine",
            daemon=True,
        )
        try:
            self._process.start()
        except BaseException:
            ours.close()
            raise
        finally:
            theirs.close()  # or the end of the child would never show as the end of the pipe
        self.channel = Channel.to_engine(ours)
        self._reaping = threading.Lock()  # two threads in waitpid: one of them would believe it lives

    @property
    def pid(self) -> int:
        return self._process.pid or 0

    def alive(self) -> bool:
        with self._reaping:
            return self._process.is_alive()

    def kill(self) -> None:
        """End it whatever it is doing (a stopped process too)."""
        with self._reaping:
            if self._process.is_alive():
                self._process.kill()

    def join(self, timeout_s: float) -> bool:
        """Wait for the end; True when it has ended. Safe from several threads at once."""
        if not wait([self._process.sentinel], timeout_s):
            return False
        with self._reaping:
            self._process.join(timeout_s)
            return not self._process.is_alive()

    def exit_code(self) -> int | None:
        return self._process.exitcode


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
