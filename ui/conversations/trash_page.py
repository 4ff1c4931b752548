"""Deleted conversations: each can be brought back or erased for good; after thirty days they go by themselves."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from assistant.services.trash import Trashed
from ui.dates import date_text
from ui.page import Page, Section
from ui.theme import tokens
from ui.theme.confirm import ConfirmButton, Loss
from ui.theme.widgets import Button, clear, label

MOST = 200  # rows


class TrashPage(Page):
    list_wanted = Signal()
    restore_wanted = Signal(list)  # ids
    purge_wanted = Signal(object)  # ids, or None: all

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(QCoreApplication.translate("TrashPage", "Trash"), parent)
        self.contents: list[Trashed] = []
        told = self.tr("Deleted chats stay here for 30 days. Their ratings teach nothing meanwhile.")
        self.column.addWidget(label(told, "muted", self, wrap=True))
        self.note = label("", "muted", self, wrap=True)
        self.note.hide()
        self.column.addWidget(self.note)
        self.restore_all = Button(self.tr("Restore all"), self)
        self.restore_all.clicked.connect(
            lambda: self.restore_wanted.emit([item.conversation.id for item in self.contents])
        )
        self.empty = ConfirmButton(self.tr("Empty the trash…"), lambda: self._loss(self.contents), self)
        self.empty.confirmed.connect(lambda: self.purge_wanted.emit(None))
        buttons = QHBoxLayout()
        buttons.setSpacing(tokens.GRID)
        buttons.addStretch(1)
        buttons.addWidget(self.restore_all)
        buttons.addWidget(self.empty)
        self.column.addLayout(buttons)
        self._rows = QVBoxLayout()
        self.column.addLayout(self._rows)
        self.column.addStretch(1)
        self.restore: list[Button] = []  # of the rows, from the top
        self.purge: list[ConfirmButton] = []

    def show_contents(self, contents: Sequence[Trashed]) -> None:
        """What is in it, the last deleted first."""
        self.contents = list(contents)
        clear(self._rows)
        self.restore, self.purge = [], []
        for button in (self.restore_all, self.empty):
            button.setEnabled(bool(contents))
        if not contents:
            self._rows.addWidget(label(self.tr("The trash is empty."), "muted", self))
            return
        section = Section(self.tr("%n chat(s)", "", len(contents)), self)
        for item in self.contents[:MOST]:
            section.add(self._row(item))
        if len(contents) > MOST:
            more = self.tr("And %n older one(s).", "", len(contents) - MOST)
            section.add(label(more, "caption", section))
        self._rows.addWidget(section)

    def say(self, sentence: str) -> None:
        """What was done, or why it was not."""
        self.note.setText(sentence)
        self.note.setAccessibleName(sentence or "-")
        self.note.setVisible(bool(sentence))

    def _row(self, item: Trashed) -> QWidget:
        title = item.conversation.title or self.tr("New chat")
        row = QWidget(self)
        row.setAccessibleName(title)
        name = label(title, "strong", row)
        name.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        name.setToolTip(title)
        left = self.tr("%n day(s) left", "", item.days_left)
        when = label(f"{date_text(item.deleted_at)} · {left}", "caption", row)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(name)
        words.addWidget(when)
        restore = Button(self.tr("Restore"), row)
        restore.setProperty("dense", True)
        restore.setAccessibleName(self.tr("Restore {0}").format(title))
        restore.clicked.connect(lambda: self.restore_wanted.emit([item.conversation.id]))
        purge = ConfirmButton(self.tr("Delete for good…"), lambda: self._loss([item]), row)
        purge.setProperty("dense", True)
        purge.setAccessibleName(self.tr("Delete {0} for good").format(title))
        purge.confirmed.connect(lambda: self.purge_wanted.emit([item.conversation.id]))
        self.restore.append(restore)
        self.purge.append(purge)
        box = QHBoxLayout(row)
        box.setContentsMargins(0, tokens.GRID, 0, tokens.GRID)
        box.setSpacing(tokens.GRID)
        box.addLayout(words, 1)
        box.addWidget(restore)
        box.addWidget(purge)
        return row

    def _loss(self, items: Sequence[Trashed]) -> Loss:
        titles = [item.conversation.title or self.tr("New chat") for item in items]
        named = tuple(titles[:5])
        if len(titles) > 5:
            named = (*named, self.tr("and %n more", "", len(titles) - 5))
        return Loss(
            self.tr("Delete %n chat(s) for good?", "", len(titles)),
            (*named, self.tr("Their ratings, and all backups and snapshots: they hold these chats too")),
            self.tr("Delete for good"),
            stays=self.tr("This cannot be undone."),
            typed=True,
        )
