"""The reply-time layer: it works after the first handful of ratings, before anything is trained.

Best-of-n: of n candidates, the one with the highest lower confidence bound of the head. Reward-guided decoding: a
bounded bonus on next-token logits where the model is undecided, from what the head knows of traits single tokens move.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import numpy as np

from assistant.learning import style_card
from assistant.learning.checks import answered
from assistant.learning.reward_head import style_features
from assistant.learning.reward_head.reward import Array, Head
from assistant.learning.style_card import Sentence
from assistant.learning_records import SteeringRequest, word_of
from assistant.records import BestOf, Candidate

if TYPE_CHECKING:
    from torch import Tensor

FEWEST_RATINGS = 3
STRONGEST = 2.0  # logits: the most a token's bonus can be
PER_WEIGHT = 1.2  # logits per unit of trait weight
LINE_STARTS = ("lists", "markup")  # traits whose tokens mean something else within a line
FEWEST_IN_LINE = 4  # tokens before a line may be ended for the user's taste
TO_COME = 0.5  # of a request's usual words: what a reply that goes on has still before it
TOKENS_A_WORD = 1.3
UNDECIDED = 0.85  # no bonus where the likeliest token has more than this


@dataclass(frozen=True, slots=True)
class Choice:
    """Which candidate was taken, and every candidate's (score, lower bound), for the message's details."""

    index: int
    scores: tuple[float, ...]
    bounds: tuple[float, ...]

    def record(self, texts: Sequence[str]) -> BestOf:
        rows = zip(texts, self.scores, self.bounds, strict=True)
        return BestOf(self.index, tuple(Candidate(t, round(s, 3), round(b, 3)) for t, s, b in rows))


def candidates(tokens_per_s: float, expected: int, budget_s: float, most: int = 8) -> int:
    """How many candidates fit a time budget, at the batched speed; at least 1.

    ``expected``: tokens that the longest of them will have, from the usual length of replies, not the most allowed.
    """
    return max(1, min(most, int(budget_s * tokens_per_s / max(expected, 1))))


def choose(head: Head, texts: Sequence[str], finished: Sequence[bool] | None = None) -> Choice:
    """Best of the candidates by lower confidence bound; empty, looping and (a little) cut-off ones lose points.

    ``head`` is that ``on`` the request: what lacks something of it loses more points than a style is worth.
    """
    phi = head.features(texts)
    scores = head.score(phi - phi.mean(0))
    bounds = head.lower_bound(phi) - faults(head, texts)
    if finished is not None:
        bounds = bounds - 0.1 * (~np.array(finished, dtype=bool))
    return Choice(int(np.argmax(bounds)), tuple(map(float, scores)), tuple(map(float, bounds)))


def choose_beginning(head: Head, texts: Sequence[str], ended: Sequence[bool]) -> int:
    """The best of several beginnings of one reply, by the value of what they may become; ``ended``: which are whole.

    The length of one that goes on is not known: it counts as the usual one for this request, and as half of that more
    than it has by now at least. So a beginning is not rewarded for being short, and an end is judged against going on.
    """
    phi = head.features(texts)
    length = style_features.NAMES.index("length")
    usual, scale = head.asked.usual_words, style_features.TRAITS[length].scale
    for row in [at for at, end in enumerate(ended) if not end]:
        final = max(usual, answered.words(texts[row]) + TO_COME * usual)
        phi[row, length] = min(3.0, (math.log1p(final) - math.log1p(usual)) / scale)
    lost = [
        fault(text) + answered.ASKED * answered.missing(head.asked, text, ended=bool(end))
        for text, end in zip(texts, ended, strict=True)
    ]
    whole = answered.evasions(
        [text if end else "" for text, end in zip(texts, ended, strict=True)], head.asked
    )
    return int(np.argmax(head.lower_bound(phi) - np.array(lost) - answered.EVASION * whole))


def faults(head: Head, texts: Sequence[str], asked: float = answered.ASKED) -> Array:
    """Points lost by each reply to the request ``head`` is on, (n,), whatever its style; ``asked``: by what is missing."""
    lost = np.array([fault(text) + asked * answered.missing(head.asked, text) for text in texts])
    return np.asarray(lost + answered.EVASION * answered.evasions(texts, head.asked))


def fault(text: str) -> float:
    """What no user wants, whatever the head says: nothing at all, or the same words over and over."""
    words = text.lower().split()
    if not words:
        return 10.0
    grams = [tuple(words[i : i + 4]) for i in range(len(words) - 3)]
    return 4.0 * (1.0 - len(set(grams)) / len(grams)) if grams else 0.0


class Guidance:
    """Bonuses on next-token logits, as the ``hook`` of ``generation.loop``: (logits (rows, vocab), ids) -> logits.

    ``head`` is that ``on`` the request. ``strength`` above 1 is for practice, whose replies are judged before anything is
    learned from them.
    """

    def __init__(self, head: Head, tokenizer: Any, eos_ids: Sequence[int], strength: float = 1.0) -> None:
        import torch

        weights = {name: weight for name, (weight, _) in head.weights().items()}  # averaged over all models
        words = _vocabulary(tokenizer)
        bonus, starting = torch.zeros(words.size), torch.zeros(words.size)
        if head.ratings >= FEWEST_RATINGS:
            for name, weight in weights.items():
                if abs(weight) <= 0.05:
                    continue
                ids, values = words.moved_by(name)
                at_start = (
                    ~words.ends_line[ids] if name in LINE_STARTS else torch.zeros_like(ids, dtype=torch.bool)
                )
                starting[ids[at_start]] += weight * values[at_start]
                bonus[ids[~at_start]] += weight * values[~at_start]
        self.most = STRONGEST * max(1.0, strength)
        factor = PER_WEIGHT * strength
        self.bonus = (factor * bonus).clamp(-self.most, self.most)
        self.starting = (factor * starting).clamp(-self.most, self.most)  # besides, at the start of a line
        self.ends_line = words.ends_line
        # Few tokens are wanted or unwanted by the place in a line, and only at those are rows told apart.
        self._breaks = (words.ends_line & (self.bonus != 0.0)).nonzero()[:, 0]
        self._starts = self.starting.nonzero()[:, 0]
        self.eos = list(eos_ids)
        self.bonus[self.eos] = 0.0
        self.end = (
            -float(weights.get("length", 0.0)) * PER_WEIGHT * strength
            if head.ratings >= FEWEST_RATINGS
            else 0.0
        )
        # No taste ends a reply before it can be one: a third of what such a request usually gets.
        self._least = TOKENS_A_WORD * answered.FLOOR * head.asked.usual_words if head.asked.task else 0.0
        self.active = bool(
            self.bonus.abs().max() > 0 or self.starting.abs().max() > 0 or abs(self.end) > 0.05
        )

    def __call__(
        self, logits: Tensor, written: Sequence[Sequence[int]], _prompts: Sequence[int] = ()
    ) -> Tensor:
        import torch

        if not self.active:
            return logits
        likeliest = (logits.amax(-1) - logits.logsumexp(-1)).exp()
        undecided = (likeliest < UNDECIDED).to(logits.dtype)[:, None]
        steered = torch.addcmul(logits, undecided, self._padded(logits))
        breaks, starts = (ids[ids < logits.shape[-1]] for ids in (self._breaks, self._starts))
        for row, ids in enumerate(written):
            line = self._tokens_in_line(ids)
            if line < FEWEST_IN_LINE:  # no bonus for a line that says nothing
                steered[row, breaks] = logits[row, breaks]
            if line == 0:
                steered[row, starts] += undecided[row] * self.starting[starts].to(logits)
        ramp = torch.tensor([1.0 - math.exp(-len(w) / 24.0) for w in written]).to(logits)
        end = (self.end * (ramp if self.end > 0 else torch.ones_like(ramp))).clamp(-self.most, self.most)
        if self.end > 0:
            end = end * torch.tensor([float(len(w) >= self._least) for w in written]).to(logits)
        steered[:, self.eos] += (undecided[:, 0] * end)[:, None]
        return steered

    def _padded(self, logits: Tensor) -> Tensor:
        """(vocab,) the bonuses; a model may have other than one logit for each of its tokenizer's tokens."""
        import torch

        more = logits.shape[-1] - len(self.bonus)  # fewer are cut off by padding of less than nothing
        return torch.nn.functional.pad(self.bonus, (0, more)).to(logits) if more else self.bonus.to(logits)

    def _tokens_in_line(self, ids: Sequence[int]) -> int:
        """Tokens since the last line break, ``FEWEST_IN_LINE`` at most."""
        for back in range(1, min(len(ids), FEWEST_IN_LINE) + 1):
            if ids[-back] < len(self.ends_line) and self.ends_line[ids[-back]]:
                return back - 1
        return min(len(ids), FEWEST_IN_LINE)


