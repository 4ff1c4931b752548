"""Compare blind: one message, two replies side by side, a vote that may be a tie or no vote at all."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtGui import QHideEvent, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QMenu, QPlainTextEdit, QVBoxLayout, QWidget

from ui import theme
from ui.compare.pane import ReplyPane
from ui.theme import tokens
from ui.theme.choice import Choice
from ui.theme.switch import Switch
from ui.theme.widgets import Button, IconButton, IconLabel, label

_SIDE_BY_SIDE = 680  # pixels: narrower than this the replies stand one above the other
A_BETTER, TIE, B_BETTER = 1, 0, -1
IN_USE, BASE = "in use", "base"  # sides that are no version of their own


class ComparePage(QWidget):
    back_wanted = Signal()
    start_wanted = Signal(str)  # the message both are to answer
    voted = Signal(int)  # 1: A is better, -1: B, 0: no difference
    skipped = Signal()
    list_wanted = Signal()
    open_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        title = QCoreApplication.translate("ComparePage", "Compare blind")
        self.setProperty("role", "page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName(title)
        self.back = IconButton("arrow-left", self.tr("Back to the chat"), self, shortcut="Esc")
        self.back.clicked.connect(self.back_wanted)
        self._score = label("", "caption", self, wrap=True)
        top = QHBoxLayout()
        top.setSpacing(tokens.GRID)
        top.addWidget(self.back)
        top.addWidget(label(title, "title", self), 1)
        self._note = label("", "muted", self, wrap=True)
        self.prompt = QPlainTextEdit(self)
        self.prompt.setAccessibleName(self.tr("The message that both replies answer"))
        self.prompt.setPlaceholderText(self.tr("Message for both replies"))
        self.prompt.setFixedHeight(tokens.GRID * 8)
        self.prompt.setTabChangesFocus(True)
        self.mine = Button(self.tr("My messages"), self)
        self._menu = QMenu(self.mine)
        self._menu.setAccessibleName(self.tr("Messages you sent"))
        self.mine.clicked.connect(
            lambda: self._menu.popup(self.mine.mapToGlobal(self.mine.rect().bottomLeft()))
        )
        self.start = Button(self.tr("Compare"), self, kind="primary")
        self.start.clicked.connect(self._start)
        self.prompt.textChanged.connect(self._arrange)
        ask = QHBoxLayout()
        ask.setSpacing(tokens.GRID)
        ask.addWidget(self.prompt, 1)
        buttons = QVBoxLayout()
        buttons.addWidget(self.start)
        buttons.addWidget(self.mine)
        ask.addLayout(buttons)
        self.sides = (Choice(self), Choice(self))
        for box, name in zip(self.sides, (self.tr("First side"), self.tr("Second side")), strict=True):
            box.setAccessibleName(name)
            box.currentIndexChanged.connect(lambda _at: self._arrange())
        self.blind = Switch(self, checked=True)
        self.blind.setAccessibleName(self.tr("Blind"))
        self._state = "idle"  # idle | writing | voting | voted
        self._can, self._why_not = True, ""
        self.blind.toggled.connect(self._blind_changed)
        self._blind_again = False  # it was switched off for one trial only
        choose = QHBoxLayout()
        choose.setSpacing(tokens.GRID)
        choose.addWidget(self.sides[0])
        choose.addWidget(label(self.tr("and"), "muted", self))
        choose.addWidget(self.sides[1])
        choose.addStretch(1)
        choose.addWidget(label(self.tr("Blind"), "muted", self))
        choose.addWidget(self.blind)
        self.show_versions(())
        self.panes = (ReplyPane("A", self), ReplyPane("B", self))
        sides = self._sides = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        sides.setSpacing(tokens.GRID * 2)
        for pane in self.panes:
            sides.addWidget(pane, 1)
        self.a = Button(self.tr("Prefer A"), self)
        self.a.setToolTip(self.tr("Prefer A") + "  (Alt+1)")
        self.tie = Button(self.tr("No difference"), self)
        self.b = Button(self.tr("Prefer B"), self)
        self.b.setToolTip(self.tr("Prefer B") + "  (Alt+2)")
        self.skip = Button(self.tr("Skip"), self, kind="ghost")
        self.open = Button(self.tr("Open as a chat"), self)
        self.open.clicked.connect(self.open_wanted)
        for button, value in ((self.a, A_BETTER), (self.tie, TIE), (self.b, B_BETTER)):
            button.clicked.connect(lambda _on=False, value=value: self._vote(value))
        self.skip.clicked.connect(self._skip)
        votes = QHBoxLayout()
        votes.setSpacing(tokens.GRID)
        votes.addStretch(1)
        for button in (self.a, self.tie, self.b, self.skip, self.open):
            votes.addWidget(button)
        votes.addStretch(1)
        self._checked = label("", "caption", self, wrap=True)
        self._check = QWidget(self)
        self._check.setAccessibleName(self.tr("Check"))
        check = QHBoxLayout(self._check)
        check.setContentsMargins(0, 0, 0, 0)
        check.setSpacing(tokens.GRID)
        check.addWidget(
            IconLabel("check", self.tr("Check"), self._check, token="success", size=tokens.ICON_SMALL)
        )
        check.addWidget(self._checked, 1)
        self._check.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(tokens.GRID + tokens.HALF, tokens.GRID, tokens.GRID * 2, tokens.GRID)
        column.setSpacing(tokens.GRID)
        column.addLayout(top)
        column.addWidget(self._note)
        column.addWidget(self._score)
        column.addLayout(choose)
        column.addLayout(ask)
        column.addLayout(sides, 1)
        column.addWidget(self._check)
        column.addLayout(votes)
        self._arrange()

    # --- what it is told ----------------------------------------------------------------------------------

    def showEvent(self, event: object) -> None:
        super().showEvent(event)  # type: ignore[arg-type]
        self.list_wanted.emit()

    def show_score(self, text: str) -> None:
        self._score.setText(text)
        self._score.setAccessibleName(text or self.tr("Score"))
        self._score.setVisible(bool(text))

    def show_versions(self, versions: Sequence[tuple[str, str]]) -> None:
        """(id, name) of the versions that can be compared, beside the style in use and the original model."""
        fixed = ((IN_USE, self.tr("my style")), (BASE, self.tr("the original model")))
        for box, first in zip(self.sides, (IN_USE, BASE), strict=True):
            chosen = box.currentData() or first
            box.blockSignals(True)
            box.clear()
            for value, text in (*fixed, *versions):
                box.addItem(text, value)
            box.setCurrentIndex(max(0, box.findData(chosen)))
            box.blockSignals(False)

    def choose(self, one: str, other: str) -> None:
        """Compare these two: version ids, ``IN_USE`` or ``BASE``."""
        for box, value in zip(self.sides, (one, other), strict=True):
            box.setCurrentIndex(max(0, box.findData(value)))

    def chosen(self) -> tuple[str, str]:
        return self.sides[0].currentData(), self.sides[1].currentData()

    def show_prompts(self, prompts: Sequence[str]) -> None:
        """The user's own last messages, to choose from."""
        self._menu.clear()
        for prompt in prompts:
            shown = " ".join(prompt.split())
            shown = shown if len(shown) <= 60 else shown[:59] + "…"
            action = self._menu.addAction(shown.replace("&", "&&"))
            action.triggered.connect(lambda _on=False, prompt=prompt: self.prompt.setPlainText(prompt))
        self.mine.setEnabled(bool(prompts))

    def set_possible(self, why_not: str) -> None:
        """``why_not``: a sentence when there is nothing to compare; empty when there is."""
        self._can, self._why_not = not why_not, why_not
        self._say_blind()
        self._arrange()

    def _say_blind(self) -> None:
        if self._state != "idle":
            return
        if self.blind.isChecked():
            how = self.tr("You are not told which reply is which until you have voted.")
        else:
            how = self.tr("You see which reply is which. Only blind votes count.")
        self.say(self._why_not or how)

    def show_both_openly(self) -> None:
        """Not blind, until the page is left: a trial of one version."""
        again = self.blind.isChecked()
        self.blind.setChecked(False)
        self._blind_again = again

    def _blind_changed(self, _on: bool) -> None:
        self._blind_again = False  # the user's own choice stays
        self._say_blind()
        self._arrange()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        if self._blind_again:
            self.blind.setChecked(True)

    def begin(self) -> None:
        """Both are about to be written."""
        self._state = "writing"
        self.show_checked("")
        for pane in self.panes:
            pane.begin(self.tr("Being written…"))
        self.say(self.tr("Both are written at the same time, one reply each."))
        self._arrange()

    def show_checked(self, text: str) -> None:
        """That one side was made sure to be the base model; empty: nothing was checked."""
        self._checked.setText(text)
        self._checked.setAccessibleName(text or self.tr("Check"))
        self._check.setVisible(bool(text))

    def ask(self, prompt: str = "") -> None:
        """Both are there: which is better?"""
        if prompt:  # two replies that were there already
            self.prompt.setPlainText(prompt)
            self.show_checked("")
        self._state = "voting"
        self.say(self.tr("Which reply do you prefer? You can also choose “No difference”, or skip."))
        self._arrange()
        self.a.setFocus()

    def show_difference(self, a: str, b: str) -> None:
        """Both are there and known: say how far apart they are; there is no vote on what is not blind."""
        self._state = "idle"
        shared = difflib.SequenceMatcher(None, a[:8000].split(), b[:8000].split(), autojunk=False).ratio()
        self.say(
            self.tr(
                "A has {0} words, B {1}; {2} % of the words are the same. Only blind votes count."
            ).format(len(a.split()), len(b.split()), round(100 * shared))
        )
        for pane, other in ((self.panes[0], b), (self.panes[1], a)):
            pane.mark_new(other)
        self._arrange()

    def reveal(self, who: Sequence[str], note: str) -> None:
        """After the vote: who wrote which, and what the vote did."""
        self._state = "voted"
        for pane, name in zip(self.panes, who, strict=True):
            pane.reveal(name)
        self.say(note)
        self._arrange()
        self.start.setFocus()

    def stop(self, note: str) -> None:
        """It came to nothing."""
        self._state = "idle"
        for pane in self.panes:
            pane.wait("")
        self.say(note)
        self._arrange()

    def say(self, text: str) -> None:
        self._note.setText(text)
        self._note.setAccessibleName(text)

    @property
    def note(self) -> str:
        return self._note.text()

    @property
    def state(self) -> str:
        return self._state

    # --- what the user does -------------------------------------------------------------------------------

    def _start(self) -> None:
        if self.start.isEnabled():
            self.start_wanted.emit(self.prompt.toPlainText().strip())

    def _vote(self, value: int) -> None:
        if self._state == "voting":
            self.voted.emit(value)

    def prefer(self, at: int) -> None:
        """A (0) or B (1), by a key."""
        self._vote((A_BETTER, B_BETTER)[at])

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        narrow = self.width() < theme.current().px(_SIDE_BY_SIDE)
        self._sides.setDirection(
            QBoxLayout.Direction.TopToBottom if narrow else QBoxLayout.Direction.LeftToRight
        )

    def _skip(self) -> None:
        self._state = "idle"
        self.skipped.emit()
        self._arrange()

    def _arrange(self) -> None:
        voting = self._state == "voting"
        for button in (self.a, self.tie, self.b, self.skip):
            button.setVisible(self._state in ("voting", "writing"))
            button.setEnabled(voting)
        self.skip.setEnabled(self._state in ("voting", "writing"))
        self.open.setVisible(self._state == "voted")
        busy = self._state == "writing"
        different = self.sides[0].currentData() != self.sides[1].currentData()
        self.start.setEnabled(
            self._can and not busy and different and bool(self.prompt.toPlainText().strip())
        )
        for part in (*self.sides, self.blind):
            part.setEnabled(not busy)
        self.prompt.setReadOnly(busy)
