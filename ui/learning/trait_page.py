"""One trait in the style panel: how it is known, the ratings behind it, and the user's correction."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from assistant.learning.style_queries import Evidence, LearnedTrait
from ui.learning.trait_words import certainty_text, ends, liked, strength_text
from ui.ratings.words import rating_icon, said_of
from ui.theme import tokens
from ui.theme.steps import Steps
from ui.theme.widgets import Button, IconButton, clear, label

STEP = 0.6  # log-odds a deviation of the trait, for one step of the slider
STEPS = 4  # to either side
_AFTER_MS = 250


class TraitPage(QWidget):
    back_wanted = Signal()
    corrected = Signal(str, object)  # trait name, weight or None: as the ratings say
    open_wanted = Signal(str, str)  # conversation id, message id

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("One trait"))
        self.trait: LearnedTrait | None = None
        self.back = IconButton("arrow-left", self.tr("Back to your style"), self)
        self.back.clicked.connect(self.back_wanted)
        self._title = label("", "strong", self, wrap=True)
        self._known = label("", "caption", self, wrap=True)
        self.slider = Steps(self)
        self.slider.setAccessibleName(self.tr("Your preference"))
        self.slider.setRange(-STEPS, STEPS)
        self.slider.setPageStep(1)
        self.slider.setTickInterval(1)
        self._less = label("", "caption", self, wrap=True)
        self._more = label("", "caption", self, wrap=True)
        self._more.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.reset = Button(self.tr("As my ratings say"), self)
        self.reset.setProperty("dense", True)
        self.reset.clicked.connect(self._reset)
        self._behind = label(self.tr("Ratings behind this"), "section", self)
        self._list = QVBoxLayout()
        self._list.setSpacing(0)
        top = QHBoxLayout()
        top.addWidget(self.back)
        top.addWidget(self._title, 1)
        words = QHBoxLayout()
        words.addWidget(self._less, 1)
        words.addWidget(self._more, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(tokens.GRID)
        column.addLayout(top)
        column.addWidget(self._known)
        column.addWidget(label(self.tr("Your preference"), "section", self))
        column.addWidget(self.slider)
        column.addLayout(words)
        column.addWidget(self.reset)
        column.addSpacing(tokens.GRID)
        column.addWidget(self._behind)
        column.addLayout(self._list)
        column.addStretch(1)
        self._loading = False
        self._soon = QTimer(self, singleShot=True, interval=_AFTER_MS)
        self._soon.timeout.connect(self._send)
        self.slider.valueChanged.connect(self._moved)

    def show_trait(self, trait: LearnedTrait, evidence: Sequence[Evidence]) -> None:
        self.trait = trait
        more, less = ends(trait.name)
        self._say(self._title, liked(trait))
        known = self.tr("You like this {0} ({1}).").format(strength_text(trait), certainty_text(trait))
        if abs(trait.weight) < 0.05:
            known = self.tr("Your ratings say nothing about this yet.")
        self._say(self._known, known)
        self._say(self._less, less)
        self._say(self._more, more)
        self.slider.setAccessibleName(self.tr("From {0} to {1}").format(less, more))
        if not self._soon.isActive():
            self._loading = True
            shown = trait.correction if trait.correction is not None else trait.weight
            self.slider.setValue(max(-STEPS, min(STEPS, round(shown / STEP))))
            self._loading = False
        self.reset.setVisible(trait.correction is not None)
        clear(self._list)
        self._behind.setText(
            self.tr("Ratings behind this") if evidence else self.tr("No rating shows it yet")
        )
        for item in evidence:
            self._list.addWidget(self._row(item))

    def _row(self, item: Evidence) -> QWidget:
        text = item.reply if len(item.reply) <= 26 else item.reply[:25].rstrip() + "…"
        row = Button(text, self, kind="nav", icon=rating_icon(item.rating))
        how = self.tr("Supports this") if item.effect > 0 else self.tr("Contradicts this")
        row.setAccessibleName(f"{how}. {said_of(item.rating)}: {item.reply}")
        row.setToolTip(f"{how} · {said_of(item.rating)}\n{item.reply}")
        row.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        row.setEnabled(bool(item.conversation_id))
        row.clicked.connect(
            lambda _on=False: self.open_wanted.emit(item.conversation_id, item.rating.message_id or "")
        )
        return row

    def _moved(self, _value: int) -> None:
        if not self._loading:
            self._soon.start()

    def _send(self) -> None:
        if self.trait is not None:
            self.corrected.emit(self.trait.name, self.slider.value() * STEP)

    def _reset(self) -> None:
        self._soon.stop()
        if self.trait is not None:
            self.corrected.emit(self.trait.name, None)

    def _say(self, part: QWidget, text: str) -> None:
        part.setText(text)  # type: ignore[attr-defined]
        part.setAccessibleName(text)
