"""The line above the conversation: sidebar switch, title, in which style and by which model it is
answered, the style panel's switch."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QActionGroup, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from assistant.services.models import ModelChoice
from ui.styles.button import StyleButton
from ui.theme import tokens
from ui.theme.focus import follow_layout
from ui.theme.widgets import IconButton, MenuChip, label


class Header(QWidget):
    sidebar_toggled = Signal(bool)
    panel_toggled = Signal(bool)
    model_chosen = Signal(str)
    models_wanted = Signal()
    rename_wanted = Signal()
    instructions_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "header")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName(self.tr("Conversation header"))
        self.sidebar_button = IconButton(
            "sidebar", self.tr("Show or hide the sidebar"), self, shortcut="Ctrl+B", checked_token="muted"
        )
        self.sidebar_button.setProperty("quiet", True)
        self.sidebar_button.toggled.connect(self.sidebar_toggled)
        self._title = label("", "title", self)
        self._title.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._full_title = ""
        self.model_button = MenuChip("chip", self)
        self._menu = self.model_button.menu()
        self._menu.setAccessibleName(self.tr("Models"))
        self.style_button = StyleButton(self)
        self.instructions_button = IconButton(
            "instructions",
            self.tr("Instructions for this chat"),
            self,
            shortcut="Ctrl+I",
            checked_token="accent",
        )
        self.instructions_button.clicked.connect(self.instructions_wanted)
        self.panel_button = IconButton("sparkle", self.tr("Your style"), self, checked_token="accent")
        self.panel_button.toggled.connect(self.panel_toggled)
        row = QHBoxLayout(self)
        row.setContentsMargins(tokens.GRID + tokens.HALF, tokens.GRID, tokens.GRID + tokens.HALF, tokens.GRID)
        row.setSpacing(tokens.GRID)
        row.addWidget(self.sidebar_button)
        row.addWidget(self._title, 1)
        row.addWidget(self.style_button)
        row.addWidget(self.model_button)
        row.addWidget(self.instructions_button)
        row.addWidget(self.panel_button)
        follow_layout(self)
        self._models: tuple[ModelChoice, ...] = ()
        self._current = ""
        self.set_model_text(self.tr("No model yet"))
        self._fill_menu()

    @property
    def title(self) -> str:
        return self._full_title

    def set_title(self, title: str) -> None:
        """The conversation's title, shortened to the room there is."""
        self._full_title = title
        self._title.setAccessibleName(title or self.tr("New chat"))
        self._title.setToolTip(title)
        self._elide()

    def set_model_text(self, text: str) -> None:
        """What the chip says: the model's name, or what is being done about it."""
        self.model_button.setText(text)
        self.model_button.setAccessibleName(self.tr("Model: {0}").format(text))
        self.model_button.setToolTip(self.tr("Choose the model that answers"))

    def set_models(self, models: Sequence[ModelChoice], current: str) -> None:
        """The models that can be chosen."""
        self._models, self._current = tuple(models), current
        self._fill_menu()

    def model_actions(self) -> list[QAction]:
        return [action for action in self._menu.actions() if action.data()]

    def _fill_menu(self) -> None:
        self._menu.clear()
        group = QActionGroup(self._menu)
        for model in self._models:
            if not model.usable:
                continue
            action = self._menu.addAction(model.name)
            action.setCheckable(True)
            action.setChecked(model.id == self._current)
            action.setData(model.id)
            group.addAction(action)
            action.triggered.connect(lambda _on=False, chosen=model.id: self.model_chosen.emit(chosen))
        self._menu.addSeparator()
        self._menu.addAction(self.tr("All models…")).triggered.connect(self.models_wanted)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._elide()

    def _elide(self) -> None:
        width = max(0, self._title.width() - 2)
        shown = self._title.fontMetrics().elidedText(self._full_title, Qt.TextElideMode.ElideRight, width)
        self._title.setText(shown)
