"""One file over HTTP, resumable and stoppable: what downloads from a hub and from a package index share. Torch-free.

huggingface_hub's own ``hf_hub_download`` throws a partial file away when it is interrupted (2.4), hence the loop here.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from models import durable
from models.errors import DownloadFailed, ModelRefused
from models.fetch import network_errors

if TYPE_CHECKING:
    import httpx2

SPARE_BYTES = 500_000_000  # of disk space left free
TIMEOUT_S = 20.0  # for a connection, and between two pieces of an answer
ATTEMPTS = 6  # without a new byte in between
FIRST_PAUSE_S = 1.0
_LONGEST_PAUSE_S = 30.0
_TELL_EVERY_S = 0.2
_SPEED_OVER_S = 8.0
_BUSY = (408, 429, 500, 502, 503, 504)
_CHUNK = 1 << 22


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a download stands. ``left_s`` None: not known yet."""

    phase: str  # "looking up" | "downloading" | "checking" | "waiting" | what comes after it
    done: int = 0  # bytes
    total: int = 0  # bytes, 0: not known yet
    per_s: float = 0.0  # bytes a second, lately
    left_s: float | None = None


Tell = Callable[[Progress], None]


class Paused(Exception):
    """The download was stopped on request; what was fetched stays."""


class Tally:
    """Bytes over all files of a download, the speed of the last seconds, and when to tell of them."""

    def __init__(self, total: int, done: int, tell: Tell) -> None:
        self._tell = tell
        self._last = 0.0
        self._marks: list[tuple[float, float]] = []  # (time, bytes done)
        self.scale = 1.0  # bytes of the result for each byte that comes over the line
        self.restart(total, done)

    def restart(self, total: int, done: int) -> None:
        """What there is of how much; the speed is measured anew."""
        self._total, self._done = total, float(done)
        self._marks = []

    def stands_at(self, done: int) -> None:
        """Exactly ``done`` bytes of the result are there."""
        self._done = float(done)

    def add(self, n_bytes: int) -> None:
        """``n_bytes`` more are there (or, negative, were thrown away)."""
        self._done += n_bytes * self.scale
        if n_bytes < 0:
            self._marks = []
        self.show("downloading")

    def show(self, phase: str, *, now: bool = False) -> None:
        at = time.monotonic()
        if not now and at - self._last < _TELL_EVERY_S and self._done < self._total:
            return
        self._last = at
        self._marks = [m for m in self._marks if at - m[0] < _SPEED_OVER_S] + [(at, self._done)]
        since, before = self._marks[0]
        per_s = (self._done - before) / (at - since) if at - since > 0.5 else 0.0
        left_s = (self._total - self._done) / per_s if per_s > 0 else None
        self._tell(Progress(phase, round(self._done), self._total, per_s, left_s))


@dataclass(frozen=True, slots=True)
class Remote:
    """A file on a server."""

    url: str
    name: str  # what to call it in a sentence
    host: str  # who gives it, in a sentence; without anything secret
    size_bytes: int
    client: httpx2.Client
    headers: Mapping[str, str]
    check: Callable[[httpx2.Response], object]  # raises for an answer that is an error
    auth: tuple[str, str] | None = None


