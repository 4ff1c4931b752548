"""The style card that people see and change: its sentences, what stands behind each, and the effect on replies in numbers.

What the user writes counts as a correction: it is kept, holds until it is removed, and where it is about a known trait and
holds always, the reward head takes it as the user's own weight for that trait. Loads no torch.
"""

from __future__ import annotations

import json
import math
import os
import statistics
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.errors import BadInput, NotFound, StoreError
from assistant.records import CardEntry, CardScope

if TYPE_CHECKING:
    from assistant.learning.fitted_head import CurrentHead
    from assistant.learning.style_card import Sentence
    from assistant.store import Store

_LOOKED_AT = 400  # newest replies from which the effect is measured
_FEWEST = 3  # replies of either kind, below which no effect is told


@dataclass(frozen=True, slots=True)
class Effect:
    """How long replies in the style are beside those without it, measured on the replies that the user got.

    ``ratio``: median length against that of the others, each beside the usual length for its request (0.67: a third shorter).
    """

    ratio: float
    styled: int  # replies
    plain: int

    @property
    def words(self) -> str:
        """``about a third shorter than``, for the command line."""
        return size_words(self.ratio)


@dataclass(frozen=True, slots=True)
class Card:
    """``sentences``: those of the user's own first; ``ratings``: how many the learned ones come from."""

    sentences: tuple[Sentence, ...]
    ratings: int
    effect: Effect | None = None

    @property
    def shown(self) -> tuple[Sentence, ...]:
        return tuple(sentence for sentence in self.sentences if not sentence.removed)

    @property
    def removed(self) -> int:
        return len(self.sentences) - len(self.shown)


