"""What the transcript is told of a message: the record itself and what surrounds it."""

from __future__ import annotations

from dataclasses import dataclass

from assistant.records import Message
from assistant.token_attribution import Word


@dataclass(frozen=True, slots=True)
class MessageView:
    """A message as it is shown. ``sibling_index`` counts from 0 among ``sibling_count`` branches."""

    message: Message
    sibling_index: int = 0
    sibling_count: int = 1
    rating: int | None = None  # of the thumb: 1, -1, None
    image_paths: tuple[str, ...] = ()  # files of message.attachments, in their order
    note: str = ""  # what a rating did or became, one quiet line
    style_name: str = ""  # how the style version is called, when it has a name
    stars: int = 0  # given to it, 1 to 5; 0: none
    edited: str = ""  # the reply as the user wanted it
    why: str = ""  # what the ratings say of its traits, for the details
    words: tuple[Word, ...] = ()  # of the reply, with what the style did to them; empty: not asked for
    end: tuple[float, ...] = ()  # the same of its end: natural logs with and without the style
    words_note: str = ""  # why they can't be had, or that they are on their way
    pair: tuple[Message, Message] | None = None  # this reply and another, left and right: which is better?
    style_effect: str = ""  # what the style did to it, in a few words
    can_continue: bool = False  # a reply that was stopped or cut off, and nothing stands under it
    asks: bool = False  # for the reasons of the rating it has just been given

    @property
    def text(self) -> str:
        """The message as the user has it: an edited reply is the user's version."""
        return self.edited or self.message.text
