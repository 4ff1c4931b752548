"""The rows of the sidebar: headings and conversations, or headings and search hits. Plain data for the
view."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from assistant.records import Conversation, SearchHit
from assistant.services.folders import Folder
from ui.conversations.ages import age, heading

Index = QModelIndex | QPersistentModelIndex
ROW = Qt.ItemDataRole.UserRole


@dataclass(frozen=True, slots=True)
class Heading:
    """``folder``: it is that of a folder, which can be opened and closed; ``count`` chats are in it."""

    text: str
    folder: str = ""
    open: bool = True
    count: int = 0


Row = Heading | Conversation | SearchHit


class ConversationModel(QAbstractListModel):
    """``more_wanted`` asks for the page of conversations after the last one."""

    more_wanted = Signal(str)
    renamed = Signal(str, str)
    folder_renamed = Signal(str, str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[Row] = []
        self._conversations: list[Conversation] = []
        self._folders: list[Folder] = []
        self.unread: frozenset[str] = frozenset()
        self._closed: set[str] = set()  # names of folders
        self._complete = True
        self._asked = False

    # --- filling ------------------------------------------------------------------------------------------

    def show_conversations(
        self, conversations: Sequence[Conversation], *, complete: bool, folders: Sequence[Folder] = ()
    ) -> None:
        """The folders, and the first page of what is in none; ``complete``: there are no more."""
        self._conversations = list(conversations)
        self._folders = list(folders)
        self._complete = complete
        self._asked = False
        self._rebuild()

    def add_page(self, conversations: Sequence[Conversation], *, complete: bool) -> None:
        """One more page below the rows there are."""
        self._complete, self._asked = complete, False
        known = {conversation.id for conversation in self._conversations}
        self._conversations += [c for c in conversations if c.id not in known]
        rows = self._with_headings(self._conversations)
        if rows[: len(self._rows)] == self._rows and len(rows) > len(self._rows):
            self.beginInsertRows(QModelIndex(), len(self._rows), len(rows) - 1)
            self._rows = rows
            self.endInsertRows()

    def show_hits(self, hits: Sequence[SearchHit]) -> None:
        """Search hits in the order of the store: titles, then messages, newest first."""
        self.beginResetModel()
        self._rows = list(hits)
        self.endResetModel()

    def show_conversations_again(self) -> None:
        """Back from the hits to the conversations."""
        self._rebuild()

    def _rebuild(self) -> None:
        self.beginResetModel()
        self._rows = self._with_headings(self._conversations)
        self.endResetModel()

    def toggle_folder(self, name: str) -> None:
        """Open a folder in the list, or close it."""
        self._closed ^= {name}
        self._rebuild()

    def open_folder(self, name: str) -> None:
        if name in self._closed:
            self.toggle_folder(name)

    def folders(self) -> list[Folder]:
        return self._folders

    def _with_headings(self, conversations: Sequence[Conversation]) -> list[Row]:
        rows: list[Row] = []
        for folder in self._folders:
            opened = folder.name not in self._closed
            rows.append(Heading(folder.name, folder.name, opened, len(folder.conversations)))
            rows += folder.conversations if opened else ()
        today, last = date.today(), ""
        for conversation in conversations:
            text = heading(age(conversation.updated_at, today, pinned=conversation.pinned))
            if text != last:
                rows.append(Heading(text))
                last = text
            rows.append(conversation)
        return rows

    # --- asking -------------------------------------------------------------------------------------------

    def row(self, index: Index) -> Row | None:
        return self._rows[index.row()] if index.isValid() and index.row() < len(self._rows) else None

    def index_of(self, conversation_id: str | None) -> QModelIndex:
        """The row of a conversation; an invalid index if it is not in the list."""
        for number, row in enumerate(self._rows):
            if isinstance(row, Conversation) and row.id == conversation_id:
                return self.index(number)
        return QModelIndex()

    def index_of_folder(self, name: str) -> QModelIndex:
        """The row of a folder; an invalid index if it is not in the list."""
        for number, row in enumerate(self._rows):
            if isinstance(row, Heading) and row.folder == name:
                return self.index(number)
        return QModelIndex()

    def conversation_ids(self) -> tuple[str, ...]:
        return tuple(row.id for row in self._rows if isinstance(row, Conversation))

    # --- Qt's side ------------------------------------------------------------------------------------------

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row = self.row(index)
        if row is None:
            return None
        if role == ROW:
            return row
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            return row.text if isinstance(row, Heading) else row.title or self.tr("New chat")
        if role == Qt.ItemDataRole.AccessibleTextRole:
            if isinstance(row, SearchHit):
                return f"{row.title}. {row.snippet}"
            if isinstance(row, Heading) and row.folder:
                said = (
                    self.tr("Folder {0}, {1} chats, open")
                    if row.open
                    else self.tr("Folder {0}, {1} chats, closed")
                )
                return said.format(row.folder, row.count)
            if isinstance(row, Conversation) and row.id in self.unread:
                return self.tr("{0}, unread").format(row.title or self.tr("New chat"))
            if isinstance(row, Conversation) and row.pinned:
                return self.tr("{0}, pinned").format(row.title or self.tr("New chat"))
            return self.data(index, Qt.ItemDataRole.DisplayRole)
        if role == Qt.ItemDataRole.ToolTipRole and isinstance(row, Conversation):
            return row.title
        return None

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """A title was edited in place: told by ``renamed``; the row changes when the store has it."""
        row = self.row(index)
        title = " ".join(str(value).split())
        if role != Qt.ItemDataRole.EditRole or row is None or not title:
            return False
        if isinstance(row, Heading) and row.folder:
            if title != row.folder:
                self.folder_renamed.emit(row.folder, title)
            return True
        if not isinstance(row, Conversation):
            return False
        if title != row.title:
            self.renamed.emit(row.id, title)
        return True

    def flags(self, index: Index) -> Qt.ItemFlag:
        row = self.row(index)
        if row is None or (isinstance(row, Heading) and not row.folder):
            return Qt.ItemFlag.NoItemFlags
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        return flags if isinstance(row, SearchHit) else flags | Qt.ItemFlag.ItemIsEditable

    def canFetchMore(self, parent: Index) -> bool:
        return not parent.isValid() and not self._complete and not self._asked and bool(self._conversations)

    def fetchMore(self, parent: Index) -> None:
        self._asked = True
        self.more_wanted.emit(self._conversations[-1].id)
