"""The ratings as the page of ratings shows them. Read on a worker's thread."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from assistant.errors import NotFound
from assistant.records import Rating
from ui.ratings.words import fate_text, version_names

if TYPE_CHECKING:
    from assistant.store import Store


@dataclass(frozen=True, slots=True)
class RatingRow:
    rating: Rating
    prompt: str  # beginnings, on one line
    reply: str
    conversation_id: str  # "" for an imported one
    fate: str  # in words
    still_in: str  # name of the version that learned from it although it was taken back


@dataclass(frozen=True, slots=True)
class RatingsData:
    rows: tuple[RatingRow, ...]  # newest first
    total: int
    unconfirmed: int  # imported ones that wait for the user's word


def read(store: Store, model: str, limit: int) -> RatingsData:
    """The newest ``limit`` ratings, those taken back included."""
    from assistant.learning import style_queries

    names = version_names(store, model)
    trained_on: dict[str, str] = {}  # rating id -> the version in use that learned from it
    for line in ("", *store.lines()):
        current = store.current_style(model, line)
        if current is not None:
            version = store.style(current)
            trained_on |= dict.fromkeys((*version.ratings_used, *version.ratings_held_out), current)
    all_of_them = [r for r in store.ratings(withdrawn=True) if r.kind != "kept"]
    # One that was replaced by another on the same reply is no news to anyone.
    standing = {rating.message_id for rating in style_queries.standing(store) if rating.message_id}
    shown = [r for r in all_of_them if r.withdrawn_at is None or r.message_id not in standing]
    rows = []
    for rating in reversed(shown[-limit:]):
        still = trained_on.get(rating.id, "") if rating.withdrawn_at is not None else ""
        rows.append(_row(store, rating, names, names.get(still, "")))
    unconfirmed = sum(1 for rating in shown if not rating.confirmed)
    return RatingsData(tuple(rows), len(shown), unconfirmed)


def _row(store: Store, rating: Rating, names: dict[str, str], still_in: str) -> RatingRow:
    prompt, reply, conversation_id = rating.prompt, rating.reply, ""
    if rating.message_id is not None:
        try:
            message = store.message(rating.message_id)
            reply, conversation_id = message.text, message.conversation_id
            prompt = store.message(message.parent_id).text if message.parent_id else ""
        except NotFound:
            reply = ""
    return RatingRow(
        rating,
        _line(prompt),
        _line(rating.text or reply),
        conversation_id,
        fate_text(rating, names),
        still_in,
    )


def _line(text: str) -> str:
    return " ".join(text.split())[:200]
