"""Task success where it can be checked: asked for three items, did the reply give three? English and Chinese.

A checkable wish is a number with something countable in the prompt ("three ideas", "in one sentence", "两句话").
Everything else is nobody's to check here: ``shortfall`` is 0.
"""

from __future__ import annotations

import re

_NUMBERS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "一": 1, "两": 2, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9, "十": 10,
}  # fmt: skip
_NUMBER = "|".join(sorted((n for n in _NUMBERS if n.isascii()), key=len, reverse=True))
_WISH = re.compile(
    rf"\b(?:(?P<word>{_NUMBER})|(?P<digits>\d{{1,2}}))\s+(?:\w+\s+)?"
    r"(?:(?P<sentences>sentences?)|(?P<items>ideas|tips|names|ways|things|items|examples|reasons|steps|suggestions|"
    r"points|facts|questions|benefits|titles|slogans|words))\b"
    r"|(?P<cjk>[一二两三四五六七八九十]|\d{1,2})(?:(?P<cjk_sentences>句)|(?P<cjk_items>[个条点种]))",
    re.IGNORECASE,
)
_ITEM = re.compile(r"^\s*(?:[-*•·]\s+|\d{1,2}[.)、]\s*|[(（]\d{1,2}[)）])", re.MULTILINE)
_SENTENCE = re.compile("[.!?]+(?=\\s|$|[\"'”’)])|[。!?\uff01\uff1f]")


def shortfall(prompt: str, reply: str) -> float:
    """0 (as asked, or nothing to check) to 1: by what part of the wanted number the reply misses it."""
    wish = _WISH.search(prompt)
    if wish is None:
        return 0.0
    said = wish["word"] or wish["digits"] or wish["cjk"]
    wanted = int(said) if said.isdigit() else _NUMBERS[said.lower()]
    if wanted == 0:
        return 0.0
    if wish["sentences"] or wish["cjk_sentences"]:
        given = max(1, len(_SENTENCE.findall(reply)))
    else:
        given = len(_ITEM.findall(reply))
        if given < 2:  # in running text: parts between commas, semicolons and "and"
            given = len(
                [part for part in re.split("[,;、\uff0c\uff1b]|\\band\\b|\\n", reply) if part.strip()]
            )
            if given >= wanted:  # prose has commas for other reasons, too
                return 0.0
    return min(1.0, abs(given - wanted) / wanted)
