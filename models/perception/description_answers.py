"""What a request to name or describe a picture is answered with, beside the facts. Torch-free.

A small language model drops what it is unsure of ("an orange drawing with no other details") and writes one sentence where
two are asked for. What stands after the question, nearest to the reply, keeps both.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from models.perception import chinese, fact_wording
from models.perception.facts import Facts

_ASKS = re.compile(
    r"\bwhat(?:'s| is| are) (?:this|that|it|these|those|there|shown|in|on)\b|\bwhat (?:do|can) you see\b|\bdescri(?:be|ption)"
    r"|\bwhat (?:you (?:can )?see|it shows)\b|\bwhat does (?:this|it|the picture|the image) show\b"
    r"|\bwhat do (?:\w+ ){1,3}(?:pictures|images|photos|drawings) show\b"
    r"|[这那]是什么|什么东西|有什么|看[到见]了?什么|描述|形容",
    re.IGNORECASE,
)
_COUNTS = {"two": 2, "2": 2, "three": 3, "3": 3, "两": 2, "二": 2, "三": 3}
_ORDINALS = ("first", "second", "third")
_IN_WORDS, _IN_CHINESE = {2: "two", 3: "three"}, {2: "两", 3: "三"}
_SENTENCES = re.compile(r"\b(two|three|2|3) (?:\w+ )?sentences\b|([两二三23])\s*(?:句|个句子)", re.IGNORECASE)


def answers(question: str, shown: Sequence[Facts]) -> str:
    """A few sentences in the question's language; "" where it asks for neither."""
    if not shown or not _ASKS.search(question):
        return ""
    if len(shown) > 1:
        return _each(shown, chinese.is_chinese(question))
    facts, in_chinese, count = shown[0], chinese.is_chinese(question), sentences(question)
    if count > 1:
        told = fact_wording.described(facts, in_chinese)[:count]
        if not told:
            return ""
        # Said in so many words: a model that reads two sentences about one thing makes one of them.
        return (
            f"用{_IN_CHINESE[count]}句话：{''.join(told)}"
            if in_chinese
            else f"In {_IN_WORDS[count]} sentences: {' '.join(told)}"
        )
    if facts.certainty == "sure" and not fact_wording.alternatives(facts):
        # The line alone is answered well in English; in Chinese a small model would name the kind of picture.
        return f"图中是{chinese.called(facts.name)}。" if in_chinese else ""
    return fact_wording.perhaps(facts, in_chinese)


def _each(shown: Sequence[Facts], in_chinese: bool) -> str:
    """What each of several pictures shows, in order: a small model tells what sets them apart, and leaves out the rest."""
    told = [fact_wording.described(facts, in_chinese)[:1] for facts in shown]
    if len(told) > len(_ORDINALS) or not all(told):
        return ""
    if in_chinese:
        return "".join(f"第{'一二三'[n]}张：{one[0]}" for n, one in enumerate(told))
    parts = (
        one[0].replace("The picture shows", f"The {_ORDINALS[n]} picture shows", 1)
        if one[0].startswith("The picture shows") else f"The {_ORDINALS[n]} picture: {one[0]}"
        for n, one in enumerate(told)
    )  # fmt: skip
    return " ".join(parts)


def sentences(question: str) -> int:
    """How many sentences are asked for; 1 where the question does not say, or asks for more than can be told."""
    found = _SENTENCES.search(question)
    return _COUNTS[(found[1] or found[2]).lower()] if found else 1
