"""The chip in the header that says in which style the open conversation is written, and changes it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget, QWidgetAction

from assistant.records import LONGEST_STYLE_NAME, STYLE_OFF
from ui.styles.choices import StyleChoices
from ui.theme import tokens
from ui.theme.widgets import MenuChip

_MOST_VERSIONS = 8


class StyleButton(MenuChip):
    chosen = Signal(str, str)  # line, style: as a Conversation has them
    made = Signal(str)  # the name of a new style

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("edit", parent)
        self._menu.setAccessibleName(self.tr("Style of this chat"))
        self.choices = StyleChoices()
        self.line = self.style_ = ""
        self._on = True
        self.name = QLineEdit()
        self.name.setPlaceholderText(self.tr("Name a new style"))
        self.name.setAccessibleName(self.tr("Name of a new style"))
        self.name.setMaxLength(LONGEST_STYLE_NAME)
        self.name.setMinimumWidth(200)
        self.name.returnPressed.connect(self._make)
        holder = QWidget()
        holder.setAccessibleName(self.tr("A new style"))
        row = QHBoxLayout(holder)
        row.setContentsMargins(tokens.GRID, tokens.HALF, tokens.GRID, tokens.HALF)
        row.addWidget(self.name)
        self._new = QWidgetAction(self)
        self._new.setDefaultWidget(holder)
        self._fill()

    def show_choices(self, choices: StyleChoices) -> None:
        """What there is to choose from."""
        self.choices = choices
        self._fill()

    def show_style(self, line: str, style: str) -> None:
        """What the open conversation is written in."""
        self.line, self.style_ = line, style
        self._fill()

    def set_on(self, on: bool) -> None:
        """Whether replies are written in a style at all."""
        if on != self._on:
            self._on = on
            self._fill()

    def actions_(self) -> list[QAction]:
        """The entries that choose a style."""
        return [action for action in self._menu.actions() if isinstance(action.data(), list)]

    def _fill(self) -> None:
        own = self.tr("My style")
        text = self.line or own
        if self.style_ == STYLE_OFF or not self._on:
            text = self.tr("Style off")
        elif self.style_:
            versions = self.choices.versions if self.choices.line == self.line else ()
            text = dict(versions).get(self.style_, text)
        self.setText(text)
        self.setAccessibleName(self.tr("Style: {0}").format(text))
        self.setToolTip(self.tr("Style of the replies in this chat. Your ratings here teach it."))
        self._menu.clear()
        group = QActionGroup(self._menu)
        self._entry(group, own, "", "")
        for line in self.choices.lines:
            self._entry(group, line, line, "")
        versions = self.choices.versions[:_MOST_VERSIONS] if self.choices.line == self.line else ()
        if versions:
            self._menu.addSeparator()
        for version, name in versions:
            self._entry(group, self.tr("Always {0}").format(name), self.line, version)
        self._menu.addSeparator()
        self._entry(group, self.tr("Off in this chat"), self.line, STYLE_OFF)
        self._menu.addSeparator()
        self._menu.addAction(self._new)

    def _entry(self, group: QActionGroup, text: str, line: str, style: str) -> None:
        action = self._menu.addAction(text.replace("&", "&&"))
        action.setCheckable(True)
        action.setChecked((line, style) == (self.line, self.style_))
        action.setData([line, style])
        group.addAction(action)
        action.triggered.connect(lambda _on=False: self.chosen.emit(line, style))

    def _make(self) -> None:
        name = self.name.text().strip()
        if name:
            self.name.clear()
            self._menu.close()
            self.made.emit(name)
