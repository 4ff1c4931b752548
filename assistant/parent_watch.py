"""A child process ends when its parent is gone, whatever either is doing. Every process that Attune starts calls this.

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
from multiprocessing.connection import wait


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
