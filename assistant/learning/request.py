"""What a message itself asks for: length, number of things, form, language, genre and tone, in English and Chinese.

A taste is what a user likes *beside* what they ask for: who likes short replies and asks for a long essay wants a long
essay. ``read`` finds what a message states; ``Request.weight_of`` says how much of a learned preference is left for it, and
``Head.on`` (``reward``) applies that. What is not stated stays with the taste. Plain patterns: no torch, well under a
millisecond a message. What a reply lacks of a request is ``answered``'s subject.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

Unit = Literal["words", "sentences", "paragraphs", "lines"]
EXACT = 0  # of a stated feature: nothing is left for taste; +1, -1: taste may go the same way only
USUAL_WORDS = 51.0  # of a reply to an everyday prompt: the centre of the trait "length"
HALF = 0.5  # of a taste in length where the genre has a usual one
LONGEST_READ = 4000  # characters of a message, half from each end: requests stand at its ends


@dataclass(frozen=True, slots=True)
class Amount:
    """A length in numbers: "300 words", "two sentences", "不超过五十字" (characters count as 1 / 1.7 words)."""

    unit: Unit
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Request:
    """What one message asks for. ``stated``: feature -> EXACT, +1 (more was asked for) or -1 (less)."""

    amount: Amount | None = None
    size: Literal["", "long", "short"] = ""
    items: int = 0  # number of things asked for
    form: Literal["", "list", "prose", "table", "code", "email"] = ""
    language: Literal["", "en", "zh"] = ""
    genre: str = ""  # a key of GENRES
    chinese: bool = False  # the message itself is mostly Chinese
    asks_back: bool = False  # wants to be asked, so that a question is an answer
    task: bool = True  # more than a greeting or a word
    stated: Mapping[str, int] = field(default_factory=dict)

    @property
    def usual_words(self) -> float:
        """Words that such a reply usually has: what "longer" and "shorter" are measured from."""
        usual = GENRES.get(self.genre, USUAL_WORDS)
        if self.size == "long":
            return max(2.0 * usual, 200.0)
        return usual if self.size == "" else min(usual, 40.0)

    @property
    def shift(self) -> float:
        """What ``log1p(words)`` of a reply is lowered by, so that a usual one of this kind counts as usual."""
        return math.log1p(self.usual_words) - math.log1p(USUAL_WORDS)

    @property
    def exact(self) -> frozenset[str]:
        """Features that the request fixes, so that no reply to it tells of a taste in them."""
        return frozenset(name for name, way in self.stated.items() if way == EXACT)

    def weight_of(self, feature: str, weight: float) -> float:
        """How much (0 to 1) of a learned ``weight`` on a feature is left for this request."""
        if self.form == "code":
            return 0.0  # code stays code: its words and marks are no one's style
        way = self.stated.get(feature)
        if way is not None and (way == EXACT or way * weight < 0):
            return 0.0
        return HALF if feature == "length" and self.genre else 1.0


NOTHING = Request(task=False)
"""No request is known: every taste counts whole."""

GENRES: dict[str, float] = {
    "essay": 300.0, "story": 250.0, "article": 350.0, "speech": 250.0, "report": 300.0, "guide": 250.0, "letter": 130.0,
    "review": 150.0, "dialogue": 120.0, "comparison": 130.0, "poem": 80.0, "email": 100.0,
}  # fmt: skip
"""Usual words of what assistants write under that name; judged."""

_GENRE = {
    "essay": r"\bessays?\b|作文|散文|论文", "story": r"\b(?:story|stories|tale|fairy ?tale|novella)\b|故事|小说|童话",
    "article": r"\b(?:article|blog ?post|newspaper report)\b|文章|博客", "speech": r"\b(?:speech|toast|eulogy)\b|演讲|致辞|发言稿",
    "report": r"\breport\b|报告", "guide": r"\b(?:tutorial|guide|manual)\b|教程|攻略|指南",
    "email": r"\be-?mails?\b|邮件|电邮", "letter": r"\b(?:cover |formal |love )?letter\b|书信|一封信|的信|感谢信|求职信|道歉信",
    "review": r"\breview\b|书评|影评|评论", "dialogue": r"\b(?:dialogue|dialog|conversation between)\b|对话",
    "comparison": r"\b(?:comparison|compare)\b|比较|对比", "poem": r"\b(?:poem|sonnet|ballad)\b|诗",
}  # fmt: skip
_MAKES = re.compile(
    r"\b(?:write|compose|draft|create|tell|make|give|generate|produce|prepare|need|want|invent|compare|show|explain|"
    r"describe|provide|answer|send|list|reply|put|turn|present)\b|写|讲|编|创作|来|起草|给|做|生成|说|列|比较|介绍|描述|解释|回答|翻译|用",
    re.IGNORECASE,
)
_TEXTS = (
    r"(?:essay|story|tale|article|post|speech|report|tutorial|guide|e-?mail|letter|review|dialogue|comparison|poem|answer|"
    r"reply|response|explanation|description|text|list|version|message|paragraph|summary|introduction|note|overview|one|caption|"
    r"biography|account|analysis|plan|definition|line|piece)"
)
_LONG = re.compile(
    rf"\b(?:long|longer|lengthy)\b(?=(?:[\s,]+[\w'-]+){{0,3}}?\s+{_TEXTS}\b)"
    r"|\b(?:make it|much|a bit|even)\s+longer\b|\blonger,? please\b"
    r"|\bdetailed\b|\bin (?:great |full |more |much )?(?:detail|depth)\b|\bin-depth\b|\bthorough(?:ly)?\b|\bcomprehensive(?:ly)?\b"
    r"|\belaborate\b|\bextensive(?:ly)?\b|\bat length\b|\bexhaustive(?:ly)?\b|\bmany (?:chapters|paragraphs|pages|words)\b"
    r"|详细|详尽|详述|长篇|长文|很长|较长|长一[点些]|长点|越长越好|尽量长|写长|深入|全面|展开|细致|仔细(?:讲|说|解释)",
    re.IGNORECASE,
)
_SHORT = re.compile(
    rf"\bshort(?:er)?\b(?! stor)(?=(?:[\s,]+[\w'-]+){{0,2}}?\s+{_TEXTS}\b)"
    r"|\b(?:keep|make) it (?:very |really )?short(?:er)?\b|\bshorter,? please\b|\bbriefly\b|\bbrief\b|\bconcise(?:ly)?\b"
    r"|\bsuccinct(?:ly)?\b|\bin a nutshell\b|\bin a few words\b|\bin short\b|\btl;?dr\b|\bonly the answer\b|\bjust the answer\b"
    r"|\b(?:yes or no)\b|简短|简要|简洁|简述|简练|简单(?:地)?(?:说|介绍|回答|概括|解释|描述)|短一[点些]|短点|短文|几句话|概括|只(?:要|说|给)(?:出)?答案",
    re.IGNORECASE,
)
_NUMBERS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "eleven": 11, "twelve": 12, "fifteen": 15, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "hundred": 100,
    "a hundred": 100, "a single": 1, "a dozen": 12,
}  # fmt: skip
_NUMBER = r"(?:\d[\d,]*|" + "|".join(sorted((re.escape(n) for n in _NUMBERS), key=len, reverse=True)) + r")"
_ZH_NUMBER = r"(?:\d+|[零一二两三四五六七八九十百千]+)"
_AMOUNT = re.compile(
    rf"(?P<before>at least|no (?:fewer|less) than|more than|over|minimum of|at most|no more than|not more than|up to|"
    rf"fewer than|less than|under|within|maximum of)?\s*(?:between\s+)?\b(?P<n>{_NUMBER})(?:\s*(?:-|–|to|and|or)\s*(?P<m>{_NUMBER}))?"
    rf"[\s-]+(?:full |short |long |simple |complete |single )?(?P<unit>words?|sentences?|paragraphs?|lines?|pages?)\b"
    rf"(?P<after>\s+(?:or more|at least|or fewer|or less|at most|max(?:imum)?))?",
    re.IGNORECASE,
)
_ZH_AMOUNT = re.compile(
    rf"(?P<before>至少|不少于|超过|最多|不超过|不多于|少于|限)?(?P<n>{_ZH_NUMBER})(?:[-到至~—](?P<m>{_ZH_NUMBER}))?(?:多|余)?个?"
    r"(?P<unit>字|句|段|行|页)(?!母|子|典|体|话里)(?:话|落)?(?P<after>以上|以内|之内|以下|左右)?"
)
_ONE_LINE = re.compile(r"\b(?:one[- ]liner|one-line|single line)\b", re.IGNORECASE)
_THINGS = (
    r"ideas|tips|names|ways|things|items|examples|reasons|steps|suggestions|points|facts|questions|benefits|titles|slogans|"
    r"words|bullets?|bullet points|advantages|disadvantages|recipes|books|cities|countries|animals|rules|exercises|quotes|"
    r"arguments|topics|options|activities|hobbies|dishes|films|movies|songs|jokes|fruits|colou?rs|gifts|headlines|goals"
)
_ITEMS = re.compile(
    rf"\b(?P<n>{_NUMBER})\s+(?:[\w-]+\s+){{0,2}}?(?:{_THINGS})\b"
    r"|\btop (?P<top>\d{1,2}|five|ten|three)\b"
    rf"|(?P<zh>{_ZH_NUMBER})(?:个|条|种|项|点|件|本|部|首)(?!字|月|小时|人|星期|问题[是吗]|钟)",
    re.IGNORECASE,
)
_PROSE = re.compile(
    r"\b(?:no|without(?: a| any)?|not (?:as|in|with) a|don'?t (?:use|make|give me)(?: a| any)?|instead of a) (?:bulleted |numbered )?"
    r"(?:lists?|bullets?|bullet points)\b|\bin (?:plain |continuous |running )?prose\b|\brunning text\b|\bflowing text\b"
    r"|\bin (?:one|a single) paragraph\b|不要(?:用|使用)?(?:列表|清单|分点|项目符号)|不用列表|别用列表|不要分点|连贯的(?:段落|文字)|用一段话",
    re.IGNORECASE,
)
_LIST = re.compile(
    r"\bbullet(?:ed)?(?:[ -]?(?:points?|list))?s?\b|\b(?:as|in|with|make|write|give me|create|need) (?:me )?(?:a|an) (?:[\w-]+ ){0,3}?list\b"
    r"|\bnumbered list\b|\blist of\b|^\s*list\b|\b(?:please|and) list\b|\bchecklist\b|\bitemi[sz]ed\b|\bstep[- ]by[- ]step\b"
    r"|列表|清单|列出|列举|分点|逐条|要点|项目符号|分步骤",
    re.IGNORECASE,
)
_TABLE = re.compile(
    r"\b(?:in|as|into|make|create|with|use|give me|write|draw) (?:me )?a (?:[\w-]+ ){0,3}?table\b|\bmarkdown table\b|\btable (?:of|with|comparing)\b|表格|列成表",
    re.IGNORECASE,
)
_CODE = re.compile(
    r"\b(?:write|create|make|give|implement|show|fix|need|code|complete|refactor)\b[^.?!\n]{0,60}?\b(?:code|function|"
    r"regex|regular expression|sql query|query in sql|html page|unit tests?|bash command|algorithm)\b"
    r"|\b(?:write|implement)\b[^.?!\n]{0,40}?\b(?:script|program|class) (?:that|to|which|in|with)\b"
    r"|\bin (?:python|javascript|typescript|rust|java|c\+\+|sql|html|css|bash)\b|\b(?:python|javascript|rust|java|sql|bash) "
    r"(?:code|function|script|program|query|class|one-liner)\b|```|(?:写|实现|编写|给出|给我)[^。？！\n]{0,30}?(?:代码|函数|脚本|程序|正则|查询语句)",
    re.IGNORECASE,
)
_EMAIL = re.compile(_GENRE["email"] + "|" + _GENRE["letter"], re.IGNORECASE)
_TONES: tuple[tuple[str, str, int], ...] = (
    ("formality", r"\b(?:formal(?:ly)?|professional(?:ly)?|business-like|respectful)\b|正式|书面|专业的(?:语气|口吻)|商务", 1),
    ("formality", r"\b(?:casual(?:ly)?|informal(?:ly)?|friendly|relaxed|colloquial(?:ly)?|slang)\b|口语|轻松|随意|俏皮", -1),
    ("emoji", r"\b(?:no|without(?: any)?|don'?t use(?: any)?) emojis?\b|不(?:要|用)?(?:用|使用)?表情", -1),
    ("emoji", r"\b(?:with|use|using|add|some|many|lots of) (?:\w+ )?emojis?\b|(?<!不)(?<!不要)(?:用|使用|加|带)(?:上|些|一些)?表情", 1),
    ("exclamations", r"\b(?:enthusiastic(?:ally)?|excited(?:ly)?|exclamation)\b|热情|激动", 1),
    ("exclamations", r"\b(?:calm(?:ly)?|sober(?:ly)?|no exclamation marks)\b|冷静|平静|克制", -1),
    ("questions", r"\b(?:do not|don'?t) ask\b|\bwithout asking\b|不要(?:反)?(?:问|提问)|别问", -1),
    ("questions", r"\bask me\b|\bquiz me\b|问我|提问我|反问我|考考我", 1),
    ("long_words", r"\b(?:simple words|simply|plain (?:english|language)|(?:for|to) (?:a|my) (?:\w+[- ])?(?:child|kid|beginner)|year[- ]old|eli5)\b|通俗|简单的(?:话|词)|小朋友|孩子", -1),
    ("long_words", r"\b(?:academic|scholarly|sophisticated|technical terms)\b|学术|文雅", 1),
    ("first_person", r"\bfirst person\b|第一人称", 1),
    ("markup", r"\b(?:headings?|sections|bold|markdown)\b|标题和|小标题|加粗", 1),
    ("markup", r"\bplain text\b|\bno (?:markdown|headings|bold)\b|纯文本|不要(?:用)?(?:标题|加粗|markdown)", -1),
    ("paragraphs", r"\b(?:several|many|multiple) paragraphs\b|分段", 1),
    ("greeting", r"\b(?:straight to the point|no greeting|skip the (?:intro|greeting|pleasantries))\b|直接(?:回答|说)|不要(?:寒暄|客套)", -1),
    ("numbers", r"\b(?:with|give|include) (?:\w+ )?(?:figures|numbers|statistics)\b|数据|数字", 1),
    ("code", r"\b(?:no|without(?: any)?) code\b|不要(?:给)?(?:出)?代码", -1),
)  # fmt: skip
_TONE = tuple((name, re.compile(pattern, re.IGNORECASE), way) for name, pattern, way in _TONES)
_TO_EN = re.compile(
    r"\b(?:in|into|to) english\b|(?:用|以)(?:英文|英语)|(?:译|翻)(?:成|为)(?:英文|英语)", re.IGNORECASE
)
_TO_ZH = re.compile(
    r"\b(?:in|into|to) (?:chinese|mandarin)\b|(?:用|以)(?:中文|汉语|普通话)|(?:译|翻)(?:成|为)(?:中文|汉语)",
    re.IGNORECASE,
)
_CJK = re.compile("[\u3400-\u9fff]")
_ENGLISH_WORD = re.compile(r"[A-Za-z']+")
_ZH_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"两": 2}
_FORM_STATES: dict[str, dict[str, int]] = {
    "list": {"lists": 1, "paragraphs": EXACT},
    "prose": {"lists": -1, "markup": -1},
    "table": dict.fromkeys(("lists", "markup", "paragraphs", "length", "quotes", "questions"), EXACT),
    "email": {
        "greeting": 1, "lists": -1, "length": EXACT, "paragraphs": EXACT, "sentence_length": EXACT, "you": EXACT,
        "first_person": EXACT, "quotes": EXACT, "questions": EXACT, "markup": EXACT,
    },
    "code": {},
}  # fmt: skip


@lru_cache(maxsize=512)
def read(message: str) -> Request:
    """What ``message``, the user's last one, asks for. Any text will do."""
    text = message if len(message) <= LONGEST_READ else f"{message[:2000]}\n{message[-2000:]}"
    chinese = len(_CJK.findall(text)) > len(_ENGLISH_WORD.findall(text))
    makes = bool(_MAKES.search(text))
    genre = next((name for name, found in _GENRE.items() if makes and re.search(found, text, re.I)), "")
    amount, items = _amount(text), 0
    if amount is None:
        items = _items(text)
    form = _form(text, genre)
    size: Literal["", "long", "short"] = ""
    if amount is None and form not in ("code", "table"):
        size = "long" if _LONG.search(text) else "short" if _SHORT.search(text) else ""
    language: Literal["", "en", "zh"] = "en" if _TO_EN.search(text) else "zh" if _TO_ZH.search(text) else ""
    stated: dict[str, int] = {}
    for name, found, way in _TONE:
        if name not in stated and found.search(text):
            stated[name] = way
    if amount is not None:
        stated["length"] = EXACT
        if amount.unit in ("paragraphs", "lines"):
            stated |= {"paragraphs": EXACT, "lists": EXACT}
        elif amount.unit == "sentences":
            stated["sentence_length"] = EXACT
    elif size:
        stated["length"] = 1 if size == "long" else -1
    if items:
        stated |= {"length": EXACT, "lists": EXACT, "paragraphs": EXACT}
    stated |= _FORM_STATES.get(form, {})
    if language:
        stated["chinese"] = EXACT
    return Request(
        amount, size, items, form, language, genre, chinese,
        asks_back=stated.get("questions", 1 if re.search(r"\bquestions?\b|问题", text, re.I) else 0) == 1,
        task=len(_ENGLISH_WORD.findall(text)) + len(_CJK.findall(text)) / 1.25 >= 4, stated=stated,
    )  # fmt: skip


