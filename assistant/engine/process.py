"""The engine process as its parent sees it, and why one is gone."""

from __future__ import annotations

import signal
from multiprocessing.connection import Connection
from pathlib import Path

from assistant.child_process import ChildProcess
from assistant.engine.transport import Channel


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
