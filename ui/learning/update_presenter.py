"""The update of the style that is under way, for the window: it begins by itself or when asked, is shown, and ends.

When one is due and what its result means is decided by ``assistant.services.learning``. Holds no widgets. Replies go first:
the engine lets them in between two steps of an update.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot

from assistant.engine import protocol as p
from assistant.services import learning
from assistant.services.learning import Due, LearningService, Outcome, Update, Waiting, due
from assistant.settings import Settings
from ui.engine_bridge import EngineBridge
from ui.store_thread import StoreThread

if TYPE_CHECKING:
    from assistant.store import Store

State = Literal["idle", "starting", "running", "paused"]
_LOOK_EVERY_MS = 20_000


@dataclass(slots=True)
class _Asked:
    """The update under way, as it was asked for; ``update`` is known once its job has been made."""

    request_id: int
    line: str
    update: Update | None = None
    cancelled: bool = False


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
        self._asked: _Asked | None = None
        self._busy_at = time.monotonic()
        self._rated_at = -math.inf
        self.waiting = 0
        bridge.learn_event.connect(self._on_event)
        bridge.phase_changed.connect(lambda phase: self.consider() if phase == "ready" else None)
        self._after_rating = QTimer(self)
        self._after_rating.setSingleShot(True)
        self._after_rating.setTimerType(Qt.TimerType.PreciseTimer)
        self._after_rating.timeout.connect(self.consider)
        self._look = QTimer(self)
        self._look.setInterval(_LOOK_EVERY_MS)
        self._look.timeout.connect(self.consider)

    @property
    def state(self) -> State:
        return self._state

    @property
    def line(self) -> str:
        """The style of the update under way; empty: the user's own."""
        return self._asked.line if self._asked is not None else ""

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

    def rated(self) -> None:
        """A rating came, changed or was taken back: count it, and look again when there was time to say why."""
        self._rated_at = time.monotonic()
        self.consider()
        self._after_rating.start(round(1000 * learning.AFTER_RATING_S))

    def consider(self) -> None:
        """Count the new ratings, and begin an update if one is due."""
        settings, paths, idle_s = self._settings, self._bridge.paths, time.monotonic() - self._busy_at

        def counted(waiting: Waiting) -> None:
            self.waiting = waiting.ratings
            self.waiting_changed.emit(self.waiting)
            found: Due | None = due(waiting, settings, idle_s, time.monotonic() - self._rated_at)
            if found is not None and self.can_learn:
                self.learn_now(found.line, deep=found.deep)

        self._writer.run(lambda store: LearningService(store, paths).waiting(settings, idle_s), counted)

    def learn_now(self, line: str = "", *, deep: bool = False) -> None:
        """Begin an update of a style with the ratings there are; ``deep``: the longer one, with more practice."""
        if not self.can_learn:
            return
        client, settings, paths = self._bridge.client, self._settings, self._bridge.paths
        model = settings.model
        asked = self._asked = _Asked(self._bridge.new_learn_id(), line)
        self._set_state("starting")

        def start(store: Store) -> None:
            service = LearningService(store, paths)
            asked.update = service.start(
                client, settings, model, line, deep=deep, request_id=asked.request_id
            )

        self._writer.run(start, None, self._fail)

    def drop_if_learning_from(self, rating_ids: Iterable[str]) -> None:
        """Ratings are gone: an update that is learning from one of them is dropped."""
        update = self._asked.update if self._asked is not None else None
        if update is not None and not update.rating_ids.isdisjoint(rating_ids):
            self.cancel()

    def pause(self, paused: bool) -> None:
        """Hold the update back, or let it go on."""
        if self._state in ("running", "paused", "starting"):
            self._bridge.client.pause(paused)
            self._set_state("paused" if paused else "running")

    def cancel(self) -> None:
        """Drop the update; the style stays as it is."""
        if self._asked is None:
            return
        self._asked.cancelled = True
        self._bridge.client.cancel(self._asked.request_id)
        if self._state == "paused":
            self._bridge.client.pause(False)

    @Slot(object)
    def _on_event(self, event: object) -> None:
        asked = self._asked
        if asked is None:
            return
        if isinstance(event, p.LearnStep):
            if asked.cancelled:  # it was asked for before the engine knew of the update
                self._bridge.client.cancel(asked.request_id)
            if self._state == "starting":
                self._set_state("running")
            self.stepped.emit(event)
        elif isinstance(event, (p.LearnDone, p.Failed)):
            self._register(asked, event)

    def _register(self, asked: _Asked, event: p.LearnDone | p.Failed) -> None:
        paths = self._bridge.paths

        def work(store: Store) -> Outcome:
            # Made on this thread, before the engine was asked.
            assert asked.update is not None
            return LearningService(store, paths).register(asked.update, event)

        def ended(outcome: Outcome) -> None:
            self._end(outcome)
            self.consider()

        self._writer.run(work, ended, self._fail)

    def _end(self, outcome: Outcome) -> None:
        if self._state == "paused":
            self._bridge.client.pause(False)
        self._asked = None
        self._set_state("idle")
        self.ended.emit(outcome)

    def _fail(self, why: str) -> None:
        """The job could not be made, or the result not be kept; tried again with the next rating."""
        self._end(Outcome(False, why, failed=True, line=self.line))

    def _set_state(self, state: State) -> None:
        if state != self._state:
            self._state = state
            self.state_changed.emit(state)