def number(said: str) -> int:
    """``"ten"``, ``"1,200"`` and ``"三百五十"`` as numbers; 0 for what is none."""
    said = said.strip().lower().replace(",", "")
    if said.isascii():
        return int(said) if said.isdigit() else _NUMBERS.get(said, 0)
    total = digit = 0
    for c in said:
        if c in _ZH_DIGITS:
            digit = _ZH_DIGITS[c]
        elif c in "十百千":
            total += max(digit, 1) * {"十": 10, "百": 100, "千": 1000}[c]
            digit = 0
        elif c.isdigit():
            digit = 10 * digit + int(c)
    return total + digit


def _amount(text: str) -> Amount | None:
    """The first length in numbers. A bare number may be missed by a third, a limit by a tenth."""
    if _ONE_LINE.search(text):
        return Amount("lines", 1, 1)
    found = _AMOUNT.search(text)
    if found is not None:
        n, m = number(found["n"]), number(found["m"] or "")
        unit = found["unit"].lower().rstrip("s")
        bound = f"{found['before'] or ''} {found['after'] or ''}".lower()
        least = re.search(r"least|no (?:fewer|less)|more than|over|minimum|or more", bound) is not None
        least = least and re.search(r"(?:no|not) more", bound) is None
        most = not least and re.search(r"most|more|up to|fewer|less|under|within|max", bound) is not None
        scale = 400.0 if unit == "page" else 1.0
        kind: Unit = {
            "word": "words",
            "page": "words",
            "sentence": "sentences",
            "paragraph": "paragraphs",
        }.get(unit, "lines")  # type: ignore[assignment]
        return _bounded(kind, n * scale, m * scale, least=least, most=most)
    found = _ZH_AMOUNT.search(text)
    if found is None:
        return None
    n, m = number(found["n"]), number(found["m"] or "")
    unit, bound = found["unit"], f"{found['before'] or ''}{found['after'] or ''}"
    if n < 1 or (unit == "字" and n < 2):
        return None
    scale = {"字": 1 / 1.7, "页": 300.0}.get(unit, 1.0)
    kind = {"字": "words", "页": "words", "句": "sentences", "段": "paragraphs"}.get(unit, "lines")  # type: ignore[assignment]
    at_least = re.search("至少|不少于|超过|以上", bound) is not None and "不超过" not in bound
    at_most = re.search("最多|不超过|不多于|少于|限|以内|之内|以下", bound) is not None and not at_least
    return _bounded(kind, n * scale, m * scale, least=at_least, most=at_most)


