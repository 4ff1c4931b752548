"""The style card: what was learned and what the user wrote, as short sentences for the system prompt of a model that follows
instructions. The first layer of the style, without training.

Sentences are learned (from the reward head), or the user's own (``CardEntry``), which override what is learned of the same
trait. For one message those are chosen that hold for it; what the message itself asks for otherwise is left out. No torch.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from assistant.learning import feedback_reasons
from assistant.learning import request as requests
from assistant.learning.checks import answered
from assistant.learning.reward_head import style_features
from assistant.learning.style_instructions import WISHES, sure
from assistant.learning_records import CardSentence

if TYPE_CHECKING:
    from assistant.learning.feedback import Signal
    from assistant.learning.request import Request
    from assistant.learning.reward_head.reward import Head
    from assistant.records import CardEntry, CardScope

RATINGS = 3  # from which a card is written
CREDIBLE = 0.3  # a card may be wrong: it trains nothing, is shown, and each rating writes it anew
MOST_LEARNED = 4  # learned sentences in one prompt; those of the user's own come besides
CLEARLY = 0.8  # log-odds a deviation if it matters, from which "shorter" is about half: a deviation is a factor of two
STRENGTHS = (0.5, 1.0, 2.0)  # if possible, as it stands, important
A_STRENGTH = (
    1.2  # log-odds a deviation that a sentence of strength 1 sets as the user's correction of its trait
)
LONGEST = 300  # characters of a sentence
NEWEST = 60  # ratings from which the size of a taste in length is read
FEWEST_TEXTS = 3  # of the user's own, from which they are told on the card
SHOWN_MORE = 0.25  # deviations of a trait that own texts must have more, or less, to be told
TEXTS_SD = (0.7, 0.5)  # of a writer's deviation from the model, a priori; the least from text to text
SURELY_SHOWN = 0.8
MOST_SHOWN = 5  # sentences from own texts
SHOWN = 0.15  # deviations of a trait: a reply that shows less of it is no source
_UNLESS = ("Follow this unless the request asks for something else.", "除非请求另有要求，请照此回答。")
_PREFIX = {0.5: ("If possible: ", "如果可以："), 1.0: ("", ""), 2.0: ("Important: ", "重要：")}
# The most that a length may be of the usual one: how that is said, in English and Chinese.
_SHORTER: tuple[tuple[float, str, str], ...] = (
    (0.29, "Keep replies much shorter than usual, about a quarter.", "回答比平常短得多，大约四分之一。"),
    (0.41, "Keep replies much shorter than usual, about a third.", "回答比平常短得多，大约三分之一。"),
    (0.58, "Keep replies shorter than usual, about half.", "回答比平常短，大约一半。"),
    (0.72, "Keep replies shorter than usual, about two thirds.", "回答比平常短，大约三分之二。"),
    (1.0, "Keep replies a little shorter than usual.", "回答比平常稍短。"),
)
_LONGER: tuple[tuple[float, str, str], ...] = (
    (1.3, "Write replies a little longer than usual.", "回答比平常稍长。"),
    (1.7, "Write replies longer than usual, about half as long again.", "回答比平常长，大约一倍半。"),
    (2.5, "Write replies longer than usual, about twice as long.", "回答比平常长，大约两倍。"),
    (
        math.inf,
        "Write replies much longer than usual, about three times as long.",
        "回答比平常长得多，大约三倍。",
    ),
)
# What is a manner of replying to the user in a reply, and of writing to a reader in a text of the user's own.
_IN_TEXTS: dict[tuple[str, int], tuple[str, str]] = {
    ("questions", 1): ("Use a question now and then, as I do.", "像我一样，行文中偶尔用问句。"),
    ("questions", -1): ("Write without questions.", "行文中不用问句。"),
    ("you", 1): ("Address the reader as you.", "直接称呼读者。"),
    ("you", -1): ("Do not address the reader.", "不要称呼读者。"),
    ("first_person", 1): ("Write in the first person.", "用第一人称写作。"),
    ("first_person", -1): ("Do not write in the first person.", "不要用第一人称写作。"),
}


@dataclass(frozen=True, slots=True)
class Shown:
    """What the user's own texts show of a trait: more (1) or less (-1) of it than the model's replies have."""

    trait: str
    way: int
    certainty: float  # probability that they really have ``SHOWN_MORE`` deviations more, or less
    texts: int  # that have it


@dataclass(frozen=True, slots=True)
class Backing:
    """What of the ratings and texts stands behind the learned sentences.

    ``length``: how long the replies that were liked are beside what the model wrote (0.67: two thirds); None: unknown.
    ``sources``: trait -> how many ratings, edits and own texts speak for it ("rating", "edit", "text").
    ``shown``: what the user's own texts have in common, the clearest first.
    """

    length: float | None = None
    sources: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    shown: tuple[Shown, ...] = ()


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of the card. ``id``: of the user's entry; else the trait it was learned of."""

    id: str
    trait: str  # empty: of no known trait
    way: int  # 1 or -1: more or less of the trait; 0 of none
    english: str
    chinese: str  # the same as ``english`` where the user wrote it
    certainty: float = 1.0  # probability that the trait matters; 1 for the user's own
    strength: float = 1.0
    own: bool = False  # the user wrote it
    scope: CardScope = "always"
    kind: str = ""
    conversation_id: str | None = None
    on: bool = True
    removed: bool = False
    sources: Mapping[str, int] = field(default_factory=dict)

    def said(self, chinese: bool) -> str:
        """The sentence as the model is told it."""
        prefix = _PREFIX[nearest(self.strength)][chinese]
        text = self.chinese if chinese else self.english
        return text if self.trait == "length" and not self.own else prefix + text


