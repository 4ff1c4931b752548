"""What travels through Attune: plain frozen dataclasses, no behaviour beyond small derived properties.

Times are ISO-8601 strings in UTC. Ids of conversations, messages and ratings are 32 hex digits.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal

Role = Literal["system", "user", "assistant"]
Finish = Literal["stop", "length", "cancelled", "failed"]
STYLE_OFF = "off"  # of a conversation: replies come from the model as it is
# Of a style version: it names a folder, and a database may come from a stranger's backup.
STYLE_ID = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]{0,63}")
LONGEST_STYLE_NAME = 40  # characters
RatingKind = Literal["thumb", "stars", "pair", "edit", "kept", "note"]
CardScope = Literal["always", "kind", "chat"]
CardState = Literal["on", "off", "removed"]


@dataclass(frozen=True, slots=True)
class Recognition:
    """What was seen in a picture; shown to the user and given to the model as data."""

    objects: tuple[tuple[str, float], ...] = ()  # (name, probability), best first
    text: str = ""  # text read in the picture, lines joined by newlines

    def line(self) -> str:
        """One visible line: ``tabby cat 0.71 · text: EXIT`` (empty when nothing was recognised)."""
        parts = [f"{name} {probability:.2f}" for name, probability in self.objects]
        if self.text:
            parts.append("text: " + " / ".join(self.text.split("\n")))
        return " · ".join(parts)


@dataclass(frozen=True, slots=True)
class FilePart:
    """A file as the engine needs it: ``path`` of what was read in it (``assistant.files.document``)."""

    name: str
    path: str
    read: tuple[
        tuple[str, str], ...
    ] = ()  # text recognised in pictures of the same message, by their SHA-256


@dataclass(frozen=True, slots=True)
class Turn:
    """One message as the engine needs it: images as paths of intake-checked files."""

    role: Role
    text: str
    images: tuple[str, ...] = ()
    recognitions: tuple[Recognition | None, ...] = ()  # one per image; None: leave it out of the prompt
    sounds: tuple[str, ...] = ()  # paths of intake-checked files
    files: tuple[FilePart, ...] = ()


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that belongs to a message; its bytes lie in the data folder under its SHA-256.

    Of a ``file`` (text, DOCX, PDF) these are what was read in it (``assistant.files.document``).
    """

    sha256: str
    kind: Literal["image", "audio", "file"]
    mime: str
    name: str  # the file's name where it came from, for display only
    size_bytes: int
    width: int | None = None  # pixels
    height: int | None = None
    recognition: Recognition | None = None  # None: not looked at yet
    note: str = ""  # what intake changed, for people ("first frame of an animation")
    pages: int | None = None  # of a file that has pages


@dataclass(frozen=True, slots=True)
class Sampling:
    """How the next token is drawn. ``temperature == 0`` is greedy. ``seed is None`` draws a fresh seed."""

    temperature: float = 0.6
    top_p: float = 0.9
    top_k: int = 50  # 0: off
    min_p: float = 0.0  # 0: off
    repetition_penalty: float = 1.1  # 1: off
    max_tokens: int = 512
    seed: int | None = None
    stop: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Candidate:
    """One of several replies to the same message, as the reward head judged it."""

    text: str = ""
    score: float = 0.0
    bound: float = 0.0  # lower confidence bound of the score


@dataclass(frozen=True, slots=True)
class BestOf:
    chosen: int = 0  # index of the candidate that is the reply
    candidates: tuple[Candidate, ...] = ()


@dataclass(frozen=True, slots=True)
class BaseCheckResult:
    """Largest difference between the logits of a comparison's base side and those of the original model."""

    difference: float = 0.0
    tolerance: float = 0.0


@dataclass(frozen=True, slots=True)
class OtherReply:
    """The second reply of a preference query, on its way from the engine; stored as a message of its own."""

    text: str
    ids: tuple[int, ...]
    logprobs: tuple[float, ...]
    finish: Finish
    seed: int


@dataclass(frozen=True, slots=True)
class FileUse:
    """What of a file stood in the prompt: ``pages`` of ``total_pages`` (0: it has none), ``percent`` of its text."""

    name: str = ""
    how: Literal["whole", "first", "matching"] = "whole"
    pages: tuple[int, ...] = ()
    total_pages: int = 0
    percent: int = 100


