"""Habits of wording: how often replies use each common word and mark. What a user likes that no trait has a name for.

Stylometry tells writers apart by the rates of their commonest words (Burrows 2002, "Delta"), and users complain of such
things ("no dashes", "stop saying overall"). The words are those of the rated replies themselves, in any language: what
is common enough, over different prompts, to be a habit and not a subject. What a trait counts already is left to it.
A habit goes by the name ``word:`` and the word.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assistant.learning.reward_head import style_features
from assistant.learning_records import HABIT, LexicalState, word_of

Array = NDArray[np.float64]

MARKS = frozenset(",;:—、，；：")
MARK_PRIOR = 0.02  # probability, before any rating, that a person cares for one mark
WORDS_PRIOR = 0.1  # and that they care for any of the words, shared out between them
FEWEST_PROMPTS = 4  # with replies that use it
LEAST_SHARE = 0.1  # of the rated replies that use it
MOST_WORDS = 120
FEWEST_WORDS = 15  # a rate over fewer words is one over so many: a reply of three words has no habits
_LEAST_SCALE, _USUAL_SCALE = 0.02, 0.1  # of the square root of a rate

_TOKEN = re.compile(r"[㐀-鿿]|[^\W\d_㐀-鿿]+(?:['’][^\W\d_]+)?|[,;:—、，；：]|(?<=\s)[-–](?=\s)")
_TOLD_BY_TRAITS = (
    style_features.FORMAL | style_features.CASUAL | style_features.YOU | style_features.FIRST | style_features.HEDGES
    | frozenset(("hello", "welcome", "thanks", "thank", "please", "cheers", "greetings", "您", "你", "我", "咱"))
)  # fmt: skip


def tokens(text: str) -> list[str]:
    """Words and marks of a text in lower case; a dash between words is one mark, however it is typed."""
    found = _TOKEN.findall(text.lower().replace("’", "'"))
    return ["—" if token in "-–" else token for token in found]


def vocabulary(replies: Iterable[tuple[str, str]], kept: Sequence[str] = ()) -> tuple[str, ...]:
    """The words and marks that could be a habit of ``replies`` (prompt, text), the commonest first; ``kept`` always."""
    used: Counter[str] = Counter()
    prompts: dict[str, set[str]] = {}
    count = 0
    for prompt, text in replies:
        count += 1
        for token in set(tokens(text)):
            used[token] += 1
            prompts.setdefault(token, set()).add(prompt)
    fewest = max(FEWEST_PROMPTS, LEAST_SHARE * count)
    common = [
        token
        for token, times in sorted(used.items(), key=lambda item: (-item[1], item[0]))
        if times >= fewest
        and len(prompts[token]) >= FEWEST_PROMPTS
        and token not in _TOLD_BY_TRAITS
        and not style_features.CONTRACTION.fullmatch(token)
        and token not in kept
    ]
    return (*kept, *common[:MOST_WORDS])


def prior(words: Sequence[str]) -> Array:
    """(len(words),) probability of each that a person cares, before any rating."""
    plain = sum(word not in MARKS for word in words)
    return np.array([MARK_PRIOR if word in MARKS else WORDS_PRIOR / max(plain, 10) for word in words])


def rates(words: Sequence[str], texts: Sequence[str]) -> Array:
    """(len(texts), len(words)): square roots of how often each word comes among a text's words (their deviation hardly
    depends on the rate itself: Anscombe 1948)."""
    place = {word: at for at, word in enumerate(words)}
    found = np.zeros((len(texts), len(words)))
    for row, text in enumerate(texts):
        said = tokens(text)
        length = sum(token not in MARKS for token in said)
        for token, times in Counter(said).items():
            if token in place:
                found[row, place[token]] = np.sqrt(times / max(length, FEWEST_WORDS))
    return found


@dataclass(frozen=True, slots=True)
class Habits:
    """Some words, and what is usual of them: the centre and scale of their ``rates`` in the rated replies."""

    words: tuple[str, ...] = ()
    centre: tuple[float, ...] = ()
    scale: tuple[float, ...] = ()

    @classmethod
    def of(cls, words: Sequence[str], texts: Sequence[str]) -> Habits:
        """``texts``: the rated replies; without any, a word is held to be rare."""
        if not texts:
            return cls(tuple(words), (0.0,) * len(words), (_USUAL_SCALE,) * len(words))
        found = rates(words, texts)
        scale = np.maximum(found.std(0), _LEAST_SCALE)
        return cls(tuple(words), tuple(map(float, found.mean(0))), tuple(map(float, scale)))

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(HABIT + word for word in self.words)

    def measure(self, texts: Sequence[str]) -> Array:
        """(len(texts), len(words)): about zero mean and unit deviation, cut at 3."""
        if not self.words:
            return np.zeros((len(texts), 0))
        return np.clip((rates(self.words, texts) - np.array(self.centre)) / np.array(self.scale), -3.0, 3.0)

    def only(self, which: Sequence[int]) -> Habits:
        """Those at the places ``which``."""
        words = tuple(self.words[i] for i in which)
        return Habits(words, tuple(self.centre[i] for i in which), tuple(self.scale[i] for i in which))

    def state(self) -> LexicalState:
        return LexicalState(self.words, self.centre, self.scale)

    @classmethod
    def of_state(cls, state: LexicalState) -> Habits:
        return cls(state.words, state.centre, state.scale)


def is_name(name: str) -> bool:
    """Is it the name of a habit, whatever the word?"""
    word = word_of(name)
    return tokens(word) == [word]