def nearest(strength: float) -> float:
    """The step of ``STRENGTHS`` that is meant."""
    return min(STRENGTHS, key=lambda step: abs(math.log(step / max(strength, 0.05))))


# --- what is learned --------------------------------------------------------------------------------------


def learned(
    head: Head, corrections: Mapping[str, float] | None = None, backing: Backing | None = None
) -> tuple[Sentence, ...]:
    """The sentences that the head gives, the surest first; none before the third rating."""
    if head.ratings < RATINGS:
        return ()
    backing, corrections = backing or Backing(), corrections or {}
    found = []
    for trait, weight, certainty, (english, chinese) in sure(head, CREDIBLE):
        way = 1 if weight > 0 else -1
        set_by_user = corrections.get(trait)
        strength = 1.0 if not set_by_user else nearest(abs(set_by_user) / A_STRENGTH)
        if trait == "length":
            clear = abs(weight) >= CLEARLY * certainty
            english, chinese = _length(_ratio(way, clear, backing.length) ** strength)
        found.append(
            Sentence(
                trait, trait, way, english, chinese, 1.0 if set_by_user is not None else certainty, strength,
                sources=backing.sources.get(trait, {}),
            )
        )  # fmt: skip
    there = {sentence.trait for sentence in found}
    for shown in backing.shown[:MOST_SHOWN]:  # the ratings go first: they are about replies
        english, chinese = _IN_TEXTS.get((shown.trait, shown.way)) or _in_general(shown.trait, shown.way)
        if shown.trait not in there and english:
            sources = {"text": shown.texts}
            found.append(
                Sentence(
                    shown.trait, shown.trait, shown.way, english, chinese, shown.certainty, sources=sources
                )
            )
    return tuple(found)


def shown_by_texts(signals: Sequence[Signal]) -> tuple[Shown, ...]:
    """What the user's own texts have in common beside the model's replies to the same requests, the clearest first.

    A text shows all its traits at once, so each is judged by itself, unlike a rating, which may be for any of them: the
    posterior of a normal mean with a normal prior (``TEXTS_SD``).
    """
    from assistant.learning.reward_head import reward

    texts = [s for s in signals if s.kind == "text"]
    if len(texts) < FEWEST_TEXTS:
        return ()
    moved = np.stack([reward.demonstrated(s, reward.Habits()) for s in texts])  # (texts, traits)
    found = []
    for at, name in enumerate(style_features.NAMES):
        noise = max(float(moved[:, at].std(ddof=1)), TEXTS_SD[1]) ** 2 / len(texts)
        variance = 1.0 / (1.0 / TEXTS_SD[0] ** 2 + 1.0 / noise)
        mean = variance * float(moved[:, at].mean()) / noise
        way = 1 if mean > 0 else -1
        certainty = 0.5 * math.erfc((SHOWN_MORE - abs(mean)) / math.sqrt(2.0 * variance))
        if certainty >= SURELY_SHOWN:
            count = int((moved[:, at] * way >= SHOWN).sum())
            found.append((certainty * abs(mean), Shown(name, way, certainty, count)))
    return tuple(shown for _, shown in sorted(found, key=lambda item: -item[0]))


def _in_general(trait: str, way: int) -> tuple[str, str]:
    """The sentence for a trait where nothing is known of how strong it is; empty where there is none."""
    if trait == "length" and way:
        return _length(_ratio(way, True, None))
    return WISHES.get(trait, (None, None))[0 if way > 0 else 1] or ("", "")


