"""One reply on its way, as ``assistant.services.chat`` remembers it, and what it is asked of."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from assistant.learning_records import SteeringRequest
from assistant.records import Message, Sampling, Turn
from assistant.services.chat_events import Handle, Listener


class EngineClient(Protocol):
    """What a ChatService needs of ``assistant.engine.client.Client``; the ids are of its requests."""

    def new_id(self) -> int: ...
    def generate(
        self,
        turns: tuple[Turn, ...],
        sampling: Sampling,
        *,
        style: str | None = None,
        style_name: str | None = None,
        steering: SteeringRequest | None = None,
        comparing: Literal["", "side", "base"] = "",
        id: int | None = None,
    ) -> int: ...
    def prefill(
        self,
        turns: tuple[Turn, ...],
        *,
        style: str | None = None,
        steering: SteeringRequest | None = None,
        id: int | None = None,
    ) -> int: ...
    def recognise(self, image: str, *, id: int | None = None) -> int: ...
    def cancel(self, target: int) -> Any: ...


@dataclass(frozen=True, slots=True)
class Personal:
    """The personal style for one reply; as it stands: none of it (the base model)."""

    style: str | None = None  # folder of a style version
    style_name: str | None = None  # its id
    steering: SteeringRequest | None = None
    comparing: Literal["", "side", "base"] = ""  # one of two sides, see ``protocol.Generate``


@dataclass(slots=True)
class Job:
    """A reply from the first look at its pictures to its last word."""

    handle: Handle
    sampling: Sampling
    personal: Personal | None  # None: what is in use when the engine is asked
    listener: Listener | None
    leaf_before: str | None
    typed: Message | None  # the user's message if it was added for this reply
    made_conversation: bool
    unseen: set[str] = field(default_factory=set)  # pictures being looked at
    pieces: list[str] = field(default_factory=list)
    saved_at: float = 0.0
    explore: bool = False  # two replies may be written, for the user to compare
    before: Message | None = None  # the reply as it was, where it goes on
