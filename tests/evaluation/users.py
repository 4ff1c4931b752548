"""Simulated users: each has a hidden utility of a reply, as a program. The learning code never imports this file.

A user rates by comparing a reply's utility with what they are used to (the middle of base replies),
and errs in one rating of ten. Simulated results are called simulated.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

Utility = Callable[[str], float]

_WORD = re.compile(r"[A-Za-z']+")
_SENTENCE = re.compile(r"[.!?]+(?:\s|$)|\n+")
_PLAIN_WORDS = frozenset(
    [
        "the",
        "a",
        "an",
        "of",
        "to",
        "in",
        "on",
        "for",
        "and",
        "or",
        "but",
        "with",
        "is",
        "are",
        "be",
        "it",
        "this",
        "that",
        "you",
        "i",
        "we",
        "my",
        "your",
        "can",
        "will",
        "do",
        "how",
        "what",
    ]
)


def words(text: str) -> list[str]:
    return [w.lower() for w in _WORD.findall(text)]


def _per_hundred(pattern: str, text: str) -> float:
    return 100.0 * len(re.findall(pattern, text, re.IGNORECASE)) / max(len(words(text)), 15)


def short(text: str) -> float:
    return -float(len(words(text)))


def long(text: str) -> float:
    return float(len(words(text)))


def lists(text: str) -> float:
    return float(len(re.findall(r"^\s*(?:[-*•]|\d+[.)])\s", text, re.MULTILINE)))


def prose(text: str) -> float:
    return -lists(text) - len(re.findall(r"\*\*|^#", text, re.MULTILINE)) - 0.5 * text.count("\n")


def formal(text: str) -> float:
    good = _per_hundred(
        r"\b(?:however|therefore|furthermore|additionally|essential|significant|ensure|provide|various)\b",
        text,
    )
    return (
        good
        + 0.5 * sum(map(len, words(text))) / max(len(words(text)), 1)
        - 2.0 * _per_hundred(r"\w['’](?:s|re|m|ve|ll|t|d)\b|!", text)
    )


def casual(text: str) -> float:
    return _per_hundred(
        r"\w['’](?:s|re|m|ve|ll|t|d)\b|!|\b(?:you|your|just|really|great|fun|get|things?)\b", text
    )


def addresses_me(text: str) -> float:
    return _per_hundred(r"\b(?:you|your|yours|yourself)\b", text)


def simple_words(text: str) -> float:
    return -sum(map(len, words(text))) / max(len(words(text)), 1)


def short_sentences(text: str) -> float:
    return -len(words(text)) / max(len([s for s in _SENTENCE.split(text) if s.strip()]), 1)


def lively(text: str) -> float:
    """Emoji and exclamation marks."""
    return len(re.findall("[\U0001f300-\U0001faff\u2600-\u27bf]", text)) + 1.0 * text.count("!")


def asks_back(text: str) -> float:
    return float(text.count("?"))


def structured(text: str) -> float:
    """Bold words and headings."""
    return float(len(re.findall(r"\*\*[^*\n]+\*\*|^#+ ", text, re.MULTILINE)))


def short_and_simple(text: str) -> float:
    return short(text) / 25.0 + simple_words(text) / 0.5


def personal_prose(text: str) -> float:
    return addresses_me(text) / 3.0 + prose(text) / 4.0


def few_commas(text: str) -> float:
    """Not among the learner's traits; a habit of wording."""
    return -_per_hundred(",", text)


def opens_briefly(text: str) -> float:
    """Neither a trait nor a habit of the learner's: words of the first sentence."""
    first = next((s for s in _SENTENCE.split(text) if words(s)), "")
    return -float(len(words(first)))


@dataclass(frozen=True, slots=True)
class User:
    name: str
    utility: Utility
    later: Utility | None = None  # what they like after ``changes_at`` ratings
    changes_at: int = 100
    random: bool = False

    def changed(self, at: int) -> bool:
        """Have they changed their mind by the ``at``-th rating?"""
        return self.later is not None and at >= self.changes_at

    def liking(self, text: str, at: int = 0) -> float:
        """Utility of a reply for the ``at``-th rating."""
        return (self.later if self.later is not None and self.changed(at) else self.utility)(text)


