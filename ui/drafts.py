"""Unsent text: kept for each conversation while it is typed, and given back when it is opened again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from ui.composer.composer import Composer
from ui.store_thread import StoreThread

if TYPE_CHECKING:
    from assistant.store import Store
    from ui.chat_presenter import ChatPresenter

_SAVE_AFTER_MS = 500
_NEW = "draft"  # the store's value that holds the draft of the chat that is not stored yet


class Drafts(QObject):
    def __init__(self, composer: Composer, writer: StoreThread, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._composer, self._writer = composer, writer
        self._owner: str | None = None  # the conversation whose text is in the composer
        self._saved = ""
        self._filling = False
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(_SAVE_AFTER_MS)
        self._soon.timeout.connect(self.flush)
        composer.draft_changed.connect(self._typed)

    def flush(self) -> None:
        """Save what is in the composer now, if it changed."""
        self._soon.stop()
        text, owner = self._composer.text(), self._owner
        if text == self._saved:
            return
        self._saved = text

        def save(store: Store) -> None:
            if owner is None:
                store.set_value(_NEW, text)
            else:
                store.update_conversation(owner, draft=text)

        # A conversation deleted meanwhile takes its draft along.
        self._writer.run(save, None, lambda _why: None)

    def show(self, conversation_id: str | None, draft: str) -> None:
        """Another conversation is open: its draft goes into the composer."""
        if conversation_id == self._owner and self._composer.text() and not draft:
            return
        self._owner, self._saved = conversation_id, draft
        self._fill(draft)

    def show_new(self) -> None:
        """An empty chat is open: the draft that was begun for one comes back."""
        self._owner, self._saved = None, ""
        self._fill("")
        self._writer.run(lambda store: store.value(_NEW, ""), self._show_new)

    def sent(self, conversation_id: str | None) -> None:
        """What was in the composer is a message now, of ``conversation_id``."""
        if self._owner is None:
            self._writer.run(lambda store: store.set_value(_NEW, ""), None, lambda _why: None)
        self._soon.stop()
        self._saved = ""
        self._owner = conversation_id

    def adopt(self, conversation_id: str) -> None:
        """The new chat has been stored under this id; what is typed from now on belongs to it."""
        if self._owner is None:
            self._owner = conversation_id

    def restore_new(self, chat: ChatPresenter) -> None:
        """At the start: the draft of the new chat, unless something is open or typed already."""
        if chat.conversation is None:
            self._writer.run(lambda store: store.value(_NEW, ""), self._show_new)

    def _show_new(self, draft: object) -> None:
        if self._owner is None and not self._composer.text() and isinstance(draft, str) and draft:
            self._saved = draft
            self._fill(draft)

    def _fill(self, text: str) -> None:
        self._filling = True
        self._composer.set_text(text)
        self._filling = False

    def _typed(self, _text: str) -> None:
        if not self._filling:
            self._soon.start()
