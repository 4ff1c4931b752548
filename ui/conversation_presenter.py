"""Connects the open conversation to what shows it: transcript, composer, title, status, style panel."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, QUrl, Signal
from PySide6.QtGui import QDesktopServices

from assistant.engine.protocol import ModelInfo
from assistant.learning import preference_queries
from assistant.learning.style_queries import LearnedTrait
from assistant.records import Conversation, Message, Rating
from assistant.services.style_effect import shown_traits, steered
from assistant.settings import Settings
from ui.chat_page import ChatPage
from ui.chat_presenter import ChatPresenter
from ui.conversations.sidebar import Sidebar
from ui.current_settings import CurrentSettings
from ui.drafts import Drafts
from ui.engine_bridge import EngineBridge
from ui.image_viewer import ImageViewer
from ui.learning.trait_words import liked
from ui.message_views import Opened
from ui.ratings.words import count_text, noted, understood_text
from ui.status_line import StatusLine
from ui.store_thread import StoreAccess
from ui.transcript import announce
from ui.transcript.message_view import MessageView
from ui.transcript.pictures import read_picture
from ui.transcript.recognition_words import recognition_text

if TYPE_CHECKING:
    from assistant.store import Store

TITLE_AFTER_MS = 1500  # after a reply, if nothing was sent meanwhile
_LINK_SCHEMES = ("http", "https", "mailto")


def _complete(message: Message) -> bool:
    """Whether a reply was written to its end: one that was stopped or failed is not compared."""
    made = message.generation
    stopped = made is not None and made.finish in ("cancelled", "failed")
    return bool(message.text) and not message.error and not stopped


class ConversationPresenter(QObject):
    titled = Signal(str)  # the open conversation is called so; "": it is new
    attention_wanted = Signal()  # a reply is done
    compare_wanted = Signal(object, object, str)  # two replies (Message) to the same message, and its text

    def __init__(
        self,
        chat: ChatPresenter,
        bridge: EngineBridge,
        data: StoreAccess,
        settings: CurrentSettings,
        page: ChatPage,
        sidebar: Sidebar,
        status: StatusLine,
        drafts: Drafts,
        viewer: ImageViewer,
        idle: Callable[[], bool],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._chat, self._reader, self._settings = chat, data.reader, settings
        self._page, self._sidebar, self._status = page, sidebar, status
        self._drafts, self._viewer, self._idle = drafts, viewer, idle
        self._transcript, self._composer = page.transcript, page.composer
        chat, transcript, composer = self._chat, self._transcript, self._composer
        chat.opened.connect(self._opened)
        chat.reply_begun.connect(self._reply_begun)
        chat.text_came.connect(transcript.append_text)
        chat.reply_finished.connect(self._reply_finished)
        chat.pair_finished.connect(self._pair_finished)
        chat.branch_changed.connect(lambda found: transcript.show_messages(found.views))
        chat.message_changed.connect(transcript.update_message)
        chat.busy_changed.connect(composer.set_busy)
        chat.refused.connect(self._refused)
        chat.rated.connect(self._rated)
        chat.titled.connect(self._named)
        self._title_soon = QTimer(self, singleShot=True, interval=TITLE_AFTER_MS)
        self._title_soon.timeout.connect(self._write_title)
        chat.replied_elsewhere.connect(self._replied_elsewhere)
        transcript.rate_requested.connect(chat.rate)
        transcript.pair_settled.connect(chat.choose)
        transcript.pair_skipped.connect(chat.refresh)
        transcript.stars_requested.connect(chat.star)
        transcript.reasons_told.connect(chat.tell_why)
        transcript.edit_requested.connect(chat.edit)
        transcript.edit_closed.connect(self._keep_typed)
        transcript.regenerate_requested.connect(chat.regenerate)
        transcript.continue_requested.connect(self.go_on)
        transcript.original_requested.connect(chat.show_original)
        transcript.style_off_requested.connect(lambda id: chat.show_original(id, style_off=True))
        transcript.branch_requested.connect(chat.show_branch)
        transcript.open_image_requested.connect(self._open_image)
        transcript.link_requested.connect(self._ask_link)
        composer.submitted.connect(self._submit)
        composer.stop_requested.connect(chat.stop)
        composer.open_image_requested.connect(
            lambda file: self._show_picture(file, file.replace("\\", "/").rsplit("/", 1)[-1])
        )
        composer.edit_last_requested.connect(transcript.edit_last_question)
        welcome = self._page.welcome
        welcome.prompt_chosen.connect(self._begin_with)
        bridge.model_changed.connect(self._model_changed)
        self._model_changed(None)

    # --- settings and model -----------------------------------------------------------------------------

    def use_settings(self, settings: Settings) -> None:
        self._composer.set_enter_sends(settings.enter_sends)
        self._transcript.enter_sends = settings.enter_sends
        self._page.welcome.set_first_run(not settings.first_run_done)

    def _model_changed(self, info: ModelInfo | None) -> None:
        can_see = info is None or info.can_see
        why = "" if can_see else self.tr("{0} cannot see pictures.").format(info.name if info else "")
        self._composer.set_can_see(can_see, why)
        if info is None:
            self._composer.set_can_hear(
                False, self.tr("A model has to be loaded before it can hear a sound.")
            )
        else:
            deaf = self.tr("{0} cannot hear sounds. The Models page shows which ones can.").format(info.name)
            self._composer.set_can_hear(info.can_hear, deaf)
        self._status.set_usage(self._chat.generation)

    # --- writing ----------------------------------------------------------------------------------------

    def _begin_with(self, text: str) -> None:
        self._composer.set_text(text)
        self._composer.setFocus()

    def _keep_typed(self, text: str) -> None:
        """What stood in an editor that another action closed."""
        if not self._composer.text():
            self._composer.set_text(text)

    def skip_pair(self) -> bool:
        """Take away two replies that wait for a choice; whether there were any."""
        waiting = self._transcript.offered()
        if waiting:
            self._chat.refresh(waiting)
        return bool(waiting)

    def _submit(self, text: str, files: list[str]) -> None:
        self._title_soon.stop()
        self.skip_pair()
        self._page.banner.dismiss("refused")
        self._page.banner.dismiss("pair")
        self._page.banner.dismiss("arrival")
        self._status.note("")
        self._composer.set_busy(True)
        self._drafts.sent(self._chat.conversation_id)
        self._chat.send(text, files)

    def go_on(self, message_id: str) -> None:
        """Continue a reply that was stopped or cut off."""
        if not self._chat.busy:
            self._composer.set_busy(True)
            self._chat.go_on(message_id)

    def go_on_last(self) -> None:
        """Continue the last reply, if it was stopped or cut off."""
        views = self._transcript.messages()
        if views and views[-1].can_continue:
            self.go_on(views[-1].message.id)

    def _refused(self, text: str, why: str, files: list[str]) -> None:
        self._composer.set_busy(self._chat.busy)
        if text and not self._composer.text():
            self._composer.set_text(text)
        for file in files:
            self._composer.add_file(file)
        self._composer.show_error(why)

    # --- showing ----------------------------------------------------------------------------------------

    def _opened(self, found: Opened | None) -> None:
        conversation = found.conversation if found else None
        self.titled.emit(conversation.title if conversation else "")
        self._sidebar.set_current(conversation.id if conversation else None)
        self._status.set_usage(self._chat.generation)
        self._status.note("")
        self._page.banner.dismiss("pair")  # it belongs to the branch it was offered in
        self._page.show_welcome(found is None or not found.views)
        shown = self._transcript.messages()
        if found is None or (shown and shown[0].message.conversation_id != found.conversation.id):
            self._page.find_bar.close_bar()
        self._transcript.show_messages(found.views if found else ())
        if found is None:
            self._drafts.show_new()
            return
        self._drafts.show(found.conversation.id, found.conversation.draft)
        if found.jump_to:
            self._transcript.scroll_to(found.jump_to)
        if found.views and found.views[-1].message.role == "assistant":
            self._mark_style(found.views[-1].message)

    def _reply_begun(self, found: Opened) -> None:
        self.titled.emit(found.conversation.title)
        self._sidebar.set_current(found.conversation.id)
        self._drafts.adopt(found.conversation.id)
        shown = [view.message.id for view in self._transcript.messages()]
        before, reply = found.views[:-1], found.views[-1]
        ids = [view.message.id for view in before]
        if shown == [*ids, reply.message.id]:
            pass  # it goes on
        elif shown and ids[: len(shown)] == shown:
            self._transcript.note_answered(ids)
            for view in before[len(shown) :]:
                self._transcript.add_message(view)
        else:
            self._transcript.show_messages(before)
        self._transcript.begin_reply(reply)
        self._transcript.scroll_to_end()
        self._page.show_welcome(False)

    def _reply_finished(self, view: MessageView) -> None:
        self._maybe_offer_pair(view)
        self._transcript.finish_reply(view)
        self._mark_style(view.message)
        self._status.set_usage(self._chat.generation)
        if view.message.generation is not None and not self._settings.now.first_run_done:
            self._settings.change(first_run_done=True)
        self._title_soon.start()
        self.attention_wanted.emit()

    def _replied_elsewhere(self, _conversation_id: str) -> None:
        """A reply is done in a chat that is not open: a screen reader says so too."""
        announce.say(self._transcript, self.tr("A reply is done in another chat."))
        self.attention_wanted.emit()

    def _mark_style(self, message: Message) -> None:
        """Under a reply in whose writing the style had a part: what it did."""
        model, line = self._settings.now.model, self._chat.style[0]
        if not steered(message):
            return

        def show(traits: tuple[LearnedTrait, ...]) -> None:
            if traits:
                words = ", ".join(liked(trait) for trait in traits)
                self._transcript.show_style_effect(
                    message.id, self.tr("Because of your ratings: {0}").format(words)
                )

        self._reader.run(
            lambda store: shown_traits(store, model, store.message(message.id), line), show, lambda _why: None
        )

    def _write_title(self) -> None:
        if self._idle():
            self._chat.write_title()

    def _named(self, conversation: Conversation) -> None:
        if conversation.id == self._chat.conversation_id:
            self.titled.emit(conversation.title)

    def _pair_finished(self, view: MessageView, other: Message) -> None:
        """A fresh message was answered twice: side by side, which is which drawn by lot."""
        if not (_complete(view.message) and _complete(other)):
            self._reply_finished(view)
            return
        pair = [view.message, other]
        random.shuffle(pair)
        self._transcript.offer_pair(view, pair[0], pair[1])
        self._status.set_usage(self._chat.generation)
        self.attention_wanted.emit()

    def _maybe_offer_pair(self, view: MessageView) -> None:
        """A reply was written beside another one: now and then offer to say which is better.

        The more ratings there are, the rarer, like the pairs that are offered unasked. It is an offer in a banner;
        going on takes it away.
        """
        message = view.message
        if view.sibling_count < 2 or not _complete(message) or not self._settings.now.offer_pairs:
            return

        def read(store: Store) -> tuple[Message, str, int, int] | None:

            others = [m for m in store.siblings(message.id) if m.id != message.id and _complete(m)]
            if not others or others[-1].text == message.text:
                return None
            asked = store.message(message.parent_id).text if message.parent_id else ""
            since = int(store.value(preference_queries.SINCE) or 0)
            return others[-1], asked, store.rating_count(), since

        def offer(found: tuple[Message, str, int, int] | None) -> None:
            if found is None or not preference_queries.drawn(found[2], found[3]):
                return
            if message.id not in [shown.id for shown in self._chat.messages]:
                return  # another chat or another branch is open by now
            self._page.banner.show_message(
                self.tr("There are two replies to this message. Which do you prefer?"),
                "info",
                action=self.tr("Compare"),
                callback=lambda: self.compare_wanted.emit(found[0], message, found[1]),
                key="pair",
            )

        self._reader.run(read, offer, lambda _why: None)

    # --- ratings ----------------------------------------------------------------------------------------

    def _rated(self, result: tuple[Rating | None, int, str]) -> None:
        rating, count, message_id = result
        self._transcript.show_note(message_id, noted(rating))
        if rating is not None:
            self._say_understood(rating, message_id)
        self._transcript.ask_reasons(message_id, rating is not None and rating.kind in ("thumb", "stars"))
        self._status.note(count_text(count))

    def _say_understood(self, rating: Rating, message_id: str) -> None:
        """Under the reply: what the reward head took the rating to say."""
        settings = self._settings.now
        model = settings.model

        def read(store: Store) -> LearnedTrait | None:
            from assistant.learning import style_queries

            return style_queries.understood(store, model, rating.id, rating.line)

        def show(trait: LearnedTrait | None) -> None:
            self._transcript.show_note(message_id, understood_text(trait, settings))

        self._reader.run(read, show, lambda _why: None)

    # --- pictures and links -----------------------------------------------------------------------------

    def _open_image(self, sha256: str) -> None:
        for view in self._transcript.messages():
            for attachment, path in zip(view.message.attachments, view.image_paths, strict=False):
                if attachment.sha256 == sha256:
                    seen = recognition_text(attachment.recognition)
                    caption = " · ".join(part for part in (attachment.name, seen) if part)
                    self._show_picture(path, caption)
                    return

    def _show_picture(self, path: str, caption: str) -> None:
        """Decode on the reader's thread, only what intake writes: Qt alone would open an SVG of any name."""
        viewer = self._viewer
        self._reader.run(lambda _store: read_picture(path), lambda image: viewer.show_image(image, caption))

    def _ask_link(self, url: str) -> None:
        """Nothing is followed without showing where it leads."""
        target = QUrl(url)
        if target.scheme().lower() not in _LINK_SCHEMES:
            return
        self._page.banner.show_message(
            self.tr("Open this address in your browser? {0}").format(target.toDisplayString()),
            "info",
            action=self.tr("Open"),
            callback=lambda: QDesktopServices.openUrl(target),
            key="link",
        )