def _bounded(unit: Unit, n: float, m: float, *, least: bool, most: bool) -> Amount | None:
    if n <= 0:
        return None
    loose = 1.34 if unit == "words" else 1.0
    if m > n:
        return Amount(unit, n / loose, m * loose)
    if least:
        return Amount(unit, n * (0.9 if unit == "words" else 1.0), math.inf)
    if most:
        return Amount(unit, 0.0, n * (1.1 if unit == "words" else 1.0))
    return Amount(unit, n / loose, n * loose)


def _items(text: str) -> int:
    found = _ITEMS.search(text)
    if found is None or not _MAKES.search(text):
        return 0
    wanted = number(found["n"] or found["top"] or found["zh"] or "")
    one_zh = wanted == 1 and found["zh"] is not None  # "一个" is an article
    return 0 if wanted > 100 or one_zh else wanted


def _form(text: str, genre: str) -> Literal["", "list", "prose", "table", "code", "email"]:
    if _CODE.search(text) and "code" not in {name for name, f, way in _TONE if way < 0 and f.search(text)}:
        return "code"
    if _TABLE.search(text):
        return "table"
    if genre in ("email", "letter") and _EMAIL.search(text):
        return "email"
    if _PROSE.search(text):
        return "prose"
    return "list" if _LIST.search(text) else ""