class StyleCardService:
    def __init__(self, store: Store, head: CurrentHead | None = None) -> None:
        """``head``: one that is kept between calls, where there is one."""
        from assistant.learning.fitted_head import CurrentHead

        self._store = store
        self._head = head or CurrentHead(store)

    def card(self, model: str, line: str = "", conversation_id: str | None = None) -> Card:
        """The card of a style, without what other chats than ``conversation_id`` have of their own."""
        sentences = tuple(
            s
            for s in self._head.card(model, line)
            if s.scope != "chat" or s.conversation_id == conversation_id
        )
        return Card(sentences, self._head.head(model, line).ratings, effect(self._store, line))

    def text(self, model: str, line: str = "", conversation_id: str | None = None, message: str = "") -> str:
        """What a model would be told with ``message``; empty: nothing."""
        from assistant.learning import request, style_card

        found = style_card.in_chat(self._head.card(model, line), conversation_id)
        return style_card.compose(found, request.read(message))

    # --- changes ----------------------------------------------------------------------------------------

    def add(
        self,
        text: str,
        line: str = "",
        *,
        scope: CardScope = "always",
        kind: str = "",
        conversation_id: str | None = None,
        strength: float = 1.0,
    ) -> CardEntry:
        """A sentence of the user's own. Raises BadInput, NotFound."""
        from assistant.learning import style_card

        text = _checked(text)
        trait, way = style_card.about(text)
        scope, kind, conversation_id = self._scope(scope, kind, conversation_id)
        with self._store.transaction():
            if any(
                e.text.casefold() == text.casefold()
                and (e.scope, e.kind, e.conversation_id) == (scope, kind, conversation_id)
                for e in self._store.card_entries(line)
            ):
                raise BadInput("This sentence is on the card already.")
            entry = self._store.add_card_entry(
                line, trait=trait, way=way, text=text, scope=scope, kind=kind, conversation_id=conversation_id,
                strength=style_card.nearest(strength),
            )  # fmt: skip
            self._correct(line, trait)
        return entry

    def edit(self, model: str, sentence_id: str, text: str, line: str = "") -> CardEntry:
        """Put the user's words in the place of a sentence, learned or their own. Raises BadInput, NotFound."""
        from assistant.learning import style_card

        text = _checked(text)
        sentence = self._sentence(model, sentence_id, line)
        trait, way = style_card.about(text)
        trait, way = (trait, way) if trait else (sentence.trait, sentence.way)
        with self._store.transaction():
            entry = self._entry_of(sentence, line)
            entry = self._store.update_card_entry(entry.id, text=text, trait=trait, way=way, state="on")
            self._correct(line, trait)
            if sentence.trait != trait:
                self._correct(line, sentence.trait)
        return entry

    def switch(self, model: str, sentence_id: str, on: bool, line: str = "") -> None:
        """Leave a sentence out, or use it again. Raises NotFound."""
        from assistant.learning import style_card, style_queries

        sentence = self._sentence(model, sentence_id, line)
        if sentence.on == on:
            return
        with self._store.transaction():
            if on and not sentence.own and sentence.scope == "always":
                self._store.remove_card_entry(sentence.id)  # as it is learned
                self._correct(line, sentence.trait)
                if sentence.strength != 1.0:
                    own = sentence.way * sentence.strength * style_card.A_STRENGTH
                    style_queries.correct(self._store, sentence.trait, own, line)
                return
            entry = self._entry_of(sentence, line)
            self._store.update_card_entry(entry.id, state="on" if on else "off")
            self._correct(line, sentence.trait)

    def strengthen(self, model: str, sentence_id: str, strength: float, line: str = "") -> None:
        """How much a sentence is to count, one of ``style_card.STRENGTHS``. Raises NotFound."""
        from assistant.learning import style_card, style_queries

        strength = style_card.nearest(strength)
        sentence = self._sentence(model, sentence_id, line)
        with self._store.transaction():
            if sentence.id == sentence.trait:  # as it is learned: the user's own weight says it
                own = sentence.way * strength * style_card.A_STRENGTH
                style_queries.correct(self._store, sentence.trait, own, line)
                return
            self._store.update_card_entry(sentence.id, strength=strength)
            self._correct(line, sentence.trait)

    def limit(
        self,
        model: str,
        sentence_id: str,
        scope: CardScope,
        line: str = "",
        *,
        kind: str = "",
        conversation_id: str | None = None,
    ) -> None:
        """Where a sentence holds: always, for a kind of text, or in one chat. Raises BadInput, NotFound."""
        scope, kind, conversation_id = self._scope(scope, kind, conversation_id)
        sentence = self._sentence(model, sentence_id, line)
        with self._store.transaction():
            entry = self._entry_of(sentence, line)
            text = entry.text or sentence.english  # else what is learned would still hold always
            self._store.update_card_entry(
                entry.id, scope=scope, kind=kind, conversation_id=conversation_id, text=text
            )
            self._correct(line, sentence.trait)

    def remove(self, model: str, sentence_id: str, line: str = "") -> None:
        """Take a sentence off the card. What was learned of the trait of one of the user's own is back then; a learned one
        stays off until it is brought back. Raises NotFound."""
        sentence = self._sentence(model, sentence_id, line)
        with self._store.transaction():
            if sentence.own:
                self._store.remove_card_entry(sentence.id)
            else:
                entry = self._entry_of(sentence, line)
                self._store.update_card_entry(entry.id, state="removed")
            self._correct(line, sentence.trait)

    def bring_back(self, line: str = "") -> int:
        """Learned sentences that were removed are on the card again; how many."""
        removed = [entry for entry in self._store.card_entries(line) if entry.state == "removed"]
        with self._store.transaction():
            for entry in removed:
                self._store.remove_card_entry(entry.id)
                self._correct(line, entry.trait)
        return len(removed)

    # --- out --------------------------------------------------------------------------------------------

    def export(self, model: str, target: Path, line: str = "") -> int:
        """Write the card to a file: as JSON where its name ends in .json, else as text that any model can be given; the
        number of sentences. Raises BadInput, StoreError."""
        from assistant.learning import request, style_card

        found = style_card.in_chat(self._head.card(model, line), None)
        if not found:
            raise BadInput("The style card is empty: rate a few replies, or add a sentence first.")
        if target.suffix.lower() == ".json":
            text = json.dumps(
                {
                    "format": "attune-style-card",
                    "sentences": [asdict(s) for s in style_card.for_request(found)],
                },
                indent=1,
                ensure_ascii=False,
            )
        else:
            text = style_card.compose([s for s in found if s.scope == "always"], request.NOTHING)
            lines = [f"{s.said(False)} (only: {s.kind})" for s in found if s.scope == "kind"]
            text = "\n".join([text, *lines]).strip()
        aside = target.with_name(f"{target.name}.{os.getpid()}.tmp")
        try:
            aside.write_text(text + "\n", encoding="utf-8")
            os.replace(aside, target)
        except OSError as error:
            raise StoreError(f"The style card could not be written: {error.strerror or error}.") from error
        finally:
            aside.unlink(missing_ok=True)
        return len(found)

    # --- parts ------------------------------------------------------------------------------------------

    def _sentence(self, model: str, sentence_id: str, line: str) -> Sentence:
        """By its id, or by the beginning of that of one of the user's own, as the command line shows it."""
        found = self._head.card(model, line)
        exact = [s for s in found if s.id == sentence_id]
        begun = [s for s in found if len(sentence_id) >= 4 and s.id.startswith(sentence_id)]
        if exact or len(begun) == 1:
            return (exact or begun)[0]
        raise NotFound(f"There is no sentence {sentence_id} on the style card.")

    def _entry_of(self, sentence: Sentence, line: str) -> CardEntry:
        """The user's entry for a sentence; a new one, without words of its own, for one that is as it was learned."""
        if sentence.id != sentence.trait:
            return self._store.card_entry(sentence.id)
        return self._store.add_card_entry(
            line, trait=sentence.trait, way=sentence.way, strength=sentence.strength
        )

    def _scope(
        self, scope: CardScope, kind: str, conversation_id: str | None
    ) -> tuple[CardScope, str, str | None]:
        from assistant.learning.request import GENRES

        if scope == "kind":
            if kind not in GENRES:
                raise BadInput(
                    f"There is no kind of text {kind!r}; it is one of {', '.join(sorted(GENRES))}."
                )
            return scope, kind, None
        if scope == "chat":
            if conversation_id is None:
                raise BadInput("Open a chat first: this sentence is to hold in one chat only.")
            return scope, "", self._store.conversation(conversation_id).id
        return "always", "", None

    def _correct(self, line: str, trait: str) -> None:
        """Let the reward head follow what the card says of a trait: its newest entry that holds always."""
        from assistant.learning import style_card, style_queries

        if not trait:
            return
        entries = [e for e in self._store.card_entries(line) if e.trait == trait and e.scope == "always"]
        weight = None
        if entries:
            newest = entries[-1]
            weight = newest.way * newest.strength * style_card.A_STRENGTH if newest.state == "on" else 0.0
        style_queries.correct(self._store, trait, weight, line)


