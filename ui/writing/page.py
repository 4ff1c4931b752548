"""The writing desk: choose a kind of text, fill in what is known, have it written in a chat of its own."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from assistant import presets
from assistant.errors import BadInput
from assistant.presets import BUILT_IN, Preset
from ui.page import Page
from ui.theme import tokens
from ui.theme.choice import Choice
from ui.theme.confirm import ConfirmButton, Loss
from ui.theme.focus import follow_layout
from ui.theme.widgets import Button, clear, label
from ui.writing.words import said

_COLUMNS = 3


class WritingPage(Page):
    write_wanted = Signal(str, str)  # the message, to be sent in a new chat, and the named style of that
    look_wanted = Signal(str, str)  # the message, to be put into the message box
    list_wanted = Signal()
    keep_wanted = Signal(object)  # Preset
    delete_wanted = Signal(str)  # preset id
    style_wanted = Signal(
        str, str
    )  # preset id, the named style its texts are to be written in, a new one too

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(QCoreApplication.translate("WritingPage", "Writing desk"), parent)
        self._own: tuple[Preset, ...] = ()
        self._lines: tuple[str, ...] = ()
        self._styles: Mapping[str, str] = {}  # preset id -> named style
        self.preset = BUILT_IN[0]
        self.inputs: dict[str, QLineEdit | QPlainTextEdit] = {}
        self._typed: dict[str, str] = {}  # by field name: what is common to two kinds of text is kept
        self._kinds = QGridLayout()
        self._kinds.setSpacing(tokens.GRID)
        self._group = QButtonGroup(self)
        self.column.addLayout(self._kinds)
        self._card = QFrame(self)
        self._card.setProperty("role", "card")
        self._card.setAccessibleName(self.tr("What to write"))
        self._form = QVBoxLayout(self._card)
        self._form.setContentsMargins(tokens.GRID * 2, tokens.GRID * 2, tokens.GRID * 2, tokens.GRID * 2)
        self._form.setSpacing(tokens.HALF)
        self.column.addWidget(self._card)
        self.style_box = Choice(self)
        self.style_box.setAccessibleName(self.tr("Style for this kind of text"))
        self.style_box.setMinimumWidth(220)
        self.style_box.currentIndexChanged.connect(self._style_chosen)
        styles = QHBoxLayout()
        styles.setSpacing(tokens.GRID)
        styles.addWidget(label(self.tr("Written in"), "section", self))
        styles.addWidget(self.style_box)
        styles.addWidget(
            label(
                self.tr("A separate style learns only from the texts you rate here."),
                "caption",
                self,
                wrap=True,
            ),
            1,
        )
        self.column.addLayout(styles)
        self._problem = label("", "danger", self, wrap=True)
        self._problem.hide()
        self.column.addWidget(self._problem)
        self.write = Button(self.tr("Write"), self, kind="primary", icon="send")
        self.write.clicked.connect(lambda: self._send(self.write_wanted))
        self.look = Button(self.tr("Put in the message box"), self)
        self.look.clicked.connect(lambda: self._send(self.look_wanted))
        self.delete = ConfirmButton(self.tr("Delete this preset"), self._loss, self)
        self.delete.confirmed.connect(lambda: self.delete_wanted.emit(self.preset.id))
        row = QHBoxLayout()
        row.setSpacing(tokens.GRID)
        row.addWidget(self.write)
        row.addWidget(self.look)
        row.addStretch(1)
        row.addWidget(self.delete)
        self.column.addLayout(row)
        self.maker = _Maker(self)
        self.maker.made.connect(self.keep_wanted)
        self.column.addWidget(self.maker)
        self.column.addStretch(1)
        self.show_presets(())

    def _loss(self) -> Loss:
        title = self.tr("Delete the preset “{0}”?").format(self.preset.title)
        return Loss(title, (self.tr("Its template."),), self.tr("Delete"))

    def showEvent(self, event: object) -> None:
        super().showEvent(event)  # type: ignore[arg-type]
        self.list_wanted.emit()

    def show_presets(
        self, own: Sequence[Preset], lines: Sequence[str] = (), styles: Mapping[str, str] | None = None
    ) -> None:
        """The built-in kinds of text and the user's own; named styles, and which kind is written in which of them."""
        self._own, self._lines, self._styles = tuple(own), tuple(lines), dict(styles or {})
        for button in self._group.buttons():
            self._group.removeButton(button)
        clear(self._kinds)
        everything = (*BUILT_IN, *self._own)
        if self.preset.id not in {preset.id for preset in everything}:
            self.preset = BUILT_IN[0]
        for at, preset in enumerate(everything):
            button = Button(preset.title if preset.own else said(preset.title), self)
            button.setCheckable(True)
            button.setChecked(preset.id == self.preset.id)
            button.clicked.connect(lambda _on=False, preset=preset: self.choose(preset))
            self._group.addButton(button)
            self._kinds.addWidget(button, at // _COLUMNS, at % _COLUMNS)
        self.choose(next(preset for preset in everything if preset.id == self.preset.id))

    def choose(self, preset: Preset) -> None:
        """Show the form of a kind of text; what was typed into fields of the same name stays."""
        self._keep_typed()
        self.preset = preset
        self._problem.hide()
        clear(self._form)
        self.inputs = {}
        for field in preset.fields:
            text = field.label if preset.own else said(field.label)
            hint = field.hint if preset.own else said(field.hint)
            box: QLineEdit | QPlainTextEdit = QPlainTextEdit(self) if field.long else QLineEdit(self)
            box.setAccessibleName(text)
            box.setPlaceholderText(hint)
            if isinstance(box, QPlainTextEdit):
                box.setFixedHeight(tokens.GRID * 11)
                box.setTabChangesFocus(True)
                box.setPlainText(self._typed.get(field.name, ""))
            else:
                box.setText(self._typed.get(field.name, ""))
            self._form.addWidget(label(text if not field.needed else f"{text} *", "section", self))
            self._form.addWidget(box)
            self.inputs[field.name] = box
        if not preset.fields:
            self._form.addWidget(label(preset.template, "muted", self, wrap=True))
        self.delete.setVisible(preset.own)
        self._show_style()
        follow_layout(self)

    @property
    def line(self) -> str:
        """The named style that this kind of text is written in; empty: the user's own."""
        return self._styles.get(self.preset.id, "")

    def _show_style(self) -> None:
        title = self.preset.title if self.preset.own else said(self.preset.title)
        self.style_box.blockSignals(True)
        self.style_box.clear()
        self.style_box.addItem(self.tr("My own style"), "")
        for line in self._lines:
            self.style_box.addItem(line, line)
        if title.casefold() not in {line.casefold() for line in self._lines}:
            self.style_box.addItem(self.tr("A new style: {0}").format(title), title)
        self.style_box.setCurrentIndex(max(0, self.style_box.findData(self.line)))
        self.style_box.blockSignals(False)

    def _style_chosen(self) -> None:
        self.style_wanted.emit(self.preset.id, self.style_box.currentData() or "")

    def values(self) -> dict[str, str]:
        return {
            name: box.toPlainText() if isinstance(box, QPlainTextEdit) else box.text()
            for name, box in self.inputs.items()
        }

    def say(self, problem: str) -> None:
        self._problem.setText(problem)
        self._problem.setAccessibleName(problem or "-")
        self._problem.setVisible(bool(problem))

    def _keep_typed(self) -> None:
        self._typed.update({name: value for name, value in self.values().items() if value.strip()})

    def _send(self, signal: object) -> None:
        try:
            text = self.preset.fill(self.values())
        except BadInput as error:
            self.say(str(error))
            return
        self.say("")
        self._typed.clear()
        signal.emit(text, self.line)  # type: ignore[attr-defined]


class _Maker(QFrame):
    """Own presets: a name and a text with ``{fields}``."""

    made = Signal(object)  # Preset

    def __init__(self, page: WritingPage) -> None:
        super().__init__(page)
        self.setAccessibleName(self.tr("Your own preset"))
        self.open = Button(self.tr("Your own preset"), self, kind="link", icon="plus")
        self.open.setCheckable(True)
        self.open.setProperty("align", "left")
        self._inner = QWidget(self)
        self._inner.setAccessibleName(self.tr("Your own preset"))
        self.name = QLineEdit(self._inner)
        self.name.setPlaceholderText(self.tr("Name, for example: Minutes"))
        self.name.setAccessibleName(self.tr("Name of the preset"))
        self.text = QPlainTextEdit(self._inner)
        self.text.setPlaceholderText(
            self.tr("What the model is asked, for example: Write minutes of a meeting about {topic}: {notes}")
        )
        self.text.setAccessibleName(self.tr("Text of the preset"))
        self.text.setFixedHeight(tokens.GRID * 14)
        self.text.setTabChangesFocus(True)
        self._problem = label("", "danger", self._inner, wrap=True)
        self._problem.hide()
        self.save = Button(self.tr("Save"), self._inner)
        self.save.clicked.connect(self._save)
        inner = QVBoxLayout(self._inner)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(tokens.GRID)
        for part in (self.name, self.text, self._problem):
            inner.addWidget(part)
        row = QHBoxLayout()
        row.addWidget(label(self.tr("Words in {braces} become fields."), "caption", self._inner), 1)
        row.addWidget(self.save)
        inner.addLayout(row)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.open)
        column.addWidget(self._inner)
        self._inner.hide()
        self.open.toggled.connect(self._inner.setVisible)

    def _save(self) -> None:
        try:
            made = presets.make(self.name.text(), self.text.toPlainText(), id=uuid.uuid4().hex)
        except BadInput as error:
            self._problem.setText(str(error))
            self._problem.setAccessibleName(str(error))
            self._problem.show()
            return
        self._problem.hide()
        self.name.clear()
        self.text.clear()
        self.open.setChecked(False)
        self.made.emit(made)
