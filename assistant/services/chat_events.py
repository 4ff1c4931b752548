"""What ``assistant.services.chat`` reports while a reply is written, and where those reports run."""

from __future__ import annotations

import queue
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from assistant.records import Attachment, Conversation, Message, Recognition


@dataclass(slots=True)
class Handle:
    """One reply on its way. Belongs to the owner's thread, like the store."""

    conversation_id: str
    user_id: str
    reply_id: str
    state: Literal["looking", "writing", "done"] = "looking"
    request_id: int | None = None  # the engine's, once it writes
    begun: str = ""  # text that the reply had before: it goes on
    text: str = ""  # written so far, behind that
    count: int = 0  # tokens written so far
    message: Message | None = None  # the finished reply
    refused: str = ""  # why nothing was sent (then the messages are gone from the store)

    @property
    def done(self) -> bool:
        return self.state == "done"


@dataclass(frozen=True, slots=True)
class PictureSeen:
    """A picture was looked at; ``recognition`` is None if that failed, for ``reason``."""

    sha256: str
    recognition: Recognition | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ReplyText:
    """More text of a reply."""

    reply_id: str
    text: str
    count: int


@dataclass(frozen=True, slots=True)
class ReplyDone:
    """The reply is complete, or its ``error`` says why not. It is in the store (see ``StoreTrouble``)."""

    message: Message
    other: Message | None = None  # a second reply, a branch beside it: which is better?


@dataclass(frozen=True, slots=True)
class SendRefused:
    """The engine cannot use the prompt. Its messages are taken back; the text is the conversation's draft."""

    conversation_id: str
    reply_id: str
    text: str
    attachments: tuple[Attachment, ...]
    reason: str
    conversation_removed: bool  # it was made by this very send


@dataclass(frozen=True, slots=True)
class StoreTrouble:
    """A reply could not be saved just now; it is kept in memory and tried again."""

    reply_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class TitleWritten:
    """The model has given a conversation a title."""

    conversation: Conversation


ChatEvent = TitleWritten | PictureSeen | ReplyText | ReplyDone | SendRefused | StoreTrouble
Listener = Callable[[ChatEvent], None]
Post = Callable[[Callable[[], None]], None]


@dataclass(slots=True)
class Mailbox:
    """An owner's thread without an event loop: functions posted from any thread run where it waits."""

    _queue: queue.SimpleQueue[Callable[[], None]] = field(default_factory=queue.SimpleQueue)

    def post(self, function: Callable[[], None]) -> None:
        self._queue.put(function)

    def run_until(self, finished: Callable[[], Any], timeout_s: float | None = None) -> bool:
        """Run what is posted until ``finished()``; False after ``timeout_s``. Ctrl-C gets through."""
        deadline = None if timeout_s is None else time.monotonic() + timeout_s
        while not finished():
            if deadline is not None and time.monotonic() > deadline:
                return False
            try:
                # A wait without end could not be interrupted on Windows.
                function = self._queue.get(timeout=0.1)
            except queue.Empty:
                continue
            function()
        return True
