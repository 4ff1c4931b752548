"""One open conversation: what the user does to it, done by the chat on the writing thread, told back by
signals.

Holds no widgets. Answers that come late, for a conversation that is no longer open, are dropped.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from assistant.errors import NotFound
from assistant.records import STYLE_OFF, Conversation, Generation, Message, Rating
from assistant.services.chat_events import (
    Handle,
    PictureSeen,
    ReplyDone,
    ReplyText,
    SendRefused,
    StoreTrouble,
    TitleWritten,
)
from assistant.services.chat_job import Personal
from assistant.services.style_effect import original_of
from ui.engine_bridge import EngineBridge
from ui.message_views import Opened, open_conversation, view_of
from ui.store_thread import StoreThread
from ui.transcript.message_view import MessageView

if TYPE_CHECKING:
    from assistant.services.chat import ChatService
    from assistant.store import Store


_READ_AHEAD_MS = (
    300  # after the last change of what is open: who leafs through chats should not keep the engine busy
)


@dataclass(frozen=True, slots=True)
class Instructions:
    """What the model is told before a chat: of its ``folder``, and its own."""

    folder: str = ""
    own: str = ""
    of_folder: str = ""


class ChatPresenter(QObject):
    opened = Signal(object)  # Opened; or None: a new, empty chat
    reply_begun = Signal(object)  # Opened: with the reply being written as its last message
    text_came = Signal(str, str)  # reply id, more text
    reply_finished = Signal(object)  # MessageView
    pair_finished = Signal(object, object)  # MessageView and a second reply: which is better?
    message_changed = Signal(object)  # MessageView
    branch_changed = Signal(object)  # Opened: the open conversation, on another branch
    busy_changed = Signal(bool)
    refused = Signal(str, str, list)  # the typed text back, why, the files that were attached
    trouble = Signal(str)  # something could not be done, one sentence
    rated = Signal(object)  # (Rating or None: taken back, how many there are, message id)
    style_changed = Signal(str, str)  # line and style of what is open, as a Conversation has them
    instructions_changed = Signal(object)  # Instructions of what is open
    conversations_changed = Signal()
    titled = Signal(object)  # Conversation: the model has named it
    replied_elsewhere = Signal(str)  # a reply is done in a conversation that is not open: its id

    def __init__(self, bridge: EngineBridge, writer: StoreThread, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge, self._writer = bridge, writer
        self.conversation: Conversation | None = None
        self.messages: tuple[Message, ...] = ()  # of the branch that is open
        self.style: tuple[str, str] = ("", "")  # line and style of what is open, also before it is stored
        self.instructions = Instructions()  # of what is open, also before it is stored
        self._wanted: str | None = None  # id of the conversation asked for last
        self._writing: dict[str, Handle] = {}  # conversation id -> its reply on the way
        self._text: dict[str, str] = {}  # reply id -> text that came so far
        bridge.chat_event.connect(self._on_chat_event)
        self._ahead = QTimer(self, singleShot=True, interval=_READ_AHEAD_MS)
        self._ahead.timeout.connect(self._read_ahead)
        for prompt_changed in (self.opened, self.branch_changed, self.rated, self.style_changed):
            prompt_changed.connect(self._ahead.start)
        bridge.model_changed.connect(self._ahead.start)

    @property
    def conversation_id(self) -> str | None:
        return self.conversation.id if self.conversation else None

    @property
    def last_reply(self) -> Message | None:
        """The last reply of the branch that is open."""
        replies = [message for message in self.messages if message.role == "assistant"]
        return replies[-1] if replies else None

    @property
    def busy(self) -> bool:
        """A reply is being written in the open conversation."""
        return self.conversation_id in self._writing

    @property
    def writing(self) -> bool:
        """A reply is being written, here or in another conversation."""
        return bool(self._writing)

    @property
    def generation(self) -> Generation | None:
        """How the last finished reply of this branch came to be."""
        made = [message.generation for message in self.messages if message.generation]
        return made[-1] if made else None

    @Slot()
    def _read_ahead(self) -> None:
        """What the next message's prompt begins with is read by the engine while the user writes that message."""
        if self._bridge.phase == "ready" and not self._writing:
            conversation_id, (line, style) = self.conversation_id, self.style
            self._bridge.ask(lambda _store, chat: chat.read_ahead(conversation_id, line=line, style=style))

    # --- opening --------------------------------------------------------------------------------------------

    def new(self, line: str = "", folder: str = "") -> None:
        """An empty chat in the style ``line`` and in ``folder``; it is stored when the first message is sent."""
        self._wanted = None
        self.conversation, self.messages = None, ()
        self._note_style(line, "")
        self._note_instructions(Instructions(folder))
        if folder:
            self.read_folder()
        self.opened.emit(None)
        self.busy_changed.emit(False)

    def open(self, conversation_id: str, jump_to: str = "") -> None:
        self._wanted = conversation_id

        def show(found: Opened) -> None:
            if self._wanted == conversation_id:
                self._take(found)
                self.opened.emit(self._with_text(found))
                self.busy_changed.emit(self.busy)

        self._writer.run(lambda store: open_conversation(store, conversation_id, jump_to), show, self._fail)

    def reopen(self, conversation_id: str) -> None:
        """Open the conversation of the last time, if it is still there and nothing was begun meanwhile."""

        def show(found: Opened | None) -> None:
            if found is not None and self._wanted is None and self.conversation is None:
                self._wanted = conversation_id
                self._take(found)
                self.opened.emit(found)

        def work(store: Store) -> Opened | None:
            try:
                return open_conversation(store, conversation_id)
            except NotFound:
                return None

        self._writer.run(work, show, self._fail)

    def reload(self) -> None:
        """Show the open conversation as the store has it."""
        if self.conversation_id is not None:
            self.open(self.conversation_id)

    # --- what the user does -----------------------------------------------------------------------------

    def send(self, text: str, files: Sequence[str] = ()) -> None:
        """Store and send a message with the pictures and sounds ``files``; refused input comes back."""
        conversation_id, paths = self.conversation_id, [Path(path) for path in files]
        line, style = self.style
        told = self.instructions

        def work(store: Store, chat: ChatService) -> tuple[Handle, Opened]:
            from assistant.attachment_intake import keep, take

            attached = [kept for path in paths for kept in keep(store, take(path, path.name))]
            handle = chat.send(
                conversation_id, text, attached, line=line, style=style, folder=told.folder,
                system_prompt=told.own, explore=True,
            )  # fmt: skip
            return self._opened(store, handle)

        self._begin(work, lambda why: self.refused.emit(text, why, list(files)), follow=conversation_id)

    def regenerate(self, message_id: str) -> None:
        """Another reply beside ``message_id``."""
        self._begin(lambda store, chat: self._opened(store, chat.regenerate(message_id)), self._fail)

    def go_on(self, message_id: str) -> None:
        """Continue a reply that was stopped or cut off."""
        self._begin(lambda store, chat: self._opened(store, chat.go_on(message_id)), self._fail)

    def edit(self, message_id: str, text: str) -> None:
        """The user's own message again, changed; or a reply turned into what the user wanted (a rating)."""
        message = next((m for m in self.messages if m.id == message_id), None)
        if message is None:
            return
        if message.role == "assistant":
            self._keep_edit(message, text)
        else:
            self._begin(
                lambda store, chat: self._opened(store, chat.edit_and_resend(message_id, text)),
                lambda why: self.refused.emit("", why, []),
            )

    def show_original(self, message_id: str, *, style_off: bool = False) -> None:
        """The reply of the original model beside ``message_id``: the one there is, else a new one.

        ``style_off``: nor is the open chat written in a style from now on.
        """
        if self.busy:
            return
        if style_off:
            self.set_style(self.style[0], STYLE_OFF)

        def work(store: Store, chat: ChatService) -> tuple[Handle | None, Opened]:
            found = original_of(store, store.message(message_id))
            if found is None:
                return self._opened(store, chat.regenerate(message_id, personal=Personal()))
            store.set_leaf(found.conversation_id, store.last_leaf_under(found.id))
            return None, open_conversation(store, found.conversation_id)

        def show(found: Opened) -> None:
            if found.conversation.id == self.conversation_id:
                self._take(found)
                self.opened.emit(found)

        self._begin(work, self._fail, there=show)

    def stop(self) -> None:
        """Stop the reply being written in the open conversation; what was written stays."""
        handle = self._writing.get(self.conversation_id or "")
        if handle is not None:
            self._bridge.ask(lambda _store, chat: chat.stop(handle))

    def show_branch(self, message_id: str, delta: int) -> None:
        """Go to the branch ``delta`` places beside ``message_id``."""
        if self.busy:
            return

        def work(store: Store) -> Opened:
            ids = store.sibling_ids([message_id])[message_id]
            chosen = ids[max(0, min(ids.index(message_id) + delta, len(ids) - 1))]
            conversation_id = store.message(chosen).conversation_id
            store.set_leaf(conversation_id, store.last_leaf_under(chosen))
            return open_conversation(store, conversation_id)

        def show(found: Opened) -> None:
            if found.conversation.id == self.conversation_id:
                self._take(found)
                self.opened.emit(found)

        self._writer.run(work, show, self._fail)

    def rate(self, message_id: str, value: int) -> None:
        """A thumb, 1 or -1; the one already given is taken back."""

        def work(store: Store) -> tuple[MessageView, Rating | None, int]:
            made = None
            given = store.rating_of(message_id)
            if given is not None and given.kind == "thumb" and given.value == value:
                store.withdraw_rating(given.id)
            else:
                made = store.add_rating("thumb", value, message_id)
            return view_of(store, message_id), made, store.rating_count()

        self._writer.run(work, self._show_rated, self._fail)

    def choose(self, better_id: str, other_id: str) -> None:
        """Of two replies to one message, this one is better: a rating, and the one that is gone on with."""

        def work(store: Store) -> tuple[Opened, Rating, int]:
            made = store.add_rating("pair", 1, better_id, other_id=other_id)
            conversation_id = store.message(better_id).conversation_id
            store.set_leaf(conversation_id, better_id)
            return open_conversation(store, conversation_id), made, store.rating_count()

        def show(found: tuple[Opened, Rating, int]) -> None:
            opened, made, count = found
            if opened.conversation.id == self.conversation_id:
                self._take(opened)
                self.branch_changed.emit(opened)
            self.rated.emit((made, count, better_id))

        self._writer.run(work, show, self._fail)

    def refresh(self, message_id: str) -> None:
        """Show a message as the store has it."""
        self._refresh(message_id)

    def star(self, message_id: str, count: int) -> None:
        """One to five stars; they take the place of a thumb."""

        def work(store: Store) -> tuple[MessageView, Rating | None, int]:
            given = store.rating_of(message_id)
            made = store.add_rating("stars", count, message_id, note=given.note if given else "")
            return view_of(store, message_id), made, store.rating_count()

        self._writer.run(work, self._show_rated, self._fail)

    def tell_why(self, message_id: str, note: str) -> None:
        """Keep a note with the rating a reply has."""

        def work(store: Store) -> None:
            given = store.rating_of(message_id)
            if given is not None and given.note != note:
                store.annotate_rating(given.id, note)

        self._writer.run(work, None, self._fail)

    def set_style(self, line: str, style: str) -> None:
        """Write what is open in a style from the next reply on; what was rated before taught another one."""
        if self.conversation is None:
            self._note_style(line, style)
            return
        conversation_id = self.conversation.id

        def show(changed: Conversation) -> None:
            if changed.id == self.conversation_id:
                self.conversation = changed
                self._note_style(changed.line, changed.style)

        self._writer.run(
            lambda store: store.update_conversation(conversation_id, line=line, style=style), show, self._fail
        )

    def set_instructions(self, text: str) -> None:
        """What the open chat is told from the next reply on."""
        if self.conversation is None:
            self._note_instructions(replace(self.instructions, own=text))
            return
        conversation_id = self.conversation.id

        def show(changed: Conversation) -> None:
            if changed.id == self.conversation_id:
                self.conversation = changed
                self._note_instructions(replace(self.instructions, own=changed.system_prompt))

        self._writer.run(
            lambda store: store.update_conversation(conversation_id, system_prompt=text), show, self._fail
        )

    def read_folder(self) -> None:
        """The folder of what is open, or what it tells, may have changed."""
        conversation_id, folder = self.conversation_id, self.instructions.folder

        def read(store: Store) -> tuple[str, str]:
            name = store.conversation(conversation_id).folder if conversation_id else folder
            return name, store.folder_instructions().get(name, "")

        def show(found: tuple[str, str]) -> None:
            if self.conversation_id == conversation_id:
                self._note_instructions(replace(self.instructions, folder=found[0], of_folder=found[1]))

        self._writer.run(read, show, lambda _gone: None)

    def _note_instructions(self, told: Instructions) -> None:
        if told != self.instructions:
            self.instructions = told
            self.instructions_changed.emit(told)

    def _note_style(self, line: str, style: str) -> None:
        if (line, style) != self.style:
            self.style = (line, style)
            self.style_changed.emit(line, style)

    def _keep_edit(self, message: Message, text: str) -> None:
        def work(store: Store) -> tuple[MessageView, Rating | None, int]:
            made = None
            if text == message.text:  # the original again
                for rating in store.ratings_of(message.id):
                    if rating.kind == "edit" and rating.message_id == message.id:
                        store.withdraw_rating(rating.id)
            else:
                made = store.add_rating("edit", 1, message.id, text=text)
            return view_of(store, message.id), made, store.rating_count()

        self._writer.run(work, self._show_rated, self._fail)

    def _show_rated(self, result: tuple[MessageView, Rating | None, int]) -> None:
        view, made, count = result
        self.message_changed.emit(view)
        self.rated.emit((made, count, view.message.id))

    # --- the way of a reply -----------------------------------------------------------------------------

    def _opened(self, store: Store, handle: Handle) -> tuple[Handle, Opened]:
        return handle, open_conversation(store, handle.conversation_id)

    def _begin(
        self,
        work: Callable[[Store, ChatService], tuple[Handle | None, Opened]],
        failed: Callable[[str], None],
        follow: str | None = "",
        there: Callable[[Opened], None] | None = None,
    ) -> None:
        """``follow``: show the reply only if this conversation (None: the new one) is still the open one."""
        wanted = self.conversation_id if follow == "" else follow

        def done(result: Any) -> None:
            handle, found = result
            if handle is None:
                if there is not None:
                    there(found)  # nothing has to be written
                return
            self.conversations_changed.emit()
            if handle.refused:
                return
            if not handle.done:
                self._writing[handle.conversation_id] = handle
            if self._wanted == wanted:
                self._wanted = handle.conversation_id
                self._take(found)
                self.reply_begun.emit(self._with_text(found))
                self.busy_changed.emit(self.busy)

        self._bridge.ask(work, done, failed)

    @Slot(object)
    def _on_chat_event(self, event: object) -> None:
        if isinstance(event, ReplyText):
            self._text[event.reply_id] = self._text.get(event.reply_id, "") + event.text
            # Of one that is not yet known to be on its way, the text is shown when it is.
            if self._is_open(event.reply_id) and self._handle_of(event.reply_id):
                self.text_came.emit(event.reply_id, event.text)
        elif isinstance(event, ReplyDone):
            self._text.pop(event.message.id, None)
            self._writing.pop(event.message.conversation_id, None)
            self._finish(event.message, event.other)
        elif isinstance(event, SendRefused):
            self._writing.pop(event.conversation_id, None)
            self._take_back(event)
        elif isinstance(event, TitleWritten):
            self._take_title(event.conversation)
        elif isinstance(event, StoreTrouble):
            self.trouble.emit(event.reason)
        elif isinstance(event, PictureSeen):
            for message in self.messages:
                if any(picture.sha256 == event.sha256 for picture in message.attachments):
                    self._refresh(message.id)

    def _finish(self, message: Message, other: Message | None) -> None:
        if message.conversation_id != self.conversation_id:
            self.replied_elsewhere.emit(message.conversation_id)
            return
        self.messages = tuple(message if m.id == message.id else m for m in self.messages)
        self.busy_changed.emit(False)

        def show(view: MessageView) -> None:
            if self._is_open(message.id) and other is not None:
                self.pair_finished.emit(view, other)
            elif self._is_open(message.id):
                self.reply_finished.emit(view)

        # If the store has trouble, the text is still shown as it came.
        self._writer.run(
            lambda store: view_of(store, message.id), show, lambda _why: show(MessageView(message=message))
        )
        self.conversations_changed.emit()

    def write_title(self) -> None:
        """Have the open conversation named by the model, if it was not yet and nothing else is to be done."""
        conversation_id = self.conversation_id
        if conversation_id is not None and not self._writing:
            self._bridge.ask(lambda _store, chat: chat.write_title(conversation_id), None, lambda _gone: None)

    def _take_title(self, conversation: Conversation) -> None:
        if conversation.id == self.conversation_id:
            self.conversation = conversation
        self.titled.emit(conversation)
        self.conversations_changed.emit()

    def _take_back(self, event: SendRefused) -> None:
        # Refused on the spot, a new conversation was never opened here.
        never_opened = event.conversation_removed and self._wanted is None
        if event.conversation_id == self.conversation_id or never_opened:
            self.busy_changed.emit(False)
            if event.conversation_removed:
                self.new()
            else:
                self.reload()
            # Only now: the new or reloaded chat has put its own draft into the composer.
            hashes = [picture.sha256 for picture in event.attachments]

            def give_back(files: list[str]) -> None:
                self.refused.emit(event.text, event.reason, files)

            self._writer.run(
                lambda store: [str(store.attachment_path(sha)) for sha in hashes], give_back, self._fail
            )
        else:
            self.trouble.emit(event.reason)
        self.conversations_changed.emit()

    def _refresh(self, message_id: str) -> None:
        def show(view: MessageView) -> None:
            self.messages = tuple(view.message if m.id == message_id else m for m in self.messages)
            self.message_changed.emit(view)

        self._writer.run(lambda store: view_of(store, message_id), show, self._fail)

    # --- small things ---------------------------------------------------------------------------------------

    def _take(self, found: Opened) -> None:
        self.conversation = found.conversation
        self.messages = tuple(view.message for view in found.views)
        self._note_style(found.conversation.line, found.conversation.style)
        conversation = found.conversation
        self._note_instructions(
            Instructions(conversation.folder, conversation.system_prompt, found.folder_instructions)
        )

    def _with_text(self, found: Opened) -> Opened:
        """The store is up to half a second behind the reply being written: use what came."""

        def now(view: MessageView) -> MessageView:
            handle = self._handle_of(view.message.id)
            if handle is None or view.message.state != "streaming":
                return view
            text = handle.begun + self._text.get(view.message.id, "")
            return replace(view, message=replace(view.message, text=text))

        return replace(found, views=tuple(map(now, found.views)))

    def _handle_of(self, reply_id: str) -> Handle | None:
        """The reply, if it is on its way."""
        return next((handle for handle in self._writing.values() if handle.reply_id == reply_id), None)

    def _is_open(self, message_id: str) -> bool:
        return any(message.id == message_id for message in self.messages)

    def _fail(self, why: str) -> None:
        self.trouble.emit(why)
