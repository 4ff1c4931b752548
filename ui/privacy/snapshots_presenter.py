"""What the page of snapshots asks for: read on the reader's thread, taken and restored on the writing thread."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from assistant.services.snapshots import SnapshotService, Taken
from ui.chat_presenter import ChatPresenter
from ui.drafts import Drafts
from ui.learning.update_presenter import UpdatePresenter
from ui.privacy.snapshots_page import SnapshotsPage
from ui.store_thread import StoreAccess

if TYPE_CHECKING:
    from assistant.store.snapshots.bringing_back import BroughtBack


class SnapshotsPresenter(QObject):
    restored = Signal()  # chats, ratings and styles may be others now

    def __init__(
        self,
        page: SnapshotsPage,
        chat: ChatPresenter,
        drafts: Drafts,
        learning: UpdatePresenter,
        data: StoreAccess,
    ) -> None:
        super().__init__(page)
        self._page, self._chat, self._drafts, self._learning, self._data = page, chat, drafts, learning, data
        page.list_wanted.connect(self.refresh)
        page.take_wanted.connect(self._take)
        page.compare_wanted.connect(self._compare)
        page.restore_wanted.connect(self._restore)

    def refresh(self) -> None:
        paths, page = self._data.paths, self._page

        self._data.reader.run(lambda store: SnapshotService(store, paths).taken(), page.show_taken, page.say)

    def _take(self) -> None:
        paths, page = self._data.paths, self._page
        page.take.setEnabled(False)

        def done(made: Taken | None) -> None:
            page.take.setEnabled(True)
            page.say(
                self.tr("A snapshot was taken.")
                if made
                else self.tr("Nothing changed since the last snapshot.")
            )
            self.refresh()

        def failed(sentence: str) -> None:
            page.take.setEnabled(True)
            page.say(sentence)

        self._drafts.flush()
        self._data.writer.run(lambda store: SnapshotService(store, paths).take(), done, failed)

    def _compare(self, snapshot: str) -> None:
        paths, page = self._data.paths, self._page
        self._data.reader.run(
            lambda store: SnapshotService(store, paths).compare(snapshot), page.show_compared, page.say
        )

    def _restore(self, snapshot: str, conversation: str) -> None:
        paths, page = self._data.paths, self._page
        if not conversation:
            self._chat.stop()
            self._learning.cancel()
        self._drafts.flush()

        def done(back: BroughtBack) -> None:
            said = self.tr("Restored: %n message(s) came back.", "", back.messages)
            page.say(" ".join((said, *back.left_out[:3])))
            page.hide_compared()
            if not conversation:
                self._chat.new()
            elif self._chat.conversation_id == conversation:
                self._chat.reload()
            self.restored.emit()
            self.refresh()

        self._data.writer.run(
            lambda store: SnapshotService(store, paths).restore(snapshot, conversation), done, page.say
        )
