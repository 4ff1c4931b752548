"""The request that a text of the user's would answer, inferred from the text: its kind and what it is about.

A short text's request says nothing of its length, where the kind has a usual one (an e-mail), so that its length can be learned.
Of a part of a longer text, and of a text of no known kind, it says the length: then that teaches nothing.
"""

from __future__ import annotations

import re
from collections import Counter

from assistant.learning.checks import answered

PART_WORDS = 350.0  # a longer text is taken in parts of about this many
MOST_PARTS = 12
LEAST_WORDS = 8.0  # a shorter text says nothing of how someone writes
_WORD = re.compile(r"[A-Za-zÀ-ÿ][A-Za-zÀ-ÿ'’-]+")
_HAN = re.compile("[\u3400-\u9fff]+")
_GREETING = re.compile(
    r"\A\s*(?:(?:dear|hi|hello|hey|good (?:morning|afternoon|evening)|liebe[rs]?|hallo|sehr geehrte)\b|尊敬的|亲爱的|您好|你好)",
    re.IGNORECASE,
)
_CLOSING = re.compile(
    r"(?:regards|sincerely|yours|cheers|love|thanks|thank you|best wishes|all the best|grüße|grüßen|此致|敬上|祝好|谢谢|顺颂)",
    re.IGNORECASE,
)
_SPEECH = re.compile('[“"「]|said|asked|replied|says')
_PAST = re.compile(r"\b(?:was|were|had|said|came|went|looked|took|saw)\b", re.IGNORECASE)
_COMMON = (
    "about above after again against all also always am among an and another any are around as at away back be because "
    "been before being between both but by can cannot could dear did do does done down each either else even ever every "
    "few find first for from further get give go going good great had has have having he her here hers herself him "
    "himself his how however i if in indeed into is it its itself just keep know last least less let like little long "
    "look made make man many may me men might mine more most much must my myself never new next no nor not nothing now "
    "of off often old on once one only or other others our out over own part people perhaps put quite rather really "
    "said same saw say see seem seemed shall she should since so some something still such take tell than that the "
    "their them themselves then there these they thing things think this those though thought three through thus time "
    "to together too two under until up upon us use very want was way we well went were what when where whether which "
    "while who whom whose why will with within without would year yes yet you your yours thank thanks please hello hi "
    "regards best don't it's i'm i've i'll didn't that's can't you're we're they're won't"
)
_STOP = frozenset(_COMMON.split())
_ZH_STOP = frozenset(
    "的一是了我不人在他有这个上们来到时大地为子中你说生国年着就那和要她出也得里后自以会家可下而过天去能对小多然于心学么之都好看起发当没成只如事把还用第样道想作种开美总从无情己面最女但现前些所同日手又行意动方期它头经长儿回位分"
    "爱老因很给名法间斯知世什两次使身者被高已亲其进此话常与活正感"
)


def parts(text: str) -> list[str]:
    """A text in parts of some 350 words, cut between paragraphs; one part where it is short."""
    text = text.strip()
    if answered.words(text) <= 1.5 * PART_WORDS:
        return [text]
    found: list[str] = []
    now: list[str] = []
    for paragraph in _paragraphs(text):
        if now and answered.words("\n\n".join([*now, paragraph])) > PART_WORDS:
            found.append("\n\n".join(now))
            now = []
            if len(found) == MOST_PARTS:
                return found
        now.append(paragraph)
    if now:
        found.append("\n\n".join(now))
    return [part for part in found[:MOST_PARTS] if answered.words(part) >= LEAST_WORDS]


def _paragraphs(text: str) -> list[str]:
    """Paragraphs, long ones cut between sentences and, where there are none, anywhere."""
    found = []
    for paragraph in re.split(r"\n\s*\n", text):
        while answered.words(paragraph) > PART_WORDS:
            room = paragraph[: int(6 * PART_WORDS)]
            ends = [m.end() for m in re.finditer(r"[.!?。！？]['\"”’」]?\s*", room)]
            cut = ends[-1] if ends and ends[-1] > len(room) // 3 else len(room)
            if cut >= len(paragraph):
                break
            found.append(paragraph[:cut].strip())
            paragraph = paragraph[cut:]
        if paragraph.strip():
            found.append(paragraph.strip())
    return found


def kind_of(text: str) -> str:
    """The genre of a text as ``request.GENRES`` names it; empty where it is not clear."""
    first, last = text[:80], text[-160:]
    if _GREETING.match(first) and (_CLOSING.search(last) or answered.words(text) < 250):
        return "letter"
    words = max(answered.words(text), 1.0)
    if words >= 80 and len(_SPEECH.findall(text)) >= 4 and len(_PAST.findall(text)) / words > 0.03:
        return "story"
    return ""


def prompt_of(text: str, kind: str, subject: str = "", *, part: bool = False) -> str:
    """The request, in the text's language. ``subject``: of a mail, or a title."""
    chinese = answered.is_chinese(text)
    about = subject or _topic(text, chinese)
    size = answered.words(text) * (1.7 if chinese else 1.0)
    amount = max(10, round(size / 10) * 10)
    if chinese:
        if kind in ("email", "letter") and not part:
            return f"写一封关于“{about}”的{'邮件' if kind == 'email' else '信'}。"
        return f"写一{'个故事' if kind == 'story' else '段文字'}，关于{about}，大约{amount}字。"
    if kind in ("email", "letter") and not part:
        return f"Write {'an e-mail' if kind == 'email' else 'a letter'} about this: {about}."
    return f"Write {'a story' if kind == 'story' else 'a text'} of about {amount} words about {about}."


def _topic(text: str, chinese: bool) -> str:
    """The words that come most often and say most."""
    if chinese:
        pairs: Counter[str] = Counter()
        for run in _HAN.findall(text):
            pairs.update(
                run[at : at + 2] for at in range(len(run) - 1) if not set(run[at : at + 2]) & _ZH_STOP
            )
        found = [pair for pair, _ in pairs.most_common(3)]
        return "、".join(found) or text[:12].strip()
    words = Counter(w.lower() for w in _WORD.findall(text) if len(w) > 3 and w.lower() not in _STOP)
    found = [word for word, _ in sorted(words.items(), key=lambda item: (-item[1], -len(item[0])))[:3]]
    if not found:
        return " ".join(text.split()[:6])
    return " and ".join([", ".join(found[:-1]), found[-1]]) if len(found) > 1 else found[0]
