"""From class probabilities to what may be claimed to be in a picture.

A photo of a cat spreads over tabby, tiger and Egyptian cat; what matters to a person is that it is a cat. So
probabilities are summed over everyday kinds first, a kind is claimed when its sum is high enough, and its most
probable class is added when that is clear too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.starter import labels

if TYPE_CHECKING:
    from torch import Tensor

CLAIM = 0.35  # least summed probability of a kind that is claimed
BREED = 0.35  # least probability of the class that is named beside its kind
MOST_KINDS = 2


def kinds(probabilities: Tensor) -> list[tuple[str, float]]:
    """(1000,) class probabilities -> every kind with its summed probability, best first."""
    sums: dict[str, float] = {}
    for label, value in zip(labels.load(), probabilities.tolist(), strict=True):
        sums[label.kind] = sums.get(label.kind, 0.0) + value
    return sorted(sums.items(), key=lambda item: -item[1])


def recognise(probabilities: Tensor) -> tuple[tuple[str, float], ...]:
    """(1000,) probabilities -> (name, probability), best first; empty when nothing may be claimed.

    The kind comes first ("cat", 0.93), then its class when that is clear ("Egyptian cat", 0.57).
    """
    found: list[tuple[str, float]] = []
    for kind, total in kinds(probabilities)[:MOST_KINDS]:
        if total < CLAIM:
            break
        members = [index for index, label in enumerate(labels.load()) if label.kind == kind]
        best = max(members, key=lambda index: float(probabilities[index]))
        name, share = labels.load()[best].name, float(probabilities[best])
        found.append((kind, round(total, 2)))
        if share >= BREED and name != kind:
            found.append((name, round(share, 2)))
    return tuple(found)
