"""What people are shown of learning, read from the store: new ratings, learned traits and the ratings behind them,
versions with their numbers, corrections. Loads no torch; numpy only where a head is fitted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assistant.errors import BadInput
from assistant.records import Rating, StyleVersion

if TYPE_CHECKING:
    from assistant.learning.feedback import Signal
    from assistant.learning.reward_head.reward import Head
    from assistant.store import Store

STRONGEST = 3.0  # a corrected weight at most, in log-odds per standardised trait
TRIED = (
    "ratings tried"  # store value: ids of the ratings that each style's last update saw, whatever came of it
)
PRACTISED = "ratings practised on"  # the same of each style's last deep update
LEAST_CERTAINTY = 0.3  # from which a learned trait is told of,
LEAST_WEIGHT = 0.1  # and from which weight
_LEAST_SHOWN = 0.05  # log-odds that a trait adds to a reply's score
_LEAST_EFFECT = 0.15  # in deviations of the trait: a reply that shows less of it is no evidence


@dataclass(frozen=True, slots=True)
class Evidence:
    """One rating and what it says about a trait. ``effect`` > 0: it speaks for what was learned."""

    rating: Rating
    reply: str  # the rated reply's beginning, on one line
    conversation_id: str  # "" for an imported one
    effect: float


@dataclass(frozen=True, slots=True)
class LearnedTrait:
    """A readable trait, or a habit of wording (``lexical_features``), with the weight that the ratings (and the user's
    correction) give it."""

    name: str
    weight: float  # log-odds of a thumb up per deviation of the trait; > 0: the user likes more of it
    certainty: float  # posterior probability that the trait matters to this user, 0..1
    correction: float | None  # the weight the user set


@dataclass(frozen=True, slots=True)
class Style:
    """The reward head in words, and how many ratings it was fitted on."""

    traits: tuple[LearnedTrait, ...]  # every trait and the habits that tell most, the most telling first
    ratings: int


def standing(store: Store, line: str | None = None) -> list[Rating]:
    """What the user has said and not taken back, without the weak signs that come from going on ("kept").

    ``line``: of one style only; None: of all.
    """
    return [r for r in store.ratings() if r.kind not in ("kept", "note") and line in (None, r.line)]


def new_ratings(store: Store, line: str = "") -> list[Rating]:
    """The ratings of a style that no update has seen yet, whether it was taken over or not."""
    tried = set(store.value(TRIED) or [])
    return [rating for rating in standing(store, line) if rating.confirmed and rating.id not in tried]


def note_tried(store: Store, rating_ids: Iterable[str], line: str = "") -> None:
    """An update of a style saw these ratings: they start none by themselves any more."""
    _note(store, TRIED, rating_ids, line)


def new_texts(store: Store, line: str = "", seen: str = TRIED) -> list[str]:
    """The ids of a style's own texts that no update has seen yet."""
    tried = set(store.value(seen) or [])
    return [text.id for text in store.own_texts(line) if text.id not in tried]


def not_practised(store: Store, line: str = "") -> list[Rating]:
    """The ratings of a style that no deep update has seen yet."""
    seen = set(store.value(PRACTISED) or [])
    return [rating for rating in standing(store, line) if rating.confirmed and rating.id not in seen]


def note_practised(store: Store, rating_ids: Iterable[str], line: str = "") -> None:
    """A deep update of a style saw these ratings, and so every update has."""
    ids = list(rating_ids)
    _note(store, PRACTISED, ids, line)
    _note(store, TRIED, ids, line)


def _note(store: Store, key: str, rating_ids: Iterable[str], line: str) -> None:
    """Under ``key`` a style's ratings in place of those noted before; the other styles' stay."""
    others = {rating.id for rating in store.ratings(withdrawn=True) if rating.line != line}
    others |= {text.id for text in store.own_texts(None) if text.line != line}
    kept = others & set(store.value(key) or [])
    store.set_value(key, sorted(kept | set(rating_ids)))


def style(store: Store, model: str, line: str = "") -> Style:
    """Fit the head to a style's ratings as they stand (milliseconds) and read it."""
    head, usable = _head(store, model, line)
    corrections = corrections_of(store, line)
    found = [
        LearnedTrait(name, weight, float(head.inclusion[at]), corrections.get(name))
        for at, (name, (weight, _deviation)) in enumerate(head.weights().items())
    ]
    found.sort(key=lambda trait: (trait.correction is None, -abs(trait.weight) * trait.certainty))
    return Style(tuple(found), len(usable))


