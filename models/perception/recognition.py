"""From class probabilities to what may be claimed to be in a picture.

A photo of a cat spreads over tabby, tiger and Egyptian cat; what matters to a person is that it is a cat. So
probabilities are summed over everyday kinds first, a kind is claimed when the connector claims it, and its most
probable class is added when that is clear too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.perception import concepts, labels

if TYPE_CHECKING:
    from torch import Tensor

    from models.perception.evidence import Evidence

SECOND = 0.3  # least probability of a second name
BREED = 0.35  # least probability of the class that is named beside its kind
MOST_NAMES = 2
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