@dataclass(frozen=True, slots=True)
class ReplyDetails:
    """What else is known of how a reply was written. A field at its default does not apply, and is not stored."""

    reused_tokens: int = 0  # of the prompt, that were cached
    candidates: int = 1  # replies that were written beside each other
    drafted: int = 0  # tokens guessed by prompt lookup, and how many of them were right
    accepted: int = 0
    end_logprob: float | None = None  # of the end token; None: the reply was cut off
    guided_steps: int | None = None  # places where guidance changed the likeliest token; None: it was off
    guided_at: tuple[int, ...] = ()  # those places
    guided_words: tuple[str, ...] = ()  # what was written at the first of them; "" is the end
    blocks: int = 0  # of a search that streams; 0: there was none
    blocks_changed: int = 0  # in which another row than the first was chosen
    rows: int = 0  # written beside each other in each block
    best_of: BestOf | None = None
    base_check: BaseCheckResult | None = None
    style_card: str = ""  # what the model was told of the user's style
    explored: Literal["", "a", "b"] = ""  # which reply of a preference query it is
    continued_at: tuple[int, ...] = ()  # tokens that were there when a stopped reply was continued
    files: tuple[FileUse, ...] = ()  # that the message and those before it came with
    arm_b: OtherReply | None = None  # never stored


@dataclass(frozen=True, slots=True)
class Generation:
    """How a reply came to be: what a person is shown in its details and what learning needs."""

    model: str
    style: str | None  # style version, None: the base model
    prompt_tokens: int
    completion_tokens: int
    ttft_s: float
    tokens_per_s: float
    finish: Finish
    seed: int
    dropped_turns: int = 0  # oldest turns left out to fit the context
    prompt_ids: tuple[int, ...] = ()
    reply_ids: tuple[int, ...] = ()
    logprobs: tuple[float, ...] = ()  # of each reply id, natural log, when it was written
    details: ReplyDetails = field(default_factory=ReplyDetails)


@dataclass(frozen=True, slots=True)
class Shift:
    """How far a style moved every token of a reply: natural logs of its probability with and without the style."""

    pieces: tuple[str, ...]  # the text of each token; joined, they are the reply
    styled: tuple[float, ...]
    base: tuple[float, ...]
    end: tuple[float, ...] = ()  # of ending where it ended, styled and base; empty: it was cut off


@dataclass(frozen=True, slots=True)
class Message:
    """One node of a conversation's tree. Branches are children of the same parent."""

    id: str
    conversation_id: str
    parent_id: str | None
    role: Role
    text: str
    created_at: str
    attachments: tuple[Attachment, ...] = ()
    state: Literal["streaming", "done"] = "done"
    generation: Generation | None = None  # of assistant messages, once finished
    error: str = ""  # why a reply is incomplete, one sentence


@dataclass(frozen=True, slots=True)
class Conversation:
    id: str
    title: str
    created_at: str
    updated_at: str
    leaf_id: str | None = None  # the last message of the branch being looked at
    pinned: bool = False
    system_prompt: str = ""
    model: str | None = None  # None: the default model
    draft: str = ""  # unsent text in the composer
    folder: str = ""
    line: str = ""  # the named style it is written in and teaches; empty: the user's own
    style: str = ""  # empty: the line's version in use; STYLE_OFF; or a version's id


@dataclass(frozen=True, slots=True)
class Rating:
    """What the user said of one reply. Withdrawn ratings stay, marked, until erased.

    ``value``: thumb -1 or 1; stars 1..5; pair: 1 if ``message_id`` was chosen over ``other_id``;
    edit: 1 (``text`` is what the user made of the reply); kept: 1 (``message_id`` kept over ``other_id``).
    """

    id: str
    kind: RatingKind
    value: int
    created_at: str
    message_id: str | None = None  # None: imported, then prompt, reply (and other) carry the texts
    other_id: str | None = None
    note: str = ""
    text: str = ""
    prompt: str = ""
    reply: str = ""  # with a message: its text when it was rated, where it has been continued since
    other: str = ""
    history: tuple[dict[str, str], ...] = ()
    images: tuple[str, ...] = ()  # SHA-256 of attachments
    withdrawn_at: str | None = None
    style: str | None = None  # style version that wrote the reply
    fate: str = "pending"  # pending | used:<version> | held out | withdrawn
    confirmed: bool = True  # False: imported, and the user has not yet said that it may train
    line: str = ""  # the named style it teaches; empty: the user's own


