"""A style belongs to a model, ratings to the user: when a model without a style is to be offered to learn one anew.

Once a model: an answer of yes or no is kept. Loads no torch.
"""

from __future__ import annotations

from typing import Any

ANSWERED = "relearning answered"  # store value: ids of the models for which the user has said yes or no
LEAST_RATINGS = 3  # from which a style is learned at all (docs/learning.md)
_LOOKED_AT = 1000  # newest ratings: this is asked before every chat


def offered_ratings(store: Any, model: str) -> int:
    """How many ratings ``model`` could learn a style from that it has never had; 0 where that is not to be offered.

    Offered where other models' replies were rated (or a style of another model exists): somebody who just began to rate
    is not asked, their first style comes by itself.
    """
    from assistant.learning import feedback, update_job

    if model in (store.value(ANSWERED) or []) or store.styles(model, deleted=True):
        return 0
    usable, _ = feedback.usable(update_job.collect(store, model, newest=_LOOKED_AT))
    if len(usable) < LEAST_RATINGS:
        return 0
    elsewhere = any(version.model != model for version in store.styles(deleted=True))
    return len(usable) if elsewhere or _rated_elsewhere(store, model) else 0


def note_answered(store: Any, model: str) -> None:
    """The user has said yes or no for ``model``; it is not offered again."""
    store.set_value(ANSWERED, sorted({*(store.value(ANSWERED) or []), model}))


def _rated_elsewhere(store: Any, model: str) -> bool:
    for rating in store.ratings(limit=_LOOKED_AT):
        if rating.message_id is not None and rating.kind not in ("kept", "note"):
            made = store.message(rating.message_id).generation
            if made is not None and made.model != model:
                return True
    return False
