"""What the page of the style card asks for: read on the reader's thread, changed on the writing thread."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog

from ui.chat_presenter import ChatPresenter
from ui.current_settings import CurrentSettings
from ui.store_thread import StoreAccess
from ui.style_card.page import StyleCardPage
from ui.styles.style_choice_presenter import StyleChoicePresenter

if TYPE_CHECKING:
    from assistant.records import CardScope
    from assistant.services.style_card import StyleCardService
    from assistant.store import Store


class StyleCardPresenter(QObject):
    changed = Signal()

    def __init__(
        self,
        page: StyleCardPage,
        choice: StyleChoicePresenter,
        chat: ChatPresenter,
        data: StoreAccess,
        settings: CurrentSettings,
    ) -> None:
        super().__init__(page)
        self._page, self._choice, self._chat, self._data, self._settings = page, choice, chat, data, settings
        page.list_wanted.connect(self.refresh)
        page.add_wanted.connect(self._add)
        page.edit_wanted.connect(
            lambda id, text: self._do(lambda cards, model, line: cards.edit(model, id, text, line))
        )
        page.switch_wanted.connect(
            lambda id, on: self._do(lambda cards, model, line: cards.switch(model, id, on, line))
        )
        page.strength_wanted.connect(
            lambda id, strength: self._do(
                lambda cards, model, line: cards.strengthen(model, id, strength, line)
            )
        )
        page.scope_wanted.connect(self._limit)
        page.remove_wanted.connect(
            lambda id: self._do(lambda cards, model, line: cards.remove(model, id, line))
        )
        page.restore_wanted.connect(lambda: self._do(lambda cards, _model, line: cards.bring_back(line)))
        page.export_wanted.connect(self._export)

    def refresh(self) -> None:
        model, line, chat = self._settings.now.model, self._choice.line, self._chat.conversation_id
        self._data.reader.run(lambda store: _service(store).card(model, line, chat), self._page.show_card)

    def _add(self, text: str, scope: CardScope, kind: str) -> None:
        chat = self._chat.conversation_id
        self._do(
            lambda cards, _model, line: cards.add(text, line, scope=scope, kind=kind, conversation_id=chat),
            self._page.added,
        )

    def _limit(self, id: str, scope: CardScope, kind: str) -> None:
        chat = self._chat.conversation_id
        self._do(
            lambda cards, model, line: cards.limit(model, id, scope, line, kind=kind, conversation_id=chat)
        )

    def _do(
        self, work: Callable[[StyleCardService, str, str], Any], then: Callable[[], None] | None = None
    ) -> None:
        model, line = self._settings.now.model, self._choice.line

        def done(_result: Any) -> None:
            self._page.say("")
            if then is not None:
                then()
            self.refresh()
            self.changed.emit()

        def failed(why: str) -> None:
            self.refresh()
            self._page.say(why)

        self._data.writer.run(lambda store: work(_service(store), model, line), done, failed)

    def _export(self) -> None:
        chosen, _kind = QFileDialog.getSaveFileName(
            self._page,
            self.tr("Export the style card to"),
            "style-card.txt",
            self.tr("Text (*.txt);;JSON (*.json)"),
        )
        if chosen:
            model, line = self._settings.now.model, self._choice.line
            self._data.reader.run(
                lambda store: _service(store).export(model, Path(chosen), line),
                lambda _count: self._page.say(""),
                self._page.say,
            )


def _service(store: Store) -> StyleCardService:
    from assistant.services.style_card import StyleCardService

    return StyleCardService(store)