def receive(remote: Remote, part: Path, tally: Tally, stop: threading.Event) -> None:
    """Append to ``part`` until it has the file's size, over as many connections as that takes.

    Raises Paused, DownloadFailed, ModelRefused (it is longer than announced), or what ``remote.check`` raises.
    """
    import httpx2

    fruitless, pause_s = 0, FIRST_PAUSE_S
    with part.open("ab") as out:
        first = out.tell()
        if out.tell() > remote.size_bytes:
            _restart(out, tally)
        while out.tell() != remote.size_bytes:
            before, trouble, asked_s = out.tell(), "the connection ended", 0.0
            try:
                _stream(remote, out, tally, stop)
            except _Busy as busy:
                trouble, asked_s = f"it answered {busy.status}", busy.retry_s
            except httpx2.TransportError as error:
                never_there = isinstance(error, (httpx2.ConnectError, httpx2.ConnectTimeout))
                if never_there and out.tell() == first and fruitless:
                    raise  # not a broken connection: there is none
                trouble = network_errors.short(error)
            if out.tell() == remote.size_bytes:
                break
            if out.tell() > before:
                fruitless, pause_s = 0, FIRST_PAUSE_S
            else:
                fruitless += 1
            if fruitless >= ATTEMPTS:
                raise DownloadFailed(
                    f"{remote.host} broke off {ATTEMPTS} times ({trouble[:100]}); trying again later goes on here."
                )
            tally.show("waiting", now=True)
            if stop.wait(min(max(pause_s, asked_s), _LONGEST_PAUSE_S)):
                raise Paused
            pause_s *= 2
        out.flush()
        os.fsync(out.fileno())


class _Busy(Exception):
    """The server asks to come back later."""

    def __init__(self, status: int, retry_s: float) -> None:
        super().__init__(status)
        self.status, self.retry_s = status, retry_s


def _stream(remote: Remote, out: BinaryIO, tally: Tally, stop: threading.Event) -> None:
    """One request's worth of the file, from where ``out`` stands."""
    import httpx2

    have = out.tell()
    wanted = {**remote.headers, "Accept-Encoding": "identity"}
    if have:
        wanted["Range"] = f"bytes={have}-"
    login = remote.auth if remote.auth is not None else httpx2.USE_CLIENT_DEFAULT
    with remote.client.stream("GET", remote.url, headers=wanted, timeout=TIMEOUT_S, auth=login) as response:
        if response.status_code == 416:  # what is here is not a beginning of what is there
            _restart(out, tally)
            return
        if response.status_code in _BUSY:
            raise _Busy(response.status_code, _seconds(response.headers.get("Retry-After")))
        remote.check(response)
        start = response.headers.get("Content-Range", "").removeprefix("bytes ").split("-")[0]
        if have and (response.status_code != 206 or (start and start != str(have))):
            _restart(out, tally)  # the server sends it from the beginning
            if response.status_code == 206:
                return
        for chunk in response.iter_bytes():
            if stop.is_set():
                raise Paused
            if out.tell() + len(chunk) > remote.size_bytes:
                _restart(out, tally)
                raise ModelRefused(
                    f"{remote.name} is larger on {remote.host} than announced; it was not used."
                )
            out.write(chunk)
            tally.add(len(chunk))
    if stop.is_set():
        raise Paused


def _restart(out: BinaryIO, tally: Tally) -> None:
    tally.add(-out.tell())
    out.seek(0)
    out.truncate(0)


def _seconds(value: str | None) -> float:
    try:
        return max(0.0, float(value or 0))
    except ValueError:
        return 0.0


# --- on the disk ----------------------------------------------------------------------------------------


def check_space(folder: Path, name: str, need_bytes: int) -> None:
    """Raises DownloadFailed in one sentence unless ``need_bytes`` and something to spare are free."""
    free = shutil.disk_usage(folder).free
    if need_bytes + SPARE_BYTES > free:
        raise DownloadFailed(
            f"{name} needs {(need_bytes + SPARE_BYTES) / 1e9:.1f} GB of disk space, {free / 1e9:.1f} GB are free."
        )


def sha256_of(path: Path, stop: threading.Event, tell: Callable[[int], None] = lambda done: None) -> str:
    """Hex SHA-256 of a file; ``tell`` hears how many bytes were read so far. Raises Paused."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            if stop.is_set():
                raise Paused
            digest.update(chunk)
            tell(file.tell())
    return digest.hexdigest()


def write_json(path: Path, data: Mapping[str, Any]) -> None:
    """Whole or not at all."""
    durable.write(path, json.dumps(data, indent=1).encode())
