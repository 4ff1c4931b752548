"""Updates of the personal style: when one is due, how it is begun, what its end means, and what is unlearned.

The ratings belong to the user, a style to one model. Loads no torch.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol

from assistant import power
from assistant.engine.protocol import Failed, LearnDone
from assistant.errors import BadInput
from assistant.learning import feedback, style_queries, update_job
from assistant.learning.fitted_head import CurrentHead
from assistant.learning_records import EvaluationJob, UpdateJob
from assistant.records import StyleVersion, UpdateReport
from assistant.settings import Settings

if TYPE_CHECKING:
    from assistant.paths import DataPaths
    from assistant.store import Store

IDLE_AFTER_S = 120.0  # without typing, sending or rating
AFTER_RATING_S = 10.0  # no update begins so soon after a rating: why it was given teaches more than the thumb
DEEP_IDLE_S = 600.0  # the same, before the longer update
DEEP_AFTER = 10  # ratings that no longer update has seen
_ANSWERED = "relearning answered"  # store value: ids of the models for which the user has said yes or no
_LOOKED_AT = 1000  # newest ratings: the offer is considered before every chat


class Learner(Protocol):
    """What is needed of ``assistant.engine.client.Client``."""

    def learn(self, job: UpdateJob, *, id: int | None = None) -> int: ...


@dataclass(frozen=True, slots=True)
class Update:
    """An update that the engine was asked for."""

    request_id: int
    model: str  # the one that learns; the result is registered under it, whatever is selected by then
    line: str = ""  # the named style that learns; empty: the user's own
    deep: bool = False  # the longer one, with more practice
    rating_ids: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an update ended. ``version`` is its id, also of a rejected one; ``failed``: it did not end by itself."""

    accepted: bool
    reason: str
    version: str | None = None
    failed: bool = False
    line: str = ""
    report: UpdateReport = field(default_factory=UpdateReport)


@dataclass(frozen=True, slots=True)
class Waiting:
    """Ratings that wait for an update, in the styles that have most of them."""

    ratings: int  # that no update has seen
    line: str
    to_practise: int = 0  # that no longer update has seen; counted only while the user is away
    deep_line: str = ""
    on_mains: bool = True


@dataclass(frozen=True, slots=True)
class Due:
    """An update that should begin by itself."""

    line: str
    deep: bool = False


@dataclass(frozen=True, slots=True)
class Forgetting:
    """``versions`` learned from what is gone. ``in_use``: the one of them that writes, if any does."""

    versions: tuple[StyleVersion, ...]
    in_use: StyleVersion | None
    ratings: int  # that are left to teach a version in its place

    @property
    def can_relearn(self) -> bool:
        from assistant.learning.checks import (
            gate,  # here: it loads numpy, which a window does not need to be shown
        )

        return self.in_use is not None and self.ratings >= gate.FEWEST


def due(waiting: Waiting, settings: Settings, idle_s: float, rated_s: float) -> Due | None:
    """The update that begins by itself now, while none is under way and a model is loaded.

    ``idle_s``: seconds since the user typed, sent or rated; ``rated_s``: since the last rating, whose reasons may follow.
    """
    if settings.learn_when == "off" or rated_s < AFTER_RATING_S:
        return None
    if (
        settings.learn_deep
        and waiting.on_mains
        and waiting.to_practise >= DEEP_AFTER
        and idle_s >= DEEP_IDLE_S
    ):
        return Due(waiting.deep_line, deep=True)
    if waiting.ratings < settings.learn_after:
        return None
    if settings.learn_when == "idle":
        return Due(waiting.line) if idle_s >= IDLE_AFTER_S else None
    return Due(waiting.line) if waiting.on_mains or settings.learn_when == "auto" else None


