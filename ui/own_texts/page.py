"""Write like me: paste a text or choose files, see what was taken and as an answer to which request, remove it again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from assistant.records import OwnText
from ui.dates import date_text
from ui.page import Page
from ui.theme import tokens
from ui.theme.choice import Choice
from ui.theme.confirm import ConfirmButton, Loss
from ui.theme.focus import follow_layout
from ui.theme.widgets import Button, clear, label, line

_SHOWN = 100  # texts in the list; the rest is counted
FILES = "*.txt *.md *.markdown *.docx *.eml *.mbox *.mbx"


class OwnTextsPage(Page):
    list_wanted = Signal()
    paste_wanted = Signal(str)
    files_wanted = Signal()
    dropped = Signal(list)  # paths
    sender_chosen = Signal(str)  # whose mails are the user's
    remove_wanted = Signal(list)  # ids

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(QCoreApplication.translate("OwnTextsPage", "Write like me"), parent)
        self.setAcceptDrops(True)
        self._texts: tuple[OwnText, ...] = ()
        self.column.addWidget(
            label(
                self.tr(
                    "Give texts that you wrote yourself: e-mails, letters, posts, stories, in English or Chinese. Your style "
                    "learns from how they differ from what the model writes. They stay on this computer."
                ),
                "muted",
                self,
                wrap=True,
            )
        )
        self.text = QPlainTextEdit(self)
        self.text.setAccessibleName(self.tr("A text that you wrote"))
        self.text.setPlaceholderText(self.tr("Paste a text that you wrote"))
        self.text.setFixedHeight(tokens.GRID * 16)
        self.text.setTabChangesFocus(True)
        self.column.addWidget(self.text)
        self.add = Button(self.tr("Add"), self, kind="primary", icon="plus")
        self.add.clicked.connect(lambda: self.paste_wanted.emit(self.text.toPlainText()))
        self.files = Button(self.tr("Choose files…"), self, icon="folder")
        self.files.setToolTip(self.tr("txt, md, docx, eml and mbox files"))
        self.files.clicked.connect(self.files_wanted)
        row = QHBoxLayout()
        row.setSpacing(tokens.GRID)
        row.addWidget(self.add)
        row.addWidget(self.files)
        row.addStretch(1)
        self.column.addLayout(row)
        self.note = label("", "muted", self, wrap=True)
        self.note.hide()
        self.column.addWidget(self.note)
        self._ask = QFrame(self)
        self._ask.setProperty("role", "banner-info")
        self._ask.setAccessibleName(self.tr("Whose mails are yours?"))
        self.address = Choice(self._ask)
        self.address.setAccessibleName(self.tr("Your own address"))
        self.take = Button(self.tr("Take these mails"), self._ask)
        self.take.clicked.connect(lambda: self.sender_chosen.emit(self.address.currentData() or ""))
        self.dismiss = Button(self.tr("Cancel"), self._ask, kind="ghost")
        self.dismiss.clicked.connect(self._ask.hide)
        asked = QHBoxLayout()
        asked.setSpacing(tokens.GRID)
        asked.addWidget(self.address, 1)
        asked.addWidget(self.take)
        asked.addWidget(self.dismiss)
        inner = QVBoxLayout(self._ask)
        inner.setContentsMargins(tokens.GRID * 2, tokens.GRID, tokens.GRID, tokens.GRID)
        inner.addWidget(
            label(
                self.tr("Which of these addresses is yours? Only your own mails are taken."),
                "",
                self._ask,
                wrap=True,
            )
        )
        inner.addLayout(asked)
        self._ask.hide()
        self.column.addWidget(self._ask)
        self._card = QFrame(self)
        self._card.setProperty("role", "card")
        self._card.setAccessibleName(self.tr("Your texts"))
        self._list = QVBoxLayout(self._card)
        self._list.setContentsMargins(tokens.GRID * 2, tokens.GRID, tokens.GRID * 2, tokens.GRID)
        self._list.setSpacing(0)
        self._card.hide()  # until the texts are read
        self.column.addWidget(self._card)
        self.more = label("", "caption", self)
        self.more.hide()
        self.column.addWidget(self.more)
        self.remove_all = ConfirmButton(self.tr("Remove all…"), lambda: self._loss(self._texts), self)
        self.remove_all.confirmed.connect(self._remove_all)
        self.remove_all.hide()
        last = QHBoxLayout()
        last.addWidget(self.remove_all)
        last.addStretch(1)
        self.column.addLayout(last)
        self.column.addStretch(1)

    def showEvent(self, event: object) -> None:
        super().showEvent(event)  # type: ignore[arg-type]
        self.list_wanted.emit()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasUrls():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        paths = [url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()]
        if paths:
            event.acceptProposedAction()
            self.dropped.emit(paths)

    def show_texts(self, texts: Sequence[OwnText]) -> None:
        self._texts = tuple(texts)
        clear(self._list)
        for at, text in enumerate(reversed(self._texts[-_SHOWN:])):
            if at:
                self._list.addWidget(line(self))
            self._list.addWidget(TextRow(text, self))
        self._card.setVisible(bool(texts))
        self.remove_all.setVisible(len(texts) > 1)
        rest = len(texts) - _SHOWN
        more = self.tr("%n more", "", rest) if rest > 0 else ""
        self.more.setText(more)
        self.more.setAccessibleName(more or "-")
        self.more.setVisible(bool(more))
        follow_layout(self)

    def ask_sender(self, senders: Mapping[str, int]) -> None:
        """Whose mails are the user's? The commonest sender first."""
        self.address.clear()
        for address, count in list(senders.items())[:200]:
            self.address.addItem(self.tr("{0} ({1} mails)").format(address, count), address)
        self._ask.show()
        self.take.setFocus()

    @property
    def asking(self) -> bool:
        return self._ask.isVisible()

    def busy(self, busy: bool) -> None:
        """While files are read."""
        for part in (self.add, self.files, self.take):
            part.setEnabled(not busy)
        if busy:
            self._ask.hide()
            self.say(self.tr("Reading…"))

    def added(self) -> None:
        self.text.clear()

    def say(self, text: str) -> None:
        self.note.setText(text)
        self.note.setAccessibleName(text or "-")
        self.note.setVisible(bool(text))

    def rows(self) -> list[TextRow]:
        items = [self._list.itemAt(at) for at in range(self._list.count())]
        return [w for item in items if item is not None and isinstance(w := item.widget(), TextRow)]

    def _remove_all(self) -> None:
        self.remove_wanted.emit([text.id for text in self._texts])

    def _loss(self, texts: Sequence[OwnText]) -> Loss:
        goes = [text.name for text in texts[:5]]
        if len(texts) > 5:
            goes.append(self.tr("%n more", "", len(texts) - 5))
        return Loss(
            self.tr("Remove what you wrote?"),
            (*goes, self.tr("All backups: they hold it, too")),
            self.tr("Remove"),
            stays=self.tr("Your own files stay where they are."),
        )


