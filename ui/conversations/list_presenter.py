"""Keeps the sidebar true: pages of conversations, live search, pin, rename, delete with undo."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from assistant.records import Conversation
from assistant.services.folders import Folder, FolderService
from assistant.services.trash import TrashService
from ui.conversations.sidebar import Sidebar
from ui.store_thread import StoreThread

if TYPE_CHECKING:
    from assistant.store import Store

PAGE = 100
HITS = 60
_UNREAD = "unread"  # store value: ids of conversations
_MOST_UNREAD = 200


class ListPresenter(QObject):
    """Writes and lists on ``writer``; searches on ``reader``, so that a long search never holds up a reply."""

    deleted = Signal(list)  # ids
    restored = Signal(str)  # the id of one that was brought back
    moved = Signal()  # conversations are in another folder, or a folder tells something else
    changed = Signal(object)  # Conversation: its title or pin
    trouble = Signal(str)

    def __init__(
        self, sidebar: Sidebar, writer: StoreThread, reader: StoreThread, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._sidebar, self._writer, self._reader = sidebar, writer, reader
        self._loaded = PAGE
        self._unread: frozenset[str] = frozenset()  # ids
        self._refresh = QTimer(self)
        self._refresh.setSingleShot(True)
        self._refresh.setInterval(40)  # several changes at once make one reading
        self._refresh.timeout.connect(self._read)
        sidebar.search_wanted.connect(self._search)
        sidebar.more_wanted.connect(self._page)
        sidebar.rename_wanted.connect(lambda id, title: self._update(id, title=title))
        sidebar.pin_wanted.connect(lambda id, pinned: self._update(id, pinned=pinned))
        sidebar.delete_wanted.connect(self.delete)
        sidebar.move_wanted.connect(self._move)
        sidebar.new_folder_wanted.connect(self._new_folder)
        sidebar.folder_renamed.connect(self._rename_folder)
        sidebar.folder_removed.connect(self._remove_folder)

    def read_unread(self) -> None:
        """Which conversations were left with a reply that nobody has seen."""

        def done(ids: object) -> None:
            kept = [id for id in ids if isinstance(id, str)] if isinstance(ids, list) else []
            self._show_unread(self._unread | set(kept))

        self._writer.run(lambda store: store.value(_UNREAD), done, lambda _why: None)

    def mark_unread(self, conversation_id: str, unread: bool = True) -> None:
        """A reply came while another conversation was open; or (False) it has been looked at."""
        changed = self._unread | {conversation_id} if unread else self._unread - {conversation_id}
        if changed != self._unread:
            self._show_unread(changed)
            ids = sorted(changed)[-_MOST_UNREAD:]
            self._writer.run(lambda store: store.set_value(_UNREAD, ids or None), None, lambda _why: None)

    def _show_unread(self, ids: frozenset[str]) -> None:
        self._unread = ids
        self._sidebar.set_unread(ids)

    def refresh(self) -> None:
        """Read the list again soon."""
        self._refresh.start()

    def delete(self, conversation_ids: Sequence[str]) -> None:
        """Put conversations into the trash, and offer to bring them back."""
        ids = list(conversation_ids)
        if not ids:
            return

        def done(deleted: list[Conversation]) -> None:
            one = deleted[0].title or self.tr("New chat")
            said = (
                self.tr("Deleted “{0}”").format(one)
                if len(deleted) == 1
                else self.tr("Deleted %n chat(s)", "", len(deleted))
            )
            self._sidebar.choose_none()
            self._sidebar.undo_bar.offer(said, lambda: self.restore([c.id for c in deleted]))
            self.deleted.emit([conversation.id for conversation in deleted])
            self.refresh()

        self._writer.run(lambda store: TrashService(store).put(ids), done, self.trouble.emit)

    def restore(self, conversation_ids: Sequence[str]) -> None:
        """Bring conversations back from the trash."""
        ids = list(conversation_ids)

        def done(found: list[Conversation]) -> None:
            self.refresh()
            if found:
                self.restored.emit(found[0].id)

        self._writer.run(lambda store: TrashService(store).restore(ids), done, self.trouble.emit)

    # --- folders ------------------------------------------------------------------------------------------

    def _move(self, conversation_ids: list[str], name: str) -> None:
        def done(before: dict[str, str]) -> None:
            self._offer_back(
                self.tr("Moved to {0}").format(name) if name else self.tr("Moved out of the folder"), before
            )

        self._writer.run(
            lambda store: FolderService(store).move(conversation_ids, name), done, self.trouble.emit
        )

    def _new_folder(self, conversation_ids: list[str]) -> None:
        """A folder with these conversations; its name is edited at once."""
        wanted = self.tr("New folder")

        def work(store: Store) -> str:
            folders = FolderService(store)
            name = folders.add(folders.free_name(wanted))
            folders.move(conversation_ids, name)
            return name

        def done(name: str) -> None:
            self._sidebar.edit_folder(name)
            self._changed()

        self._writer.run(work, done, self.trouble.emit)

    def _rename_folder(self, name: str, wanted: str) -> None:
        self._writer.run(
            lambda store: FolderService(store).rename(name, wanted), self._changed, self.trouble.emit
        )

    def _remove_folder(self, name: str) -> None:
        def work(store: Store) -> tuple[dict[str, str], str]:
            told = store.folder_instructions().get(name, "")
            return FolderService(store).remove(name), told

        def done(found: tuple[dict[str, str], str]) -> None:
            self._offer_back(self.tr("Removed the folder {0}").format(name), *found)

        self._writer.run(work, done, self.trouble.emit)

    def set_folder_instructions(self, name: str, text: str) -> None:
        """What every chat in a folder is told."""
        self._writer.run(
            lambda store: FolderService(store).set_instructions(name, text), self._changed, self.trouble.emit
        )

    def _offer_back(self, said: str, before: dict[str, str], instructions: str = "") -> None:
        def back() -> None:
            self._writer.run(
                lambda store: FolderService(store).move_back(before, instructions),
                self._changed,
                self.trouble.emit,
            )

        self._sidebar.choose_none()
        self._sidebar.undo_bar.offer(said, back)
        self._changed()

    def _changed(self, _done: object = None) -> None:
        self.refresh()
        self.moved.emit()

    def _update(self, conversation_id: str, **fields: object) -> None:
        def done(conversation: Conversation) -> None:
            self.changed.emit(conversation)
            self.refresh()

        self._writer.run(
            lambda store: store.update_conversation(conversation_id, **fields), done, self.trouble.emit
        )

    def _read(self) -> None:
        wanted = self._loaded

        def read(store: Store) -> tuple[list[Conversation], list[Folder]]:
            return store.conversations(wanted, folder=""), FolderService(store).folders()

        def done(found: tuple[list[Conversation], list[Folder]]) -> None:
            loose, folders = found
            self._sidebar.show_conversations(loose, complete=len(loose) < wanted, folders=folders)

        self._writer.run(read, done, self.trouble.emit)

    def _page(self, after: str) -> None:
        def done(found: list[Conversation]) -> None:
            self._loaded += len(found)
            self._sidebar.add_page(found, complete=len(found) < PAGE)

        self._writer.run(
            lambda store: store.conversations(PAGE, before=after, folder=""), done, self.trouble.emit
        )

    def _search(self, query: str) -> None:
        self._reader.run(
            lambda store: store.search(query, HITS),
            lambda hits: self._sidebar.show_hits(query, hits),
            self.trouble.emit,
        )
