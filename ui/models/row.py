"""One model on the models page: what it is, where it stands, and what can be done with it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from assistant.engine.protocol import ModelInfo
from assistant.services.models import ModelChoice
from ui.engine_bridge import Phase
from ui.models.model_jobs import JobState
from ui.models.words import job_text
from ui.sizes import size_text
from ui.status_line import parameters_text
from ui.theme import tokens
from ui.theme.confirm import ConfirmButton, Loss
from ui.theme.widgets import Button, label


class ModelRow(QWidget):
    use_wanted = Signal(str)
    get_wanted = Signal(str)
    pause_wanted = Signal(str)
    remove_wanted = Signal(str)  # its files, or what an unfinished download left

    def __init__(self, model: ModelChoice, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = model
        self.job = (
            JobState("paused", model.fetched_bytes, model.size_bytes) if model.fetched_bytes else JobState()
        )
        self._current, self._phase, self._fresh = False, "starting", False
        self.setAccessibleName(model.name)
        self._state = label("", "chip-accent", self)
        self._best = label(self.tr("Best for this computer") if model.why else "", "chip-accent", self)
        self._best.setVisible(bool(model.why))
        self._progress_text = label("", "caption", self, wrap=True)
        self._wrong = label("", "danger", self, wrap=True)
        self._bar = QProgressBar(self)
        self._bar.setAccessibleName(self.tr("Progress of {0}").format(model.name))
        self._bar.setTextVisible(False)
        self._bar.setRange(0, 1000)
        self.use = self._button(self.tr("Use"), self.tr("Use {0}"), self.use_wanted)
        self.get = self._button(self.tr("Download"), self.tr("Download {0}"), self.get_wanted)
        self.pause = self._button(self.tr("Pause"), self.tr("Pause the download of {0}"), self.pause_wanted)
        self.remove = ConfirmButton(self.tr("Remove"), self._loss, self)
        self.remove.confirmed.connect(lambda: self.remove_wanted.emit(self.model.id))
        head = QHBoxLayout()
        head.setSpacing(tokens.GRID)
        head.addWidget(label(model.name, "strong", self))
        head.addWidget(self._best)
        head.addStretch(1)
        words = QVBoxLayout()
        words.setSpacing(tokens.HALF)
        words.addLayout(head)
        for text in (self._facts(), model.note, model.why):
            if text:
                words.addWidget(label(text, "caption", self, wrap=True))
        words.addWidget(self._bar)
        words.addWidget(self._progress_text)
        words.addWidget(self._wrong)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, tokens.GRID, 0, tokens.GRID)
        row.setSpacing(tokens.GRID)
        row.addLayout(words, 1)
        for part in (self._state, self.use, self.get, self.pause, self.remove):
            row.addWidget(part, 0, Qt.AlignmentFlag.AlignVCenter)
        self._show()

    def _button(self, text: str, name: str, signal: object) -> Button:
        button = Button(text, self)
        button.setAccessibleName(name.format(self.model.name))
        button.clicked.connect(lambda: signal.emit(self.model.id))  # type: ignore[attr-defined]
        return button

    def _facts(self) -> str:
        model = self.model
        size = size_text(model.size_bytes) if model.size_bytes else ""
        facts = [
            self.tr("{0} parameters").format(parameters_text(model.parameters)) if model.parameters else "",
            self.tr("sees pictures") if model.can_see else self.tr("gets a description of pictures"),
            self.tr("hears sounds") if model.can_hear else "",
            size if model.installed or not size else self.tr("{0} download").format(size),
            self.tr("about {0} of memory").format(size_text(model.memory_bytes))
            if model.memory_bytes
            else "",
            self.tr("Licence: {0}").format(model.licence) if model.licence else "",
            self.tr("you accept its terms first") if model.gated else "",
        ]
        return " · ".join(fact for fact in facts if fact)

    def set_state(self, current: bool, phase: Phase, _info: ModelInfo | None) -> None:
        """Whether it is the chosen model, and where that one stands."""
        self._current, self._phase = current, phase
        self._show()

    def set_fresh(self, fresh: bool) -> None:
        """Whether it has just arrived, and nobody has used it yet."""
        self._fresh = fresh

    def set_job(self, job: JobState) -> None:
        """Where its download stands."""
        self.job = job
        self._show()

    def set_progress(self, done: float, total: float) -> None:
        """How far the engine is with preparing or loading it."""
        self._bar.setRange(0, 1000 if total > 0 else 0)
        if total > 0:
            self._bar.setValue(round(1000 * min(max(done / total, 0.0), 1.0)))

    def _show(self) -> None:
        model, job = self.model, self.job
        texts = {
            "ready": self.tr("In use"),
            "missing": self.tr("Not on this computer"),
            "preparing": self.tr("Preparing"),
            "loading": self.tr("Loading"),
            "starting": self.tr("Starting"),
            "failed": self.tr("Failed"),
            "stopped": self.tr("Stopped"),
        }
        self._say(self._state, texts[self._phase] if self._current else "")
        working = self._current and self._phase in ("preparing", "loading")
        self.use.setVisible(model.usable and (not self._current or self._phase in ("failed", "stopped")))
        self.use.setText(self.tr("Use it now") if self._fresh else self.tr("Use"))
        self.use.setAccessibleName(self.tr("Use {0}").format(model.name))
        self.get.setVisible(not model.usable and not job.running)
        self.get.setText(self.tr("Resume") if job.phase == "paused" else self.tr("Download"))
        name = self.tr("Resume the download of {0}") if job.phase == "paused" else self.tr("Download {0}")
        self.get.setAccessibleName(name.format(model.name))
        self.pause.setVisible(job.running)
        begun = not model.usable and job.phase in ("paused", "failed") and job.done > 0
        self.remove.setVisible((model.removable and not self._current) or begun)
        text = self.tr("Remove") if model.installed else self.tr("Discard")
        self.remove.setText(text)
        self.remove.setAccessibleName(f"{self.remove.text()} {model.name}")
        self._bar.setVisible(working or job.running or (job.phase == "paused" and job.total > 0))
        if not working:
            self.set_progress(job.done, job.total if job.total or not job.running else 0)
        self._say(self._progress_text, self._job_text())
        self._say(self._wrong, job.reason if job.phase == "failed" else "")

    def _job_text(self) -> str:
        """``Downloading · 1.2 GB of 2.0 GB · 4.1 MB/s · 3 min left · Licence: ...``"""
        text = job_text(self.job)
        licence = self.tr("Licence: {0}").format(self.job.licence) if self.job.licence and text else ""
        return " · ".join(part for part in (text, licence) if part)

    def _loss(self) -> Loss:
        model = self.model
        size = size_text(model.size_bytes if model.installed else self.job.done)
        return Loss(
            self.tr("Remove {0}?").format(model.name),
            (
                self.tr("The files of the model ({0}).").format(size)
                if model.installed
                else self.tr("What has been downloaded so far ({0}).").format(size),
            ),
            self.tr("Remove"),
            stays=self.tr("Your conversations, ratings and styles stay. It can be downloaded again."),
        )

    def _say(self, part: QWidget, text: str) -> None:
        part.setText(text)  # type: ignore[attr-defined]
        part.setAccessibleName(text or "-")
        part.setVisible(bool(text))