class TextRow(QWidget):
    """One text: its name and beginning, the request it would answer, and a way to remove it."""

    def __init__(self, text: OwnText, page: OwnTextsPage) -> None:
        super().__init__(page)
        self.text = text
        self.setAccessibleName(text.name)
        beginning = " ".join(text.text.split())
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(label(_short(text.name, 60), "strong", self, wrap=True))
        words.addWidget(label(_short(beginning, 140), "", self, wrap=True))
        asked = self.tr("As an answer to: {0}").format(text.prompt)
        words.addWidget(label(f"{asked} · {date_text(text.created_at)}", "caption", self, wrap=True))
        self.remove = ConfirmButton(self.tr("Remove…"), lambda: page._loss([text]), self)
        self.remove.setAccessibleName(self.tr("Remove: {0}").format(text.name))
        self.remove.setProperty("dense", True)
        self.remove.confirmed.connect(lambda: page.remove_wanted.emit([text.id]))
        box = QHBoxLayout(self)
        box.setContentsMargins(0, tokens.GRID, 0, tokens.GRID)
        box.setSpacing(tokens.GRID)
        box.addLayout(words, 1)
        box.addWidget(self.remove)


def _short(text: str, room: int) -> str:
    return text if len(text) <= room else text[: room - 1].rstrip() + "…"
