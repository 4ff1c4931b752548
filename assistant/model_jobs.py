"""Work on model files that takes long and needs no engine: a download, taking in a GGUF file or an adapter.

Each job runs in a spawned process of its own, started by the user and outside the way of a reply, and leaves when its
front does. It can be stopped at any moment, even killed: a download goes on from there the next time. What it reports
comes as events on a thread of the front; plain JSON crosses the pipe, so that whatever a hub sends stays data.
"""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from assistant.child_process import ChildProcess
from assistant.paths import DataPaths
from models.fetch import network_errors
from models.fetch.hub import Access
from models.fetch.transfer import Progress
from models.fetch.weight_sources import Wanted, WeightsFile

_STOP = b"stop"
_LEAVE_AFTER_S = 3.0  # after being asked to stop; then it is killed


@dataclass(frozen=True, slots=True)
class Get:
    """Fetch ``repo`` at ``revision`` ("": its newest) as model ``model_id``; ``file``: just that one, from its sources."""

    model_id: str
    repo: str
    revision: str
    access: Access
    file: WeightsFile | None = None
    licence: str = ""  # of ``file``


@dataclass(frozen=True, slots=True)
class Add:
    """Take in what the user has: a model folder, an adapter folder or a GGUF file. ``model_id`` "": from its name.

    ``link``: a GGUF file stays where it is, instead of being copied.
    """

    path: str
    model_id: str = ""
    link: bool = False


@dataclass(frozen=True, slots=True)
class Planned:
    """What is going to be fetched, before anything large; comes again when the next source is tried."""

    repo: str
    revision: str
    licence: str
    total_bytes: int
    endpoint: str


@dataclass(frozen=True, slots=True)
class Progressed:
    """``done`` of ``total`` bytes (total 0: unknown) of ``phase``; ``left_s`` None: not known yet."""

    phase: str
    done: int = 0
    total: int = 0
    per_s: float = 0.0
    left_s: float | None = None


@dataclass(frozen=True, slots=True)
class Finished:
    model_id: str
    folder: str


@dataclass(frozen=True, slots=True)
class Paused:
    """Stopped on request; a download that is tried again goes on from here, of an addition nothing is kept."""


@dataclass(frozen=True, slots=True)
class Failed:
    """``reason`` is one sentence; ``gated``: terms must be accepted and a token given."""

    reason: str
    gated: bool = False


JobEvent = Planned | Progressed | Finished | Paused | Failed
_KINDS = {kind.__name__: kind for kind in (Planned, Progressed, Finished, Paused, Failed)}
_LAST = (Finished, Paused, Failed)


class ModelJob:
    """A running job. ``on_event`` is called on a thread of its own; the last event is Finished, Paused or Failed."""

    def __init__(self, paths: DataPaths, job: Get | Add, on_event: Callable[[JobEvent], None]) -> None:
        self._on_event = on_event
        kind, fields = type(job).__name__, asdict(job)
        self._process = ChildProcess(_child, str(paths.root), kind, fields, name="attune-model-job")
        self._pipe = self._process.connection
        self._done = threading.Event()
        self._stopping = False
        threading.Thread(target=self._listen, name="model-job", daemon=True).start()

    @property
    def pid(self) -> int:
        return self._process.pid

    def stop(self) -> None:
        """Ask it to stop; Paused comes soon (its process is killed if it does not answer)."""
        self._stopping = True
        try:
            self._pipe.send_bytes(_STOP)
        except (OSError, ValueError):
            return  # it has ended by itself
        timer = threading.Timer(_LEAVE_AFTER_S, self._process.kill)
        timer.daemon = True
        timer.start()

    def wait(self, timeout_s: float | None = None) -> bool:
        """Until its last event has been delivered; False when it takes longer."""
        return self._done.wait(timeout_s)

    def _listen(self) -> None:
        last: JobEvent | None = None
        try:
            while last is None:
                event = _decode(self._pipe.recv_bytes(1 << 20))
                if isinstance(event, _LAST):
                    last = event
                else:
                    self._on_event(event)
        except (EOFError, OSError, ValueError, TypeError, KeyError):
            last = (
                Paused() if self._stopping else Failed("The work on the model ended unexpectedly; try again.")
            )
        if not self._process.join(_LEAVE_AFTER_S):
            self._process.kill()
        try:
            self._on_event(last)
        finally:
            self._done.set()