USERS: tuple[User, ...] = (
    User("short", short),
    User("long", long),
    User("lists", lists),
    User("prose", prose),
    User("formal", formal),
    User("casual", casual),
    User("addresses me", addresses_me),
    User("simple words", simple_words),
    User("short sentences", short_sentences),
    User("lively", lively),
    User("asks back", asks_back),
    User("structured", structured),
    User("short and simple", short_and_simple),
    User("personal prose", personal_prose),
    User("few commas", few_commas),
    User("opens briefly (hidden)", opens_briefly),
    User("changes mind", short, later=lists),
    User("random", short, random=True),
)


TOLD: dict[str, str] = {
    "short": "Answer as briefly as you can.",
    "long": "Answer at length and in detail.",
    "lists": "Answer with lists.",
    "prose": "Answer in one paragraph of running text, without lists or bold words.",
    "formal": "Answer in a formal tone, with long words and without contractions.",
    "casual": "Answer in a casual, friendly tone, with contractions and exclamation marks.",
    "addresses me": "Speak to me directly, as you.",
    "simple words": "Use short and simple words.",
    "short sentences": "Use very short sentences.",
    "lively": "Use emoji and exclamation marks.",
    "asks back": "Ask me questions back.",
    "structured": "Use headings and bold words.",
    "short and simple": "Answer briefly, in short and simple words.",
    "personal prose": "Speak to me directly, as you, in running text without lists.",
    "few commas": "Use as few commas as you can.",
    "opens briefly (hidden)": "Begin with a very short sentence.",
    "changes mind": "Answer as briefly as you can.",
    "random": "Answer well.",
}
"""What each user would write into the system prompt: the baseline that states the preference."""


def _sentences(text: str) -> list[str]:
    return [s for s in re.split(r"(?<=[.!?])\s+", text.replace("\n", " ")) if s.strip()]


EDITS: dict[str, Callable[[str], str]] = {
    "short": lambda text: " ".join(_sentences(text)[: max(1, len(_sentences(text)) // 3)]),
    "lists": lambda text: "\n".join(f"- {s}" for s in _sentences(text)),
    "lively": lambda text: re.sub(r"[.](\s|$)", r"! ", text).strip() + " 😀",
    "addresses me": lambda text: (
        "You asked, so here is what you can do for yourself. " + re.sub(r"\bone\b", "you", text)
    ),
}
"""What some users make of a reply when they may write it anew."""


def usual(user: User, texts: Iterable[str]) -> dict[bool, list[float]]:
    """Utilities of base replies, by whether the user has changed their mind: what they are used to."""
    every = list(texts)
    return {
        late: [user.liking(text, at) for text in every] for late, at in ((False, 0), (True, user.changes_at))
    }


def thumb(
    user: User, text: str, usual: Sequence[float], rng: random.Random, at: int = 0, wrong: float = 0.1
) -> int:
    """1 or -1 for a reply; wrong with probability ``wrong``.

    ``usual``: utilities of base replies to like prompts. Up if the reply stands in their upper half (ties count half).
    """
    if user.random:
        return rng.choice((-1, 1))
    value = user.liking(text, at)
    below = sum(u < value for u in usual) + 0.5 * sum(u == value for u in usual)
    liked = below > 0.5 * len(usual)
    if rng.random() < wrong:
        liked = not liked
    return 1 if liked else -1


def prefers(user: User, a: str, b: str, rng: random.Random, at: int = 0, wrong: float = 0.1) -> bool:
    """Does the user say that ``a`` is better than ``b``? Wrong with probability ``wrong``; a coin where they like both alike."""
    if user.random or (likes := user.liking(a, at)) == (other := user.liking(b, at)):
        return rng.random() < 0.5
    return (likes > other) != (rng.random() < wrong)


def win(user: User, mine: str, base: str, at: int = 0) -> float:
    """1 if ``mine`` is liked better than ``base``, 0 if worse, 0.5 for a tie."""
    a, b = user.liking(mine, at), user.liking(base, at)
    return 0.5 if a == b else float(a > b)
