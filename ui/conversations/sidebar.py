"""The sidebar: new chat, search, the list, and the ways to the models and the settings.

It shows and asks; what is stored happens where its signals lead.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QFrame,
    QLineEdit,
    QListView,
    QMenu,
    QVBoxLayout,
    QWidget,
)

from assistant.records import Conversation, SearchHit
from assistant.services.folders import Folder
from ui import theme
from ui.conversations.list_model import ConversationModel, Heading
from ui.conversations.row_painter import RowPainter
from ui.conversations.selection_bar import SelectionBar
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
    delete_wanted = Signal(list)  # ids
    export_wanted = Signal(str)
    export_many_wanted = Signal(list)  # ids
    move_wanted = Signal(list, str)  # ids, the folder's name or ""
    new_folder_wanted = Signal(list)  # ids that go into it
    folder_renamed = Signal(str, str)
    folder_removed = Signal(str)
    folder_instructions_wanted = Signal(str)
    new_in_folder_wanted = Signal(str)
    trash_wanted = Signal()
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
        self.model.folder_renamed.connect(self.folder_renamed)
        self.list = QListView(self)
        self.list.setModel(self.model)
        self.painter_ = RowPainter(self.list)
        self.list.setItemDelegate(self.painter_)
        self.list.setAccessibleName(self.tr("List of conversations"))
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setMouseTracking(True)
        self.list.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.list.selectionModel().selectionChanged.connect(lambda *_: self._selection_changed())
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
        self.selection_bar = SelectionBar(self)
        self.selection_bar.delete.clicked.connect(lambda: self.delete_wanted.emit(self.chosen()))
        self.selection_bar.export.clicked.connect(lambda: self.export_many_wanted.emit(self.chosen()))
        self.selection_bar.move_.clicked.connect(self._move_chosen)
        self.selection_bar.close_button.clicked.connect(self.choose_none)
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
        self.trash_button = Button(self.tr("Trash"), self, kind="nav", icon="trash")
        self.trash_button.clicked.connect(self.trash_wanted)
        for below in (
            self.selection_bar,
            self.undo_bar,
            self.trash_button,
            self.writing_button,
            self.models_button,
            self.settings_button,
        ):
            column.addWidget(below)
        self._delay = QTimer(self)
        self._delay.setSingleShot(True)
        self._delay.timeout.connect(self._search)
        self._searching = False
        self._edit_folder = ""
        self._waiting: Callable[[], None] | None = None  # a list that came while a name was edited
        self.painter_.closeEditor.connect(lambda *_: self._edited())

    # --- what it is given -----------------------------------------------------------------------------------

    def show_conversations(
        self, conversations: Sequence[Conversation], *, complete: bool, folders: Sequence[Folder] = ()
    ) -> None:
        if self._editing():  # a new list would close the editor: it is shown when the name is typed
            self._waiting = lambda: self.show_conversations(conversations, complete=complete, folders=folders)
            return
        place, chosen = self.list.verticalScrollBar().value(), self.chosen()
        self.model.show_conversations(conversations, complete=complete, folders=folders)
        if self._searching:
            self._search()
        self.list.verticalScrollBar().setValue(place)
        if len(chosen) > 1:
            self._choose(chosen)
        else:
            self._select_current()
        if self._edit_folder:
            self._rename_folder(self._edit_folder)

    def _editing(self) -> bool:
        """A title or a folder's name is being edited in the list."""
        return any(editor.isVisible() for editor in self.list.viewport().findChildren(QLineEdit))

    def _edited(self) -> None:
        waiting, self._waiting = self._waiting, None
        if waiting is not None:
            QTimer.singleShot(0, self, waiting)

    def chosen(self) -> list[str]:
        """The conversations that are selected, from the top."""
        rows = sorted(index.row() for index in self.list.selectionModel().selectedIndexes())
        found = [self.model.row(self.model.index(row)) for row in rows]
        return [row.id for row in found if isinstance(row, Conversation)]

    def choose_none(self) -> bool:
        """Only the open conversation is marked again; False if not several were selected."""
        several = self.painter_.several
        self._select_current()
        return several

    def edit_folder(self, name: str) -> None:
        """Edit a folder's name in its place as soon as the list has it."""
        self._edit_folder = name

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

    def set_unread(self, ids: frozenset[str]) -> None:
        """Mark conversations with a reply that nobody has seen."""
        self.painter_.unread = self.model.unread = ids
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
            # Not what a name that is being edited passes on.
            if watched is self.list and not self._editing() and self._list_key(event):
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
            self._open(self.list.currentIndex(), held=Qt.KeyboardModifier.NoModifier)
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

    def _open(self, index: QModelIndex, held: Qt.KeyboardModifier | None = None) -> None:
        row = self.model.row(index)
        held = QApplication.keyboardModifiers() if held is None else held
        if held & (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier):
            return  # it selects
        if isinstance(row, Heading) and row.folder:
            self.model.toggle_folder(row.folder)
            self.list.setCurrentIndex(self.model.index_of_folder(row.folder))
        elif isinstance(row, Conversation):
            self.open_wanted.emit(row.id, "")
        elif isinstance(row, SearchHit):
            self.open_wanted.emit(row.conversation_id, row.message_id or "")

    def _menu_at(self, point: QPoint) -> None:
        row = self.model.row(self.list.indexAt(point))
        where = self.list.viewport().mapToGlobal(point)
        chosen = self.chosen()
        if isinstance(row, Conversation) and len(chosen) > 1 and row.id in chosen:
            self.menu_for_many(chosen).popup(where)
        elif isinstance(row, Conversation):
            self.menu_for(row).popup(where)
        elif isinstance(row, Heading) and row.folder:
            self.menu_for_folder(row.folder).popup(where)

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
            ("trash", self.tr("Delete"), lambda: self.delete_wanted.emit([row.id])),
        )
        self._fill_menu(menu, entries)
        menu.insertMenu(menu.actions()[2], self.move_menu([row.id], row.folder, menu))
        return menu

    def menu_for_many(self, ids: list[str]) -> QMenu:
        """What can be done with several conversations at once."""
        menu = QMenu(self)
        menu.setAccessibleName(self.tr("Selected chats"))
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addMenu(self.move_menu(ids, None, menu))
        self._fill_menu(
            menu,
            (
                ("download", self.tr("Export…"), lambda: self.export_many_wanted.emit(ids)),
                ("trash", self.tr("Delete"), lambda: self.delete_wanted.emit(ids)),
            ),
        )
        return menu

    def menu_for_folder(self, name: str) -> QMenu:
        """What can be done with a folder."""
        menu = QMenu(self)
        menu.setAccessibleName(name)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._fill_menu(
            menu,
            (
                (
                    "new-chat",
                    self.tr("New chat in this folder"),
                    lambda: self.new_in_folder_wanted.emit(name),
                ),
                (
                    "instructions",
                    self.tr("Instructions…"),
                    lambda: self.folder_instructions_wanted.emit(name),
                ),
                ("edit", self.tr("Rename"), lambda: self._rename_folder(name)),
                (
                    "trash",
                    self.tr("Remove the folder, keep its chats"),
                    lambda: self.folder_removed.emit(name),
                ),
            ),
        )
        return menu

    def move_menu(self, ids: list[str], now: str | None, parent: QWidget) -> QMenu:
        """Where conversations can be moved; ``now``: the folder they are in."""
        menu = QMenu(self.tr("Move to folder"), parent)
        menu.setAccessibleName(self.tr("Move to folder"))
        menu.setIcon(theme.icon("folder", "muted", tokens.ICON_SMALL))
        for folder in self.model.folders():
            if folder.name != now:
                menu.addAction(folder.name.replace("&", "&&")).triggered.connect(
                    lambda _on=False, name=folder.name: self.move_wanted.emit(ids, name)
                )
        if now != "":
            menu.addAction(self.tr("No folder")).triggered.connect(lambda: self.move_wanted.emit(ids, ""))
        menu.addSeparator()
        menu.addAction(self.tr("New folder")).triggered.connect(lambda: self.new_folder_wanted.emit(ids))
        return menu

    def _fill_menu(self, menu: QMenu, entries: Sequence[tuple[str, str, Callable[[], object]]]) -> None:
        for icon, text, act in entries:
            menu.addAction(theme.icon(icon, "muted", tokens.ICON_SMALL), text).triggered.connect(
                lambda _checked=False, act=act: act()
            )

    def _move_chosen(self) -> None:
        button = self.selection_bar.move_
        menu = self.move_menu(self.chosen(), None, self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(button.mapToGlobal(button.rect().topLeft()))

    def _rename_folder(self, name: str) -> None:
        self._edit_folder = ""
        index = self.model.index_of_folder(name)
        if index.isValid():
            self.list.scrollTo(index)
            self.list.setCurrentIndex(index)
            self.list.edit(index)

    def _choose(self, ids: Sequence[str]) -> None:
        chosen = self.list.selectionModel()
        chosen.clearSelection()
        for id in ids:
            index = self.model.index_of(id)
            if index.isValid():
                chosen.select(index, chosen.SelectionFlag.Select)

    def _selection_changed(self) -> None:
        count = len(self.chosen())
        self.painter_.several = count > 1
        self.selection_bar.show_count(count)
        self.list.viewport().update()

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
