"""What a style did to the words of a reply: the request to the engine, and its answer by words. Loads no torch."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assistant import conversation as tree
from assistant.errors import BadInput
from assistant.learning_records import FinishedReply
from assistant.records import Shift

if TYPE_CHECKING:
    from assistant.engine.protocol import ModelInfo
    from assistant.paths import DataPaths
    from assistant.settings import Settings
    from assistant.store import Store

SOME = 0.35  # nats: 1.4 times as likely, or as unlikely
MUCH = 1.1  # nats: three times
_WORD = re.compile(r"\s+|[^\s]+")


@dataclass(frozen=True, slots=True)
class Word:
    """A word (or the space between two) and the natural logs of its probability with and without the style."""

    text: str
    styled: float
    base: float

    @property
    def nats(self) -> float:
        """By how much the style moved it, in natural log; above 0: likelier with the style."""
        return self.styled - self.base

    @property
    def factor(self) -> float:
        """How many times likelier it is with the style."""
        return math.exp(min(self.nats, 50.0))

    @property
    def level(self) -> int:
        """-2 (much less likely) to 2 (much likelier)."""
        size = 2 if abs(self.nats) >= MUCH else 1 if abs(self.nats) >= SOME else 0
        return size if self.nats > 0 else -size


def request(
    store: Store, settings: Settings, paths: DataPaths, model: ModelInfo | None, message_id: str
) -> FinishedReply:
    """What ``client.reread`` needs for a reply. Raises BadInput with the reason where it can't be had."""
    if model is None:
        raise BadInput("A model has to be loaded first.")
    message = store.message(message_id)
    made = message.generation
    if made is None or not made.reply_ids:
        raise BadInput("How this reply was written is not known, so its words cannot be coloured.")
    if made.style is None:
        raise BadInput("No style version wrote this reply, so there is nothing to colour.")
    if made.model != model.id:
        raise BadInput(f"Another model wrote this reply ({made.model}); load it to colour the words.")
    folder = paths.styles / made.style
    if not folder.is_dir():
        raise BadInput("The style version that wrote this reply is gone, so its words cannot be coloured.")
    branch = store.as_edited(store.branch(message.parent_id))
    conversation = store.conversation(message.conversation_id)
    system_prompt = store.instructions_of(conversation) or settings.system_prompt
    with_files = any(turn.attachments for turn in branch)
    turns = tree.turns(branch, system_prompt, store.attachment_path) if with_files else ()
    ended = made.details.end_logprob is not None
    return FinishedReply(turns, made.prompt_ids, made.reply_ids, ended, str(folder))


def words(shift: Shift, text: str) -> list[Word]:
    """The words of ``text``, the reply as it is shown; tokens that reach over a word's end count where they begin.

    A word's probability is that of its tokens one after the other, given all that stands before.
    """
    whole = "".join(shift.pieces)
    start = max(0, whole.find(text[:40])) if text else 0
    at, logs = -start, []  # (position in ``text``, styled, base) of each token
    waiting: tuple[float, float] = (0.0, 0.0)  # of tokens within a character, whose text is yet to come
    for piece, styled, base in zip(shift.pieces, shift.styled, shift.base, strict=True):
        waiting = (waiting[0] + styled, waiting[1] + base)
        if piece:
            # " word" belongs to the word, not to the space before it.
            first = at + len(piece) - len(piece.lstrip()) if piece.strip() else at
            logs.append((max(0, first), *waiting))
            at, waiting = at + len(piece), (0.0, 0.0)
    if logs:  # a character that was cut off
        logs[-1] = (logs[-1][0], logs[-1][1] + waiting[0], logs[-1][2] + waiting[1])
    found, token = [], 0
    for match in _WORD.finditer(text):
        styled = base = 0.0
        while token < len(logs) and logs[token][0] < match.end():
            styled, base, token = styled + logs[token][1], base + logs[token][2], token + 1
        found.append(Word(match.group(), styled, base))
    return found


def most_moved(found: list[Word], likelier: bool, count: int = 3) -> list[Word]:
    """The words that the style moved most in one direction, the most moved first."""
    moved = [word for word in found if word.text.strip() and (word.level > 0 if likelier else word.level < 0)]
    return sorted(moved, key=lambda word: -abs(word.nats))[:count]
