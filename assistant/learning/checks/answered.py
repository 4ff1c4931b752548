"""Was it answered as asked? What a reply lacks of its request, and replies that are no answer at all. Loads no torch.

Three kinds of reply are short and pleasant without being an answer: a refusal, a promise without the thing ("Sure, I'd be
happy to provide a comparison.") and a question back. A learned style must not pick one of these for its form, so they lose
points wherever candidates are compared, unless most of the candidates are such: then it is what the model answers.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from assistant.learning.request import Request

EVASION = 50.0  # points lost by a reply that is no answer beside some that are: more than any style is worth
ASKED = 4.0  # points lost by a reply that has nothing of what was asked for, where one is chosen for the user
LONG_WORDS = 150.0  # from which a reply that was to be long is not short of it
SHORT_WORDS = 70.0  # up to which one that was to be short is not too long
FLOOR = 0.35  # of a genre's usual words, below which something of it is missing

_CJK = re.compile("[\u3400-\u9fff]")
_WORD = re.compile(r"[^\W_]+(?:['’][^\W\d_]+)?")
_ITEM = re.compile(r"^\s*(?:[-*•·]\s+|\d{1,2}[.)、]\s*|[(（]\d{1,2}[)）]|#{1,4}\s*\d)", re.MULTILINE)
_SENTENCE = re.compile("[.!?]+(?=\\s|$|[\"'”’)])|[。!?\uff01\uff1f]")
_TABLE_ROW = re.compile(r"^\s*\|.*\|.*\|?\s*$|^[^|\n]+\|[^|\n]+\|", re.MULTILINE)
_CODE = re.compile(
    r"```|^\s*(?:def |class |import |from \w+ import|return\b|for \(|if \(|function\b|const |let |var |public |#include|SELECT\b|"
    r"fn |print\(|<\w+>)|[;{}]\s*$|\w+\(.*\)|\\[dwsb]",
    re.MULTILINE | re.IGNORECASE,
)
_OPENS = re.compile(
    r"^\W*(?:subject:[^\n]*\n+\W*|主题：[^\n]*\n+|date:[^\n]*\n+)?\W*(?:dear|hi|hello|hey|good (?:morning|afternoon|evening)|to whom|greetings)\b"
    r"|(?:^|\n)\W*(?:dear|hi|hello|hey)\b|尊敬的|亲爱的|您好|你好|(?:^|\n)[^\n。]{1,12}[：:]\s*\n",
    re.IGNORECASE,
)
_CLOSES = re.compile(
    r"\b(?:regards|sincerely|yours|best|cheers|thanks|thank you|love|warmly|take care|see you|looking forward)\b[^\n]*\W*(?:\n[^\n]*){0,4}$"
    r"|此致|敬礼|祝(?:好|您|你)|谨上|敬上|谢谢|期待",
    re.IGNORECASE,
)
_REFUSES = re.compile(
    r"^\W*(?:(?:i'?m|i am) (?:\w+ )?sorry|sorry|unfortunately|i apologi[sz]e|as an ai|i can(?:no|')t|i am unable|i'?m unable|i'?m not able)\b"
    r"|^\W*(?:很)?(?:抱歉|对不起)|^\W*作为(?:一个|一名)?(?:AI|人工智能)",
    re.IGNORECASE,
)
_CANNOT = re.compile(
    r"\b(?:can(?:no|')t|cannot|unable to|not able to|won'?t be able|don'?t have)\b|无法|不能|没办法|不会",
    re.IGNORECASE,
)
_PROMISES = re.compile(
    r"^\W*(?:sure|certainly|of course|absolutely|okay|ok|yes|great|no problem|i'?d be|i would be|i'?ll|i will|i can|i am|i'?m|here(?:'s| is| are)|let me)\b"
    r"[^\n]*\b(?:happy to|glad to|pleased to|love to|here(?:'s| is| are)|can help|will (?:write|provide|give|help)|can (?:write|provide|give)|let me|ready to|help you)\b"
    r"|^\W*(?:好的|当然|没问题|我很乐意|很高兴|我可以|我会)[^\n]{0,40}(?:为您|为你|帮|提供|写|介绍|回答)",
    re.IGNORECASE,
)


def words(text: str) -> float:
    """Words of a reply; 1.7 Chinese characters count as one."""
    cjk = len(_CJK.findall(text))
    return len(_WORD.findall(_CJK.sub(" ", text))) + cjk / 1.7


def sentences(text: str) -> int:
    return max(1, len(_SENTENCE.findall(text)))


def items(text: str) -> int:
    """Marked items of a reply."""
    return len(_ITEM.findall(text))


def is_chinese(text: str) -> bool:
    return len(_CJK.findall(text)) / 1.7 > 0.5 * max(words(text), 1.0)


def has_code(text: str) -> bool:
    return bool(_CODE.search(text))


def has_table(text: str) -> bool:
    """Two rows at least."""
    return len(_TABLE_ROW.findall(text)) >= 2


def email_parts(text: str) -> int:
    """Of greeting, body and closing, how many there are."""
    return bool(_OPENS.search(text)) + (words(text) >= 18) + bool(_CLOSES.search(text.rstrip()))


def evasion(text: str, asked: Request) -> bool:
    """Is it a refusal, a promise without the thing or a mere question back?"""
    said = text.strip()
    if not said or not asked.task:
        return False
    length, number = words(said), sentences(said)
    if _REFUSES.search(said) and _CANNOT.search(said[:200]) and length < 80:
        return True
    if (
        length < 40
        and number <= 2
        and _PROMISES.search(said)
        and "\n" not in said.strip()
        and not has_code(said)
    ):
        return True
    questions = len(re.findall("[?\uff1f]", said))
    return not asked.asks_back and length < 40 and questions >= number and said[-1] in "?\uff1f"


def evasions(texts: Sequence[str], asked: Request) -> NDArray[np.float64]:
    """Which of some replies to one request are no answer though others are, (n,) of 0 and 1."""
    evades = np.array([evasion(text, asked) for text in texts], dtype=float)
    return evades if evades.sum() * 2 < len(texts) else np.zeros(len(texts))


def missing(asked: Request, text: str, *, ended: bool = True) -> float:
    """What part of the request the reply lacks, 0 to 1 (0 too where nothing was asked for that can be counted).

    ``ended=False``: a beginning, which lacks only what cannot come any more (it is too long already, of another form).
    """
    length = words(text)
    lost = [_amount(asked, text, length, ended)]
    if asked.items:
        lost.append(_number(asked, text, ended))
    if asked.size == "short":
        lost.append(min(1.0, max(0.0, length / SHORT_WORDS - 1.0)))
    elif asked.size == "long" and ended:
        lost.append(max(0.0, 1.0 - length / LONG_WORDS))
    elif asked.genre and asked.form == "" and asked.amount is None and ended:
        lost.append(max(0.0, 1.0 - length / (FLOOR * asked.usual_words)))
    if asked.form == "prose":
        lost.append(float(items(text) >= 2))
    elif ended or length >= 20:
        if asked.form == "list":
            lost.append(float(items(text) < (2 if ended else 1)))
        elif asked.form == "code":
            lost.append(float(not has_code(text)))
        elif asked.form == "table" and ended:
            lost.append(float(not has_table(text)))
        elif asked.form == "email" and ended:
            lost.append(1.0 - email_parts(text) / 3.0)
    if asked.language and length >= 4 and asked.form != "code":
        lost.append(float(is_chinese(text) != (asked.language == "zh")))
    return max(lost)


def _amount(asked: Request, text: str, length: float, ended: bool) -> float:
    """By what part a length in numbers is missed."""
    amount = asked.amount
    if amount is None:
        return 0.0
    given = {
        "words": lambda: length,
        "sentences": lambda: float(sentences(text)),
        "paragraphs": lambda: float(len([b for b in re.split(r"\n\s*\n", text) if b.strip()])),
        "lines": lambda: float(len([line for line in text.split("\n") if line.strip()])),
    }[amount.unit]()
    if given > amount.high:
        return min(1.0, (given - amount.high) / amount.high)
    if ended and given < amount.low:
        return 1.0 - given / amount.low
    return 0.0


def _number(asked: Request, text: str, ended: bool) -> float:
    """By what part the number of things is missed; in running text, parts between commas, semicolons and "and" count."""
    given = items(text)
    if given < 2:
        if not ended:
            return 0.0
        given = len([p for p in re.split("[,;、\uff0c\uff1b]|\\band\\b|\\n", text) if p.strip()])
        if given >= asked.items:  # prose has commas for other reasons, too
            return 0.0
    if not ended and given <= asked.items:
        return 0.0
    return min(1.0, abs(given - asked.items) / asked.items)