class _Vocabulary:
    """A tokenizer's tokens as text, and which of them move a trait: looked through once, not after every rating."""

    def __init__(self, tokenizer: Any) -> None:
        import torch

        self.size = len(tokenizer)
        pieces = tokenizer.convert_ids_to_tokens(list(range(self.size)))
        self._texts = [tokenizer.convert_tokens_to_string([piece]) if piece else "" for piece in pieces]
        self._words = [text.strip().lower().replace("’", "'") for text in self._texts]
        self.ends_line = torch.tensor([text.endswith("\n") for text in self._texts], dtype=torch.bool)
        self._moved: dict[str, tuple[Tensor, Tensor]] = {}

    def moved_by(self, trait: str) -> tuple[Tensor, Tensor]:
        """The tokens (n,) that move ``trait``, and by how much each does (n,)."""
        import torch

        if trait not in self._moved:
            pairs = zip(self._texts, self._words, strict=True)
            moves = torch.tensor([_moves(trait, text, word) for text, word in pairs])
            ids = moves.nonzero()[:, 0]
            self._moved[trait] = ids, moves[ids]
        return self._moved[trait]


_known: WeakKeyDictionary[Any, _Vocabulary] = WeakKeyDictionary()


def _vocabulary(tokenizer: Any) -> _Vocabulary:
    """Kept as long as the tokenizer lives."""
    found = _known.get(tokenizer)
    if found is None or found.size != len(tokenizer):
        found = _known[tokenizer] = _Vocabulary(tokenizer)
    return found


