"""The offer to learn the style anew for another model: a quiet bar with three answers, and when it is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QWidget

from assistant.services.learning import LearningService
from ui.theme import tokens
from ui.theme.widgets import Button, IconLabel, label

if TYPE_CHECKING:
    from ui.main_window import MainWindow


class RelearnBar(QWidget):
    """Hidden until ``ask``. It takes no focus and blocks nothing."""

    yes = Signal()
    later = Signal()
    no = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Your style and this model"))
        card = QFrame(self)
        card.setProperty("role", "card")
        card.setAccessibleName(self.tr("Your style and this model"))
        card.setMaximumWidth(tokens.TEXT_WIDTH + tokens.GRID * 4)
        self._text = label("", parent=card, wrap=True)
        self._text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.learn = Button(self.tr("Learn"), card)
        self.later_button = Button(self.tr("Later"), card, kind="ghost")
        self.no_button = Button(self.tr("No"), card, kind="ghost")
        inner = QHBoxLayout(card)
        inner.setContentsMargins(tokens.GRID * 2, tokens.GRID, tokens.GRID, tokens.GRID)
        inner.setSpacing(tokens.GRID)
        icon = IconLabel("sparkle", self.tr("Learning"), card, token="accent", size=tokens.ICON_SMALL)
        inner.addWidget(icon)
        inner.addWidget(self._text, 1)
        for button, answer in (
            (self.learn, self.yes),
            (self.later_button, self.later),
            (self.no_button, self.no),
        ):
            button.setProperty("dense", True)
            button.clicked.connect(answer)
            inner.addWidget(button)
        row = QHBoxLayout(self)
        row.setContentsMargins(tokens.GRID * 2, tokens.GRID, tokens.GRID * 2, 0)
        row.addStretch(1)
        row.addWidget(card, 100)
        row.addStretch(1)
        self.hide()

    @property
    def text(self) -> str:
        """What is being asked; empty when hidden."""
        return "" if self.isHidden() else self._text.text()

    def ask(self, model_name: str, ratings: int) -> None:
        text = self.tr(
            "{0} has not learned your style yet. Learn it from your {1} ratings, in the background?"
        ).format(model_name, ratings)
        self._text.setText(text)
        self._text.setAccessibleName(text)
        self.show()


class RelearnPresenter(QObject):
    """Asks once a model, after it is loaded; "later" asks again with the next start of Attune."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window, self._bar = window, window.relearn_bar
        self._model = ""  # the one being asked about
        self._put_off: set[str] = set()
        window.bridge.phase_changed.connect(self._phase)
        window.learning.state_changed.connect(lambda state: None if state == "idle" else self._bar.hide())
        self._bar.yes.connect(self._yes)
        self._bar.later.connect(self._later)
        self._bar.no.connect(self._no)

    def _phase(self, phase: str) -> None:
        self._bar.hide()
        info = self._window.bridge.model
        if phase != "ready" or info is None or info.id in self._put_off:
            return
        model, name = info.id, info.name

        paths = self._window.paths

        def offer(ratings: int) -> None:
            now = self._window.bridge.model
            if ratings and now is not None and now.id == model and self._window.learning.can_learn:
                self._model = model
                self._bar.ask(name, ratings)

        self._window.writer.run(lambda store: LearningService(store, paths).offered_ratings(model), offer)

    def _yes(self) -> None:
        self._answered()
        self._window.learning.learn_now()

    def _later(self) -> None:
        self._put_off.add(self._model)
        self._bar.hide()

    def _no(self) -> None:
        self._answered()

    def _answered(self) -> None:
        model, paths = self._model, self._window.paths
        self._bar.hide()
        self._window.writer.run(lambda store: LearningService(store, paths).answer_offer(model))
