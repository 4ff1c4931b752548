"""Readable traits of a reply's style, in English and Chinese: what the reward head can say in words.

``measure(text)`` gives one number a trait; ``standardise`` brings them to about zero mean and unit deviation for
replies of a small chat model. Everything here is plain counting: it runs in well under a millisecond and loads nothing.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Trait:
    """``more`` and ``less`` name what a positive and a negative weight mean, for people."""

    name: str
    more: str
    less: str
    centre: float  # mean over replies of the starter to everyday prompts
    scale: float  # deviation there, with a floor for traits that base replies hardly show
    prior: (
        float  # probability, before any rating, that a person cares; judged by what people ask assistants for
    )


TRAITS: tuple[Trait, ...] = (
    Trait("length", "longer replies", "shorter replies", 3.95, 0.7, 0.2),
    Trait("sentence_length", "longer sentences", "shorter sentences", 2.75, 0.4, 0.1),
    Trait("lists", "lists", "running text", 0.3, 0.5, 0.12),
    Trait("markup", "headings and bold words", "plain text", 0.15, 0.4, 0.08),
    Trait("paragraphs", "many paragraphs", "one block of text", 0.4, 0.47, 0.06),
    Trait("emoji", "emoji", "no emoji", 0.02, 0.3, 0.08),
    Trait("exclamations", "exclamation marks", "no exclamation marks", 0.2, 0.45, 0.08),
    Trait("questions", "questions back", "no questions", 0.1, 0.3, 0.08),
    Trait("formality", "a formal tone", "a casual tone", -0.33, 0.4, 0.12),
    Trait("greeting", "greetings and thanks", "getting to the point", 0.06, 0.25, 0.06),
    Trait("you", "speaking to you", "not addressing you", 0.4, 0.4, 0.08),
    Trait("first_person", "speaking as I or we", "no I or we", 0.15, 0.3, 0.05),
    Trait("hedging", "careful wording", "definite wording", 0.2, 0.2, 0.05),
    Trait("long_words", "long words", "simple words", 4.8, 0.6, 0.08),
    Trait("numbers", "figures", "no figures", 0.15, 0.4, 0.04),
    Trait("code", "code", "no code", 0.02, 0.3, 0.04),
    Trait("chinese", "Chinese", "not Chinese", 0.0, 0.25, 0.04),
    Trait("quotes", "quotations and brackets", "no quotations or brackets", 0.4, 0.6, 0.03),
)
NAMES: tuple[str, ...] = tuple(trait.name for trait in TRAITS)
_CENTRE = np.array([trait.centre for trait in TRAITS])
_SCALE = np.array([trait.scale for trait in TRAITS])

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?", re.UNICODE)
_CJK = re.compile(r"[㐀-鿿豈-﫿]")
_LIST_LINE = re.compile(r"^\s*(?:[-*•·]\s+|\d{1,2}[.)、]\s*|[(（]\d{1,2}[)）])")
_SAYS = re.compile(r"[^\W\d_]")  # an item is more than its mark
_MARKUP = re.compile(r"^#{1,6}\s|\*\*[^*\n]+\*\*|__[^_\n]+__", re.MULTILINE)
_SENTENCE = re.compile("[.!?。\uff01\uff1f…]+(?=\\s|$|[\"'”’)])|[。!?\uff01\uff1f]|\\n+")
EMOJI = re.compile(
    "[\U0001f300-\U0001faff\U00002600-\U000027bf\U0001f1e6-\U0001f1ff\u2b50\u2764]|[:;]-?[)D(P]|<3|\\^\\^"
)
CONTRACTION = re.compile(
    r"\b\w+['’](?:s|re|m|ve|ll|d|t)\b|\b(?:gonna|wanna|gotta|kinda|lemme|dunno)\b", re.IGNORECASE
)
FORMAL = frozenset(
    [
        "therefore",
        "furthermore",
        "however",
        "moreover",
        "consequently",
        "regarding",
        "additionally",
        "sincerely",
        "respectfully",
        "kindly",
        "hereby",
        "shall",
        "thus",
        "accordingly",
        "hence",
        "nevertheless",
        "subsequently",
        "concerning",
        "pursuant",
        "gratitude",
        "appreciate",
        "ensure",
        "provide",
        "require",
        "assist",
        "obtain",
        "facilitate",
        "endeavor",
        "endeavour",
        "inquire",
        "request",
        "convenience",
        "cordially",
        "esteemed",
        "dear",
        "sir",
        "madam",
        "significant",
        "essential",
        "various",
        "numerous",
        "opportunity",
        "utilize",
        "appropriate",
        "regards",
    ]
)
CASUAL = frozenset(
    [
        "hey",
        "hi",
        "yeah",
        "yep",
        "nope",
        "cool",
        "awesome",
        "ok",
        "okay",
        "stuff",
        "guys",
        "kinda",
        "gonna",
        "wanna",
        "lol",
        "haha",
        "yay",
        "wow",
        "super",
        "totally",
        "pretty",
        "really",
        "just",
        "fun",
        "folks",
        "buddy",
        "dude",
        "sure",
        "thing",
        "things",
        "got",
        "get",
        "oh",
        "hmm",
        "bit",
        "lots",
        "yummy",
        "tasty",
        "chill",
    ]
)
_FORMAL_CJK = re.compile("您|敬请|贵|因此|此外|综上|谨|鉴于|特此|惠|烦请")
_CASUAL_CJK = re.compile("哈|啦|吧|呀|哦|嘿|咱|超|挺|嘛|呢")
GREETING = re.compile(
    r"\b(?:hi|hello|hey|dear|greetings|welcome|thanks|thank you|please|best wishes|kind regards|sincerely|cheers)\b"
    r"|你好|您好|谢谢|感谢|欢迎|请",
    re.IGNORECASE,
)
YOU = frozenset(["you", "your", "yours", "yourself", "you're", "you'll", "you've", "you'd"])
FIRST = frozenset(
    [
        "i",
        "me",
        "my",
        "mine",
        "myself",
        "we",
        "us",
        "our",
        "ours",
        "i'm",
        "i've",
        "i'll",
        "i'd",
        "we're",
        "we've",
        "we'll",
    ]
)
HEDGES = frozenset(
    [
        "may",
        "might",
        "perhaps",
        "maybe",
        "possibly",
        "could",
        "probably",
        "likely",
        "seems",
        "appear",
        "appears",
        "often",
        "sometimes",
        "generally",
        "usually",
        "typically",
        "somewhat",
        "fairly",
        "tend",
        "tends",
        "can",
    ]
)
_HEDGE_CJK = re.compile("可能|也许|大概|或许|似乎|一般|通常")
_NUMBER = re.compile(r"(?<![\w])\d[\d.,:/%]*")
_QUOTE = re.compile(r"[\"“”«»「」()（）\[\]]")


def _rate(count: float, words: float) -> float:
    """Counts a word grow with the reply; the square root keeps short replies from exploding."""
    return count / math.sqrt(max(words, 4.0)) * math.sqrt(10.0) / 2.0


def measure(text: str) -> NDArray[np.float64]:
    """Raw traits of a reply, in the order of ``NAMES``; float64 (len(NAMES),). Any text will do, empty too."""
    text = text[:40_000]
    lower = text.lower().replace("’", "'")
    words = _WORD.findall(lower)
    cjk = len(_CJK.findall(text))
    latin = [w for w in words if not _CJK.search(w)]
    count = len(latin) + cjk / 1.7  # about 1.7 Chinese characters a word
    lines = [line for line in text.split("\n") if line.strip()]
    items = sum(1 for line in lines if (m := _LIST_LINE.match(line)) and _SAYS.search(line, m.end()))
    prose = "\n".join(_LIST_LINE.sub("", line) for line in lines)
    sentences = [s for s in _SENTENCE.split(prose) if s and (_WORD.search(s) or _CJK.search(s))]
    paragraphs = len([block for block in re.split(r"\n\s*\n", text) if block.strip()])
    formal = sum(w in FORMAL for w in latin) + len(_FORMAL_CJK.findall(text))
    casual = sum(w in CASUAL for w in latin) + len(CONTRACTION.findall(text)) + len(_CASUAL_CJK.findall(text))
    letters = sum(len(w) for w in latin)
    values = {
        "length": math.log1p(count),
        "sentence_length": math.log1p(count / max(len(sentences), 1)),
        "lists": math.log1p(items),
        "markup": math.log1p(len(_MARKUP.findall(text))),
        "paragraphs": math.log(max(paragraphs, 1)),
        "emoji": math.log1p(len(EMOJI.findall(text))),
        # Twice, as their centres and scales were measured; Chinese has marks of its own.
        "exclamations": math.log1p(2 * (text.count("!") + text.count("\uff01"))),
        "questions": math.log1p(2 * (text.count("?") + text.count("\uff1f"))),
        "formality": _rate(formal - casual, count),
        "greeting": math.log1p(len(GREETING.findall(text))),
        "you": _rate(sum(w in YOU for w in latin) + len(re.findall("你|您", text)), count),
        "first_person": _rate(sum(w in FIRST for w in latin) + len(re.findall("我|咱", text)), count),
        "hedging": _rate(sum(w in HEDGES for w in latin) + len(_HEDGE_CJK.findall(text)), count),
        "long_words": letters / len(latin) if latin else 4.7,
        "numbers": math.log1p(len(_NUMBER.findall(prose))),
        "code": math.log1p(text.count("```") + len(re.findall(r"`[^`\n]+`", text))),
        "chinese": cjk / max(1.7 * count, 1.0),
        "quotes": math.log1p(len(_QUOTE.findall(text))),
    }
    return np.array([values[name] for name in NAMES])


def standardise(raw: NDArray[np.float64]) -> NDArray[np.float64]:
    """(..., len(NAMES)) raw traits -> about zero mean and unit deviation, cut at 3 so that no outlier rules a fit."""
    return np.clip((raw - _CENTRE) / _SCALE, -3.0, 3.0)


def in_words(name: str, weight: float) -> str:
    """``("length", -0.8)`` -> ``shorter replies``."""
    trait = TRAITS[NAMES.index(name)]
    return trait.more if weight >= 0 else trait.less
