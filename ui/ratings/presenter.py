"""What the page of ratings asks for, done on the writing thread."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject

from assistant.records import Rating
from ui.banner import Banner
from ui.chat_presenter import ChatPresenter
from ui.current_settings import CurrentSettings
from ui.drafts import Drafts
from ui.learning.bar import LearningBar
from ui.learning.forgetting_presenter import ForgettingPresenter
from ui.learning.update_presenter import UpdatePresenter
from ui.ratings import data as rating_rows
from ui.ratings.page import RatingsPage
from ui.store_thread import StoreAccess

if TYPE_CHECKING:
    from assistant.store import Store


class RatingsPresenter(QObject):
    def __init__(
        self,
        page: RatingsPage,
        chat: ChatPresenter,
        drafts: Drafts,
        learning: UpdatePresenter,
        forgetting: ForgettingPresenter,
        data: StoreAccess,
        settings: CurrentSettings,
        bar: LearningBar,
        banner: Banner,
    ) -> None:
        super().__init__(page)
        self._page, self._chat, self._drafts = page, chat, drafts
        self._learning, self._forgetting = learning, forgetting
        self._data, self._settings, self._bar, self._banner = data, settings, bar, banner
        page.list_wanted.connect(lambda _limit: self.refresh())
        page.take_back_wanted.connect(self._take_back)
        page.put_back_wanted.connect(self._put_back)
        page.change_wanted.connect(self._turn)
        page.confirm_wanted.connect(lambda: self._do(lambda store: store.confirm_ratings()))
        page.unlearn_wanted.connect(self._unlearn)

    def refresh(self) -> None:
        model, limit = self._settings.now.model, self._page.limit
        self._data.reader.run(lambda store: rating_rows.read(store, model, limit), self._page.show_ratings)

    def _take_back(self, rating: str) -> None:
        self._do(lambda store: store.withdraw_rating(rating))
        self._forgetting.ratings_gone([rating])

    def _put_back(self, rating: str) -> None:
        self._bar.take_offer_back()
        self._do(lambda store: store.restore_rating(rating))

    def _unlearn(self) -> None:
        """Of everything taken back that a version in use learned from."""
        still = [row.rating.id for row in self._page.rows if row.still_in]
        self._forgetting.relearn_without(still)

    def _turn(self, rating: Rating) -> None:
        self._do(lambda store: store.add_rating("thumb", -rating.value, rating.message_id, note=rating.note))

    def _do(self, work: Callable[[Store], Any]) -> None:
        def done(_result: Any) -> None:
            self.refresh()
            self._learning.rated()
            self._drafts.flush()
            self._chat.reload()

        self._data.writer.run(work, done, self._banner.trouble)
