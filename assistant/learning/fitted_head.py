"""The reward head as the ratings stand now: refitted when a rating came, changed or was taken back. Loads no torch."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING, Any

from assistant.settings import Settings

if TYPE_CHECKING:
    from assistant.learning.reward_head.reward import Head
    from assistant.learning.style_card import Backing, Sentence
    from assistant.learning_records import SteeringRequest
    from assistant.store import Store

log = logging.getLogger(__name__)


class CurrentHead:
    """Keeps each style's last fit of a store's ratings, so that a reply between two ratings costs nothing."""

    def __init__(self, store: Store) -> None:
        self._store = store
        # By line: what it was fitted on, the head, and the ratings behind it.
        self._kept: dict[str, tuple[Any, Head, Backing]] = {}
        self.fit_s = 0.0  # how long the last fit took

    def head(self, model: str | None, line: str = "") -> Head:
        """The head of all confirmed ratings of a style that stand, whichever model was rated."""
        return self._fitted(model, line)[0]

    def card(self, model: str | None, line: str = "") -> tuple[Sentence, ...]:
        """Every sentence of a style's card, those that are switched off or removed too."""
        from assistant.learning import style_card, style_queries

        head, backing = self._fitted(model, line)
        found = style_card.learned(head, style_queries.corrections_of(self._store, line), backing)
        return style_card.with_entries(found, self._store.card_entries(line))

    def _fitted(self, model: str | None, line: str) -> tuple[Head, Backing]:
        from assistant.learning import feedback, style_card, update_job
        from assistant.learning.reward_head import reward

        corrections = dict(self._store.value(update_job.corrections_key(line)) or {})
        ratings = self._store.ratings(line=line, limit=reward.NEWEST)
        texts = [(text.id, text.model, text.prompt) for text in self._store.own_texts(line)]
        known = (*map(ratings_key, ratings), *texts)
        key = (model, tuple(sorted(corrections.items())), hash(known))
        kept = self._kept.get(line)
        if kept is None or kept[0] != key:
            started = time.perf_counter()
            usable, _ = feedback.usable(update_job.collect(self._store, model, line, reward.NEWEST))
            head = reward.fit(usable, corrections=reward.known(corrections))
            kept = self._kept[line] = key, head, style_card.backing(head, usable)
            self.fit_s = time.perf_counter() - started
            log.info("the reward head was refitted on %d ratings in %.3f s", len(usable), self.fit_s)
        return kept[1], kept[2]

    def steering(
        self,
        model: str,
        settings: Settings,
        line: str = "",
        *,
        explore: bool = False,
        conversation_id: str | None = None,
    ) -> SteeringRequest | None:
        """The ``steering`` of a Generate request under these settings; None where nothing was learned.

        The head goes along also where nothing is steered: the engine asks it whether a message contradicts the style.

        ``conversation_id``: whose own sentences on the card hold.
        ``explore``: another candidate comes along, for the user to compare (``preference_queries``).
        """
        if not settings.style_on:
            return None
        from assistant.learning import guidance, style_card

        card = style_card.in_chat(self.card(model, line), conversation_id) if settings.style_card_on else ()
        return guidance.to_request(
            self.head(model, line),
            guide=settings.guidance_on,
            best_of=settings.best_of_on,
            blocks=settings.best_of_streams,
            budget_s=settings.best_of_seconds,
            explore=explore,
            card=card,
        )


def ratings_key(rating: Any) -> tuple[Any, ...]:
    """What of a rating the head depends on."""
    return (
        rating.id,
        rating.kind,
        rating.value,
        rating.text,
        rating.note,
        rating.withdrawn_at,
        rating.confirmed,
        rating.line,
    )
