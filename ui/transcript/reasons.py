"""Asked for under a reply that has just been rated: why, in one press; stars; a note. Never in the way."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from ui.theme import tokens
from ui.theme.widgets import Button, IconButton
from ui.transcript.message_view import MessageView

HEIGHT = 80  # pixels
STEP = 1.2  # log-odds a deviation: what a reason made into a rule sets its trait to


class ReasonRow(QWidget):
    told = Signal(str)  # the reasons and the note, joined
    starred = Signal(int)
    rule_wanted = Signal(str, float)  # trait, weight
    closed = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Why"))
        self._chips: list[QPushButton] = []
        self._sign = 0
        self._message_id = ""
        self._first = QHBoxLayout()
        self._first.setSpacing(tokens.HALF)
        self._first.addStretch(1)
        self.rule = Button(self.tr("Always"), self, kind="link")
        self.rule.setProperty("dense", True)
        self.rule.clicked.connect(self._make_rule)
        self.rule.hide()
        self._first.addWidget(self.rule)
        self.stars = [
            IconButton("star", self.tr("%n star(s)", "", count), self, size=tokens.ICON_SMALL, side=26)
            for count in range(1, 6)
        ]
        second = QHBoxLayout()
        second.setSpacing(0)
        for count, star in enumerate(self.stars, start=1):
            star.clicked.connect(lambda _on=False, count=count: self.starred.emit(count))
            second.addWidget(star)
        self.note = QLineEdit(self)
        self.note.setPlaceholderText(self.tr("Why? (optional)"))
        self.note.setAccessibleName(self.tr("Note on this rating"))
        self.note.setMaxLength(500)
        self.note.editingFinished.connect(self._tell)
        second.addSpacing(tokens.GRID)
        second.addWidget(self.note, 1)
        done = IconButton("x", self.tr("Close"), self, size=tokens.ICON_SMALL, side=28)
        done.clicked.connect(self.closed)
        second.addWidget(done)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, tokens.HALF)
        column.setSpacing(tokens.HALF)
        column.addLayout(self._first)
        column.addLayout(second)

    def show_view(self, view: MessageView) -> None:
        """The reasons that go with the rating of ``view``."""
        sign = view.rating or (1 if view.stars >= 3 else -1)
        if view.message.id != self._message_id or sign != self._sign:
            self._message_id, self._sign = view.message.id, sign
            self._fill(sign)
            self.note.clear()
        for count, star in enumerate(self.stars, start=1):
            star.set_icon(
                "star-full" if count <= view.stars else "star", "accent" if count <= view.stars else "muted"
            )

    def _fill(self, sign: int) -> None:
        for chip in self._chips:
            self._first.removeWidget(chip)
            chip.hide()
            chip.deleteLater()
        self.rule.hide()
        good = (
            ("love it", self.tr("love it")),
            ("right length", self.tr("right length")),
            ("good tone", self.tr("good tone")),
            ("helpful", self.tr("helpful")),
        )
        bad = (
            ("too long", self.tr("too long")),
            ("too short", self.tr("too short")),
            ("too formal", self.tr("too formal")),
            ("too casual", self.tr("too casual")),
            ("wrong", self.tr("wrong")),
            ("off topic", self.tr("off topic")),
        )
        self._chips = []
        for at, (reason, text) in enumerate(good if sign > 0 else bad):
            chip = Button(text, self)
            chip.setProperty("reason", reason)  # learning knows these words, whatever language is shown
            chip.setProperty("dense", True)
            chip.setCheckable(True)
            chip.clicked.connect(lambda _on=False, chip=chip: self._pressed(chip))
            self._first.insertWidget(at, chip)
            chip.show()
            self._chips.append(chip)
        self._fit()

    def _pressed(self, chip: QPushButton) -> None:
        rule = self._rules().get(chip.text())
        if chip.isChecked() and rule is not None:
            self.rule.setText(rule[0])
            self.rule.setProperty("rule", [rule[1], rule[2]])
            self.rule.show()
        elif rule is not None:
            self.rule.hide()
        self._fit()
        self._tell()

    def _rules(self) -> dict[str, tuple[str, str, float]]:
        """What a reason can be made into: (words, trait, weight)."""
        return {
            self.tr("too long"): (self.tr("Always shorter"), "length", -STEP),
            self.tr("too short"): (self.tr("Always longer"), "length", STEP),
            self.tr("too formal"): (self.tr("Always more casual"), "formality", -STEP),
            self.tr("too casual"): (self.tr("Always more formal"), "formality", STEP),
        }

    def _make_rule(self) -> None:
        trait, weight = self.rule.property("rule")
        self.rule.hide()
        self._fit()
        self.rule_wanted.emit(str(trait), float(weight))

    def _tell(self) -> None:
        said = [str(chip.property("reason")) for chip in self._chips if chip.isChecked()]
        if note := self.note.text().strip():
            said.append(note)
        self.told.emit(", ".join(said))

    def _fit(self) -> None:
        """Show as many reasons as there is room for."""
        room = self.width() - (self.rule.sizeHint().width() if not self.rule.isHidden() else 0)
        for chip in self._chips:
            room -= chip.sizeHint().width() + tokens.HALF
            chip.setVisible(room >= 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.closed.emit()
        else:
            super().keyPressEvent(event)
