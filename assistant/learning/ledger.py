"""What people are shown of learning, read from the store: new ratings, learned traits and the ratings behind them,
versions with their numbers, corrections. Loads no torch; numpy only where a head is fitted.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from assistant.errors import BadInput
from assistant.records import Rating, StyleVersion

if TYPE_CHECKING:
    from assistant.learning.signals import Signal

CORRECTIONS = "style corrections"  # store value: trait name -> weight that the user set
STRONGEST = 3.0  # a corrected weight at most, in log-odds per standardised trait
TRIED = "ratings tried"  # store value: ids of the ratings that the last update saw, whatever came of it
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
    """A readable trait with the weight the ratings (and the user's correction) give it."""

    name: str
    weight: float  # log-odds of a thumb up per deviation of the trait; > 0: the user likes more of it
    certainty: float  # posterior probability that the trait matters to this user, 0..1
    correction: float | None  # the weight the user set


@dataclass(frozen=True, slots=True)
class Style:
    """The reward head in words, and how many ratings it was fitted on."""

    traits: tuple[LearnedTrait, ...]  # every trait, the most telling first
    ratings: int


def standing(store: Any) -> list[Rating]:
    """What the user has said and not taken back, without the weak signs that come from going on ("kept")."""
    return [rating for rating in store.ratings() if rating.kind not in ("kept", "note")]


def new_ratings(store: Any) -> list[Rating]:
    """The ratings that no update has seen yet, whether it was taken over or not."""
    tried = set(store.value(TRIED) or [])
    return [rating for rating in standing(store) if rating.confirmed and rating.id not in tried]


def note_tried(store: Any, rating_ids: Iterable[str]) -> None:
    """An update saw these ratings: they start none by themselves any more."""
    store.set_value(TRIED, sorted(rating_ids))


def style(store: Any, model: str) -> Style:
    """Fit the head to the ratings as they stand (milliseconds) and read it."""
    from assistant.learning import jobs, reward, signals

    usable, _ = signals.usable(jobs.collect(store, model))
    corrections = corrections_of(store)
    head = reward.fit(usable, corrections=corrections)
    found = [
        LearnedTrait(name, weight, float(head.inclusion[at]), corrections.get(name))
        for at, (name, (weight, _deviation)) in enumerate(head.weights().items())
    ]
    found.sort(key=lambda trait: (trait.correction is None, -abs(trait.weight) * trait.certainty))
    return Style(tuple(found), len(usable))


def evidence(store: Any, model: str, name: str, weight: float, limit: int = 12) -> list[Evidence]:
    """The ratings that say something of the trait ``name``, the most telling first."""
    from assistant.learning import jobs, signals, traits

    at = traits.NAMES.index(name)
    by_id = {rating.id: rating for rating in store.ratings()}
    usable, _ = signals.usable(jobs.collect(store, model))
    found = []
    for signal in usable:
        effect = _push(signal, at) * (1.0 if weight >= 0 else -1.0)
        if abs(effect) >= _LEAST_EFFECT and signal.id in by_id:
            text = " ".join(signal.reply.text.split())[:160]
            found.append(Evidence(by_id[signal.id], text, signal.conversation, effect))
    return sorted(found, key=lambda item: -abs(item.effect))[:limit]


def _push(signal: Signal, at: int) -> float:
    """How far a rating pushes the weight of trait number ``at`` up, in deviations of the trait."""
    from assistant.learning import signals, traits

    own = float(traits.standardise(traits.measure(signal.reply.text))[at])
    said = float(sum(way for name, way in signal.reasons if name == traits.NAMES[at]))
    if signal.other is not None:
        return said + own - float(traits.standardise(traits.measure(signal.other.text))[at])
    return said + own * signals.advantage(signal)


@dataclass(frozen=True, slots=True)
class Share:
    """What one trait of a reply adds to its score. ``shown``: how much of the trait the reply has, in deviations."""

    name: str
    shown: float
    adds: float


def why(store: Any, model: str, text: str, most: int = 5) -> tuple[float, list[Share]]:
    """What the head thinks of a reply: its score, and what its traits add to that, the most telling first."""
    from assistant.learning import jobs, reward, signals, traits

    usable, _ = signals.usable(jobs.collect(store, model))
    head = reward.fit(usable, corrections=corrections_of(store))
    values = traits.standardise(traits.measure(text))
    parts = [
        Share(name, float(values[at]), float(values[at] * head.mean[at]))
        for at, name in enumerate(traits.NAMES)
    ]
    telling = sorted((p for p in parts if abs(p.adds) >= _LEAST_SHOWN), key=lambda part: -abs(part.adds))
    return sum(part.adds for part in parts), telling[:most]


def corrections_of(store: Any) -> dict[str, float]:
    """What the user corrected: trait -> weight. What this version does not know is left out."""
    from assistant.learning import reward

    return reward.known(store.value(CORRECTIONS) or {})


def correct(store: Any, name: str, weight: float | None) -> None:
    """The user's own weight for a trait; None: as the ratings say. Raises BadInput for a trait there is not."""
    from assistant.learning import traits

    if name not in traits.NAMES:
        raise BadInput(f"There is no trait {name!r}.")
    kept = corrections_of(store)
    kept.pop(name, None)
    if weight is not None:
        kept[name] = max(-STRONGEST, min(STRONGEST, weight))
    store.set_value(CORRECTIONS, kept or None)


def numbers(versions: Sequence[StyleVersion]) -> dict[str, int]:
    """Version id -> its number, counted from 1 over all of a model's versions, deleted ones too."""
    return {version.id: number for number, version in enumerate(versions, start=1)}
