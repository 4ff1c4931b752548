"""From class probabilities to what may be claimed to be in a picture.

A photo of a cat spreads over tabby, tiger and Egyptian cat; what matters to a person is that it is a cat. So
probabilities are summed over everyday kinds first, a kind is claimed when the connector claims it, and its most
probable class is added when that is clear too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.perception import concepts, labels, scene_words
from models.perception.facts import Certainty, Facts, Group

if TYPE_CHECKING:
    from torch import Tensor

    from models.perception.evidence import Evidence

SECOND = 0.3  # least probability of a second name
BREED = 0.35  # least probability of the class that is named beside its kind
MOST_NAMES = 2
NAMES, LEAST = 8, 0.01  # names with probabilities that facts list: how many, and from which probability
KIND = 0.5  # least probability, summed over its names, of a category that is told beside unsure names
HALF = 0.5  # a name's weight must be over it: a guess has half (``evidence.HALF``)


def recognise(evidence: Evidence, classes: Tensor) -> tuple[tuple[str, float], ...]:
    """One picture's evidence and its (1000,) class probabilities -> (name, probability), best first.

    A kind comes first ("cat", 0.93), then its class when that is clear ("Egyptian cat", 0.57). Empty when nothing
    may be claimed: the connector finds it unclear or only guesses, or sees a plain shape, which is asked for by its
    shape and colour.
    """
    if float(evidence.names[0, :-2].sum()) <= HALF:
        return ()
    found: list[tuple[str, float]] = []
    names, best = concepts.names(), evidence.best[0]
    for index in best.argsort(descending=True)[:MOST_NAMES].tolist():
        name, total = names[index], float(best[index])
        if found and total < SECOND:
            break
        found.append((name, round(total, 2)))
        members = [place for place, label in enumerate(labels.load()) if label.kind == name]
        if members:
            top = max(members, key=lambda place: float(classes[place]))
            detail, share = labels.load()[top].name, float(classes[top])
            if share >= BREED and detail != name:
                found.append((detail, round(share, 2)))
    return tuple(found)


def facts_of(evidence: Evidence, drawing: bool, recognised: tuple[tuple[str, float], ...]) -> Facts:
    """One picture's evidence as plain data. ``recognised``: what ``recognise`` claims."""
    from models.perception.evidence import PLAIN_SHAPES, by_category, main_colours

    best, names = evidence.best[0], concepts.names()
    order = best.argsort(descending=True)[:NAMES].tolist()
    listed = tuple((names[index], round(float(best[index]), 3)) for index in order if best[index] >= LEAST)
    weight, told = float(evidence.names[0, :-2].sum()), int(evidence.names[0, :-2].argmax())
    groups: tuple[Group, ...] = ()
    certainty: Certainty = "none"
    name = category = ""
    shares = by_category(evidence.best)[0]
    if int(evidence.heads["shape1"][0].argmax()) < PLAIN_SHAPES:
        groups = _groups(evidence)
    elif weight > HALF / 2:
        certainty = "sure" if weight > HALF else "guess"
        name, category = names[told], concepts.load()[names[told]]
    elif float(evidence.categories[0, :-2].sum()) > HALF / 2:
        certainty, category = "category", concepts.categories()[int(shares.argmax())]
    first, second = (int(one[0]) for one in main_colours(evidence.palette))
    light = float(evidence.light[0, 1])
    relation = scene_words.RELATIONS[int(evidence.heads["relation"][0].argmax())]
    return Facts(
        drawing=drawing,
        certainty=certainty,
        name=name,
        category=category,
        kind=concepts.categories()[int(shares.argmax())] if float(shares.max()) >= KIND else "",
        detail=next((one for one, _ in recognised[1:2] if one not in names), ""),
        names=listed,
        possible=tuple(names[index] for index in evidence.others[0].tolist() if index >= 0),
        groups=groups,
        relation="beside" if relation == "beside" else "above" if relation == "above" else "alone",
        background=scene_words.COLOURS[int(evidence.heads["background"][0].argmax())],
        light="light" if light > 0.7 else "dark" if light < 0.3 else "",
        colours=tuple(scene_words.COLOURS[index] for index in (first, second) if index >= 0),
    )


def _groups(evidence: Evidence) -> tuple[Group, ...]:
    found = []
    for number in "12":
        best = {
            part: int(evidence.heads[f"{part}{number}"][0].argmax())
            for part in ("count", "colour", "shape", "place")
            if f"{part}{number}" in evidence.heads
        }
        if best["count"] > 0:
            shape, place = scene_words.SHAPES[best["shape"]], scene_words.PLACES[best["place"]]
            found.append(Group(best["count"], scene_words.COLOURS[best["colour"]], shape, place))
    return tuple(found)
