"""The way of a message, for the window and the command line alike: store -> engine -> store.

Threads: a ChatService, its Store and its Handles belong to one thread, the owner's. The engine client calls
``ChatService.on_event`` on its own reader thread; that only posts. ``post`` must queue a function to run on the
owner's thread later and never call it at once: the window gives Qt's event loop, the command line nothing
(then ``ChatService.wait`` runs what was posted). Everything a ChatService reports, it reports on the owner's thread; only
the text of replies goes to ``at_once`` as it comes, on the client's thread, so that no disk and no fit holds it up.
"""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from assistant import conversation as tree
from assistant.engine.protocol import Done, Event, Failed, Loaded, ModelInfo, Recognised, Token
from assistant.errors import AttuneError, BadInput, NotFound, StoreError
from assistant.learning import feedback_reasons, preference_queries
from assistant.learning.fitted_head import CurrentHead
from assistant.paths import DataPaths
from assistant.records import STYLE_OFF, Attachment, Conversation, Generation, Message, Sampling, Turn
from assistant.services import titles
from assistant.services.chat_events import (
    ChatEvent,
    Handle,
    Listener,
    Mailbox,
    PictureSeen,
    Post,
    ReplyDone,
    ReplyText,
    SendRefused,
    StoreTrouble,
    TitleWritten,
)
from assistant.services.chat_job import EngineClient, Job, Personal
from assistant.services.continuing import can_continue, merged, same_voice
from assistant.settings import Settings
from assistant.store import Store

log = logging.getLogger(__name__)

__all__ = ["ChatService", "EngineClient", "Personal"]

SAVE_EVERY_S = 0.5
STOPPED_EARLY = "Stopped before the first word."
BUSY = "A reply is still being written in this conversation; wait for it or stop it first."