def _decode(frame: bytes) -> JobEvent:
    kind, fields = json.loads(frame)
    event: JobEvent = _KINDS[kind](**fields)
    return event


# --- in the child ---------------------------------------------------------------------------------------


def _child(pipe: Connection, root: str, kind: str, fields: dict[str, Any]) -> None:
    stop = threading.Event()
    sending = threading.Lock()

    def tell(event: JobEvent) -> None:
        with sending:
            try:
                pipe.send_bytes(json.dumps([type(event).__name__, asdict(event)]).encode())
            except OSError:
                stop.set()  # the front is gone

    def listen() -> None:
        with contextlib.suppress(EOFError, OSError):
            pipe.recv_bytes(64)
        stop.set()

    threading.Thread(target=listen, daemon=True).start()
    paths = DataPaths(Path(root))
    if kind == "Get":
        file = None if fields["file"] is None else WeightsFile.from_json(fields["file"])
        job: Get | Add = Get(**{**fields, "access": Access(**fields["access"]), "file": file})
    else:
        job = Add(**fields)
    tell(_run(paths, job, tell, stop))
    pipe.close()


def _run(
    paths: DataPaths, job: Get | Add, tell: Callable[[JobEvent], None], stop: threading.Event
) -> JobEvent:
    """Do the job; its last event."""
    from assistant.store.locks import try_lock
    from models.errors import GatedModel, ModelError
    from models.fetch.transfer import Paused as Stopped

    name = job.model_id or "added"
    try:
        lock = try_lock(paths.locks / f"model-{name}.lock")
        if lock is None:
            return Failed(f"{name} is being fetched already, by another window or command.")
        with lock:
            return _get(paths, job, tell, stop) if isinstance(job, Get) else _add(paths, job, tell, stop)
    except Stopped:
        return Paused()
    except ModelError as error:
        return Failed(str(error), isinstance(error, GatedModel))
    except (OSError, MemoryError) as error:
        return Failed(f"The work on {name} failed: {network_errors.plain(error)}.")


def _get(paths: DataPaths, job: Get, tell: Callable[[JobEvent], None], stop: threading.Event) -> JobEvent:
    from models.fetch import download, fetch_file, hub

    def show(p: Progress) -> None:
        tell(Progressed(p.phase, p.done, p.total, p.per_s, p.left_s))

    def announce(plan: hub.Plan) -> None:
        tell(Planned(plan.repo, plan.revision, plan.licence, plan.total_bytes, plan.endpoint))

    hub.prepare(job.access)
    where = (paths.models, job.access, show, stop, announce)
    if job.file is None:
        folder = download.get(job.model_id, job.repo, job.revision, *where)
    else:
        wanted = Wanted(job.model_id, job.repo, job.revision, job.licence, job.file)
        folder = fetch_file.get(wanted, job.file, *where)
    return Finished(job.model_id, str(folder))


def _add(paths: DataPaths, job: Add, tell: Callable[[JobEvent], None], stop: threading.Event) -> JobEvent:
    from models.fetch import model_import
    from models.gguf.folder import Stopped

    try:
        entry = model_import.take_in(
            Path(job.path),
            paths.models,
            job.model_id or None,
            lambda phase, done, total: tell(Progressed(phase, int(done), int(total))),
            link=job.link,
            stop=stop,
        )
    except Stopped:
        return Paused()
    return Finished(entry.id, str(entry.folder))
