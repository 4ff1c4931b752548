"""Snapshots: what there is, what changed since, and bringing it back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from assistant.services.snapshots import Compared, Taken
from ui.dates import date_text
from ui.page import Page, Section
from ui.theme import tokens
from ui.theme.confirm import ConfirmButton, Loss
from ui.theme.focus import follow_layout
from ui.theme.widgets import Button, clear, label

if TYPE_CHECKING:
    from assistant.store.snapshots.contents import Change

_MOST_CHATS = 100


class SnapshotsPage(Page):
    list_wanted = Signal()
    take_wanted = Signal()
    compare_wanted = Signal(str)  # a snapshot
    restore_wanted = Signal(str, str)  # a snapshot, and a conversation or "" for all

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(QCoreApplication.translate("SnapshotsPage", "Snapshots"), parent)
        self.compared: Compared | None = None
        self.column.addWidget(
            label(
                self.tr(
                    "Attune keeps earlier states of your chats, ratings and styles in a folder beside its own: every "
                    "30 minutes of use, then one per day, week and month. Erasing anything erases all snapshots."
                ),
                "muted",
                self,
                wrap=True,
            )
        )
        self.note = label("", "muted", self, wrap=True)
        self.note.hide()
        self.column.addWidget(self.note)
        self.changes = Section(self.tr("Changed since"), self)
        self.changes.hide()
        self.column.addWidget(self.changes)
        self.list = Section(self.tr("All snapshots"), self)
        self.column.addWidget(self.list)
        self.take = Button(self.tr("Take a snapshot now"), self)
        self.take.clicked.connect(self.take_wanted)
        self.column.addWidget(self.take)
        self.column.addStretch(1)

    def showEvent(self, event: object) -> None:
        super().showEvent(event)  # type: ignore[arg-type]
        self.list_wanted.emit()

    # --- showing ------------------------------------------------------------------------------------------

    def show_taken(self, taken: list[Taken]) -> None:
        clear(self.list.rows)
        for one in taken:
            self.list.add(self._taken_row(one))
        if not taken:
            self.list.add(label(self.tr("None yet."), "muted", self))
        follow_layout(self)

    def show_compared(self, compared: Compared) -> None:
        """What restoring a snapshot would bring back."""
        self.compared = compared
        taken = compared.taken
        clear(self.changes.rows)
        when = date_text(taken.created_at)
        self.changes.add(self._all_row(compared, when))
        for chat in compared.chats[:_MOST_CHATS]:
            title = chat.title or self.tr("Untitled chat")
            if chat.gone:
                what = self.tr("%n message(s), not there any more", "", chat.messages)
            else:
                what = self.tr("%n message(s) missing", "", chat.missing)
            restore = Button(self.tr("Restore"), self)
            restore.setAccessibleName(self.tr("Restore: {0}").format(title))
            restore.clicked.connect(
                lambda _on=False, id=chat.conversation_id: self.restore_wanted.emit(taken.id, id)
            )
            self.changes.add(_row(title, (what,), (restore,), self))
        if not compared.chats:
            self.changes.add(label(self.tr("No chat has lost anything since."), "muted", self))
        elif len(compared.chats) > _MOST_CHATS:
            more = self.tr("And %n more chat(s).", "", len(compared.chats) - _MOST_CHATS)
            self.changes.add(label(more, "muted", self))
        self.changes.show()
        self.scroller.ensureWidgetVisible(self.changes)
        follow_layout(self)

    def hide_compared(self) -> None:
        self.compared = None
        self.changes.hide()

    def say(self, text: str) -> None:
        self.note.setText(text)
        self.note.setAccessibleName(text or "-")
        self.note.setVisible(bool(text))

    # --- rows ---------------------------------------------------------------------------------------------

    def _taken_row(self, one: Taken) -> QWidget:
        when = date_text(one.created_at)
        holds = " · ".join(
            (
                self.tr("%n chat(s)", "", one.conversations),
                self.tr("%n message(s)", "", one.messages),
                self.tr("%n rating(s)", "", one.ratings),
            )
        )
        lines = (self._reason(one.reason), holds, self.change_text(one))
        show = Button(self.tr("Show changes"), self)
        show.setAccessibleName(self.tr("Show what changed since {0}").format(when))
        show.clicked.connect(lambda _on=False: self.compare_wanted.emit(one.id))
        return _row(when, tuple(text for text in lines if text), (show,), self)

    def _all_row(self, compared: Compared, when: str) -> QWidget:
        parts = self._signed(compared.since)
        self.restore_all = ConfirmButton(self.tr("Restore all…"), lambda: self._loss(compared, when), self)
        self.restore_all.setAccessibleName(self.tr("Restore everything as of {0}").format(when))
        self.restore_all.confirmed.connect(lambda: self.restore_wanted.emit(compared.taken.id, ""))
        close = Button(self.tr("Close"), self)
        close.clicked.connect(self.hide_compared)
        return _row(when, (parts or self.tr("Nothing changed since."),), (self.restore_all, close), self)

    def _loss(self, compared: Compared, when: str) -> Loss:
        since = compared.since
        goes = [
            self.tr("%n chat(s) that are newer", "", since.chats_added) if since.chats_added else "",
            self.tr("%n message(s) that are newer", "", since.messages_added) if since.messages_added else "",
            self.tr("%n rating(s) that are newer", "", since.ratings_added) if since.ratings_added else "",
        ]
        return Loss(
            self.tr("Make everything as it was on {0}?").format(when),
            tuple(text for text in goes if text),
            self.tr("Restore all"),
            stays=self.tr(
                "Models and settings stay. A snapshot of how it is now is taken first, so this can be undone."
            ),
        )

    def change_text(self, one: Taken) -> str:
        """What changed from the snapshot before to this one."""
        return "" if one.change is None else self._signed(one.change)

    def _signed(self, change: Change) -> str:
        """``+2 chats · −1 rating``: those that are not zero."""
        parts = (
            (self.tr("%n chat(s)", "", change.chats_added), change.chats_added, "+"),
            (self.tr("%n chat(s)", "", change.chats_removed), change.chats_removed, "−"),
            (self.tr("%n message(s)", "", change.messages_added), change.messages_added, "+"),
            (self.tr("%n message(s)", "", change.messages_removed), change.messages_removed, "−"),
            (self.tr("%n rating(s)", "", change.ratings_added), change.ratings_added, "+"),
            (self.tr("%n rating(s)", "", change.ratings_removed), change.ratings_removed, "−"),
        )
        return " · ".join(f"{sign}{text}" for text, count, sign in parts if count)

    def _reason(self, reason: str) -> str:
        return {
            "asked": self.tr("Taken by you"),
            "migration": self.tr("Before an update of Attune"),
            "import": self.tr("Before an import"),
            "restore": self.tr("Before a restore"),
        }.get(reason, self.tr("While you were using Attune"))


def _row(title: str, lines: tuple[str, ...], buttons: tuple[QWidget, ...], parent: QWidget) -> QWidget:
    row = QWidget(parent)
    row.setAccessibleName(title)
    words = QVBoxLayout()
    words.setSpacing(0)
    heading: QLabel = label(title, "strong", row, wrap=True)
    words.addWidget(heading)
    for text in lines:
        words.addWidget(label(text, "caption", row, wrap=True))
    box = QHBoxLayout(row)
    box.setContentsMargins(0, tokens.GRID, 0, tokens.GRID)
    box.setSpacing(tokens.GRID)
    box.addLayout(words, 1)
    for button in buttons:
        button.setProperty("dense", True)
        box.addWidget(button)
    return row
