"""Downloads and other long work on models, seen from the window: started here, shown on the page, never in the way.

Each runs in a process of its own (``assistant.model_jobs``), at most one a model; what it reports arrives on a thread of
its own and leaves here as a signal on the GUI thread.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from PySide6.QtCore import QObject, Qt, Signal, Slot

from assistant import model_jobs as jobs
from assistant.paths import DataPaths


@dataclass(frozen=True, slots=True)
class JobState:
    """Where a model's job stands, as its row shows it. ``phase`` "": nothing is going on."""

    phase: str = ""  # what the job says it does; "failed", "paused"
    done: int = 0  # bytes
    total: int = 0
    per_s: float = 0.0
    left_s: float | None = None
    licence: str = ""
    reason: str = ""  # why it failed, one sentence
    gated: bool = False

    @property
    def running(self) -> bool:
        return self.phase not in ("", "failed", "paused")


class ModelJobs(QObject):
    changed = Signal(str, object)  # model id, JobState
    finished = Signal(str, str)  # key of the job, id of the model that is now here
    _event = Signal(str, object)

    def __init__(self, paths: DataPaths, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._paths = paths
        self._running: dict[str, jobs.ModelJob] = {}
        self._states: dict[str, JobState] = {}
        self._closed = False
        self._downloads: set[str] = set()  # keys of the running jobs that use the network
        self._event.connect(self._on_event, Qt.ConnectionType.QueuedConnection)

    def state(self, model_id: str) -> JobState:
        return self._states.get(model_id, JobState())

    @property
    def downloading(self) -> bool:
        """Does a running job use the network?"""
        return bool(self._downloads)

    def announce(self) -> None:
        """Tell of all jobs again, to listeners that have just come."""
        for key, state in list(self._states.items()):
            self.changed.emit(key, state)

    def start(self, key: str, job: jobs.Get | jobs.Add, done: int = 0, total: int = 0) -> None:
        """Begin (or go on with) a job; ``key`` names its row. ``done`` of ``total`` bytes are here from the last time."""
        if key in self._running:
            return
        if isinstance(job, jobs.Get):
            self._downloads.add(key)
        before = self.state(key)
        self._set(key, JobState("waiting", before.done or done, before.total or total))
        self._running[key] = jobs.ModelJob(self._paths, job, lambda event: self._tell(key, event))

    def pause(self, key: str) -> None:
        """Stop a job; what it fetched stays."""
        if key in self._running:
            self._running[key].stop()

    def forget(self, key: str) -> None:
        """A job that has ended is done with: its files are gone."""
        if key not in self._running:
            self._set(key, JobState())

    def stop_all(self) -> None:
        """The window closes: ask all to stop. Their files stay; the processes leave with this one."""
        self._closed = True
        for job in self._running.values():
            job.stop()

    def _tell(self, key: str, event: jobs.JobEvent) -> None:
        """On the job's thread: hand an event over, as long as somebody is there to hear it."""
        if not self._closed:
            self._event.emit(key, event)

    @Slot(str, object)
    def _on_event(self, key: str, event: jobs.JobEvent) -> None:
        state = self.state(key)
        match event:
            case jobs.Planned():
                self._set(key, replace(state, licence=event.licence, total=event.total_bytes))
            case jobs.Progressed():
                # Without a total nothing is known of this step: what is there from before stays.
                done, total = (event.done, event.total) if event.total else (state.done, state.total)
                self._set(
                    key, JobState(event.phase, done, total, event.per_s, event.left_s, licence=state.licence)
                )
            case jobs.Paused():
                self._end(key, replace(state, phase="paused", per_s=0.0, left_s=None))
            case jobs.Failed():
                self._end(key, replace(state, phase="failed", reason=event.reason, gated=event.gated))
            case jobs.Finished():
                self._end(key, JobState())
                self.finished.emit(key, event.model_id)

    def _end(self, key: str, state: JobState) -> None:
        self._running.pop(key, None)
        self._downloads.discard(key)
        self._set(key, state)

    def _set(self, key: str, state: JobState) -> None:
        self._states[key] = state
        self.changed.emit(key, state)
