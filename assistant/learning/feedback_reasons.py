"""Why the user rated so, read from the note of a rating: "too long", "shorter please", "太长了". English and Chinese.

The window's reasons are kept in the note in the words of the table here, whatever language the window speaks; a note
that was typed counts where it says one of these things and nothing else between two commas. What it says is a trait
(``traits.NAMES``) and a direction: 1 more of it, -1 less of it, 0 as it is here. ``CONTENT`` stands in the place of a
trait where the reason is what the reply says and not how: then the rating tells less of style.

A message of the user's that is such a wish and nothing else ("shorter, please") is kept as a note on the reply it
answers, and read the same way (``plain_wish``).
"""

from __future__ import annotations

import re

Reason = tuple[str, int]  # (trait or CONTENT, direction)

CONTENT = "content"
LONGEST_NOTE = 300  # characters: a longer note is a story, not a wish

_SAID: dict[Reason, str] = {
    ("length", -1): "too long|too wordy|too much text|shorter|short|brief|briefer|more brief|concise|more concise|"
    "keep it short|be brief|less text|too verbose|太长|短|简短|更短|简洁|太啰嗦|啰嗦",
    ("length", 1): "too short|too brief|longer|more detail|more details|more detailed|in more detail|太短|长|更长|详细|更详细",
    ("length", 0): "right length|good length|长度合适|长度正好",
    ("formality", -1): "too formal|too stiff|more casual|casual|less formal|more relaxed|太正式|太死板|随意|轻松|更随意",
    ("formality", 1): "too casual|too informal|more formal|formal|less casual|太随便|太随意|正式|更正式",
    ("formality", 0): "good tone|right tone|语气合适|语气正好",
    ("sentence_length", -1): "shorter sentences|short sentences|sentences too long|句子太长|短句",
    ("sentence_length", 1): "longer sentences|sentences too short|句子太短|长句",
    ("lists", -1): "no lists|no list|fewer lists|too many lists|no bullet points|too many bullet points|不要列表|别用列表",
    ("lists", 1): "a list|lists|use lists|use a list|as a list|more lists|bullet points|use bullet points|用列表|列表|列出来",
    ("markup", -1): "no headings|no bold|no markdown|plain text|too much bold|不要标题|不要加粗|纯文本",
    ("markup", 1): "headings|use headings|bold|use bold|用标题|加粗",
    ("paragraphs", -1): "one paragraph|in one paragraph|too many paragraphs|一段",
    ("paragraphs", 1): "more paragraphs|use paragraphs|wall of text|分段",
    ("emoji", -1): "no emoji|no emojis|fewer emoji|fewer emojis|too many emoji|too many emojis|不要表情|别用表情",
    ("emoji", 1): "emoji|emojis|more emoji|more emojis|use emoji|use emojis|用表情|多用表情",
    ("exclamations", -1): "no exclamation marks|too many exclamation marks|too excited|不要感叹号",
    ("questions", -1): "no questions|too many questions|stop asking questions|don't ask questions|不要提问|别提问",
    ("questions", 1): "ask me questions|ask questions|ask back|多提问|向我提问",
    ("greeting", -1): "no greeting|no greetings|skip the greeting|get to the point|to the point|直接说|不要客套",
    ("long_words", -1): "simpler|simple|simpler words|simple words|too complicated|plain words|too hard|太复杂|简单|用词简单",
    ("hedging", -1): "too vague|more definite|too cautious|太含糊",
    ("numbers", 1): "more numbers|more figures|use numbers|多用数字",
    ("chinese", 1): "in chinese|chinese|用中文|中文|说中文",
    ("chinese", -1): "in english|english|用英文|英文|说英文",
    (CONTENT, -1): "wrong|off topic|not true|incorrect|错|跑题|不对",
    (CONTENT, 1): "helpful|correct|有帮助|有用",
}  # fmt: skip
PHRASES: dict[str, Reason] = {
    phrase: reason for reason, phrases in _SAID.items() for phrase in phrases.split("|")
}

_BREAK = re.compile("[,;.!?\n\uff0c\uff1b。\uff01\uff1f、/]+|\\s+(?:and|but)\\s+")
_BEFORE = re.compile(
    r"^(?:please|pls|use|just|a bit|a little|much|far|way|it is|it's|this is|that is|that's|was|is|it was|make it|"
    r"make them|be|write|answer|reply|i want|i'd like|i prefer|rather|always|请|请你|麻烦|再|要|有点|回答|写得|写|更)\s*(?=\S)"
)
_AFTER = re.compile(
    r"(?<=\S)\s*(?:please|pls|next time|from now on|for me|thanks|thank you|一点儿|一点|一些|点儿|了|吧|啊|些|点|谢谢)$"
)


def read(note: str) -> tuple[Reason, ...]:
    """Every known reason in a note, each once, in the order of saying; empty where it says none."""
    if len(note) > LONGEST_NOTE:
        return ()
    found: dict[Reason, None] = {}
    for part in _BREAK.split(note.lower().replace("’", "'")):
        reason = _whole(part.strip())
        if reason is not None:
            found[reason] = None
    return tuple(found)


def plain_wish(text: str) -> bool:
    """Whether a message is a wish about style and nothing else: "shorter, please", "no lists". Not "Chinese" or
    "a list" alone, which may answer a question, nor a language, which may be meant for once."""
    if len(text) > 60 or "\n" in text.strip():
        return False
    lower = text.lower()
    parts = [part.strip() for part in _BREAK.split(lower) if part.strip(" ")]
    polite = {"please", "pls", "thanks", "谢谢", "请"}
    said = [_whole(part) for part in parts if part not in polite]
    if not said or any(r is None or r[0] in (CONTENT, "chinese") or r[1] == 0 for r in said):
        return False
    clear = _CLEAR.search(lower) is not None
    return clear or any(word in lower for word in polite)


_CLEAR = re.compile(
    r"\b(?:shorter|longer|simpler|briefer|more|less|fewer|no|too|use|don't|stop)\b|更|太|短一|长一|不要|别|多"
)


def _whole(part: str) -> Reason | None:
    """The reason that this phrase says and nothing else, with what politeness puts around it."""
    while part:
        if part in PHRASES:
            return PHRASES[part]
        less = _AFTER.sub("", _BEFORE.sub("", part)).strip()
        if less == part:
            return None
        part = less
    return None