def evidence(
    store: Store, model: str, name: str, weight: float, limit: int = 12, line: str = ""
) -> list[Evidence]:
    """The ratings of a style that say something of the trait or habit ``name``, the most telling first.

    None for a habit that is among the telling ones no more.
    """
    head, usable = _head(store, model, line)
    if name not in head.names:
        return []
    at = head.names.index(name)
    found = []
    for signal in usable:
        if signal.kind == "text":  # no rating
            continue
        effect = _push(head, signal, at) * (1.0 if weight >= 0 else -1.0)
        if abs(effect) >= _LEAST_EFFECT:
            found.append((effect, signal))
    found.sort(key=lambda item: -abs(item[0]))
    return [
        Evidence(
            store.rating(signal.id), " ".join(signal.reply.text.split())[:160], signal.conversation, effect
        )
        for effect, signal in found[:limit]
    ]


def understood(store: Store, model: str, rating_id: str, line: str = "") -> LearnedTrait | None:
    """Of the traits that the head takes the user to like, the one that this rating speaks for most.

    None where it speaks for none of them, or the rating teaches nothing. Milliseconds.
    """
    head, usable = _head(store, model, line)
    signal = next((signal for signal in usable if signal.id == rating_id), None)
    if signal is None:
        return None
    found: tuple[float, LearnedTrait | None] = (0.0, None)
    corrections = corrections_of(store, line)
    for at, (name, (weight, _deviation)) in enumerate(head.weights().items()):
        certainty = float(head.inclusion[at])
        effect = _push(head, signal, at) * (1.0 if weight >= 0 else -1.0)
        telling = effect * abs(weight) * certainty
        if effect >= _LEAST_EFFECT and abs(weight) >= LEAST_WEIGHT and certainty >= LEAST_CERTAINTY:
            trait = LearnedTrait(name, weight, certainty, corrections.get(name))
            found = max(found, (telling, trait), key=lambda item: item[0])
    return found[1]


def _head(store: Store, model: str, line: str) -> tuple[Head, list[Signal]]:
    """A style's head as its ratings and corrections stand (milliseconds), and those ratings."""
    from assistant.learning import feedback, update_job
    from assistant.learning.reward_head import reward

    usable, _ = feedback.usable(update_job.collect(store, model, line, reward.NEWEST))
    return reward.fit(usable, corrections=corrections_of(store, line)), usable


def _push(head: Head, signal: Signal, at: int) -> float:
    """How far a rating pushes the weight of the head's feature number ``at`` up, in deviations of it."""
    from assistant.learning import feedback

    texts = [signal.reply.text] + ([signal.other.text] if signal.other is not None else [])
    shown = head.features(texts)[:, at]
    own = float(shown[0])
    said = float(sum(way for name, way in signal.reasons if name == head.names[at]))
    if signal.other is not None:
        return said + own - float(shown[1])
    return said + own * feedback.advantage(signal)


@dataclass(frozen=True, slots=True)
class Share:
    """What one trait or habit of a reply adds to its score. ``shown``: how much of the trait the reply has, in deviations."""

    name: str
    shown: float
    adds: float


def why(store: Store, model: str, text: str, most: int = 5, line: str = "") -> tuple[float, list[Share]]:
    """What a style's head thinks of a reply: its score, and what its traits add to that, the most telling first."""
    head, _ = _head(store, model, line)
    values = head.features([text])[0]
    parts = [
        Share(name, float(values[at]), float(values[at] * head.mean[at]))
        for at, name in enumerate(head.names)
    ]
    telling = sorted((p for p in parts if abs(p.adds) >= _LEAST_SHOWN), key=lambda part: -abs(part.adds))
    return sum(part.adds for part in parts), telling[:most]


def corrections_of(store: Store, line: str = "") -> dict[str, float]:
    """What the user corrected in a style: trait -> weight. What this version does not know is left out."""
    from assistant.learning import update_job
    from assistant.learning.reward_head import reward

    return reward.known(store.value(update_job.corrections_key(line)) or {})


def forget_corrections(store: Store, line: str | None = None) -> None:
    """Every trait and the style card as the ratings say, in one style or (None) in all."""
    from assistant.learning import update_job

    store.clear_card(line)
    for name in ("", *store.lines()) if line is None else (line,):
        store.set_value(update_job.corrections_key(name), None)


def correct(store: Store, name: str, weight: float | None, line: str = "") -> None:
    """The user's own weight for a trait or habit; None: as the ratings say. Raises BadInput for one there is not."""
    from assistant.learning import update_job
    from assistant.learning.reward_head import reward

    if not reward.is_feature(name):
        raise BadInput(f"There is no trait {name!r}.")
    kept = corrections_of(store, line)
    kept.pop(name, None)
    if weight is not None:
        kept[name] = max(-STRONGEST, min(STRONGEST, weight))
    store.set_value(update_job.corrections_key(line), kept or None)


def numbers(versions: Sequence[StyleVersion]) -> dict[str, int]:
    """Version id -> its number, counted from 1 within each style over all of a model's versions, deleted ones too."""
    counted: Counter[str] = Counter()
    found = {}
    for version in versions:
        counted[version.line] += 1
        found[version.id] = counted[version.line]
    return found
