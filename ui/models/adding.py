"""One thing being added on the models page: link or copy, how far it is, cancel, and what came of it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QProgressBar, QSizePolicy, QVBoxLayout, QWidget

from ui.models.model_jobs import JobState
from ui.models.words import share_text
from ui.theme import tokens
from ui.theme.widgets import Button, IconButton, label, set_property


class Adding(QFrame):
    """A card for the file or folder at ``path``. It goes when it is closed."""

    chosen = Signal(str, bool)  # path; whether the file stays where it is
    cancel_wanted = Signal(str)  # path
    use_wanted = Signal(str)  # id of the model that was made of it
    closed = Signal(str)  # path

    def __init__(self, path: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.path, self.model_id = path, ""
        name = Path(path).name
        self.setProperty("role", "card")
        self.setAccessibleName(name)
        self._text = label(name, "strong", self, wrap=True)
        self._text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._more = label("", "caption", self, wrap=True)
        self._bar = QProgressBar(self)
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName(self.tr("Progress of {0}").format(name))
        self.link = Button(self.tr("Link"), self, kind="primary")
        self.copy = Button(self.tr("Copy"), self)
        self.cancel = Button(self.tr("Cancel"), self)
        self.use = Button(self.tr("Use it now"), self, kind="primary")
        self.close_ = IconButton("x", self.tr("Close this notice"), self, size=tokens.ICON_SMALL, side=28)
        self.link.clicked.connect(lambda: self.chosen.emit(self.path, True))
        self.copy.clicked.connect(lambda: self.chosen.emit(self.path, False))
        self.cancel.clicked.connect(lambda: self.cancel_wanted.emit(self.path))
        self.use.clicked.connect(self._use)
        self.close_.clicked.connect(lambda: self.closed.emit(self.path))
        words = QVBoxLayout()
        words.setSpacing(tokens.HALF)
        words.addWidget(self._text)
        words.addWidget(self._bar)
        words.addWidget(self._more)
        row = QHBoxLayout(self)
        row.setContentsMargins(tokens.GRID * 2, tokens.GRID, tokens.GRID, tokens.GRID)
        row.setSpacing(tokens.GRID)
        row.addLayout(words, 1)
        for part in (self.link, self.copy, self.cancel, self.use, self.close_):
            row.addWidget(part)
        self._arrange(close=True)

    @property
    def text(self) -> str:
        """All that is being said."""
        return f"{self._text.text()} {self._more.text()}".strip()

    def ask(self, size: str) -> None:
        """Where is the file of ``size`` to be?"""
        self._say(
            Path(self.path).name,
            self.tr(
                "“Link” uses the file where it is ({0} saved; do not delete it). “Copy” makes a copy for Attune."
            ).format(size),
        )
        self._arrange(link=True, copy=True, close=True)

    def show_job(self, job: JobState) -> None:
        """How far it is, or why it cannot be added."""
        name = Path(self.path).name
        if job.phase == "failed":
            self._say(name, job.reason, role="danger")
            self._arrange(close=True)
        elif job.running:
            self._say(name, share_text(job))
            self._bar.setRange(0, 1000 if job.total else 0)
            if job.total:
                self._bar.setValue(round(1000 * min(job.done / job.total, 1.0)))
            self._arrange(bar=True, cancel=True)
        elif job.phase == "paused":
            self.closed.emit(self.path)  # cancelled: nothing is left of it

    def show_done(self, model_id: str) -> None:
        """It is a model now."""
        self.model_id = model_id
        self._say(self.tr("{0} was added.").format(Path(self.path).name), "")
        self._arrange(use=True, close=True)

    def _use(self) -> None:
        self.use_wanted.emit(self.model_id)
        self.closed.emit(self.path)

    def _arrange(
        self,
        *,
        link: bool = False,
        copy: bool = False,
        bar: bool = False,
        cancel: bool = False,
        use: bool = False,
        close: bool = False,
    ) -> None:
        parts = {self.link: link, self.copy: copy, self._bar: bar, self.cancel: cancel}
        for part, shown in {**parts, self.use: use, self.close_: close}.items():
            part.setVisible(shown)

    def _say(self, text: str, more: str, role: str = "caption") -> None:
        self._text.setText(text)
        self._text.setAccessibleName(text)
        self._more.setText(more)
        self._more.setAccessibleName(more or "-")
        self._more.setVisible(bool(more))
        set_property(self._more, "role", role)
