"""The sidebar: new chat, search, the list, and the ways to the models and the settings.

It shows and asks; what is stored happens where its signals lead.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QLineEdit, QListView, QMenu, QVBoxLayout, QWidget

from assistant.records import Conversation, SearchHit
from ui import theme
from ui.conversations.list_model import ConversationModel
from ui.conversations.row_painter import RowPainter
from ui.conversations.undo_bar import UndoBar
from ui.theme import tokens
from ui.theme.widgets import Button, label

SEARCH_AFTER_MS = 120


class Sidebar(QWidget):
    new_wanted = Signal()
    open_wanted = Signal(str, str)  # conversation id, message id to jump to or ""
    search_wanted = Signal(str)
    more_wanted = Signal(str)
    rename_wanted = Signal(str, str)
    pin_wanted = Signal(str, bool)
    delete_wanted = Signal(str)
    export_wanted = Signal(str)
    writing_wanted = Signal()
    models_wanted = Signal()
    settings_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "sidebar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName(self.tr("Conversations"))
        self.new_button = Button(self.tr("New chat"), self, kind="nav", icon="new-chat")
        self.new_button.clicked.connect(self.new_wanted)
        self.search_box = QLineEdit(self)
        self.search_box.setPlaceholderText(self.tr("Search all chats"))
        self.search_box.setAccessibleName(self.tr("Search all chats"))
        self.search_box.setClearButtonEnabled(True)
        self.search_box.textChanged.connect(self._typed)
        self.search_box.installEventFilter(self)
        self.model = ConversationModel(self)
        self.model.more_wanted.connect(self.more_wanted)
        self.model.renamed.connect(self.rename_wanted)
        self.list = QListView(self)
        self.list.setModel(self.model)
        self.painter_ = RowPainter(self.list)
        self.list.setItemDelegate(self.painter_)
        self.list.setAccessibleName(self.tr("List of conversations"))
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setMouseTracking(True)
        self.list.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setEditTriggers(QAbstractItemView.EditTrigger.EditKeyPressed)
        self.list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.list.customContextMenuRequested.connect(self._menu_at)
        self.list.clicked.connect(self._open)
        self.list.installEventFilter(self)
        self.nothing = label(self.tr("No results"), "caption", self)
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.nothing.hide()
        self.undo_bar = UndoBar(self)
        self.writing_button = Button(self.tr("Writing desk"), self, kind="nav", icon="pen")
        self.writing_button.clicked.connect(self.writing_wanted)
        self.models_button = Button(self.tr("Models"), self, kind="nav", icon="chip")
        self.models_button.clicked.connect(self.models_wanted)
        self.settings_button = Button(self.tr("Settings"), self, kind="nav", icon="settings")
        self.settings_button.clicked.connect(self.settings_wanted)
        column = QVBoxLayout(self)
        column.setContentsMargins(tokens.GRID, tokens.GRID + tokens.HALF, tokens.GRID, tokens.GRID)
        column.setSpacing(tokens.HALF)
        for part in (self.new_button, self.search_box):
            column.addWidget(part)
        column.addSpacing(tokens.HALF)
        column.addWidget(self.nothing)
        column.addWidget(self.list, 1)
        for below in (self.undo_bar, self.writing_button, self.models_button, self.settings_button):
            column.addWidget(below)
        self._delay = QTimer(self)
        self._delay.setSingleShot(True)
        self._delay.timeout.connect(self._search)
        self._searching = False

    # --- what it is given -----------------------------------------------------------------------------------

    def show_conversations(self, conversations: Sequence[Conversation], *, complete: bool) -> None:
        place = self.list.verticalScrollBar().value()
        self.model.show_conversations(conversations, complete=complete)
        if self._searching:
            self._search()
        self.list.verticalScrollBar().setValue(place)
        self._select_current()

    def add_page(self, conversations: Sequence[Conversation], *, complete: bool) -> None:
        self.model.add_page(conversations, complete=complete)

    def show_hits(self, query: str, hits: Sequence[SearchHit]) -> None:
        """What ``query`` found; ignored if the box says something else by now."""
        if query != self.search_box.text().strip():
            return
        self._searching = True
        self.model.show_hits(hits)
        self.nothing.setVisible(not hits)
        if hits:
            self.list.setCurrentIndex(self.model.index(0))

    def set_current(self, conversation_id: str | None) -> None:
        """Mark the conversation that is open."""
        self.painter_.current = conversation_id
        self._select_current()
        self.list.viewport().update()

    def focus_search(self) -> None:
        self.search_box.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search_box.selectAll()

    def clear_search(self) -> bool:
        """End a search; False if there was none."""
        if not self.search_box.text():
            return False
        self.search_box.clear()
        return True

    # --- what the user does ---------------------------------------------------------------------------------

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            if watched is self.search_box and self._search_key(event):
                return True
            if watched is self.list and self._list_key(event):
                return True
        return super().eventFilter(watched, event)

    def _search_key(self, event: QKeyEvent) -> bool:
        if event.key() == Qt.Key.Key_Down:
            self.list.setFocus(Qt.FocusReason.ShortcutFocusReason)
            return True
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._searching:
            self._open(self.list.currentIndex())
            return True
        return False

    def _list_key(self, event: QKeyEvent) -> bool:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._open(self.list.currentIndex())
            return True
        if event.key() == Qt.Key.Key_Menu:
            self._menu_at(self.list.visualRect(self.list.currentIndex()).center())
            return True
        return False

    def _typed(self) -> None:
        self._delay.start(SEARCH_AFTER_MS)

    def _search(self) -> None:
        query = self.search_box.text().strip()
        if query:
            self.search_wanted.emit(query)
            return
        self.nothing.hide()
        if self._searching:
            self._searching = False
            self.model.show_conversations_again()
            self._select_current()

    def _open(self, index: QModelIndex) -> None:
        row = self.model.row(index)
        if isinstance(row, Conversation):
            self.open_wanted.emit(row.id, "")
        elif isinstance(row, SearchHit):
            self.open_wanted.emit(row.conversation_id, row.message_id or "")

    def _menu_at(self, point: QPoint) -> None:
        row = self.model.row(self.list.indexAt(point))
        if isinstance(row, Conversation):
            self.menu_for(row).popup(self.list.viewport().mapToGlobal(point))

    def menu_for(self, row: Conversation) -> QMenu:
        """What can be done with a conversation."""
        menu = QMenu(self)
        menu.setAccessibleName(row.title)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        entries: tuple[tuple[str, str, Callable[[], object]], ...] = (
            (
                "pin",
                self.tr("Unpin") if row.pinned else self.tr("Pin"),
                lambda: self.pin_wanted.emit(row.id, not row.pinned),
            ),
            ("edit", self.tr("Rename"), lambda: self.rename(row.id)),
            ("download", self.tr("Export…"), lambda: self.export_wanted.emit(row.id)),
            ("trash", self.tr("Delete"), lambda: self.delete_wanted.emit(row.id)),
        )
        for icon, text, act in entries:
            menu.addAction(theme.icon(icon, "muted", tokens.ICON_SMALL), text).triggered.connect(
                lambda _checked=False, act=act: act()
            )
        return menu

    def rename(self, conversation_id: str) -> None:
        """Edit a title in its place in the list."""
        index = self.model.index_of(conversation_id)
        if index.isValid():
            self.list.scrollTo(index)
            self.list.setCurrentIndex(index)
            self.list.edit(index)

    def _select_current(self) -> None:
        if self._searching:
            return
        index = self.model.index_of(self.painter_.current)
        if index.isValid():
            self.list.setCurrentIndex(index)
        else:
            self.list.clearSelection()
