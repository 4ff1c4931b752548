"""What the page of ratings asks for, done on the writing thread."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject

from assistant.records import Rating
from ui.ratings import data
from ui.ratings.page import RatingsPage

if TYPE_CHECKING:
    from assistant.store import Store
    from ui.main_window import MainWindow


class RatingsPresenter(QObject):
    def __init__(self, window: MainWindow, page: RatingsPage) -> None:
        super().__init__(page)
        self._window, self._page = window, page
        page.list_wanted.connect(lambda _limit: self.refresh())
        page.open_wanted.connect(window.open_chat)
        page.take_back_wanted.connect(self._take_back)
        page.put_back_wanted.connect(self._put_back)
        page.change_wanted.connect(self._turn)
        page.confirm_wanted.connect(lambda: self._do(lambda store: store.confirm_ratings()))
        page.unlearn_wanted.connect(self._unlearn)

    def refresh(self) -> None:
        model, limit = self._window.settings.model, self._page.limit
        self._window.reader.run(lambda store: data.read(store, model, limit), self._page.show_ratings)

    def _take_back(self, rating: str) -> None:
        self._do(lambda store: store.withdraw_rating(rating))
        self._window.forgetting.ratings_gone([rating])

    def _put_back(self, rating: str) -> None:
        self._window.learning_bar.take_offer_back()
        self._do(lambda store: store.restore_rating(rating))

    def _unlearn(self) -> None:
        """Of everything taken back that a version in use learned from."""
        still = [row.rating.id for row in self._page.rows if row.still_in]
        self._window.forgetting.relearn_without(still)

    def _turn(self, rating: Rating) -> None:
        self._do(lambda store: store.add_rating("thumb", -rating.value, rating.message_id, note=rating.note))

    def _do(self, work: Callable[[Store], Any]) -> None:
        window = self._window

        def done(_result: Any) -> None:
            self.refresh()
            window.learning.consider()
            window.drafts.flush()
            window.chat.reload()

        window.writer.run(work, done, window.notices.trouble)
