"""Keeps the sidebar true: pages of conversations, live search, pin, rename, delete with undo."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from assistant.records import Conversation
from ui.conversations.sidebar import Sidebar
from ui.store_thread import StoreThread

if TYPE_CHECKING:
    from assistant.store import Store

PAGE = 100
HITS = 60


class ListPresenter(QObject):
    """Writes and lists on ``writer``; searches on ``reader``, so that a long search never holds up a reply."""

    deleted = Signal(str)  # id
    restored = Signal(str)
    changed = Signal(object)  # Conversation: its title or pin
    trouble = Signal(str)

    def __init__(
        self, sidebar: Sidebar, writer: StoreThread, reader: StoreThread, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._sidebar, self._writer, self._reader = sidebar, writer, reader
        self._loaded = PAGE
        self._refresh = QTimer(self)
        self._refresh.setSingleShot(True)
        self._refresh.setInterval(40)  # several changes at once make one reading
        self._refresh.timeout.connect(self._read)
        sidebar.search_wanted.connect(self._search)
        sidebar.more_wanted.connect(self._page)
        sidebar.rename_wanted.connect(lambda id, title: self._update(id, title=title))
        sidebar.pin_wanted.connect(lambda id, pinned: self._update(id, pinned=pinned))
        sidebar.delete_wanted.connect(self.delete)

    def refresh(self) -> None:
        """Read the list again soon."""
        self._refresh.start()

    def delete(self, conversation_id: str) -> None:
        """Hide a conversation, and offer to bring it back."""

        def work(store: Store) -> Conversation:
            conversation = store.conversation(conversation_id)
            store.delete_conversation(conversation_id)
            return conversation

        def done(conversation: Conversation) -> None:
            title = conversation.title or self.tr("New chat")
            self._sidebar.undo_bar.offer(
                self.tr("Deleted “{0}”").format(title), lambda: self._restore(conversation_id)
            )
            self.deleted.emit(conversation_id)
            self.refresh()

        self._writer.run(work, done, self.trouble.emit)

    def _restore(self, conversation_id: str) -> None:
        def done(_conversation: Conversation) -> None:
            self.refresh()
            self.restored.emit(conversation_id)

        self._writer.run(lambda store: store.restore_conversation(conversation_id), done, self.trouble.emit)

    def _update(self, conversation_id: str, **fields: object) -> None:
        def done(conversation: Conversation) -> None:
            self.changed.emit(conversation)
            self.refresh()

        self._writer.run(
            lambda store: store.update_conversation(conversation_id, **fields), done, self.trouble.emit
        )

    def _read(self) -> None:
        wanted = self._loaded

        def done(found: list[Conversation]) -> None:
            self._sidebar.show_conversations(found, complete=len(found) < wanted)

        self._writer.run(lambda store: store.conversations(wanted), done, self.trouble.emit)

    def _page(self, after: str) -> None:
        def done(found: list[Conversation]) -> None:
            self._loaded += len(found)
            self._sidebar.add_page(found, complete=len(found) < PAGE)

        self._writer.run(lambda store: store.conversations(PAGE, before=after), done, self.trouble.emit)

    def _search(self, query: str) -> None:
        self._reader.run(
            lambda store: store.search(query, HITS),
            lambda hits: self._sidebar.show_hits(query, hits),
            self.trouble.emit,
        )
