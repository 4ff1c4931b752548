"""The offer to learn the style anew for another model: a quiet bar with three answers."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QWidget

from ui.theme import tokens
from ui.theme.widgets import Button, IconLabel, label


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