@dataclass(frozen=True, slots=True)
class GateReport:
    """What the gate measured of an update (``assistant.learning.checks.gate.Measures``); None: it could not be measured."""

    accepted: bool = False
    reason: str = ""
    heldout_before: float | None = None
    heldout_after: float | None = None
    heldout_error: float | None = None
    heldout_ratings: int | None = None
    heldout_chance: float | None = None
    heldout_power: float | None = None
    reward_before: float | None = None
    reward_after: float | None = None
    reward_error: float | None = None
    kl_per_token: float | None = None
    perplexity_ratio: float | None = None
    repetition_before: float | None = None
    repetition_after: float | None = None
    ended_before: float | None = None
    ended_after: float | None = None
    words_before: float | None = None
    words_after: float | None = None
    nothing: float | None = None
    strength: float | None = None
    asked_before: float | None = None
    asked_after: float | None = None
    longer: bool | None = None


@dataclass(frozen=True, slots=True)
class LeftOut:
    rating: str  # id
    why: str


@dataclass(frozen=True, slots=True)
class UpdateReport:
    """What came of an update: the JSON of ``attune learn --json``, kept with its version and in its manifest."""

    accepted: bool = False
    reason: str = ""  # one sentence for a person
    version: str | None = None  # of an accepted update
    rejected_version: str | None = None  # of one that was measured and refused
    parent: str | None = None  # the version in use before
    continued: bool | None = None  # trained on from the parent; False: from the base model
    ratings_used: int = 0
    reward_before: float = 0.0
    reward_after: float = 0.0
    heldout_agreement: float | None = None
    kl_per_token: float = 0.0  # nats per token
    seconds: float = 0.0
    seconds_by_phase: dict[str, float] = field(default_factory=dict)
    steps: int = 0
    tokens: int = 0  # of the replies trained on
    stopped: str = ""  # what ended the training before its last epoch: time, kl
    strength: float | None = None  # of the adapter that was kept, over what training left
    traits: dict[str, float] = field(default_factory=dict)  # feature -> weight in the reward head
    used: tuple[str, ...] = ()  # ids of ratings
    held_out: tuple[str, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    contradictions: int = 0
    gate: GateReport | None = None
    imported: bool = False  # an adapter from elsewhere: nothing was learned here
    own_text_replies: dict[str, str] = field(
        default_factory=dict
    )  # of the base model: id of an ``OwnText`` -> reply; not kept here


@dataclass(frozen=True, slots=True)
class StyleVersion:
    """One update of the personal style: accepted by the gate, rejected by it, or deleted by the user."""

    id: str
    model: str  # catalogue id of the model it belongs to
    parent: str | None
    created_at: str
    state: Literal["active", "rejected", "deleted"] = "active"
    name: str = ""  # what the user calls it
    ratings_used: tuple[str, ...] = ()  # ids, learned from
    ratings_held_out: tuple[str, ...] = ()  # ids, kept for the gate
    report: UpdateReport = field(default_factory=UpdateReport)
    line: str = ""  # the named style it is a version of; empty: the user's own


@dataclass(frozen=True, slots=True)
class CardEntry:
    """What the user wrote or changed on a style card. It overrides what is learned of its trait until it is removed."""

    id: str
    trait: str  # the style feature it is about; empty: none that is known
    way: int  # 1: more of the trait, -1: less of it, 0: of no trait
    text: str  # one sentence; empty: the sentence as it was learned
    scope: CardScope = "always"
    kind: str = ""  # with the scope "kind": a genre (``assistant.learning.request.GENRES``)
    conversation_id: str | None = None  # with the scope "chat"
    strength: float = 1.0  # 0.5: if possible, 1, or 2: important
    state: CardState = "on"
    created_at: str = ""
    line: str = ""  # the named style whose card it is on; empty: the user's own


@dataclass(frozen=True, slots=True)
class OwnText:
    """A text that the user wrote, to be learned from. ``reply``: what the original model wrote to ``prompt``."""

    id: str
    name: str  # the file's name or the text's beginning, for display
    text: str
    kind: str  # a genre, or empty
    prompt: str  # the request that the text would answer, inferred from it
    reply: str  # empty: not written yet
    model: str  # that wrote ``reply``; empty: none
    created_at: str
    sha256: str  # of the text: the same one is kept once in a style
    line: str = ""


@dataclass(frozen=True, slots=True)
class SearchHit:
    """One place where a search found something; ``message_id`` None: in the conversation's title."""

    conversation_id: str
    message_id: str | None
    title: str
    snippet: str
    at: str
    marks: tuple[tuple[int, int], ...] = ()  # (start, end) of the found words in ``snippet``
