"""The one way to start a process of Attune's own: spawned, with a pipe, ended for good, and never without its parent.

A child process ends when its parent is gone, whatever either is doing.

The parent holds one end of a pipe that multiprocessing opened; the system closes it with the parent, ``kill -9``
included. A thread of the child waits for that and leaves at once. A thread needs Python's lock, which a long call into C
may hold; so on Linux the kernel is asked as well to kill the child when that pipe closes. (PR_SET_PDEATHSIG would not do:
it fires when the *thread* that started the child ends.) Nothing is lost: what is written to disk is written whole or
not at all.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection, wait
from typing import Any


class ChildProcess:
    """A process that runs ``target(connection, *args)``; ``connection`` is this side's end of the pipe.

    The child inherits the other end and nothing else, and leaves Ctrl-C to this process. Raises OSError where no process
    can be started. Safe from several threads at once.
    """

    def __init__(self, target: Callable[..., None], *args: Any, name: str) -> None:
        context = multiprocessing.get_context("spawn")
        self.connection, theirs = context.Pipe(duplex=True)
        self._process = context.Process(target=_enter, args=(target, theirs, *args), name=name, daemon=True)
        self._reaping = threading.Lock()  # two threads in waitpid: one of them would believe it lives
        try:
            self._process.start()
        except BaseException:
            self.connection.close()
            raise
        finally:
            theirs.close()  # or the end of the child would never show as the end of the pipe

    @property
    def pid(self) -> int:
        return self._process.pid or 0

    @property
    def exit_code(self) -> int | None:
        return self._process.exitcode

    def alive(self) -> bool:
        with self._reaping:
            return self._process.is_alive()

    def kill(self) -> None:
        """End it whatever it is doing (a stopped process too)."""
        with self._reaping:
            if self._process.is_alive():
                self._process.kill()

    def join(self, timeout_s: float) -> bool:
        """Wait for the end; True when it has ended."""
        if not wait([self._process.sentinel], timeout_s):
            return False
        with self._reaping:
            self._process.join(timeout_s)
            return not self._process.is_alive()


def _enter(target: Callable[..., None], connection: Connection, *args: Any) -> None:
    """The child's first steps."""
    end_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C in a terminal: the front decides
    target(connection, *args)


def end_with_parent() -> None:
    """Call this first in a spawned process."""
    parent = multiprocessing.parent_process()
    if parent is None:
        return
    sentinel = parent.sentinel
    if sys.platform == "linux":
        _let_kernel_kill(sentinel)
    # Started after the line above: a parent that went in between is seen here.
    threading.Thread(target=_watch, args=(sentinel,), name="parent-watch", daemon=True).start()


def _watch(sentinel: int) -> None:
    wait([sentinel])
    os._exit(0)


def _let_kernel_kill(sentinel: int) -> None:
    """SIGKILL when the pipe becomes readable, which it does only by its other end being closed."""
    import fcntl

    with contextlib.suppress(OSError):  # an unusual sandbox: the thread remains
        fcntl.fcntl(sentinel, fcntl.F_SETOWN, os.getpid())
        fcntl.fcntl(sentinel, fcntl.F_SETSIG, signal.SIGKILL)
        fcntl.fcntl(sentinel, fcntl.F_SETFL, fcntl.fcntl(sentinel, fcntl.F_GETFL) | os.O_ASYNC)
