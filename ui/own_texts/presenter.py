"""What the page of the user's own texts asks for. Files are read on the reader's thread, kept on the writing thread."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog

from ui.current_settings import CurrentSettings
from ui.learning.forgetting_presenter import ForgettingPresenter, Learned, named
from ui.learning.update_presenter import UpdatePresenter
from ui.own_texts.page import FILES, OwnTextsPage
from ui.store_thread import StoreAccess
from ui.styles.style_choice_presenter import StyleChoicePresenter

if TYPE_CHECKING:
    from assistant.own_texts.reading import Reading
    from assistant.services.own_texts import Added, OwnTextsService
    from assistant.store import Store


class OwnTextsPresenter(QObject):
    changed = Signal()

    def __init__(
        self,
        page: OwnTextsPage,
        choice: StyleChoicePresenter,
        learning: UpdatePresenter,
        forgetting: ForgettingPresenter,
        data: StoreAccess,
        settings: CurrentSettings,
    ) -> None:
        super().__init__(page)
        self._page, self._choice, self._learning, self._forgetting = page, choice, learning, forgetting
        self._data, self._settings = data, settings
        self._waiting: Reading | None = None  # until it is said whose mails they are
        page.list_wanted.connect(self.refresh)
        page.paste_wanted.connect(self._paste)
        page.files_wanted.connect(self._choose)
        page.dropped.connect(self.read)
        page.sender_chosen.connect(self._take_mails)
        page.remove_wanted.connect(self._remove)

    def refresh(self) -> None:
        line = self._choice.line
        self._data.reader.run(lambda store: store.own_texts(line), self._page.show_texts)

    def _choose(self) -> None:
        chosen, _kind = QFileDialog.getOpenFileNames(
            self._page, self.tr("Texts that you wrote"), "", self.tr("Texts and mails ({0})").format(FILES)
        )
        if chosen:
            self.read(chosen)

    def read(self, paths: list[str]) -> None:
        """Read files; mails wait until it is said whose they are."""
        page = self._page
        page.busy(True)

        def done(found: Reading) -> None:
            page.busy(False)
            if not found.found:
                page.say(" ".join(found.refused))
            elif found.senders:
                self._waiting = found
                page.say(" ".join(found.refused))
                page.ask_sender(found.senders)
            else:
                self._add(lambda texts, line: texts.add(found, line))

        self._data.reader.run(
            lambda store: self._service(store).read([Path(path) for path in paths]), done, self._failed
        )

    def _take_mails(self, sender: str) -> None:
        found, self._waiting = self._waiting, None
        if found is not None and sender:
            self._page.busy(True)
            self._add(lambda texts, line: texts.add(found, line, sender=sender))

    def _paste(self, text: str) -> None:
        self._add(lambda texts, line: texts.paste(text, line), self._page.added)

    def _add(
        self, work: Callable[[OwnTextsService, str], Added], then: Callable[[], None] | None = None
    ) -> None:
        line = self._choice.line

        def done(added: Added) -> None:
            self._page.busy(False)
            said = [self.tr("%n text(s) added.", "", len(added.texts))] if added.texts else []
            if added.already:
                said.append(self.tr("%n text(s) were there already.", "", added.already))
            if added.texts:
                said.append(self.tr("The next reply follows them; they are trained on with the next update."))
            self._page.say(" ".join([*said, *added.refused]))
            if then is not None:
                then()
            self._learning.rated()
            self._changed()

        self._data.writer.run(lambda store: work(self._service(store), line), done, self._failed)

    def _remove(self, ids: list[str]) -> None:
        model = self._settings.now.model
        self._learning.drop_if_learning_from(ids)

        def work(store: Store) -> Learned | None:
            return named(store, self._service(store).remove(model, ids))

        def done(learned: Learned | None) -> None:
            self._page.say(self.tr("Removed."))
            self._forgetting.tell(learned)
            self._learning.consider()
            self._changed()

        self._data.writer.run(work, done, self._failed)

    def _changed(self) -> None:
        self.refresh()
        self.changed.emit()

    def _failed(self, why: str) -> None:
        self._page.busy(False)
        self._page.say(why)

    def _service(self, store: Store) -> OwnTextsService:
        from assistant.services.own_texts import OwnTextsService

        return OwnTextsService(store, self._data.paths)
