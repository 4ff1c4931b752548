"""The style card: every sentence with its source and how sure it is; to be edited, limited, switched off and removed."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QApplication, QFrame, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from assistant.learning.style_card import LONGEST, STRENGTHS, Sentence, nearest
from assistant.services.style_card import Card
from ui.page import Page
from ui.style_card.words import effect_text, kinds, said, source_text, strength_words
from ui.theme import tokens
from ui.theme.choice import Choice
from ui.theme.focus import follow_layout
from ui.theme.steps import Steps
from ui.theme.switch import Switch
from ui.theme.widgets import Button, IconButton, clear, label, line

_AFTER_MS = 250


class StyleCardPage(Page):
    list_wanted = Signal()
    add_wanted = Signal(str, str, str)  # text, scope, kind of text
    edit_wanted = Signal(str, str)  # sentence id, text
    switch_wanted = Signal(str, bool)
    strength_wanted = Signal(str, float)
    scope_wanted = Signal(str, str, str)  # sentence id, scope, kind of text
    remove_wanted = Signal(str)
    restore_wanted = Signal()
    export_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(QCoreApplication.translate("StyleCardPage", "Style card"), parent)
        self.column.addWidget(
            label(
                self.tr(
                    "Models that follow instructions are told these sentences with every message. What you write "
                    "here counts as a correction and holds until you remove it. What a message itself asks for goes "
                    "first."
                ),
                "muted",
                self,
                wrap=True,
            )
        )
        self.effect = label("", "strong", self, wrap=True)
        self.effect.hide()
        self.column.addWidget(self.effect)
        self.note = label("", "danger", self, wrap=True)
        self.note.hide()
        self.column.addWidget(self.note)
        self._empty = label(
            self.tr(
                "The first sentences are written after your third rating. You can add your own at any time."
            ),
            "muted",
            self,
            wrap=True,
        )
        self._empty.hide()
        self.column.addWidget(self._empty)
        self._frame = QFrame(self)
        self._frame.setProperty("role", "card")
        self._frame.setAccessibleName(self.tr("Sentences"))
        self._list = QVBoxLayout(self._frame)
        self._list.setContentsMargins(tokens.GRID * 2, tokens.GRID, tokens.GRID * 2, tokens.GRID)
        self._list.setSpacing(0)
        self._frame.hide()  # until the card is read
        self.column.addWidget(self._frame)
        self.text = QLineEdit(self)
        self.text.setAccessibleName(self.tr("A sentence of your own"))
        self.text.setPlaceholderText(self.tr("For example: Address me by my first name."))
        self.text.setMaxLength(LONGEST)
        self.text.returnPressed.connect(self._add)
        self.where = _scopes(self, self.tr("Where the new sentence holds"))
        self.add = Button(self.tr("Add"), self, icon="plus")
        self.add.clicked.connect(self._add)
        row = QHBoxLayout()
        row.setSpacing(tokens.GRID)
        row.addWidget(self.text, 1)
        row.addWidget(self.where)
        row.addWidget(self.add)
        self.column.addLayout(row)
        self.restore = Button("", self, kind="link")
        self.restore.clicked.connect(self.restore_wanted)
        self.restore.hide()
        self.export = Button(self.tr("Export…"), self)
        self.export.setAccessibleName(self.tr("Export the style card"))
        self.export.clicked.connect(self.export_wanted)
        last = QHBoxLayout()
        last.addWidget(self.export)
        last.addWidget(self.restore)
        last.addStretch(1)
        self.column.addLayout(last)
        self.column.addStretch(1)

    def showEvent(self, event: object) -> None:
        super().showEvent(event)  # type: ignore[arg-type]
        self.say("")
        self.list_wanted.emit()

    def show_card(self, card: Card) -> None:
        focused = self._focused()
        effect = effect_text(card.effect) if card.effect is not None else ""
        self.effect.setText(effect)
        self.effect.setAccessibleName(effect or "-")
        self.effect.setVisible(bool(effect))
        clear(self._list)
        for at, sentence in enumerate(card.shown):
            if at:
                self._list.addWidget(line(self))
            self._list.addWidget(SentenceRow(sentence, self))
        self._frame.setVisible(bool(card.shown))
        self._empty.setVisible(not card.shown)
        self.export.setEnabled(any(sentence.on for sentence in card.shown))
        self.restore.setText(self.tr("Bring back %n removed sentence(s)", "", card.removed))
        self.restore.setVisible(card.removed > 0)
        self._focus_again(focused)
        follow_layout(self)

    def added(self) -> None:
        """The new sentence is on the card."""
        self.text.clear()
        self.say("")

    def say(self, text: str) -> None:
        self.note.setText(text)
        self.note.setAccessibleName(text or "-")
        self.note.setVisible(bool(text))

    def rows(self) -> list[SentenceRow]:
        items = [self._list.itemAt(at) for at in range(self._list.count())]
        return [w for item in items if item is not None and isinstance(w := item.widget(), SentenceRow)]

    def _add(self) -> None:
        scope, kind = _chosen(self.where)
        self.add_wanted.emit(self.text.text(), scope, kind)

    def _focused(self) -> tuple[str, str]:
        """Which sentence, and which part of its row, has the focus."""
        now = QApplication.focusWidget()
        for row in self.rows():
            for name, part in row.parts().items():
                if part is now:
                    return row.key, name
        return "", ""

    def _focus_again(self, focused: tuple[str, str]) -> None:
        key, name = focused
        if key:
            row = next((row for row in self.rows() if row.key == key), None)
            (row.parts()[name] if row is not None else self.text).setFocus()


class SentenceRow(QWidget):
    """One sentence. ``key`` stays the same where the user's entry takes the place of what was learned."""

    def __init__(self, sentence: Sentence, page: StyleCardPage) -> None:
        super().__init__(page)
        self.sentence, self.key = sentence, sentence.trait or sentence.id
        self._page = page
        self._text = said(sentence)
        self.setAccessibleName(self._text)
        self.switch = Switch(self, checked=sentence.on)
        self.switch.setAccessibleName(self.tr("Use: {0}").format(self._text))
        self.switch.clicked.connect(lambda on: page.switch_wanted.emit(sentence.id, on))
        self.edit = QLineEdit(self._text, self)
        self.edit.setMaxLength(LONGEST)
        self.edit.setCursorPosition(0)
        self.edit.setToolTip(self._text)
        self.edit.setAccessibleName(self.tr("Sentence: {0}").format(self._text))
        self.edit.editingFinished.connect(self._edited)
        self.edit.installEventFilter(self)
        self.remove = IconButton("x", self.tr("Remove: {0}").format(self._text), self)
        self.remove.clicked.connect(lambda: page.remove_wanted.emit(sentence.id))
        self.slider = Steps(self)
        self.slider.setRange(0, len(STRENGTHS) - 1)
        self.slider.setPageStep(1)
        self.slider.setFixedWidth(tokens.GRID * 12)
        self.slider.setValue(STRENGTHS.index(nearest(sentence.strength)))
        self._strength = label("", "caption", self)
        self._soon = QTimer(self, singleShot=True, interval=_AFTER_MS)
        self._soon.timeout.connect(
            lambda: page.strength_wanted.emit(sentence.id, STRENGTHS[self.slider.value()])
        )
        self.slider.valueChanged.connect(self._moved)
        self._show_strength()
        self.scope = _scopes(self, self.tr("Where it holds: {0}").format(self._text))
        found = self.scope.findData(sentence.kind or sentence.scope)
        self.scope.setCurrentIndex(max(0, found))
        self.scope.activated.connect(self._scoped)
        facts = label(source_text(sentence), "caption", self, wrap=True)
        top = QHBoxLayout()
        top.setSpacing(tokens.GRID)
        top.addWidget(self.switch)
        top.addWidget(self.edit, 1)
        top.addWidget(self.remove)
        below = QHBoxLayout()
        below.setSpacing(tokens.GRID)
        below.addWidget(facts, 1)
        below.addWidget(self._strength)
        below.addWidget(self.slider)
        below.addWidget(self.scope)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, tokens.GRID, 0, tokens.GRID)
        column.setSpacing(tokens.HALF)
        column.addLayout(top)
        column.addLayout(below)

    def parts(self) -> dict[str, QWidget]:
        return {
            "switch": self.switch, "edit": self.edit, "remove": self.remove, "slider": self.slider,
            "scope": self.scope,
        }  # fmt: skip

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Escape takes back what was typed, and only then leaves the page."""
        if (
            watched is self.edit
            and event.type() == QEvent.Type.ShortcutOverride
            and event.key() == Qt.Key.Key_Escape  # type: ignore[attr-defined]
            and self.edit.text() != self._text
        ):
            self.edit.setText(self._text)
            event.accept()
            return True
        return super().eventFilter(watched, event)

    def _edited(self) -> None:
        text = " ".join(self.edit.text().split())
        if not text:
            self.edit.setText(self._text)
        elif text != self._text:
            self._text = text
            self._page.edit_wanted.emit(self.sentence.id, text)

    def _moved(self, _value: int) -> None:
        self._show_strength()
        self._soon.start()

    def _show_strength(self) -> None:
        words = strength_words()[self.slider.value()]
        self._strength.setText(words)
        self._strength.setAccessibleName(words)
        self.slider.setAccessibleName(self.tr("How much it counts: {0}").format(words))

    def _scoped(self, _index: int) -> None:
        scope, kind = _chosen(self.scope)
        if (scope, kind) != (self.sentence.scope, self.sentence.kind):
            self._page.scope_wanted.emit(self.sentence.id, scope, kind)


def _chosen(box: Choice) -> tuple[str, str]:
    """(scope, kind of text)"""
    chosen = str(box.currentData())
    return (chosen, "") if chosen in ("always", "chat") else ("kind", chosen)


def _scopes(parent: QWidget, name: str) -> Choice:
    translate = QCoreApplication.translate
    box = Choice(parent)
    box.setAccessibleName(name)
    box.addItem(translate("StyleCardPage", "In all chats"), "always")
    box.addItem(translate("StyleCardPage", "In this chat"), "chat")
    for kind, words in kinds().items():
        box.addItem(words, kind)
    return box
