"""What crosses the pipe for learning and for replies under the user's reward head: plain frozen dataclasses.

They are apart from ``assistant.learning`` so that the window can send and receive them without loading numpy.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from assistant.records import CardScope, Turn

# --- the reward head at reply time -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LexicalState:
    """``lexical_features.Habits`` as plain numbers: one per word."""

    words: tuple[str, ...] = ()
    centre: tuple[float, ...] = ()
    scale: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class HeadState:
    """A fitted ``reward.Head`` as plain numbers; d features: ``traits``, then the words of ``habits``."""

    mean: tuple[float, ...]  # (d,)
    covariance: tuple[tuple[float, ...], ...]  # (d, d)
    inclusion: tuple[float, ...]  # (d,)
    bias: float
    ratings: int
    since: int
    nothing: float
    traits: tuple[str, ...]  # the features it was fitted on; a head of others is fitted anew
    habits: LexicalState = field(default_factory=LexicalState)


@dataclass(frozen=True, slots=True)
class CardSentence:
    """What ``style_card.compose`` needs of a ``style_card.Sentence``."""

    id: str
    trait: str
    way: int
    english: str
    chinese: str
    strength: float
    own: bool
    scope: CardScope
    kind: str


@dataclass(frozen=True, slots=True)
class SteeringRequest:
    """What the user's reward head is to do for one reply."""

    head: HeadState
    guide: bool = True  # guided decoding
    best_of: bool = True  # search among candidates
    blocks: bool = True  # block by block, so that it streams; else whole replies within ``budget_s``
    budget_s: float = 6.0
    explore: bool = False  # a second reply comes along, for the user to compare
    card: tuple[CardSentence, ...] = ()  # for the system prompt of a model that follows instructions


@dataclass(frozen=True, slots=True)
class FinishedReply:
    """A reply that is to be read once more, with its style and without."""

    turns: tuple[Turn, ...]  # needed only where pictures or sounds belong to the prompt
    prompt_ids: tuple[int, ...]  # as they were when the reply was written
    reply_ids: tuple[int, ...]
    ended: bool  # by itself, so that its end counts too
    style: str  # folder of the style version that wrote it


# --- ratings as learning reads them ----------------------------------------------------------------------


Kind = Literal["thumb", "stars", "pair", "edit", "kept", "note", "text"]  # text: one that the user wrote


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply as it was written. Without ``ids`` (imported, edited) the text is tokenised once, when it is first used."""

    text: str
    ids: tuple[int, ...] = ()
    logprobs: tuple[
        float, ...
    ] = ()  # when it was written, natural log; empty: unknown, the base model's are used
    style: str | None = None
    finish: str = "stop"
    prompt_ids: tuple[int, ...] = ()
    end_logprob: float | None = (
        None  # of the end token when it was written; None: it did not come, or is unknown
    )


@dataclass(frozen=True, slots=True)
class Signal:
    """One rating, read. ``liked``/``disliked`` are filled as the kind needs."""

    id: str
    kind: Kind
    value: int
    at: str
    prompt: tuple[Turn, ...]  # what the engine was told up to the reply, the system prompt first
    reply: Reply  # the rated reply; of a pair, edit or kept: the better one
    other: Reply | None = (
        None  # of a pair, edit or kept: the worse one; of a text: the model's own to its prompt
    )
    conversation: str = ""
    reasons: tuple[tuple[str, int], ...] = ()  # why, where the user said it: (trait, direction)

    @property
    def asked(self) -> str:
        """The text of the message that was replied to."""
        return self.prompt[-1].text if self.prompt else ""

    @property
    def prompt_ids(self) -> tuple[int, ...]:
        """The prompt's token ids as they were sent, of whichever reply has them; empty: not known for this model."""
        return self.reply.prompt_ids or (self.other.prompt_ids if self.other is not None else ())


# --- what the engine is asked to learn or to compare ------------------------------------------------------


@dataclass(frozen=True, slots=True)
class UpdateJob:
    """All that the engine needs for one update of a style."""

    version: str  # id of the version that is to be made
    model: str
    styles: str  # folder of all versions
    signals: tuple[Signal, ...]
    parent: str | None = None  # id of the version in use
    parent_folder: str | None = None
    continues: bool = False  # train on from the parent; else from the base model
    trained_on: tuple[str, ...] = ()  # ids of the ratings that the parent learned from
    deep: bool = False
    seed: int = 0
    system_prompt: str = ""  # that the chat uses
    corrections: dict[str, float] = field(default_factory=dict)  # feature -> weight that the user set
    kl_share: float = 0.9  # of the gate's limit that training aims at
    probe_tokens: int = 64  # length of the replies that the gate draws
    hyper: dict[str, int | float] = field(
        default_factory=dict
    )  # ``policy.Hyper`` fields to be other than usual


@dataclass(frozen=True, slots=True)
class EvaluationJob:
    """All that the engine needs to compare the style in use with the base model."""

    model: str
    signals: tuple[Signal, ...]
    style: str | None = None  # version id; None: only what the head does at reply time
    style_folder: str | None = None
    system_prompt: str = ""
    corrections: dict[str, float] = field(default_factory=dict)
    card: tuple[CardSentence, ...] = ()  # of the style card, for a model that follows one
    prompts: int | None = None  # how many of the prompts; None: all
    conflicts: int = 12  # requests that contradict the style, at most
    reply_tokens: int = 96


@dataclass(frozen=True, slots=True)
class EvaluationExample:
    prompt: str
    base: str
    style: str


@dataclass(frozen=True, slots=True)
class EvaluationReport:
    """The JSON of ``attune evaluate --json``. Shares are 0 to 1, ties count half."""

    version: str | None
    ratings: int
    prompts: int
    win: float  # of single replies
    win_best_of: float
    reward_base: float
    reward_style: float
    words_base: float  # per reply
    words_style: float
    repetition: float
    conflicts: int  # requests that ask for the opposite of what was learned
    as_asked_base: float  # share of them that the base model answers as asked
    as_asked_style: float  # as the program answers them in the style
    judge: str
    examples: tuple[EvaluationExample, ...]
    seconds: float


# --- names of features, for those who show them without fitting anything ----------------------------------


HABIT = "word:"  # before the word of a habit of wording (``lexical_features``); a readable trait has its bare name


def word_of(name: str) -> str:
    """The word of a habit by its name; empty for a readable trait."""
    return name.removeprefix(HABIT) if name.startswith(HABIT) else ""
