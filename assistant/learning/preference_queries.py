"""Exploration: now and then two replies to a fresh message are shown, and the user says which is better.

Arm A is shown while it is written; arm B is offered afterwards: the reply of the same batch whose traits the head is least
sure about, compared with A. So the answer teaches most where the ratings so far have said least. Loads no torch, no Qt.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from assistant.records import Generation

if TYPE_CHECKING:
    from assistant.learning.reward import Array, Head

LEAST, FIRST, FALL = 0.05, 0.5, 60.0  # chance of a pair: project start values, not tuned
APART = 5  # messages without a pair before each: none among a user's first five, at most one in six
SINCE = "messages since a comparison"  # store value: how many there were
CANDIDATES = (
    4  # replies that are written beside each other: the first is shown at once, arm B is one of the others
)
PATIENCE = 48  # steps that the others may go on at least, once the first has ended
_ARM = "arm_b"  # in a reply's details on its way from the engine
MARK = "explored"  # in the details of both arms, for good


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


def to_details(
    text: str, ids: Sequence[int], logprobs: Sequence[float], finish: str, seed: int
) -> dict[str, Any]:
    """What the engine adds to arm A's details."""
    logs = [round(value, 5) for value in logprobs]
    return {_ARM: {"text": text, "ids": list(ids), "logprobs": logs, "finish": finish, "seed": seed}}


def apart(made: Generation) -> tuple[Generation, Arm | None]:
    """A reply's record without the other arm in its details, and that arm (None: there is none)."""
    found = made.details.get(_ARM)
    details = {name: value for name, value in made.details.items() if name != _ARM}
    if not isinstance(found, dict):
        return (made if found is None else replace(made, details=details)), None
    own = {name: details[name] for name in ("reused_tokens", "candidates") if name in details}
    other = replace(
        made,
        completion_tokens=len(found["ids"]),
        finish=found["finish"],
        seed=int(found["seed"]),
        reply_ids=tuple(found["ids"]),
        logprobs=tuple(found["logprobs"]),
        details=own | {MARK: "b"},
    )
    return replace(made, details=details | {MARK: "a"}), Arm(str(found["text"]), other)
