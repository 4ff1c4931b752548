"""What is said of a rating: only what is true of it now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from assistant.records import Rating, StyleVersion

if TYPE_CHECKING:
    from assistant.store import Store

_LAST = 8


@dataclass(frozen=True, slots=True)
class LastRating:
    """One rating with the beginning of the reply it is about."""

    rating: Rating
    reply: str
    conversation_id: str  # "" for an imported one


@dataclass(frozen=True, slots=True)
class PanelData:
    """What the style panel shows."""

    up: int
    down: int
    edits: int
    others: int
    pending: int
    last: tuple[LastRating, ...]
    style: StyleVersion | None  # the version in use

    @property
    def count(self) -> int:
        return self.up + self.down + self.edits + self.others


def given_ratings(store: Store) -> list[Rating]:
    """What the user has said, without the weak signs that come from going on ("kept")."""
    return [rating for rating in store.ratings() if rating.kind != "kept"]


def panel_data(store: Store, model: str) -> PanelData:
    """Read on a worker's thread."""
    ratings = given_ratings(store)
    thumbs = [r.value for r in ratings if r.kind == "thumb"]
    edits = sum(1 for r in ratings if r.kind == "edit")
    last = []
    for rating in reversed(ratings[-_LAST:]):
        text, conversation_id = rating.reply, ""
        if rating.message_id is not None:
            message = store.message(rating.message_id)
            text, conversation_id = message.text, message.conversation_id
        last.append(LastRating(rating, " ".join(text.split())[:120], conversation_id))
    current = store.current_style(model)
    return PanelData(
        up=sum(1 for value in thumbs if value > 0),
        down=sum(1 for value in thumbs if value < 0),
        edits=edits,
        others=len(ratings) - len(thumbs) - edits,
        pending=sum(1 for r in ratings if r.fate == "pending"),
        last=tuple(last),
        style=store.style(current) if current is not None else None,
    )


class _Words(QObject):
    """Plural forms are found by ``tr`` of an object only."""

    def count(self, count: int) -> str:
        return self.tr("%n rating(s) so far.", "", count)

    def noted(self, count: int) -> str:
        return self.tr("Noted.") + " " + self.count(count)

    def taken_back(self, count: int) -> str:
        return self.tr("Taken back.") + " " + self.count(count)


def count_text(count: int) -> str:
    """``3 ratings so far.``"""
    return _Words().count(count)


def noted(rating: Rating | None, count: int) -> str:
    """What a rating did: it was kept, or taken back."""
    return _Words().taken_back(count) if rating is None else _Words().noted(count)