class LearningService:
    def __init__(self, store: Store, paths: DataPaths) -> None:
        self._store, self._paths = store, paths

    # --- when -------------------------------------------------------------------------------------------

    def waiting(self, settings: Settings, idle_s: float = 0.0) -> Waiting:
        """Count the ratings that wait, in every style."""
        store, away = self._store, idle_s >= DEEP_IDLE_S
        lines = ("", *store.lines())
        new = {
            line: len(style_queries.new_ratings(store, line)) + len(style_queries.new_texts(store, line))
            for line in lines
        }
        most = max(new, key=lambda line: new[line])
        practise = {line: len(style_queries.not_practised(store, line)) for line in lines} if away else {}
        deep = max(practise, key=lambda line: practise[line], default="")
        on_mains = (settings.learn_when != "mains" and not away) or power.on_mains()
        return Waiting(new[most], most, practise.get(deep, 0), deep, on_mains)

    # --- one update -------------------------------------------------------------------------------------

    def start(
        self,
        client: Learner,
        settings: Settings,
        model: str,
        line: str = "",
        *,
        deep: bool = False,
        request_id: int | None = None,
    ) -> Update:
        """Ask the engine for an update of ``model``'s style ``line`` with the ratings there are."""
        job = update_job.make_job(self._store, settings, self._paths, model, line=line, deep=deep)
        ids = frozenset(signal.id for signal in job.signals)
        return Update(client.learn(job, id=request_id), model, line, deep, ids)

    def register(self, update: Update, event: LearnDone | Failed) -> Outcome:
        """Enter what came of an update: its version, and that its ratings start none by themselves any more."""
        from assistant.learning import (
            versions,  # here: it loads numpy, which a window does not need to be shown
        )

        note = style_queries.note_practised if update.deep else style_queries.note_tried
        with self._store.transaction():
            note(self._store, update.rating_ids, update.line)
            if isinstance(event, Failed):
                reason = "" if event.kind == "cancelled" else event.reason
                return Outcome(False, reason, failed=True, line=update.line)
            self._note_replies(update.model, event.report.own_text_replies)
            report = replace(event.report, own_text_replies={})
            version = versions.register(self._store, update.model, report, update.line)
            self.answer_offer(update.model)
        return Outcome(report.accepted, report.reason, version, line=update.line, report=report)

    def _note_replies(self, model: str, replies: dict[str, str]) -> None:
        """Keep what the original model wrote to the requests of the user's own texts, for the head and the next update."""
        there = {text.id for text in self._store.own_texts(None)}
        for text_id, reply in replies.items():
            if text_id in there:
                self._store.set_own_text_reply(text_id, reply, model)

    def evaluation(self, settings: Settings, line: str = "") -> EvaluationJob:
        """The engine's job to compare the style in use with the base model. Raises BadInput: nothing could judge them."""
        steering = CurrentHead(self._store).steering(settings.model, settings, line)
        card = () if steering is None else steering.card
        job = update_job.make_evaluation(self._store, self._paths, settings, line, card)
        if not job.signals:
            raise BadInput("There are no ratings yet, so nothing could judge the replies; rate a few first.")
        return job

    # --- forgetting -------------------------------------------------------------------------------------

    def learned_from(self, model: str, rating_ids: Iterable[str]) -> Forgetting | None:
        """What still knows of ratings that are gone; None: nothing does."""
        return self.forgetting(model, self._store.styles_trained_on(list(rating_ids)))

    def forgetting(self, model: str, trained: Iterable[StyleVersion]) -> Forgetting | None:
        """Of the versions that learned from what is gone, those that were taken over; None: there are none.

        ``in_use`` is of ``model``, the one that can learn now.
        """
        store = self._store
        found = tuple(version for version in trained if version.state == "active")
        if not found:
            return None
        in_use = next(
            (v for v in found if v.model == model and store.current_style(model, v.line) == v.id), None
        )
        left = 0
        if in_use is not None:
            left = len(feedback.usable(update_job.collect(store, model, in_use.line))[0])
        return Forgetting(found, in_use, left)

    # --- another model ----------------------------------------------------------------------------------

    def offered_ratings(self, model: str) -> int:
        """How many ratings ``model`` could learn a style from that it has never had; 0 where that is not to be offered.

        Offered once per model, and where other models' replies were rated (or a style of another model exists): somebody
        who just began to rate is not asked, their first style comes by itself.
        """
        from assistant.learning.checks import gate

        store = self._store
        if model in (store.value(_ANSWERED) or []) or store.styles(model, deleted=True):
            return 0
        usable, _ = feedback.usable(update_job.collect(store, model, newest=_LOOKED_AT))
        if len(usable) < gate.FEWEST:  # the gate would refuse an update of fewer
            return 0
        elsewhere = any(version.model != model for version in store.styles(deleted=True))
        return len(usable) if elsewhere or self._rated_elsewhere(model) else 0

    def answer_offer(self, model: str) -> None:
        """The user has said yes or no for ``model``; it is not offered again."""
        self._store.set_value(_ANSWERED, sorted({*(self._store.value(_ANSWERED) or []), model}))

    def _rated_elsewhere(self, model: str) -> bool:
        for rating in self._store.ratings(limit=_LOOKED_AT):
            if rating.message_id is not None and rating.kind not in ("kept", "note"):
                made = self._store.message(rating.message_id).generation
                if made is not None and made.model != model:
                    return True
        return False
