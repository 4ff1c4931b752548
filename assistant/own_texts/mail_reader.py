"""Mail (eml, mbox) to the texts that its senders wrote themselves: without quoted replies, signatures and forwarded mail.

Runs in a process of its own (``assistant.sandbox``), which is given the bytes of a file.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parseaddr
from html.parser import HTMLParser
from multiprocessing.connection import Connection
from typing import Any

from assistant.sandbox import serve

MOST_MAILS = 20_000  # of one file
LONGEST = 50_000  # characters of one mail's text
MOST_CHARACTERS = 30_000_000  # of all texts of a file

_MBOX = re.compile(rb"(?:\A|\n)From [^\n]*\n")
_QUOTE_BEGINS = re.compile(
    r"^\s*(?:-{2,}\s*(?:original message|ursprüngliche nachricht|forwarded message|原始邮件|转发的?邮件)"
    r"|_{10,}\s*$"
    r"|begin forwarded message"
    r"|(?:on|am|le|el)\s.{5,200}?(?:wrote|schrieb|a écrit|escribió)\s*:\s*$"
    r"|.{0,120}?(?:写道|寫道)\s*[:：]\s*$"
    r"|from:\s.{3,}$|von:\s.{3,}$|发件人\s*[:：].*$)",
    re.IGNORECASE,
)
_HEADER_LINE = re.compile(
    r"^\s*(?:sent|date|to|subject|gesendet|an|betreff|发送时间|收件人|主题|日期)\s*[:：]", re.IGNORECASE
)
_SIGNATURE = re.compile(
    r"^(?:--\s*|_{3,}\s*)$|^\s*(?:sent from my |get outlook for |von meinem .{3,40} gesendet|发自我的|来自我的)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Mail:
    sender: str  # address in lower case
    subject: str
    text: str  # what the sender wrote


def run(connection: Connection) -> None:
    """Answer files until the other end is gone."""
    serve(connection, lambda: None, answer)


def answer(data: bytes) -> tuple[dict[str, Any], bytes]:
    """({"mails": number}, their JSON) or ({"refused": clause}, b"")."""
    try:
        found = list(read(data))
    except MemoryError:
        return {"refused": "needs more memory than a file may take."}, b""
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError):
        return {
            "refused": "is damaged and cannot be read."
        }, b""  # what the parser raises on what nobody foresaw
    if not found:
        return {"refused": "has no mail with text of its own."}, b""
    rows = [[mail.sender, mail.subject, mail.text] for mail in found]
    return {"mails": len(rows)}, json.dumps(rows).encode()


def read(data: bytes) -> Iterator[Mail]:
    """The mails of an eml or mbox file that have a text of their own."""
    characters = 0
    for raw in _mails(data):
        try:
            mail = _mail(raw)
        except (ValueError, TypeError, LookupError, AttributeError, RecursionError):
            continue  # one damaged mail of many
        if mail is not None:
            characters += len(mail.text)
            if characters > MOST_CHARACTERS:
                return
            yield mail


def _mails(data: bytes) -> Iterator[bytes]:
    if not data.startswith(b"From "):
        yield data
        return
    starts = [found.end() for found in _MBOX.finditer(data)]
    ends = [*[found.start() for found in _MBOX.finditer(data)][1:], len(data)]
    for start, end in list(zip(starts, ends, strict=True))[:MOST_MAILS]:
        yield data[start:end].replace(b"\n>From ", b"\nFrom ")


def _mail(raw: bytes) -> Mail | None:
    message = message_from_bytes(raw, policy=policy.default)
    if not isinstance(message, EmailMessage) or message["From"] is None:
        return None
    text = own_part(_body(message)[: 4 * LONGEST])[:LONGEST]
    if not text:
        return None
    subject = re.sub(
        r"(?i)^\s*(?:(?:re|aw|fw|fwd|wg|回复|答复|转发)\s*[:：]\s*)+", "", str(message["Subject"] or "")
    )
    return Mail(parseaddr(str(message["From"]))[1].lower(), " ".join(subject.split())[:200], text)


def _body(message: EmailMessage) -> str:
    part = message.get_body(("plain", "html"))
    if part is None:
        return ""
    raw = part.get_payload(decode=True)
    if not isinstance(raw, bytes):
        return ""
    text = _decoded(raw, part.get_content_charset() or "utf-8")
    if part.get_content_type() == "text/html":
        reader = _Html()
        reader.feed(text[: 20 * LONGEST])
        text = reader.text()
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _decoded(raw: bytes, charset: str) -> str:
    for name in (charset, "utf-8", "gb18030"):
        try:
            return raw.decode(name)
        except (LookupError, UnicodeDecodeError):
            continue
    return raw.decode("utf-8", "replace")


class _Html(HTMLParser):
    """The text of a mail in HTML; quoted replies (blockquote) are left out."""

    def __init__(self) -> None:
        super().__init__()
        self._parts: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("script", "style", "head", "blockquote"):
            self._hidden += 1
        elif tag in ("br", "p", "div", "li", "tr"):
            self._parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("script", "style", "head", "blockquote"):
            self._hidden = max(0, self._hidden - 1)
        elif tag == "p":
            self._parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self._parts.append(re.sub(r"\s+", " ", data))

    def text(self) -> str:
        return "".join(self._parts)


def own_part(text: str) -> str:
    """What the sender wrote: without quoted lines, what follows the beginning of a quote, and the signature."""
    kept: list[str] = []
    lines = text.split("\n")
    for at, line in enumerate(lines):
        if line.lstrip().startswith((">", "|>")):
            continue
        whole = line if not re.match(r"(?i)\s*(?:on|am|le)\s", line) else " ".join(lines[at : at + 3])
        begins = _QUOTE_BEGINS.match(line) or (whole != line and _QUOTE_BEGINS.match(_to_colon(whole)))
        if begins and (
            not re.match(r"(?i)\s*(?:from|von|发件人)\s*[:：]", line) or _is_header(lines[at + 1 : at + 4])
        ):
            break
        if _SIGNATURE.match(line):
            break
        kept.append(line.rstrip())
    return re.sub(r"\n{3,}", "\n\n", "\n".join(kept)).strip()


def _to_colon(text: str) -> str:
    """A line "On ... wrote:" that was wrapped ends with its colon."""
    return text[: text.find(":", text.rfind("wrote") if "wrote" in text else 0) + 1] or text


def _is_header(lines: list[str]) -> bool:
    return any(_HEADER_LINE.match(line) for line in lines)
