"""The one door for pictures: only what was decoded and re-encoded here reaches the store, Qt or a model.

Decoding happens in a process of its own under limits (``assistant.vision.decoding``), so that a hostile
file can at worst be refused. That process is kept warm for a while: the second picture is quick.
"""

from __future__ import annotations

import atexit
import json
import multiprocessing
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from assistant.errors import BadInput
from assistant.vision import decoding, kinds

MAX_FILE_BYTES = 20_000_000
TIMEOUT_S = 60.0  # for one picture, start of the process included
IDLE_S = 30.0  # after this long without a picture the process is let go
_MAX_ANSWER_BYTES = 128_000_000


@dataclass(frozen=True, slots=True)
class IntakeImage:
    """A picture as it is kept: upright, RGB, one frame, no metadata; ``data`` is a PNG or JPEG file."""

    data: bytes
    mime: str  # image/png | image/jpeg
    name: str  # where it came from, for display
    width: int  # pixels
    height: int
    note: str = ""  # what was changed, for people


def intake(source: str | os.PathLike[str] | bytes, name: str = "") -> IntakeImage:
    """Take a picture in, from a file or from bytes. Blocks while it is decoded: not for a GUI thread.

    Raises BadInput in one sentence: missing, too large, not a picture of a kind on the list, damaged.
    """
    if isinstance(source, bytes):
        data, name = source, name or "The picture"
    else:
        path = Path(source)
        name = name or path.name
        data = read_file(path, name, MAX_FILE_BYTES, "picture")
    kinds.check(data, name, MAX_FILE_BYTES)
    answer, pixels = _worker.decode(data, name)
    if "refused" in answer:
        raise BadInput(f"{name} {answer['refused']}")
    return IntakeImage(
        data=pixels,
        mime=str(answer["mime"]),
        name=name,
        width=int(answer["width"]),
        height=int(answer["height"]),
        note=str(answer["note"]),
    )


def close() -> None:
    """Let the decoding process go now."""
    _worker.close()


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


class Worker:
    """A decoding process as its parent sees it; one file at a time, from any thread.

    ``target`` gives the function that is its body when it is first needed.
    """

    def __init__(self, target: Callable[[], Any], name: str) -> None:
        self._target, self._name = target, name
        self._lock = threading.Lock()
        self._process: multiprocessing.process.BaseProcess | None = None
        self._connection: Connection | None = None
        self._idle: threading.Timer | None = None

    def decode(self, data: bytes, name: str) -> tuple[dict[str, Any], bytes]:
        """The worker's answer (see ``decoding.answer``) and the re-encoded file."""
        with self._lock:
            self._stop_timer()
            try:
                connection = self._started()
                connection.send_bytes(data)
                if not connection.poll(TIMEOUT_S):
                    raise BadInput(f"{name} took too long to open and was refused.")
                # JSON, not pickle: what comes from a process that reads hostile files is not trusted either.
                answer = json.loads(connection.recv_bytes(_MAX_ANSWER_BYTES))
                pixels = b"" if "refused" in answer else connection.recv_bytes(_MAX_ANSWER_BYTES)
            except (EOFError, OSError, ValueError) as error:
                self._end()
                raise BadInput(f"{name} could not be opened within the limits of memory and time.") from error
            except BaseException:
                self._end()
                raise
            self._idle = threading.Timer(IDLE_S, self.close)
            self._idle.daemon = True
            self._idle.start()
            return answer, pixels

    def close(self) -> None:
        with self._lock:
            self._stop_timer()
            self._end()

    def _started(self) -> Connection:
        if self._process is not None and self._process.is_alive() and self._connection is not None:
            return self._connection
        self._end()
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(target=self._target(), args=(theirs,), name=self._name, daemon=True)
        try:
            process.start()
        except BaseException:
            ours.close()
            raise
        finally:
            theirs.close()
        self._process, self._connection = process, ours
        return ours

    def _stop_timer(self) -> None:
        if self._idle is not None:
            self._idle.cancel()
            self._idle = None

    def _end(self) -> None:
        if self._connection is not None:
            self._connection.close()
        if self._process is not None:
            self._process.kill()  # it holds nothing that could be lost
            self._process.join(5.0)
        self._process = self._connection = None


_worker = Worker(lambda: decoding.run, "attune-pictures")
atexit.register(close)