def _ratio(way: int, clear: bool, measured: float | None) -> float:
    """The length wanted, of the usual one: as measured where the ratings show it, else by how clear the taste is."""
    if measured is not None and way * math.log(measured) > 0.1:
        return min(4.0, max(0.2, measured))
    return {(-1, True): 0.5, (-1, False): 0.8, (1, True): 2.0, (1, False): 1.2}[way, clear]


def _length(ratio: float) -> tuple[str, str]:
    table = _SHORTER if ratio < 1.0 else _LONGER
    return next((english, chinese) for most, english, chinese in table if ratio <= most)


def backing(head: Head, signals: Sequence[Signal]) -> Backing:
    """Which ratings speak for each trait, and how long the liked replies are beside all that the model wrote."""
    from assistant.learning import feedback
    from assistant.learning.reward_head import reward

    counts: dict[str, Counter[str]] = {name: Counter() for name in head.names}
    weights = np.array([weight for weight, _ in head.weights().values()])
    liked: list[float] = []
    written: list[float] = []
    texts = [reply.text for s in signals for reply in (s.reply, s.other) if reply is not None]
    shown = dict(zip(texts, head.features(texts), strict=True)) if texts else {}
    for s in signals:
        push = shown[s.reply.text] * feedback.advantage(s)
        if s.kind == "text":
            push = reward.demonstrated(s, head.habits)
        elif s.other is not None:
            push = shown[s.reply.text] - shown[s.other.text]
        said = dict(s.reasons)
        kind = {"edit": "edit", "text": "text"}.get(s.kind, "rating")
        for at, name in enumerate(head.names):
            if (push[at] + said.get(name, 0)) * weights[at] > 0 and abs(
                push[at] + said.get(name, 0)
            ) >= SHOWN:
                counts[name][kind] += 1
    for s in [s for s in signals if s.kind not in ("note", "text")][-NEWEST:]:
        asked = requests.read(s.asked)
        if "length" in asked.stated:
            continue  # what was asked for says nothing of taste
        lengths = [math.log1p(answered.words(r.text)) for r in (s.reply, s.other) if r is not None]
        if s.other is not None or feedback.advantage(s) > 0:
            liked.append(lengths[0] - asked.shift)
        edited = s.kind == "edit"  # then the model wrote the other one only
        written += [length - asked.shift for length in (lengths[1:] if edited else lengths)]
    ratio = math.exp(sum(liked) / len(liked) - sum(written) / len(written)) if liked and written else None
    return Backing(
        ratio, {name: dict(found) for name, found in counts.items() if found}, shown_by_texts(signals)
    )


# --- what the user wrote ----------------------------------------------------------------------------------


_ABOUT: tuple[tuple[str, int, str], ...] = (  # beside what notes and requests say
    ("sentence_length", -1, r"\bshort(?:er)? sentences\b|短句"),
    ("sentence_length", 1, r"\blong(?:er)? sentences\b|长句"),
    ("length", -1, r"\b(?:short(?:er)?|brief(?:er|ly)?|concise(?:ly)?|terse)\b|\bfewer words\b|短|简洁|精炼"),
    ("length", 1, r"\b(?:long(?:er)?|at length|(?:more|in) detail(?:ed)?|detailed)\b|长|详细"),
    ("emoji", -1, r"\b(?:no|without|avoid|never use) emojis?\b"), ("emoji", 1, r"\bemojis?\b|表情"),
    ("lists", -1, r"\b(?:no|without|avoid|never use) (?:bulleted )?(?:lists?|bullets?|bullet points)\b"),
    ("formality", -1, r"\b(?:casual|informal|relaxed|warm|friendly)\b|随意|轻松|亲切"), ("formality", 1, r"\bformal\b|正式"),
)  # fmt: skip
_ABOUT_FOUND = tuple((name, way, re.compile(pattern, re.IGNORECASE)) for name, way, pattern in _ABOUT)
_SENTENCES = {
    text.casefold(): (trait, way)
    for trait, wishes in WISHES.items()
    for way, wish in ((1, wishes[0]), (-1, wishes[1]))
    for text in wish or ()
}


def about(text: str) -> tuple[str, int]:
    """Which trait a sentence of the user's is about, and whether it wants more (1) or less (-1) of it; ("", 0): unknown."""
    text = text.strip()
    if text.casefold() in _SENTENCES:
        return _SENTENCES[text.casefold()]
    noted = [r for r in feedback_reasons.read(text) if r[0] in style_features.NAMES and r[1]]
    if len(noted) == 1:
        return noted[0]
    stated = [
        (name, way)
        for name, way in requests.read(text).stated.items()
        if way != requests.EXACT and name in style_features.NAMES
    ]
    if len(stated) == 1:
        return stated[0]
    return next(((name, way) for name, way, found in _ABOUT_FOUND if found.search(text)), ("", 0))


