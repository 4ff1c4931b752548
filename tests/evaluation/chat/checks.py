"""Checks of a reply's text, each a function that says what is wrong with it ("" when nothing is).

They are strict about what was asked and easy about the rest: a number may stand in digits or with commas, a list may use
any marker, bold marks and a code fence around JSON are no mistakes.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from typing import Any

Check = Callable[[str], str]
_CJK = re.compile(r"[\u3400-\u9fff]")
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f]")
_NUMBER = re.compile(r"-?\d+(?:,\d{3})*(?:\.\d+)?")
_MARKER = re.compile(r"^\s*(?:[-*•·+]|\d{1,2}\s*[.)、．]|[（(]\d{1,2}[)）]|[一二三四五六七八九十]+、)\s*")
_FENCE = re.compile(r"```[A-Za-z0-9_+-]*[ \t]*\n(.*?)```", re.DOTALL)
CODE_LIMIT_S = 10.0


def every(*checks: Check) -> Check:
    """All of them; what the first one that fails says."""
    return lambda text: next((wrong for check in checks if (wrong := check(text))), "")


def either(*checks: Check) -> Check:
    """One of them is enough."""

    def check(text: str) -> str:
        wrongs = [one(text) for one in checks]
        return "" if "" in wrongs else wrongs[0]

    return check


def says(*alternatives: str) -> Check:
    """One of the patterns (regular expressions, case ignored) is in the text."""
    found = re.compile("|".join(f"(?:{a})" for a in alternatives), re.IGNORECASE)
    return lambda text: "" if found.search(plain(text)) else f"does not say {alternatives[0]!r}"


def says_not(*patterns: str) -> Check:
    """None of the patterns is in the text."""
    found = re.compile("|".join(f"(?:{p})" for p in patterns), re.IGNORECASE)

    def check(text: str) -> str:
        match = found.search(plain(text))
        return f"says {match.group()!r}" if match else ""

    return check


def exactly(*answers: str) -> Check:
    """Nothing but one of the answers; case, bold marks, quotes and a full stop at the end do not count."""
    wanted = {_bare(answer) for answer in answers}
    return lambda text: "" if _bare(text) in wanted else f"is not just {answers[0]!r}"


def number(value: float) -> Check:
    """The result: it stands in the first or in the last line that holds any number."""

    def check(text: str) -> str:
        lines = [found for line in plain(text).splitlines() if (found := _numbers(line))]
        if not lines:
            return "has no number"
        there = any(abs(n - value) < 1e-6 for n in (*lines[0], *lines[-1]))
        return "" if there else f"does not give {value:g}"

    return check


def items(count: int) -> Check:
    """A list of so many items: lines with a marker, or, without any marker, the lines."""

    def check(text: str) -> str:
        found = listed(text)
        return "" if len(found) == count else f"has {len(found)} items, not {count}"

    return check


def each_item(check_one: Check) -> Check:
    """Every item of the list passes."""

    def check(text: str) -> str:
        for item in listed(text):
            if wrong := check_one(item):
                return f"{item!r} {wrong}"
        return ""

    return check


def lines(low: int, high: int | None = None) -> Check:
    """Lines that are not empty."""
    return lambda text: _within(sum(bool(line.strip()) for line in text.splitlines()), low, high, "lines")


def words(low: int, high: int | None = None) -> Check:
    """Words of a language with spaces."""
    return lambda text: _within(len(re.findall(r"[\w'’-]+", plain(text))), low, high, "words")


def characters(low: int, high: int | None = None) -> Check:
    """Chinese characters, marks not counted."""
    return lambda text: _within(len(_CJK.findall(text)), low, high, "characters")


def sentences(low: int, high: int | None = None) -> Check:
    """Sentences by their end marks."""
    return lambda text: _within(
        len([part for part in re.split(r"[.!?。！？]+(?=\s|$|[^\d\w])|[。！？]+", text.strip()) if part.strip(' \n"”’*')]),
        low, high, "sentences",
    )  # fmt: skip


def language(code: str) -> Check:
    """ "en": no Chinese characters; "zh": most letters are Chinese characters (names may be Latin)."""

    def check(text: str) -> str:
        chinese, latin = len(_CJK.findall(text)), len(_LATIN.findall(text))
        if code == "en":
            return "" if latin and not chinese else "is not in English"
        return "" if chinese > 2 and chinese * 2 >= latin else "is not in Chinese"

    return check


def upper_case(text: str) -> str:
    return "" if any(c.isalpha() for c in text) and text == text.upper() else "is not in capitals"


def lower_case(text: str) -> str:
    return "" if any(c.isalpha() for c in text) and text == text.lower() else "is not in small letters"


def starts(*beginnings: str) -> Check:
    """The first words are one of these (case counts)."""
    return lambda text: (
        "" if plain(text).lstrip().startswith(beginnings) else f"does not start with {beginnings[0]!r}"
    )


def ends(*endings: str) -> Check:
    """The last words are one of these; space and quotes behind them do not count."""
    return lambda text: (
        "" if plain(text).rstrip(' \n"”').endswith(endings) else f"does not end with {endings[0]!r}"
    )


def json_that(holds: Callable[[Any], bool]) -> Check:
    """The reply is JSON (a code fence around it is allowed, words beside it are not) and ``holds``."""

    def check(text: str) -> str:
        fence = _FENCE.fullmatch(text.strip())
        try:
            value = json.loads(fence.group(1) if fence else text)
        except ValueError:
            return "is not JSON"
        try:
            return "" if holds(value) else "is JSON with other content"
        except (KeyError, TypeError, AttributeError, IndexError, ValueError):
            return "is JSON of another shape"

    return check


def python_that(test: str) -> Check:
    """The code of the reply, followed by ``test`` (assertions), runs without an error."""

    def check(text: str) -> str:
        code = "\n".join(_FENCE.findall(text)) or text
        with tempfile.TemporaryDirectory(prefix="attune-code-") as scratch:
            try:
                done = subprocess.run(
                    [sys.executable, "-I", "-S", "-c", _LIMITS + code + "\n" + test],
                    cwd=scratch, env={}, capture_output=True, text=True, timeout=CODE_LIMIT_S, check=False,
                    stdin=subprocess.DEVNULL,
                )  # fmt: skip
            except (subprocess.TimeoutExpired, ValueError):
                return "its code does not end"
        if done.returncode == 0:
            return ""
        return f"its code fails: {(done.stderr.strip().splitlines() or ['no reason given'])[-1][:120]}"

    return check


# Code of a small model is tried as it comes: five processor seconds, 512 MB, no file larger than 1 kB.
_LIMITS = (
    "try:\n    import resource as _r\n    _r.setrlimit(_r.RLIMIT_CPU, (5, 5))\n"
    "    _r.setrlimit(_r.RLIMIT_AS, (1 << 29, 1 << 29))\n    _r.setrlimit(_r.RLIMIT_FSIZE, (1024, 1024))\n"
    "except ImportError:\n    pass\n"
)


def email(language_code: str) -> Check:
    """A letter: a greeting, at least two sentences of body, and a closing."""
    if language_code == "en":
        greeting, closing = (
            r"^\W*(dear|hi|hello|good (morning|afternoon))\b",
            r"(regards|sincerely|thank you|thanks|best wishes|yours)",
        )
    else:
        greeting, closing = r"(尊敬的|亲爱的|你好|您好)", r"(此致|敬礼|谢谢|感谢|祝|敬上|顺颂|致敬)"

    def check(text: str) -> str:
        body = [line for line in plain(text).splitlines() if line.strip()]
        if not any(re.search(greeting, line.strip(), re.IGNORECASE) for line in body[:4]):
            return "has no greeting"
        if not any(re.search(closing, line, re.IGNORECASE) for line in body[-5:]):
            return "has no closing"
        return sentences(3)(text)

    return check


def listed(text: str) -> list[str]:
    """The items of the reply's list, without their markers."""
    rows = [line for line in plain(text).splitlines() if line.strip()]
    marked = [_MARKER.sub("", row).strip() for row in rows if _MARKER.match(row)]
    return marked or [row.strip() for row in rows]


def plain(text: str) -> str:
    """Without the marks of bold and code."""
    return text.replace("**", "").replace("`", "").replace("’", "'")


def _bare(text: str) -> str:
    return re.sub(r"^[\s\"'“”‘’「『]+|[\s\"'“”‘’」』.。!！]+$", "", plain(text)).casefold()


def _numbers(line: str) -> list[float]:
    return [float(found.replace(",", "")) for found in _NUMBER.findall(line)]


def _within(count: int, low: int, high: int | None, what: str) -> str:
    high = low if high is None and what == "lines" else high
    if count < low or (high is not None and count > high):
        return f"has {count} {what}, not {low}{'' if high == low else f' to {high}' if high else ' or more'}"
    return ""