def _moves(trait: str, token: str, word: str) -> float:
    """By how much one token moves a trait or habit, 0 where a token alone can't tell. ``word``: without its spaces."""
    if said := word_of(trait):
        return float(word == said or (said == "—" and word in ("-", "–")))
    if trait == "emoji":
        return float(bool(style_features.EMOJI.search(token)))
    if trait == "exclamations":
        return float("!" in token or "\uff01" in token)
    if trait == "questions":
        return 0.7 * float("?" in token or "\uff1f" in token)
    if trait == "formality":
        return float(word in style_features.FORMAL) - float(
            word in style_features.CASUAL or word in ("'s", "'re", "'m", "'ve", "'ll", "'t")
        )
    if trait == "you":
        return float(word in style_features.YOU)
    if trait == "first_person":
        return float(word in style_features.FIRST)
    if trait == "hedging":
        return float(word in style_features.HEDGES)
    if trait == "greeting":
        return 0.7 * float(bool(word) and bool(style_features.GREETING.fullmatch(word)))
    if trait == "markup":
        return float("**" in token or token.startswith("#"))
    if trait == "paragraphs":
        return 0.7 * float("\n\n" in token)
    if trait == "lists":
        return 1.0 if token.strip() in ("-", "*", "•", "1") else 0.5 * float(token.endswith("\n"))
    if trait == "sentence_length":
        return -0.5 * float(word in (".", "!", "?"))
    if trait == "long_words":
        return 0.12 * (len(word) - 4) if word.isalpha() and token != word and len(word) > 6 else 0.0
    if trait == "code":
        return float("```" in token)
    return 0.0


def to_request(
    head: Head,
    *,
    guide: bool = True,
    best_of: bool = True,
    blocks: bool = True,
    budget_s: float = 6.0,
    explore: bool = False,
    card: Sequence[Sentence] = (),
) -> SteeringRequest | None:
    """The ``steering`` of a Generate request; before there are enough ratings None (off), but for ``explore`` and what the
    user wrote on the card.

    ``best_of``: search; ``blocks``: block by block, so that it streams, else whole replies within ``budget_s`` seconds.
    ``card``: its sentences go into the system prompt of a model that follows instructions.
    """
    enough = head.ratings >= FEWEST_RATINGS
    if not (enough or explore or card):
        return None
    return SteeringRequest(
        head.state(),
        guide and enough,
        best_of and enough,
        blocks,
        budget_s,
        explore,
        style_card.for_request(card),
    )


def from_request(steering: SteeringRequest | None) -> Head | None:
    """The head of a request, None when steering is off or its head is of another build."""
    if steering is None:
        return None
    try:
        return Head.of_state(steering.head)
    except ValueError:
        return None