def with_entries(found: Iterable[Sentence], entries: Sequence[CardEntry]) -> tuple[Sentence, ...]:
    """The whole card: the user's entries first, then what is learned. Which of two about one trait holds for a message is
    decided in ``compose``; an entry for always, on or off, takes the place of what is learned of its trait."""
    learned_ = {sentence.trait: sentence for sentence in found}
    own = []
    for entry in entries:
        as_learned = learned_.get(entry.trait)
        certainty, sources = 1.0, {}
        if entry.text:
            english = chinese = entry.text
        elif as_learned is not None and as_learned.way == entry.way:
            english, chinese = as_learned.english, as_learned.chinese
            certainty, sources = as_learned.certainty, dict(as_learned.sources)
        else:  # switched off, so that the head gives it no weight any more
            certainty = 0.0
            english, chinese = _in_general(entry.trait, entry.way)
            if not english:  # of a trait that this version does not know
                continue
        own.append(
            Sentence(
                entry.id, entry.trait, entry.way, english, chinese, certainty, nearest(entry.strength),
                bool(entry.text), entry.scope, entry.kind, entry.conversation_id, entry.state == "on",
                entry.state == "removed", sources,
            )
        )  # fmt: skip
    replaced = {entry.trait for entry in entries if entry.scope == "always"}
    return (*own, *(sentence for sentence in learned_.values() if sentence.trait not in replaced))


# --- for one message --------------------------------------------------------------------------------------


def in_chat(sentences: Iterable[Sentence], conversation_id: str | None) -> list[Sentence]:
    """Those that are switched on and belong to this chat or to all."""
    return [
        s
        for s in sentences
        if s.on and not s.removed and (s.scope != "chat" or s.conversation_id == conversation_id)
    ]


def compose(sentences: Sequence[Sentence], asked: Request) -> str:
    """The card for one message, in the message's language; empty where nothing is to be said. ``sentences``: ``in_chat``.

    Left out is what belongs to another kind of text, or says the opposite of what the message asks for.
    Of two sentences about one trait that of the narrower scope is said, then the user's own, then the newer.
    """
    holding = [s for s in sentences if s.scope != "kind" or s.kind == asked.genre]
    narrow = {"chat": 2, "kind": 1, "always": 0}
    chosen: dict[str, Sentence] = {}
    for at, sentence in enumerate(holding):
        key = sentence.trait or f"{at}"
        now = chosen.get(key)
        if now is None or (narrow[sentence.scope], sentence.own) >= (narrow[now.scope], now.own):
            chosen[key] = sentence
    said: list[str] = []
    taught = 0
    for sentence in chosen.values():
        if sentence.trait and _asked_otherwise(sentence, asked):
            continue
        if not sentence.own:
            taught += 1
            if taught > MOST_LEARNED:
                continue
        said.append(_ended(sentence.said(asked.chinese)))
    if not said:
        return ""
    return ("" if asked.chinese else " ").join([*said, _UNLESS[asked.chinese]])


def for_message(card: Iterable[CardSentence], model: Any, message: str) -> str:
    """The card's text for one message to a loaded model; "" for a model that does not follow instructions."""
    defaults = getattr(model, "defaults", None)
    if not card or defaults is None or not defaults.follows_instructions:
        return ""
    return compose(of_request(card), requests.read(message))


def _asked_otherwise(sentence: Sentence, asked: Request) -> bool:
    if sentence.scope != "kind":
        return asked.weight_of(sentence.trait, float(sentence.way)) == 0.0
    # Written for this kind of text: only what the message says goes before it, not what the kind itself implies.
    if sentence.trait == "length":
        size = {"long": 1, "short": -1}.get(asked.size, sentence.way)
        return asked.amount is not None or bool(asked.items) or size != sentence.way
    return asked.stated.get(sentence.trait, 0) * sentence.way < 0


def _ended(text: str) -> str:
    return text if text[-1:] in ".!?。！？" else text + ("。" if answered.is_chinese(text) else ".")


def for_request(sentences: Iterable[Sentence]) -> tuple[CardSentence, ...]:
    """For a request to the engine: what ``compose`` needs."""
    return tuple(
        CardSentence(s.id, s.trait, s.way, s.english, s.chinese, s.strength, s.own, s.scope, s.kind)
        for s in sentences
    )


def of_request(sentences: Iterable[CardSentence]) -> tuple[Sentence, ...]:
    return tuple(
        Sentence(
            s.id,
            s.trait,
            s.way,
            s.english,
            s.chinese,
            strength=s.strength,
            own=s.own,
            scope=s.scope,
            kind=s.kind,
        )
        for s in sentences
    )