def _checked(text: str) -> str:
    from assistant.learning import style_card

    text = " ".join(text.split())
    if not text:
        raise BadInput("Write a sentence first.")
    if len(text) > style_card.LONGEST:
        raise BadInput(f"A sentence on the style card has {style_card.LONGEST} characters at most.")
    return text


# --- the effect -------------------------------------------------------------------------------------------


def effect(store: Store, line: str = "") -> Effect | None:
    """How long the newest replies in a style are beside those without it; None: too few of either."""
    from assistant.learning import request
    from assistant.learning.checks import answered

    lengths: dict[bool, list[float]] = {True: [], False: []}
    for message, reply, made in store.newest_replies(line, _LOOKED_AT):
        asked = request.read(message)
        if "length" in asked.stated or asked.form == "code" or not reply.strip():
            continue
        how = made.details  # of a reply that the ratings shaped, one of these is there
        styled = bool(made.style or how.style_card or how.guided_steps or how.best_of or how.blocks)
        lengths[styled].append(math.log1p(answered.words(reply)) - asked.shift)
    if min(len(lengths[True]), len(lengths[False])) < _FEWEST:
        return None
    ratio = math.exp(statistics.median(lengths[True]) - statistics.median(lengths[False]))
    return Effect(ratio, len(lengths[True]), len(lengths[False]))


def size_words(ratio: float) -> str:
    """A ratio of lengths in words: 0.66 is "about a third shorter than", 2 "about twice as long as"."""
    steps = (
        (0.29, "about three quarters shorter than"), (0.41, "about two thirds shorter than"), (0.58, "about half as long as"),
        (0.72, "about a third shorter than"), (0.87, "a little shorter than"), (1.15, "about as long as"),
        (1.35, "a little longer than"), (1.7, "about half as long again as"), (2.5, "about twice as long as"),
        (math.inf, "more than twice as long as"),
    )  # fmt: skip
    return next(words for most, words in steps if ratio <= most)
