"""What is said of a rating: only what is true of it now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QObject

from assistant.learning.checks.ab_comparison import Score
from assistant.learning.style_queries import LearnedTrait, Style
from assistant.records import STYLE_OFF, Rating, StyleVersion
from assistant.services.styles import StyleService
from assistant.settings import Settings
from ui.learning.trait_words import certainty_text, liked
from ui.versions.trend_data import Trend, trends

if TYPE_CHECKING:
    from assistant.paths import DataPaths
    from assistant.store import Store

_LAST = 6


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
    number: int = 0  # of that version
    learned: Style | None = None  # what the ratings say
    score: Score = field(default_factory=Score)  # of blind comparisons with the base model
    until_learning: int | None = (
        None  # new ratings until it learns by itself; None: it does not wait for them
    )

    trend: Trend | None = None  # the most telling one over the versions
    line: str = ""  # the named style all this is of; empty: the user's own
    off: bool = False  # the open conversation does without it

    @property
    def count(self) -> int:
        return self.up + self.down + self.edits + self.others


def panel_data(
    store: Store, settings: Settings, paths: DataPaths, line: str = "", style: str = ""
) -> PanelData:
    """What there is to say of the style ``line`` in a conversation that uses ``style`` of it. Read on a worker's thread."""
    from assistant.learning import style_queries
    from assistant.learning.checks import ab_comparison

    model = settings.model
    ratings = style_queries.standing(store, line)
    until = settings.learn_after - len(style_queries.new_ratings(store, line))
    thumbs = [r.value for r in ratings if r.kind == "thumb"]
    edits = sum(1 for r in ratings if r.kind == "edit")
    last = []
    for rating in reversed(ratings[-_LAST:]):
        text, conversation_id = rating.reply, ""
        if rating.message_id is not None:
            message = store.message(rating.message_id)
            text, conversation_id = message.text, message.conversation_id
        last.append(LastRating(rating, " ".join(text.split())[:120], conversation_id))
    current = store.current_style(model, line)
    versions = StyleService(store, paths).versions(model, line)
    return PanelData(
        up=sum(1 for value in thumbs if value > 0),
        down=sum(1 for value in thumbs if value < 0),
        edits=edits,
        others=len(ratings) - len(thumbs) - edits,
        pending=sum(1 for r in ratings if r.fate == "pending"),
        last=tuple(last),
        style=store.style(current) if current is not None else None,
        number=next((row.number for row in versions if row.in_use), 0),
        learned=style_queries.style(store, model, line),
        score=ab_comparison.score(store, model, current, line),
        trend=next(iter(trends(versions)), None),
        line=line,
        off=style == STYLE_OFF,
        until_learning=until if settings.learn_when == "auto" and until > 0 else None,
    )


class _Words(QObject):
    """Plural forms are found by ``tr`` of an object only."""

    def count(self, count: int) -> str:
        return self.tr("%n rating(s) so far.", "", count)

    def stars(self, count: int) -> str:
        return self.tr("%n star(s)", "", count)

    def understood(self, trait: LearnedTrait | None, guided: bool) -> str:
        if trait is None:
            return self.tr("Saved. No clear preference yet.")
        said = f"{liked(trait)}, {certainty_text(trait)}."
        said = said[:1].upper() + said[1:]
        if guided:
            return said + " " + self.tr("The next replies follow it.")
        return said + " " + self.tr("The next update learns from it.")


def count_text(count: int) -> str:
    """``3 ratings so far.``"""
    return _Words().count(count)


def rating_icon(rating: Rating) -> str:
    """The icon that says what kind of rating it is."""
    if rating.kind == "thumb":
        return "thumb-up" if rating.value > 0 else "thumb-down"
    return {"stars": "star", "edit": "edit", "pair": "compare"}.get(rating.kind, "check")


def said_of(rating: Rating) -> str:
    """What a rating says, in a few words."""
    translate = QCoreApplication.translate
    if rating.kind == "thumb":
        return (
            translate("RatingWords", "Rated good")
            if rating.value > 0
            else translate("RatingWords", "Rated bad")
        )
    if rating.kind == "stars":
        return _Words().stars(rating.value)
    if rating.kind == "edit":
        return translate("RatingWords", "Edited by you")
    if rating.kind == "pair":
        return (
            translate("RatingWords", "Compared: no difference")
            if rating.value == 0
            else translate("RatingWords", "Compared with another")
        )
    if rating.kind == "note":
        return translate("RatingWords", "Described how replies should be")
    return translate("RatingWords", "Continued with this reply")


def version_name(version: StyleVersion, number: int) -> str:
    """What a version is called: by the user, else by its style's name and its number."""
    if version.name:
        return version.name
    translate = QCoreApplication.translate
    if version.line:
        return translate("RatingWords", "{0}, version {1}").format(version.line, number)
    return translate("RatingWords", "Version {0}").format(number)


def version_names(store: Store, model: str) -> dict[str, str]:
    """Version id -> what it is called, of all versions of ``model``, deleted ones too."""
    from assistant.learning import style_queries

    versions = store.styles(model, deleted=True)
    numbers = style_queries.numbers(versions)
    return {version.id: version_name(version, numbers[version.id]) for version in versions}


def fate_text(rating: Rating, names: Mapping[str, str]) -> str:
    """What has become of a rating; ``names``: version id -> what it is called."""
    translate = QCoreApplication.translate
    if rating.withdrawn_at is not None:
        if rating.fate.startswith("used:"):
            return translate("RatingWords", "removed; still in {0} until the next update").format(
                names.get(rating.fate[5:], rating.fate[5:])
            )
        return translate("RatingWords", "removed")
    if not rating.confirmed:
        return translate("RatingWords", "imported, not used until you confirm")
    if rating.fate.startswith("used:"):
        return translate("RatingWords", "learned from in {0}").format(
            names.get(rating.fate[5:], rating.fate[5:])
        )
    if rating.fate == "held out":
        return translate("RatingWords", "kept aside to check updates")
    return translate("RatingWords", "not learned yet")


def score_text(score: Score) -> str:
    """``Preferred to the base model in 7 of 10 blind comparisons (40 to 89 %).``; empty without votes."""
    if not score.votes:
        return ""
    low, high = score.interval
    wins = f"{score.wins + 0.5 * score.ties:g}"
    text = QCoreApplication.translate(
        "RatingWords", "Preferred to the original model in {0} of {1} blind comparisons ({2} to {3} %)."
    )
    return text.format(wins, score.votes, round(100 * low), round(100 * high))


def noted(rating: Rating | None) -> str:
    """What a rating did at once: it was saved, or removed."""
    translate = QCoreApplication.translate
    return (
        translate("RatingWords", "Rating removed.") if rating is None else translate("RatingWords", "Saved.")
    )


def understood_text(trait: LearnedTrait | None, settings: Settings) -> str:
    """What a rating was taken to say, and what follows it: the words of the next replies, or the next update."""
    return _Words().understood(trait, settings.style_on and settings.guidance_on)
