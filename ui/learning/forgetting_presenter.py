"""When something is forgotten: which versions of the style learned from it, and a way to learn again without it.

Said in the learning bar, which is there on every page: after a conversation was deleted or erased, and after a rating was
taken back.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from assistant.records import Rating, StyleVersion
from assistant.services.learning import Forgetting, LearningService, Outcome
from assistant.services.styles import StyleService
from ui.banner import Banner
from ui.chat_presenter import ChatPresenter
from ui.conversations.list_presenter import ListPresenter
from ui.current_settings import CurrentSettings
from ui.learning.bar import LearningBar
from ui.learning.update_presenter import UpdatePresenter
from ui.ratings.words import version_names
from ui.status_line import StatusLine
from ui.store_thread import StoreAccess
from ui.theme.confirm import Loss, ask

if TYPE_CHECKING:
    from assistant.store import Store

_MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class Learned:
    """A Forgetting with what its versions are called."""

    found: Forgetting
    names: tuple[str, ...]  # of its versions
    in_use: str  # name of the one in use; empty: none is


def named(store: Store, found: Forgetting | None) -> Learned | None:
    """Read on a worker's thread; None: nothing learned from it."""
    if found is None:
        return None
    names = {
        id: name for m in {v.model for v in found.versions} for id, name in version_names(store, m).items()
    }
    in_use = names[found.in_use.id] if found.in_use is not None else ""
    return Learned(found, tuple(names[version.id] for version in found.versions), in_use)


class ForgettingPresenter(QObject):
    style_changed = Signal()  # a version is no longer in use, or gone

    def __init__(
        self,
        chats: ListPresenter,
        chat: ChatPresenter,
        learning: UpdatePresenter,
        data: StoreAccess,
        settings: CurrentSettings,
        bar: LearningBar,
        status: StatusLine,
        banner: Banner,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._learning, self._data, self._settings = learning, data, settings
        self._bar, self._status, self._banner = bar, status, banner
        self._without: Learned | None = None  # what the update under way leaves out
        chats.deleted.connect(self.conversations_gone)
        chats.restored.connect(self._restored)
        chat.rated.connect(self._rated)
        learning.ended.connect(self._ended)

    # --- what is gone -------------------------------------------------------------------------------------

    def conversations_gone(self, conversation_ids: Sequence[str]) -> None:
        """Conversations were deleted, and their ratings with them."""
        ids = list(conversation_ids)
        self._ask(lambda store: store.ratings_in(ids))

    def _restored(self, _conversation_id: str) -> None:
        self._bar.take_offer_back()
        self._learning.consider()

    def ratings_gone(self, rating_ids: Sequence[str]) -> None:
        """Ratings were taken back."""
        self._ask(lambda _store: list(rating_ids))

    def _rated(self, result: tuple[Rating | None, int, str]) -> None:
        rating, _count, message_id = result
        if rating is None:  # taken back under the reply itself
            self._ask(
                lambda store: [
                    r.id
                    for r in store.ratings(withdrawn=True)
                    if r.message_id == message_id and r.withdrawn_at
                ]
            )

    def _ask(self, rating_ids: Callable[[Store], list[str]]) -> None:
        model, paths = self._settings.now.model, self._data.paths

        def read(store: Store) -> tuple[list[str], Learned | None]:
            ids = rating_ids(store)
            return ids, named(store, LearningService(store, paths).learned_from(model, ids))

        def show(found: tuple[list[str], Learned | None]) -> None:
            ids, learned = found
            self._learning.drop_if_learning_from(ids)
            self._learning.consider()  # there are fewer new ratings, and the panel shows fewer
            self.tell(learned)

        self._data.writer.run(read, show)

    def relearn_without(self, rating_ids: Sequence[str]) -> None:
        """Learn again at once without ratings that were taken back; or say why that cannot be."""
        model, paths = self._settings.now.model, self._data.paths

        def begin(learned: Learned | None) -> None:
            if learned is not None and learned.found.can_relearn:
                self._relearn(learned)
            else:
                self.tell(learned)

        self._data.writer.run(
            lambda store: named(store, LearningService(store, paths).learned_from(model, rating_ids)), begin
        )

    # --- what is said of it -------------------------------------------------------------------------------

    def tell(self, learned: Learned | None) -> None:
        """Say which versions learned from it, and offer what can be done."""
        if learned is None:
            return
        bar, found = self._bar, learned.found
        text = self.said(learned)
        if found.can_relearn:
            bar.offer(text, self.tr("Learn again without it"), lambda: self._relearn(learned))
        elif found.in_use is not None:
            text += " " + self.tr("Too few ratings are left to learn again.")
            bar.offer(text, self.tr("Stop using it"), lambda: self._stop_using(learned))
        else:
            bar.offer(text, self.tr("Delete them…"), lambda: self._ask_delete(learned))

    def said(self, learned: Learned) -> str:
        """``Version 1 and Version 2 learned from what you removed. Version 2 is in use.``"""
        names = list(learned.names[-_MOST_NAMED:])
        if more := len(learned.names) - len(names):
            names.insert(0, self.tr("{0} older versions").format(more))
        *first, last = names
        who = self.tr("{0} and {1}").format(", ".join(first), last) if first else last
        text = self.tr("{0} learned from what you removed.").format(who)
        if learned.in_use and len(learned.names) > 1:
            text += " " + self.tr("{0} is in use.").format(learned.in_use)
        return text

    # --- what is done about it ----------------------------------------------------------------------------

    def _relearn(self, learned: Learned) -> None:
        learning, version = self._learning, learned.found.in_use
        assert version is not None  # it was offered
        if not learning.can_learn:
            self.tell(learned)  # pressed too early: the offer stands
            self._status.note(self.tr("Wait until a model is loaded and no update is running."))
            return
        self._without = learned
        learning.learn_now(version.line)

    def _ended(self, outcome: Outcome) -> None:
        without, self._without = self._without, None
        if without is None or (outcome.failed and not outcome.reason):  # cancelled: nothing is to be done
            return
        bar, version = self._bar, without.found.in_use
        assert version is not None
        if not outcome.accepted:
            text = self.tr("{0} {1}, which learned from it, is still in use.").format(
                outcome.reason, without.in_use
            )
            bar.offer(text, self.tr("Stop using it"), lambda: self._stop_using(without))
        else:
            text = self.tr(
                "The version in use did not learn from it. Older versions that did are still kept."
            )
            bar.offer(text, self.tr("Delete them…"), lambda: self._ask_delete(without))

    def _stop_using(self, learned: Learned) -> None:
        version = learned.found.in_use
        assert version is not None
        paths = self._data.paths
        self._do(
            lambda store: StyleService(store, paths).use(version.model, None, version.line),
            self.tr("{0} is no longer in use.").format(learned.in_use),
        )

    def _ask_delete(self, learned: Learned) -> None:
        loss = Loss(
            self.tr("Delete these versions of your style?"),
            tuple(learned.names),
            self.tr("Delete"),
            stays=self.tr("Your ratings stay. This cannot be undone."),
        )
        ask(self._bar, loss, lambda: self._delete(learned.found.versions))

    def _delete(self, versions: Sequence[StyleVersion]) -> None:
        paths, ids = self._data.paths, [version.id for version in versions]
        self._do(
            lambda store: StyleService(store, paths).delete(ids),
            self.tr("The versions that learned from it are deleted."),
        )

    def _do(self, work: Callable[[Store], None], said: str) -> None:
        def done(_done: object) -> None:
            self._bar.take_offer_back()
            self._status.note(said)
            self.style_changed.emit()

        self._data.writer.run(work, done, self._banner.trouble)
