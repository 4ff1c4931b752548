"""Files from anywhere are decoded in a process of its own, under limits of memory and time: both ends of it.

``Worker`` is the parent's end, ``serve`` the child's. The child is given the bytes of a file, opens none itself, and
answers with JSON and a re-encoded file; a hostile file can at worst be refused. What pictures and sounds are, their own
rooms know (``assistant.vision``, ``assistant.sound``). Imports nothing heavy.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from assistant.child_process import ChildProcess
from assistant.errors import BadInput

MEMORY_BYTES = 3_000_000_000  # address space; a picture of 50 megapixels needs about 0.8 GB for its copies
CPU_S = 40  # processor time for one file
TIMEOUT_S = 60.0  # for one file, start of the process included
IDLE_S = 30.0  # after this long without a file the process is let go
_MAX_ANSWER_BYTES = 128_000_000

Answer = tuple[
    dict[str, Any], bytes
]  # what is known of the file (or {"refused": clause}), and the file re-encoded


def read_file(path: Path, name: str, most_bytes: int, what: str) -> bytes:
    """An ordinary file's bytes, one more than ``most_bytes`` at most. Raises BadInput: not there, not a file."""
    try:
        if path.is_dir():
            raise BadInput(f"{name} is a folder, not a {what}.")
        if not path.is_file():  # a device or pipe could be read for ever
            raise BadInput(
                f"{name} is not there." if not path.exists() else f"{name} is not an ordinary file."
            )
        with path.open("rb") as file:
            return file.read(most_bytes + 1)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        reason = getattr(error, "strerror", None) or str(error)
        raise BadInput(f"{name} cannot be read: {reason}.") from error


def read_source(
    source: str | os.PathLike[str] | bytes, name: str, most_bytes: int, what: str
) -> tuple[bytes, str]:
    """What is to be taken in, from a file or from bytes, and its name for display ("The sound" where bytes have none).

    Raises BadInput in one sentence: missing, not a file, empty, too large.
    """
    if isinstance(source, bytes):
        data, name = source, name or f"The {what}"
    else:
        path = Path(source)
        name = name or path.name
        data = read_file(path, name, most_bytes, what)
    if not data:
        raise BadInput(f"{name} is empty.")
    if len(data) > most_bytes:
        raise BadInput(f"{name} is larger than {most_bytes // 1_000_000} MB, the most a {what} may have.")
    return data, name


class Worker:
    """A decoding process as its parent sees it; one file at a time, from any thread. Kept warm for ``IDLE_S``.

    ``target`` gives the function that is its body when it is first needed.
    """

    def __init__(self, target: Callable[[], Any], name: str) -> None:
        self._target, self._name = target, name
        self._lock = threading.Lock()
        self._process: ChildProcess | None = None
        self._idle: threading.Timer | None = None

    def decode(self, data: bytes, name: str) -> Answer:
        """What the process answered. Raises BadInput where it could not within its limits."""
        with self._lock:
            self._stop_timer()
            try:
                connection = self._started()
                connection.send_bytes(data)
                if not connection.poll(TIMEOUT_S):
                    raise BadInput(f"{name} took too long to open and was refused.")
                # JSON, not pickle: what comes from a process that reads hostile files is not trusted either.
                answer = json.loads(connection.recv_bytes(_MAX_ANSWER_BYTES))
                decoded = b"" if "refused" in answer else connection.recv_bytes(_MAX_ANSWER_BYTES)
            except (EOFError, OSError, ValueError) as error:
                self._end()
                raise BadInput(f"{name} could not be opened within the limits of memory and time.") from error
            except BaseException:
                self._end()
                raise
            self._idle = threading.Timer(IDLE_S, self.close)
            self._idle.daemon = True
            self._idle.start()
            return answer, decoded

    def close(self) -> None:
        """Let the process go now; the next file starts another."""
        with self._lock:
            self._stop_timer()
            self._end()

    def _started(self) -> Connection:
        if self._process is None or not self._process.alive():
            self._end()
            self._process = ChildProcess(self._target(), name=self._name)
        return self._process.connection

    def _stop_timer(self) -> None:
        if self._idle is not None:
            self._idle.cancel()
            self._idle = None

    def _end(self) -> None:
        if self._process is not None:
            self._process.connection.close()
            self._process.kill()  # it holds nothing that could be lost
            self._process.join(5.0)
        self._process = None


def serve(connection: Connection, load: Callable[[], object], answer: Callable[[bytes], Answer]) -> None:
    """The child's body: answer files until the other end is gone. ``load`` imports what ``answer`` needs."""
    load()  # before the limits: importing needs files
    _limit_process()
    while True:
        try:
            data = connection.recv_bytes()
        except (EOFError, OSError):
            return
        _limit_time()
        header, decoded = answer(data)
        try:
            connection.send_bytes(json.dumps(header).encode())
            if decoded:
                connection.send_bytes(decoded)
        except OSError:
            return


def _limit_process() -> None:
    """No more memory than ``MEMORY_BYTES``, no files written, no core dump (Windows has no such limits)."""
    if sys.platform == "win32":
        return
    import resource

    for limit, value in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(limit)
        ceiling = value if hard == resource.RLIM_INFINITY else min(value, hard)
        try:
            resource.setrlimit(limit, (ceiling, hard))
        except (OSError, ValueError):
            continue  # macOS refuses RLIMIT_AS


def _limit_time() -> None:
    """``CPU_S`` more seconds of processor time from now; the system ends the process after them."""
    if sys.platform == "win32":
        return
    import resource

    used = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + CPU_S, hard))
