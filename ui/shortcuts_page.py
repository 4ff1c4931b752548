"""The list of keys (Ctrl+/)."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QHBoxLayout, QWidget

from ui.page import Page, Section
from ui.shortcuts import shortcuts
from ui.theme import tokens
from ui.theme.widgets import label


class KeysPage(Page):
    def __init__(self, actions: Mapping[str, QAction], parent: QWidget | None = None) -> None:
        super().__init__(QCoreApplication.translate("KeysPage", "Keyboard shortcuts"), parent)
        window = Section(self.tr("In the window"), self)
        for shortcut in shortcuts():
            keys = actions[shortcut.name].shortcuts()
            texts = [key.toString(QKeySequence.SequenceFormat.NativeText) for key in keys]
            window.add_row(shortcut.text, _keys(texts))
        writing = Section(self.tr("In the message box"), self)
        for text, keys_text in (
            (self.tr("Send (or Ctrl+Enter, by the settings)"), "Enter"),
            (self.tr("New line"), "Shift+Enter"),
            (self.tr("Edit the last message, in an empty box"), "↑"),
        ):
            writing.add_row(text, _keys([keys_text]))
        self.column.addWidget(window)
        self.column.addWidget(writing)
        self.column.addStretch(1)


def _keys(texts: list[str]) -> QWidget:
    """Each key in a chip."""
    holder = QWidget()
    holder.setAccessibleName(", ".join(texts))
    row = QHBoxLayout(holder)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(tokens.GRID)
    for text in texts:
        row.addWidget(label(text, "chip", holder))
    return holder
