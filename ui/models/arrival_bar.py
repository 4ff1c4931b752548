"""The quiet line that tells of the default model on its way: how far it is, pause, cancel, and why it does not come."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QProgressBar, QSizePolicy, QVBoxLayout, QWidget

from ui.models.model_jobs import JobState
from ui.models.words import figures_text, phase_text
from ui.theme import tokens
from ui.theme.confirm import ConfirmButton, Loss
from ui.theme.widgets import Button, IconButton, IconLabel, label


class ArrivalBar(QWidget):
    """Hidden while there is nothing to say. It takes no focus and blocks nothing."""

    pause_wanted = Signal()
    resume_wanted = Signal()  # after a pause, and after a failure
    cancel_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Model download"))
        card = QFrame(self)
        card.setProperty("role", "card")
        card.setAccessibleName(self.tr("Model download"))
        card.setMaximumWidth(tokens.TEXT_WIDTH + tokens.GRID * 4)
        self._icon = IconLabel("download", self.tr("Download"), card, token="accent", size=tokens.ICON_SMALL)
        self._text = label("", parent=card, wrap=True)
        self._text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._figures = label("", "caption", card, wrap=True)
        self._progress = QProgressBar(card)
        self._progress.setTextVisible(False)
        self._progress.setRange(0, 1000)
        self._progress.setAccessibleName(self.tr("Progress of the model"))
        self.pause = Button(self.tr("Pause"), card)
        self.resume = Button(self.tr("Resume"), card)
        self.cancel = ConfirmButton(self.tr("Cancel"), self._loss, card)
        self.close_ = IconButton("x", self.tr("Close this notice"), card, size=tokens.ICON_SMALL, side=28)
        for button in (self.pause, self.resume, self.cancel):
            button.setProperty("dense", True)
        self.pause.clicked.connect(self.pause_wanted)
        self.resume.clicked.connect(self.resume_wanted)
        self.cancel.confirmed.connect(self.cancel_wanted)
        self.close_.clicked.connect(self.hide)
        words = QVBoxLayout()
        words.setSpacing(tokens.HALF)
        words.addWidget(self._text)
        words.addWidget(self._progress)
        words.addWidget(self._figures)
        inner = QHBoxLayout(card)
        inner.setContentsMargins(tokens.GRID * 2, tokens.GRID, tokens.GRID, tokens.GRID)
        inner.setSpacing(tokens.GRID)
        inner.addWidget(self._icon)
        inner.addLayout(words, 1)
        for part in (self.pause, self.resume, self.cancel, self.close_):
            inner.addWidget(part)
        row = QHBoxLayout(self)
        row.setContentsMargins(tokens.GRID * 2, tokens.GRID, tokens.GRID * 2, 0)
        row.addStretch(1)
        row.addWidget(card, 100)
        row.addStretch(1)
        self.hide()

    @property
    def text(self) -> str:
        """What is being said; empty when hidden."""
        return "" if self.isHidden() else self._text.text()

    @property
    def figures(self) -> str:
        return self._figures.text()

    def show_job(self, name: str, job: JobState) -> None:
        """How far the model called ``name`` is."""
        failed, paused = job.phase == "failed", job.phase == "paused"
        self._icon.set_icon("warning" if failed else "download", "danger" if failed else "accent")
        if failed:
            text = job.reason
        elif paused:
            text = self.tr("{0}: the download is paused.").format(name)
        else:
            text = self.tr("Downloading {0}: {1}").format(name, phase_text(job.phase).lower())
        self._say(text, "" if failed else figures_text(job))
        self._progress.setRange(0, 1000 if job.total else 0)
        if job.total:
            self._progress.setValue(round(1000 * min(job.done / job.total, 1.0)))
        self._progress.setVisible(not failed)
        self.pause.setVisible(job.running)
        self.resume.setText(self.tr("Try again") if failed else self.tr("Resume"))
        self.resume.setVisible(failed or paused)
        self.cancel.setVisible(not failed)
        self.close_.setVisible(failed)
        self.show()

    def _loss(self) -> Loss:
        return Loss(
            self.tr("Cancel the download?"),
            (
                self.tr("What has been downloaded so far ({0}).").format(
                    self.figures or self.tr("nothing yet")
                ),
            ),
            self.tr("Delete it"),
            stays=self.tr("Choose “Pause” to continue later."),
        )

    def _say(self, text: str, figures: str) -> None:
        self._text.setText(text)
        self._text.setAccessibleName(text)
        self._figures.setText(figures)
        self._figures.setAccessibleName(figures or "-")
        self._figures.setVisible(bool(figures))
