"""The line that tells of an update of the style: how it goes, and in one sentence what came of it."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QProgressBar, QSizePolicy, QVBoxLayout, QWidget

from assistant.engine.protocol import LearnStep
from assistant.services.learning import Outcome
from ui.theme import tokens
from ui.theme.widgets import Button, IconButton, IconLabel, label

_OUTCOME_MS = 60_000  # an outcome nobody closes
_TELLING = 0.1  # of the words of a reply: a change of less is not told
_ALMOST = 980  # of 1000: the bar is not full before the update has ended


class LearningBar(QWidget):
    """Hidden while there is nothing to say."""

    pause_wanted = Signal(bool)
    cancel_wanted = Signal()
    versions_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Learning"))
        card = QFrame(self)
        card.setProperty("role", "card")
        card.setAccessibleName(self.tr("Learning"))
        card.setMaximumWidth(tokens.TEXT_WIDTH + tokens.GRID * 4)
        self._icon = IconLabel("sparkle", self.tr("Learning"), card, token="accent", size=tokens.ICON_SMALL)
        self._text = label("", parent=card, wrap=True)
        self._text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._numbers = label("", "caption", card, wrap=True)
        self._progress = QProgressBar(card)
        self._progress.setTextVisible(False)
        self._progress.setRange(0, 1000)
        self._began: float | None = None  # of the update, less the time it was paused
        self._stopped_at: float | None = None  # while it is paused
        self._progress.setAccessibleName(self.tr("Progress of learning"))
        self.pause = Button(self.tr("Pause"), card)
        self.cancel = Button(self.tr("Cancel"), card)
        self.more = Button(self.tr("See versions"), card)
        self.act = Button(self.tr("OK"), card)
        self.close_ = IconButton("x", self.tr("Close this notice"), card, size=tokens.ICON_SMALL, side=28)
        for button in (self.pause, self.cancel, self.more, self.act):
            button.setProperty("dense", True)
        # Its place stays empty while an update runs, so that no other button comes to stand under the pointer.
        policy = self.close_.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.close_.setSizePolicy(policy)
        self._paused = self._running = False
        self._line = ""
        self._offer: tuple[str, str, Callable[[], None]] | None = None
        self.act.clicked.connect(self._accept_offer)
        self.pause.clicked.connect(lambda: self.pause_wanted.emit(not self._paused))
        self.cancel.clicked.connect(self.cancel_wanted)
        self.more.clicked.connect(self.versions_wanted)
        self.close_.clicked.connect(self._close)
        words = QVBoxLayout()
        words.setSpacing(tokens.HALF)
        words.addWidget(self._text)
        words.addWidget(self._progress)
        words.addWidget(self._numbers)
        inner = QHBoxLayout(card)
        inner.setContentsMargins(tokens.GRID * 2, tokens.GRID, tokens.GRID, tokens.GRID)
        inner.setSpacing(tokens.GRID)
        inner.addWidget(self._icon)
        inner.addLayout(words, 1)
        for part in (self.pause, self.cancel, self.more, self.act, self.close_):
            inner.addWidget(part)
        row = QHBoxLayout(self)
        row.setContentsMargins(tokens.GRID * 2, tokens.GRID, tokens.GRID * 2, 0)
        row.addStretch(1)
        row.addWidget(card, 100)
        row.addStretch(1)
        self._enough = QTimer(self, singleShot=True, interval=_OUTCOME_MS)
        self._enough.timeout.connect(self.hide)
        self.hide()

    @property
    def text(self) -> str:
        """What is being said; empty when hidden."""
        return "" if self.isHidden() else self._text.text()

    @property
    def numbers(self) -> str:
        return self._numbers.text()

    def set_line(self, line: str) -> None:
        """The named style of the update under way; empty: the user's own."""
        self._line = line

    def _learning(self, phase: str) -> str:
        if self._line:
            return self.tr("The style {0} learns from your ratings: {1}").format(self._line, phase)
        return self.tr("Learning from your ratings: {0}").format(phase)

    def set_state(self, state: str) -> None:
        """``state`` of the controller; an update's end is told by ``show_outcome``."""
        if state == "idle":
            return
        self._enough.stop()
        self._paused = state == "paused"
        now = time.monotonic()
        if self._paused and self._stopped_at is None:
            self._stopped_at = now
        elif not self._paused and self._stopped_at is not None:
            if self._began is not None:
                self._began += now - self._stopped_at
            self._stopped_at = None
        self.pause.setText(self.tr("Resume") if self._paused else self.tr("Pause"))
        if state == "starting":
            self._say(self._learning(self.tr("starting…")))
            self._set_numbers("")
            self._began = now
            self._progress.setRange(0, 0)
        elif self._paused:
            self._say(self.tr("Learning is paused."))
        self._arrange(running=True)

    def show_step(self, step: LearnStep) -> None:
        """Where the update is."""
        phase = self._phase(step.phase)
        self._show_share(step.seconds_left)
        where = self.tr("step {0} of {1}").format(step.step, step.steps) if step.steps > 0 else ""
        if not self._paused:
            self._say(self._learning(phase))
        parts = [where]
        if step.reward or step.kl:
            parts.append(self.tr("reward {0}").format(f"{step.reward:+.2f}"))
            parts.append(self.tr("KL {0} nats per token").format(f"{step.kl:.3f}"))
        if step.seconds_left > 0:
            parts.append(self._left(step.seconds_left))
        self._set_numbers(" · ".join(part for part in parts if part))

    def _show_share(self, seconds_left: float) -> None:
        """How much of the whole update is done, by time: one bar for all its phases, which never goes back."""
        now = time.monotonic() if self._stopped_at is None else self._stopped_at
        if self._began is None:
            self._began = now
        if seconds_left <= 0 and self._progress.maximum() == 0:
            return  # nothing is known yet
        before = max(0, self._progress.value()) if self._progress.maximum() else 0
        passed = now - self._began
        share = passed / (passed + seconds_left) if seconds_left > 0 and passed > 0 else 0.0
        self._progress.setRange(0, 1000)
        self._progress.setValue(max(before, min(round(1000 * share), _ALMOST)))

    def show_outcome(self, outcome: Outcome) -> None:
        """What came of it, in one sentence."""
        if outcome.accepted and outcome.line:
            text = self.tr("The style {0} was updated and checked.").format(outcome.line)
        elif outcome.accepted:
            text = self.tr("Your style was updated and checked.")
        elif outcome.failed and not outcome.reason:
            text = self.tr("Learning was cancelled. Your style is unchanged.")
        elif outcome.failed:
            text = self.tr("Learning stopped: {0}").format(outcome.reason)
        else:
            text = self.tr("Your style was not changed. {0}").format(outcome.reason)
        if outcome.accepted and (effect := self._effect(outcome)):
            text += " " + effect
        self._began = self._stopped_at = None
        self._progress.reset()
        self._say(text)
        self._set_numbers("")
        self._arrange(running=False)
        self._enough.start()
        self.more.setVisible(outcome.version is not None)
        if outcome.accepted:
            self._offer = None  # what is in use now knows nothing of it
        if self._offer is not None:
            self.offer(*self._offer)

    def _effect(self, outcome: Outcome) -> str:
        """What it did to replies to the user's own messages, in numbers; empty where their length is the same."""
        gate = outcome.report.gate
        before, after = (gate.words_before, gate.words_after) if gate is not None else (None, None)
        if before is None or after is None:
            return ""
        if before <= 0 or abs(after - before) < _TELLING * before:
            return ""
        return self.tr("{0} to {1} words per reply.").format(f"{before:.0f}", f"{after:.0f}")

    def offer(self, text: str, action: str, act: Callable[[], None]) -> None:
        """Say ``text`` with a button that calls ``act``, until it is pressed or closed; after an update under way."""
        self._offer = (text, action, act)
        if self._running:
            return
        self._enough.stop()
        self._say(text)
        self._set_numbers("")
        self._arrange(running=False)
        self.act.setText(action)
        self.act.show()

    def take_offer_back(self) -> None:
        """There is nothing to be done any more."""
        if self._offer is not None:
            self._offer = None
            if not self._running:
                self.hide()

    def _accept_offer(self) -> None:
        offer, self._offer = self._offer, None
        self.hide()
        if offer is not None:
            offer[2]()

    def _close(self) -> None:
        self._offer = None
        self.hide()

    def _arrange(self, *, running: bool) -> None:
        self._running = running
        self.act.hide()
        self._progress.setVisible(running)
        self._numbers.setVisible(running)
        self.pause.setVisible(running)
        self.cancel.setVisible(running)
        self.more.setVisible(False)
        self.close_.setVisible(not running)
        self.show()

    def _say(self, text: str) -> None:
        self._text.setText(text)
        self._text.setAccessibleName(text)

    def _set_numbers(self, text: str) -> None:
        self._numbers.setText(text)
        self._numbers.setAccessibleName(text or self.tr("Figures"))

    def _phase(self, phase: str) -> str:
        known = {
            "preparing": self.tr("preparing"),
            "reading the ratings": self.tr("reading the ratings"),
            "practising": self.tr("practising on your prompts"),
            "training": self.tr("training"),
            "checking": self.tr("checking the result"),
        }
        return known.get(phase, phase)

    def _left(self, seconds: float) -> str:
        if seconds < 90:
            return self.tr("about {0} s left").format(round(seconds))
        return self.tr("about {0} min left").format(round(seconds / 60))
