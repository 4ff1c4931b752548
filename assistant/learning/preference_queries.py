"""Exploration: now and then two replies to a fresh message are shown, and the user says which is better.

Arm A is shown while it is written; arm B is offered afterwards: the reply of the same batch whose traits the head is least
sure about, compared with A. So the answer teaches most where the ratings so far have said least. Loads no torch, no Qt.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from assistant.records import Generation, ReplyDetails

if TYPE_CHECKING:
    from assistant.learning.reward_head.reward import Array, Head

LEAST, FIRST, FALL = 0.05, 0.5, 60.0  # chance of a pair: project start values, not tuned
APART = 5  # messages without a pair before each: none among a user's first five, at most one in six
SINCE = "messages since a comparison"  # store value: how many there were
CANDIDATES = (
    4  # replies that are written beside each other: the first is shown at once, arm B is one of the others
)
PATIENCE = 48  # steps that the others may go on at least, once the first has ended


def chance(ratings: int) -> float:
    """Probability that a fresh message is answered by two replies after ``ratings`` ratings."""
    return max(LEAST, FIRST * math.exp(-ratings / FALL))


def drawn(ratings: int, since: int) -> bool:
    """Is it this message's turn? ``since``: messages since the last pair, or since the first message of all."""
    return since >= APART and random.random() < chance(ratings)


def spread(head: Head, texts: Sequence[str], chosen: int) -> Array:
    """(n,) posterior variance of the head's score difference between each text and the ``chosen`` one."""
    phi = head.features(texts)
    return head.deviation(phi - phi[chosen]) ** 2


def least_known(head: Head, texts: Sequence[str], finished: Sequence[bool], chosen: int) -> int | None:
    """Index of arm B; None when no candidate is another text of other traits that is worth showing.

    Cut-off ones are no fair rival to a finished A, empty and looping ones to none.
    """
    from assistant.learning.guidance import fault

    variance = spread(head, texts, chosen)
    for at, text in enumerate(texts):
        same = text.strip() == texts[chosen].strip()
        if at == chosen or same or fault(text) > 1.0 or (finished[chosen] and not finished[at]):
            variance[at] = 0.0
    best = int(variance.argmax())
    return best if variance[best] > 1e-9 else None


@dataclass(frozen=True, slots=True)
class Arm:
    """The other reply, with all that a reply of its own needs."""

    text: str
    made: Generation


def apart(made: Generation) -> tuple[Generation, Arm | None]:
    """A reply's record without the other arm in its details, and that arm (None: there is none)."""
    found = made.details.arm_b
    if found is None:
        return made, None
    details = replace(made.details, arm_b=None, explored="a")
    other = replace(
        made,
        completion_tokens=len(found.ids),
        finish=found.finish,
        seed=found.seed,
        reply_ids=found.ids,
        logprobs=found.logprobs,
        details=ReplyDetails(details.reused_tokens, details.candidates, explored="b"),
    )
    return replace(made, details=details), Arm(found.text, other)
