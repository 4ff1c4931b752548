"""One update of the style, from asking for it to the ledger: when it starts by itself, how it goes, what came of it.

Holds no widgets. Replies go first: the engine lets them in between two steps of an update.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from assistant.engine import protocol as p
from assistant.settings import Settings
from ui.engine_bridge import EngineBridge
from ui.store_thread import StoreThread

if TYPE_CHECKING:
    from assistant.store import Store

State = Literal["idle", "starting", "running", "paused"]
IDLE_AFTER_S = 120.0  # without typing, sending or rating
DEEP_IDLE_S = 600.0  # the same, before the longer update
DEEP_AFTER = 10  # ratings that no such update has seen
_LOOK_EVERY_MS = 20_000


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an update ended. ``version`` is the ledger's id, also of a rejected one; ``failed``: it did not end."""

    accepted: bool
    reason: str
    version: str | None = None
    failed: bool = False
    line: str = ""  # the named style it was for; empty: the user's own
    report: dict[str, Any] = field(default_factory=dict)


class UpdatePresenter(QObject):
    state_changed = Signal(str)  # a State
    stepped = Signal(object)  # LearnStep
    ended = Signal(object)  # Outcome
    waiting_changed = Signal(int)  # ratings given since the last update, of the style that has most of them

    def __init__(self, bridge: EngineBridge, writer: StoreThread, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge, self._writer = bridge, writer
        self._settings = Settings()
        self._state: State = "idle"
        self._request = 0
        self._seen: list[str] = []  # ids of the ratings in the job
        self._deep = False  # the update under way is the longer one
        self.line = ""  # the style of the update under way
        self._cancelled = False
        self._busy_at = time.monotonic()
        self.waiting = 0
        bridge.learn_event.connect(self._on_event)
        bridge.phase_changed.connect(lambda phase: self.consider() if phase == "ready" else None)
        self._look = QTimer(self)
        self._look.setInterval(_LOOK_EVERY_MS)
        self._look.timeout.connect(self.consider)

    @property
    def state(self) -> State:
        return self._state

    @property
    def can_learn(self) -> bool:
        """A model is loaded and no update is under way."""
        return self._state == "idle" and self._bridge.phase == "ready"

    def use_settings(self, settings: Settings) -> None:
        changed = (settings.learn_when, settings.learn_after) != (
            self._settings.learn_when,
            self._settings.learn_after,
        )
        self._settings = settings
        if settings.learn_when in ("idle", "mains") or (
            settings.learn_when == "auto" and settings.learn_deep
        ):
            self._look.start()
        else:
            self._look.stop()
        if changed:
            self.consider()

    def touch(self) -> None:
        """The user is doing something."""
        self._busy_at = time.monotonic()

    def consider(self) -> None:
        """Count the new ratings, and begin an update of the style that has most of them, if one is due."""

        away = time.monotonic() - self._busy_at >= DEEP_IDLE_S

        def count(store: Store) -> tuple[int, str, bool, dict[str, int]]:
            from assistant import power
            from assistant.learning import style_queries

            plugged = (self._settings.learn_when != "mains" and not away) or power.on_mains()
            lines = ("", *store.lines())
            new = {line: len(style_queries.new_ratings(store, line)) for line in lines}
            most = max(new, key=lambda line: new[line])
            practise = {line: len(style_queries.not_practised(store, line)) for line in lines} if away else {}
            return new[most], most, plugged, practise

        def counted(found: tuple[int, str, bool, dict[str, int]]) -> None:
            self.waiting, line, plugged, practise = found
            self.waiting_changed.emit(self.waiting)
            ripe = max(practise, key=lambda line: practise[line], default="")
            if self._is_deep_due(plugged, practise.get(ripe, 0)):
                self.learn_now(ripe, deep=True)
            elif self._is_due(plugged):
                self.learn_now(line)

        self._writer.run(count, counted)

    def _is_due(self, plugged: bool) -> bool:
        when = self._settings.learn_when
        if when == "off" or not self.can_learn or self.waiting < self._settings.learn_after:
            return False
        if when == "idle":
            return time.monotonic() - self._busy_at >= IDLE_AFTER_S
        return plugged or when == "auto"

    def _is_deep_due(self, plugged: bool, to_practise: int) -> bool:
        """Nobody is there, the machine is plugged in, and there is enough that is new."""
        allowed = self._settings.learn_deep and self._settings.learn_when != "off" and self.can_learn
        return allowed and plugged and to_practise >= DEEP_AFTER

    def learn_now(self, line: str = "", *, deep: bool = False) -> None:
        """Begin an update of a style with the ratings there are; ``deep``: the longer one, with more practice."""
        if not self.can_learn:
            return
        self._cancelled, self.line, self._deep = False, line, deep
        self._set_state("starting")
        settings, paths, model = self._settings, self._bridge.paths, self._settings.model

        def job(store: Store) -> dict[str, Any]:
            from assistant.learning import update_job

            made = update_job.make_job(store, settings, paths, model, line=line, deep=deep)
            self._seen = [signal["id"] for signal in made["signals"]]
            return made

        self._request = self._bridge.learn(job, self._fail)

    def drop_if_learning_from(self, rating_ids: Iterable[str]) -> None:
        """Ratings are gone: an update that is learning from one of them is dropped."""
        if self._state != "idle" and not set(rating_ids).isdisjoint(self._seen):
            self.cancel()

    def pause(self, paused: bool) -> None:
        """Hold the update back, or let it go on."""
        if self._state in ("running", "paused", "starting"):
            self._bridge.pause_learning(paused)
            self._set_state("paused" if paused else "running")

    def cancel(self) -> None:
        """Drop the update; the style stays as it is."""
        if self._state == "idle":
            return
        self._cancelled = True
        self._bridge.cancel(self._request)
        if self._state == "paused":
            self._bridge.pause_learning(False)

    @Slot(object)
    def _on_event(self, event: object) -> None:
        if isinstance(event, p.LearnStep):
            if self._cancelled:  # it was asked for before the engine knew of the update
                self._bridge.cancel(self._request)
            if self._state == "starting":
                self._set_state("running")
            self.stepped.emit(event)
        elif isinstance(event, p.LearnDone):
            self._finish(event.report)
        elif isinstance(event, p.Failed):
            self._fail("" if event.kind == "cancelled" else event.reason)

    def _finish(self, report: dict[str, Any]) -> None:
        model, seen, line, deep = self._settings.model, self._seen, self.line, self._deep

        def work(store: Store) -> Outcome:
            from assistant.learning import versions

            _note_seen(store, seen, line, deep)
            version = versions.register(store, model, report, line)
            return Outcome(
                bool(report.get("accepted")), str(report.get("reason", "")), version, line=line, report=report
            )

        self._writer.run(work, self._end, self._fail)

    def _end(self, outcome: Outcome) -> None:
        if self._state == "paused":
            self._bridge.pause_learning(False)
        if outcome.failed:  # it would begin again by itself at once
            seen, line, deep = self._seen, self.line, self._deep
            self._writer.run(lambda store: _note_seen(store, seen, line, deep))
        self._set_state("idle")
        self.ended.emit(outcome)
        self.consider()

    def _fail(self, why: str) -> None:
        self._end(Outcome(False, why, failed=True, line=self.line))

    def _set_state(self, state: State) -> None:
        if state != self._state:
            self._state = state
            self.state_changed.emit(state)


def _note_seen(store: Store, seen: list[str], line: str, deep: bool) -> None:
    from assistant.learning import style_queries

    (style_queries.note_practised if deep else style_queries.note_tried)(store, seen, line)