class ChatService:
    def __init__(
        self,
        store: Store,
        client: EngineClient,
        settings: Settings,
        paths: DataPaths,
        *,
        post: Post | None = None,
        listener: Listener | None = None,
        at_once: Callable[[ReplyText], None] | None = None,
        personal: Callable[[Conversation], Personal] | None = None,
    ) -> None:
        """``listener`` hears of every reply, of its text only where no ``at_once`` does.

        ``personal`` gives a conversation's style where ``send`` is not told one.
        """
        self.store = store
        self.client = client
        self.settings = settings
        self.paths = paths
        # The last one loaded, also while the engine restarts; later ones are told by Loaded events.
        self.model_info: ModelInfo | None = getattr(client, "model", None)
        self._mailbox = Mailbox()
        self._post = post or self._mailbox.post
        self._listener, self._at_once = listener, at_once
        self._head = CurrentHead(store)
        self._personal = personal or (
            lambda conversation: self.personal_in(conversation.line, conversation.style, conversation.id)
        )
        self._jobs: dict[str, Job] = {}  # by reply id
        self._writing: dict[int, Job] = {}  # by request id; the client's thread looks jobs up in it
        self._looking: dict[int, str] = {}  # request id -> SHA-256
        self._titling: dict[int, str] = {}  # request id -> conversation id
        self._unseeable: set[str] = set()  # pictures that could not be recognised; not tried again
        self._ahead: int | None = None  # the last request to read ahead
        self._unsaved: dict[str, tuple[str, Generation | None, str]] = {}

    # --- what the user does -----------------------------------------------------------------------------

    def send(
        self,
        conversation_id: str | None,
        text: str,
        images: Sequence[Attachment] = (),
        *,
        on_event: Listener | None = None,
        sampling: Sampling | None = None,
        personal: Personal | None = None,
        parent_id: str | None = None,
        line: str = "",
        style: str = "",
        folder: str = "",
        system_prompt: str = "",
        explore: bool = False,
    ) -> Handle:
        """Send a message (to a new conversation if None) and have the reply written.

        A new conversation is in the named style ``line`` and uses ``style`` of it, as ``Conversation`` has them; it is
        put into ``folder`` and told ``system_prompt``.
        ``explore``: it may be answered twice, for the user to say which is better (``ReplyDone.other``).

        It goes under ``parent_id``, else under the branch being looked at. When this returns, the message is
        on the disk. Raises BadInput (nothing was changed), NotFound, StoreError.
        """
        if not text.strip() and not images:
            raise BadInput("Write a message first.")
        self.save_again()
        made = conversation_id is None
        with self.store.transaction():
            if conversation_id is None:
                conversation = self.store.create_conversation(
                    line=line, style=style, folder=folder, system_prompt=system_prompt
                )
            else:
                conversation = self.store.conversation(conversation_id)
                self._refuse_if_busy(conversation.id)
            before = conversation.leaf_id
            parent = parent_id or before
            self._note_kept(parent)
            self._note_wish(parent, text, images)
            typed = self.store.add_message(conversation.id, parent, "user", text, images)
            title = conversation.title or tree.title_from(text, images[0].name if images else "")
            self.store.update_conversation(conversation.id, title=title, draft="")
            reply = self.store.add_message(conversation.id, typed.id, "assistant", "", state="streaming")
        return self._begin(reply, before, typed, made, on_event, sampling, personal, explore)

    def regenerate(
        self,
        message_id: str,
        *,
        on_event: Listener | None = None,
        sampling: Sampling | None = None,
        personal: Personal | None = None,
    ) -> Handle:
        """Write another reply beside ``message_id`` (or under it, if it is the user's). The old one stays."""
        self.save_again()
        message = self.store.message(message_id)
        self._refuse_if_busy(message.conversation_id)
        parent = message.id if message.role == "user" else message.parent_id
        if parent is None:
            raise BadInput("There is no message to reply to.")
        before = self.store.conversation(message.conversation_id).leaf_id
        reply = self.store.add_message(message.conversation_id, parent, "assistant", "", state="streaming")
        return self._begin(reply, before, None, False, on_event, sampling, personal)

    def go_on(
        self,
        message_id: str,
        *,
        on_event: Listener | None = None,
        sampling: Sampling | None = None,
        personal: Personal | None = None,
    ) -> Handle:
        """Continue a reply that was stopped or cut off: more text behind it, in the same message.

        What was said of it so far stays said of the text it was said of (``Ratings.keep_rated_texts``). Raises BadInput
        for a reply that is complete, edited or answered already, NotFound, StoreError.
        """
        self.save_again()
        message = self.store.message(message_id)
        self._refuse_if_busy(message.conversation_id)
        edited = bool(self.store.edits_of([message_id]))
        if why_not := can_continue(message, answered=self.store.is_answered(message_id), edited=edited):
            raise BadInput(why_not)
        leaf = self.store.conversation(message.conversation_id).leaf_id
        with self.store.transaction():
            self.store.set_leaf(message.conversation_id, message.id)
            reply = self.store.reopen_reply(message.id)
        drawn = sampling or self.sampling()
        if sampling is None and drawn.seed is None and message.generation is not None:
            drawn = replace(drawn, seed=message.generation.seed)
        return self._begin(reply, leaf, None, False, on_event, drawn, personal, before=message)

    def edit_and_resend(
        self,
        message_id: str,
        text: str,
        *,
        images: Sequence[Attachment] | None = None,
        on_event: Listener | None = None,
        sampling: Sampling | None = None,
        personal: Personal | None = None,
    ) -> Handle:
        """Send another version of the user's own message, as a branch beside it. The old one stays."""
        message = self.store.message(message_id)
        if message.role != "user":
            raise BadInput("Only your own messages can be sent again.")
        images = message.attachments if images is None else images
        if not text.strip() and not images:
            raise BadInput("Write a message first.")
        self.save_again()
        self._refuse_if_busy(message.conversation_id)
        with self.store.transaction():
            before = self.store.conversation(message.conversation_id).leaf_id
            typed = self.store.add_message(message.conversation_id, message.parent_id, "user", text, images)
            reply = self.store.add_message(
                message.conversation_id, typed.id, "assistant", "", state="streaming"
            )
        return self._begin(reply, before, typed, False, on_event, sampling, personal)

    def send_pair(
        self, text: str, sides: tuple[Personal, Personal], *, sampling: Sampling | None = None, line: str = ""
    ) -> tuple[Handle, Handle]:
        """Have one message answered twice in a new conversation, by two sides that take turns.

        ``line``: the style that a vote on them teaches. Raises BadInput, StoreError.
        """
        if not text.strip():
            raise BadInput("Write a message first.")
        self.save_again()
        with self.store.transaction():
            conversation = self.store.create_conversation(title=tree.title_from(text, ""), line=line)
            typed = self.store.add_message(conversation.id, None, "user", text)
            replies = [
                self.store.add_message(conversation.id, typed.id, "assistant", "", state="streaming")
                for _side in sides
            ]
        one = self._begin(replies[0], None, typed, True, None, sampling, sides[0])
        return one, self._begin(replies[1], None, typed, True, None, sampling, sides[1])

    def write_title(self, conversation_id: str) -> bool:
        """Have the model name a conversation that has only its first line as a title, if it has nothing else to do.

        ``TitleWritten`` tells of it. Whatever the user sends meanwhile stops it. Returns whether it was asked.
        """
        info = self.model_info
        if not self.settings.write_titles or info is None or info.parameters < titles.FEWEST_PARAMETERS:
            return False
        if self._jobs or self._looking or self._titling:
            return False
        conversation = self.store.conversation(conversation_id)
        branch = self.store.as_edited(self.store.branch(conversation.leaf_id))
        turns = titles.request(branch) if titles.is_automatic(conversation.title, branch) else ()
        if not turns:
            return False
        request_id = self.client.new_id()
        self._titling[request_id] = conversation_id
        try:
            self.client.generate(turns, titles.SAMPLING, id=request_id)
        except AttuneError as error:
            del self._titling[request_id]
            log.warning("no title could be asked for: %s", type(error).__name__)
            return False
        return True

    def _drop_titles(self) -> None:
        """The user wants something: titles can wait."""
        waiting, self._titling = self._titling, {}
        for request_id in waiting:
            with contextlib.suppress(AttuneError):  # an engine that is gone writes none either
                self.client.cancel(request_id)

    def _titled(self, conversation_id: str, text: str) -> None:
        title = titles.title_of(text)
        try:
            conversation = self.store.conversation(conversation_id)
            branch = self.store.branch(conversation.leaf_id)
            if not title or not titles.is_automatic(conversation.title, branch):
                return  # renamed meanwhile
            conversation = self.store.update_conversation(conversation_id, title=title)
        except (NotFound, StoreError) as error:
            log.info("a title could not be kept: %s", type(error).__name__)
            return
        if self._listener:
            self._listener(TitleWritten(conversation))

    def stop(self, handle: Handle) -> None:
        """Stop a reply and keep what was written. Its ReplyDone comes soon, or at once if none writes yet."""
        job = self._jobs.get(handle.reply_id)
        if job is None:
            return
        if handle.request_id is None:
            self._finish(job, "", None, STOPPED_EARLY)
            return
        try:
            self.client.cancel(handle.request_id)
        except AttuneError as error:
            self._finish(job, "".join(job.pieces), None, str(error))

    def look_at(self, attachment: Attachment) -> None:
        """Have a picture recognised before it is sent, if it was not yet."""
        if self.store.attachment(attachment.sha256).recognition is None:
            self._look(attachment.sha256)

    def read_ahead(self, conversation_id: str | None, *, line: str = "", style: str = "") -> None:
        """Have the engine read what the next message's prompt begins with while the user still writes: the system prompt,
        the style card and the conversation so far. ``line`` and ``style``: of a chat that is not stored yet.

        Only the last call counts, and nothing is read while a reply is on its way. It changes nothing but the time to the
        first word, so what goes wrong is only logged.
        """
        if self._ahead is not None:
            self.client.cancel(self._ahead)
            self._ahead = None
        if self._jobs or self.model_info is None:
            return
        try:
            if conversation_id is None:
                turns = tree.turns((), self.settings.system_prompt, self.store.attachment_path)
                personal = self.personal_in(line, style)
            else:
                conversation = self.store.conversation(conversation_id)
                branch = self.store.as_edited(self.store.branch(conversation.leaf_id))
                system = self.store.instructions_of(conversation) or self.settings.system_prompt
                turns = tree.turns(branch, system, self.store.attachment_path)
                personal = self._personal(conversation)
            if turns and turns[-1].role == "user":
                return  # it waits for a reply, which reads it
            self._ahead = self.client.new_id()
            self.client.prefill(turns, style=personal.style, steering=personal.steering, id=self._ahead)
        except AttuneError as error:
            log.debug("nothing was read ahead: %s", error)

    def wait(self, handle: Handle, timeout_s: float | None = None) -> Message | None:
        """Block until the reply is done (owners without an event loop); None if refused or timed out."""
        self._mailbox.run_until(lambda: handle.done, timeout_s)
        return handle.message

    def run_until(self, finished: Callable[[], Any], timeout_s: float | None = None) -> bool:
        """Run what the engine reports until ``finished()`` (for an owner without an event loop)."""
        return self._mailbox.run_until(finished, timeout_s)

    def busy(self, conversation_id: str) -> Handle | None:
        """The reply being written in a conversation."""
        for job in self._jobs.values():
            if job.handle.conversation_id == conversation_id:
                return job.handle
        return None

    def writing(self) -> list[Handle]:
        """The replies on their way, in all conversations."""
        return [job.handle for job in self._jobs.values()]

    def save_again(self) -> None:
        """Try once more to save replies that could not be saved. Raises StoreError if it still fails."""
        for reply_id, (text, made, error) in list(self._unsaved.items()):
            self.store.finish_message(reply_id, text, made, error)
            del self._unsaved[reply_id]

    # --- the way to the engine --------------------------------------------------------------------------

    def _begin(
        self,
        reply: Message,
        leaf_before: str | None,
        typed: Message | None,
        made_conversation: bool,
        listener: Listener | None,
        sampling: Sampling | None,
        personal: Personal | None,
        explore: bool = False,
        before: Message | None = None,
    ) -> Handle:
        self._drop_titles()
        handle = Handle(reply.conversation_id, reply.parent_id or "", reply.id)
        handle.begun = before.text if before is not None else ""
        job = Job(
            handle,
            sampling or self.sampling(),
            personal,
            listener,
            leaf_before,
            typed,
            made_conversation,
            before=before,
        )
        self._jobs[reply.id] = job
        branch = self.store.branch(reply.parent_id)
        job.explore = explore and not any(message.attachments for message in branch)
        job.unseen = {
            picture.sha256
            for message in branch
            for picture in message.attachments
            if picture.kind == "image" and picture.recognition is None and self._look(picture.sha256)
        }
        if not job.unseen:
            self._write(job)
        return handle

    def _look(self, sha256: str) -> bool:
        """Ask the engine to look at a picture, once; False if that is not possible now."""
        if sha256 in self._looking.values():
            return True
        if sha256 in self._unseeable:
            return False
        request_id = self.client.new_id()
        self._looking[request_id] = sha256
        try:
            self.client.recognise(str(self.store.attachment_path(sha256)), id=request_id)
        except AttuneError as error:
            del self._looking[request_id]
            log.warning("a picture could not be looked at: %s", type(error).__name__)
            return False
        return True

    def _write(self, job: Job) -> None:
        """Hand the branch, pictures recognised, to the engine."""
        handle = job.handle
        try:
            conversation = self.store.conversation(handle.conversation_id)
            turns = tree.turns(
                self.store.as_edited(self.store.branch(handle.user_id)),
                self.store.instructions_of(conversation) or self.settings.system_prompt,
                self.store.attachment_path,
            )
            personal = self._personal(conversation) if job.personal is None else job.personal
            if job.before is not None:
                turns = (*turns, Turn("assistant", job.before.text))
                personal = same_voice(
                    job.before, personal, self.model_info, self._usable_styles(conversation.line)
                )
            if job.explore and self.settings.offer_pairs and self.settings.style_on and self.model_info:
                personal = self._exploring(personal, self.model_info.id, conversation)
            # Known before the engine is asked: its first token may come before ``generate`` has returned.
            handle.request_id = self.client.new_id()
            handle.state, job.saved_at = "writing", time.monotonic()
            self._writing[handle.request_id] = job
            self.client.generate(
                turns,
                job.sampling,
                style=personal.style,
                style_name=personal.style_name,
                steering=personal.steering,
                comparing=personal.comparing,
                id=handle.request_id,
            )
        except BadInput as error:
            self._refuse(job, str(error))
        except AttuneError as error:
            self._fail(job, str(error))

    # --- what the engine reports ------------------------------------------------------------------------

    def on_event(self, event: Event) -> None:
        """Give this to the engine client. Safe on any thread; ids of others' requests are ignored."""
        if isinstance(event, Token) and self._at_once is not None and (job := self._writing.get(event.id)):
            self._at_once(ReplyText(job.handle.reply_id, event.text, event.count))
        if isinstance(event, (Token, Done, Failed, Recognised, Loaded)):
            self._post(lambda: self._handle(event))

    def _handle(self, event: Event) -> None:
        if isinstance(event, Loaded):
            self.model_info = event.info
        elif isinstance(event, Done) and event.id in self._titling:
            conversation_id = self._titling.pop(event.id)
            if event.generation.finish == "stop":
                self._titled(conversation_id, event.text)
        elif isinstance(event, Failed) and event.id in self._titling:
            del self._titling[event.id]
        elif isinstance(event, Recognised) and event.id in self._looking:
            sha256 = self._looking.pop(event.id)
            try:
                self.store.set_recognition(sha256, event.recognition)
            except StoreError as error:
                log.warning("a recognition could not be saved: %s", error)
            self._seen(PictureSeen(sha256, event.recognition))
        elif isinstance(event, Failed) and event.id in self._looking:
            sha256 = self._looking.pop(event.id)
            if (
                event.kind != "cancelled"
            ):  # else nobody has looked at it yet, and the next message may have it
                self._unseeable.add(sha256)
            self._seen(PictureSeen(sha256, None, event.reason))
        elif isinstance(event, (Token, Done, Failed)) and event.id in self._writing:
            self._handle_reply(self._writing[event.id], event)

    def _handle_reply(self, job: Job, event: Token | Done | Failed) -> None:
        if isinstance(event, Token):
            job.pieces.append(event.text)
            job.handle.text += event.text
            job.handle.count = event.count
            self._report(job, ReplyText(job.handle.reply_id, event.text, event.count))
            self._save_partial(job)
        elif isinstance(event, Done):
            error = STOPPED_EARLY if event.generation.finish == "cancelled" and not event.text else ""
            self._finish(job, event.text, event.generation, error)
        elif event.kind == "bad_input" and not job.pieces:
            self._refuse(job, event.reason)
        elif event.kind == "cancelled":
            self._finish(job, "".join(job.pieces), None, "" if job.pieces else STOPPED_EARLY)
        else:
            self._fail(job, event.reason)

    def _seen(self, event: PictureSeen) -> None:
        """Tell of a picture; the replies that waited for it go on without it if it could not be seen."""
        waiting = [job for job in list(self._jobs.values()) if event.sha256 in job.unseen]
        if not waiting and self._listener:
            self._listener(event)
        for job in waiting:
            job.unseen.discard(event.sha256)
            self._report(job, event)
            if not job.unseen and job.handle.request_id is None:
                self._write(job)

    def _save_partial(self, job: Job) -> None:
        if time.monotonic() - job.saved_at < SAVE_EVERY_S:
            return
        job.saved_at = time.monotonic()
        try:
            self.store.save_partial(job.handle.reply_id, job.handle.begun + "".join(job.pieces))
        except StoreError as error:
            self._report(job, StoreTrouble(job.handle.reply_id, str(error)))

    def _finish(self, job: Job, text: str, made: Generation | None, error: str) -> None:
        handle = job.handle
        self._forget(job)
        handle.text = text
        if job.before is not None:
            text, made, error = merged(job.before, text, made, error)
        made, arm = (made, None) if made is None else preference_queries.apart(made)
        other: Message | None = None
        try:
            with self.store.transaction():
                if job.before is not None and text != job.before.text:
                    self.store.keep_rated_texts(job.before)
                handle.message = self.store.finish_message(handle.reply_id, text, made, error)
                if arm is not None:
                    other = self._keep_arm(handle, arm)
        except NotFound:
            log.info("reply %s was deleted while it was written", handle.reply_id)
            return
        except StoreError as trouble:
            self._unsaved[handle.reply_id] = (text, made, error)
            handle.message = Message(
                id=handle.reply_id,
                conversation_id=handle.conversation_id,
                parent_id=handle.user_id,
                role="assistant",
                text=text,
                created_at="",
                generation=made,
                error=error or str(trouble),
            )
            self._report(job, StoreTrouble(handle.reply_id, str(trouble)))
        self._report(job, ReplyDone(handle.message, other))

    def _fail(self, job: Job, reason: str) -> None:
        """Nothing more will come. A reply that was to go on and did not is as it was, and the reason is told."""
        if job.before is not None and not job.pieces:
            self._refuse(job, reason)
        else:
            self._finish(job, "".join(job.pieces), None, reason)

    def _keep_arm(self, handle: Handle, arm: preference_queries.Arm) -> Message:
        """The other reply of an exploration pair, as a branch beside the first, which stays the one looked at."""
        looked_at = self.store.conversation(handle.conversation_id).leaf_id
        other = self.store.add_message(handle.conversation_id, handle.user_id, "assistant", arm.text)
        other = self.store.finish_message(other.id, arm.text, arm.made)
        self.store.set_leaf(handle.conversation_id, looked_at)
        return other

    def _refuse(self, job: Job, reason: str) -> None:
        """Take back what was added for a reply the engine cannot write; what was typed becomes the draft."""
        handle = job.handle
        self._forget(job)
        handle.refused = reason
        text = job.typed.text if job.typed else ""
        attachments = job.typed.attachments if job.typed else ()
        try:
            self._take_back(job, text)
        except (StoreError, NotFound) as error:
            self._report(job, StoreTrouble(handle.reply_id, str(error)))
        self._report(
            job,
            SendRefused(
                handle.conversation_id, handle.reply_id, text, attachments, reason, job.made_conversation
            ),
        )

    def _take_back(self, job: Job, text: str) -> None:
        handle = job.handle
        try:
            self.store.conversation(handle.conversation_id)
        except NotFound:
            return  # deleted meanwhile, or taken back with the other reply of a pair
        if job.before is not None:  # it stays as it was
            before = job.before
            self.store.finish_message(before.id, before.text, before.generation, before.error)
            return
        with self.store.transaction():
            self.store.delete_message(job.typed.id if job.typed else handle.reply_id)
            if job.made_conversation:
                self.store.purge_conversation(handle.conversation_id)
                self.store.set_value("draft", text)
            else:
                conversation = self.store.conversation(handle.conversation_id)
                if text and not conversation.draft:
                    self.store.update_conversation(conversation.id, draft=text)
                if job.leaf_before is None and conversation.title == tree.title_from(text):
                    self.store.update_conversation(conversation.id, title="")
                self.store.set_leaf(handle.conversation_id, job.leaf_before)

    def _forget(self, job: Job) -> None:
        job.handle.state = "done"
        self._jobs.pop(job.handle.reply_id, None)
        if job.handle.request_id is not None:
            self._writing.pop(job.handle.request_id, None)

    def _report(self, job: Job, event: ChatEvent) -> None:
        told_at_once = isinstance(event, ReplyText) and self._at_once is not None
        for listener in (job.listener, None if told_at_once else self._listener):
            if listener is not None:
                listener(event)

    def sampling(self) -> Sampling:
        """How replies are drawn now: what the user chose, else what the loaded model recommends."""
        info = self.model_info
        return self.settings.sampling_for(Sampling() if info is None else info.sampling)

    def _usable_styles(self, line: str) -> dict[str, str]:
        """The versions of a named style that the loaded model can write in: id -> folder."""
        if self.model_info is None:
            return {}
        found = self.store.styles(self.model_info.id, line=line)
        return {v.id: str(self.paths.styles / v.id) for v in found if v.state == "active"}

    # --- small decisions --------------------------------------------------------------------------------

    def _refuse_if_busy(self, conversation_id: str) -> None:
        if self.busy(conversation_id) is not None:
            raise BadInput(BUSY)

    def _note_kept(self, reply_id: str | None) -> None:
        """Going on from a regenerated reply says that it is better than the one before it (a weak rating)."""
        if reply_id is None:
            return
        replies = [
            m for m in self.store.siblings(reply_id) if m.role == "assistant" and m.text and not m.error
        ]
        position = next((i for i, m in enumerate(replies) if m.id == reply_id), 0)
        # The pair was compared, and that says more.
        if position == 0 or any(r.kind in ("kept", "pair") for r in self.store.ratings_of(reply_id)):
            return
        self.store.add_rating("kept", 1, reply_id, other_id=replies[position - 1].id)

    def _note_wish(self, reply_id: str | None, text: str, images: Sequence[Attachment]) -> None:
        """A message that only says how replies should be ("shorter, please") is kept as a note on the one it answers."""
        if reply_id is not None and not images and feedback_reasons.plain_wish(text):
            reply = self.store.message(reply_id)
            if reply.role == "assistant" and reply.text:
                self.store.add_rating("note", 0, reply_id, note=text)

    def _exploring(self, personal: Personal, model: str, conversation: Conversation) -> Personal:
        """``personal``, and if the lot falls on this message: with another candidate to compare."""
        line = conversation.line
        if personal.comparing or conversation.style == STYLE_OFF:
            return personal
        since = int(self.store.value(preference_queries.SINCE) or 0)
        drawn = preference_queries.drawn(self.store.rating_count(line), since)
        self.store.set_value(preference_queries.SINCE, 0 if drawn else since + 1)
        if not drawn:
            return personal
        steering = self._head.steering(
            model, self.settings, line, explore=True, conversation_id=conversation.id
        )
        return replace(personal, steering=steering)

    def personal_in(self, line: str = "", style: str = "", conversation_id: str | None = None) -> Personal:
        """The version that a chat in a named style (``line``) uses with the loaded model, and the head of that style's
        ratings so far; ``style``: the version that the chat stays with, or STYLE_OFF. ``conversation_id``: the chat, for
        what the style card says of it alone."""
        if not self.settings.style_on or self.model_info is None or style == STYLE_OFF:
            return Personal()
        model = self.model_info.id
        steering = self._head.steering(model, self.settings, line, conversation_id=conversation_id)
        version = self.store.current_style(model, line)
        if style in self._usable_styles(line):  # else it was made for another model, or is gone
            version = style
        if version is None:
            return Personal(steering=steering)
        return Personal(style=str(self.paths.styles / version), style_name=version, steering=steering)
