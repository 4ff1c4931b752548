"""Gemini: ``MyActivity.json`` of Google Takeout (My Activity, only "Gemini Apps", as JSON).

A list of what was done, the newest first. An entry is a prompt (``title``, "Prompted ...") and its reply as HTML. Which prompts
belong to one chat is not in it, so there is one chat for each day here.
"""

from __future__ import annotations

import re
from functools import partial
from html.parser import HTMLParser
from pathlib import PurePosixPath
from typing import Any

from assistant.imports.building import MAX_PICTURE_BYTES, Bundle, Chat, sequence, text, time
from assistant.imports.source import Source

FORM = "Gemini"
_PROMPTED = re.compile(r"(?:Prompted|Asked|Said)[\s\u00a0]+")
_PRODUCT = re.compile(r"Gemini|Bard")
_PICTURE = (".png", ".jpg", ".jpeg", ".webp", ".gif")
_LINE = {"br", "div", "tr", "ul", "ol", "table"}
_PARAGRAPH = {"p", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "blockquote"}


def is_one(entry: Any) -> bool:
    return (
        isinstance(entry, dict)
        and _PRODUCT.search(text(entry, "header")) is not None
        and bool(text(entry, "title"))
        and bool(time(entry, "time"))
    )


def read(source: Source, entries: list[Any], bundle: Bundle) -> None:
    days: dict[str, Chat] = {}
    last: dict[str, str] = {}
    known = [entry for entry in entries if is_one(entry)]
    if len(known) < len(entries):
        bundle.left_out += ["An entry is not of Gemini, or has no text or time."] * (
            len(entries) - len(known)
        )
    for entry in sorted(known, key=lambda entry: time(entry, "time")):
        reply = "\n\n".join(
            filter(None, (_plain(text(item, "html")) for item in sequence(entry, "safeHtmlItem")))
        )
        prompt = text(entry, "title")
        if not reply and not _PROMPTED.match(prompt):
            bundle.left_out.append("An entry is no prompt (a setting, a feedback, a canvas).")
            continue
        at = time(entry, "time")
        day = at[:10]
        chat = days.setdefault(day, Chat(FORM, day, title=f"Gemini {day}"))
        key = f"{at} {prompt[:80]}"
        pictures = _pictures(source, entry, bundle)
        chat.add(f"{key} ?", last.get(day), "user", _PROMPTED.sub("", prompt, count=1), at, pictures)
        chat.add(f"{key} !", f"{key} ?", "assistant", reply, at)
        last[day] = chat.current = f"{key} !"
    for chat in days.values():
        bundle.take(chat)
    if days:
        bundle.left_out.append(
            "Gemini's export does not say which prompts belong together: one chat for each day."
        )


def _pictures(source: Source, entry: Any, bundle: Bundle) -> list[str]:
    named = [name for name in sequence(entry, "attachedFiles") if isinstance(name, str)]
    if text(entry, "imageFile"):
        named.append(text(entry, "imageFile"))
    pictures = []
    for name in dict.fromkeys(named):
        short = PurePosixPath(name).name
        found = [inner for inner in source.names if PurePosixPath(inner).name == short]
        if found and short.lower().endswith(_PICTURE):
            load = partial(source.bytes, found[0], MAX_PICTURE_BYTES)
            pictures.append(bundle.picture(short, short, load))
        else:
            bundle.left_out.append("A file of a prompt is not in the export, or is no picture.")
    return pictures


def _plain(html: str) -> str:
    """HTML as text with Markdown's marks for code and lists. Nothing of it is rendered or fetched."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    made = re.sub(r"[ \t]+\n", "\n", "".join(reader.parts))
    return re.sub(r"\n{3,}", "\n\n", made).strip()


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._hidden = 0
        self._code = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("script", "style"):
            self._hidden += 1
        elif tag == "pre":
            self._code += 1
            self.parts.append("\n\n```\n")
        elif tag == "li":
            self.parts.append("\n- ")
        elif tag in _PARAGRAPH:
            self.parts.append("\n\n")
        elif tag in _LINE:
            self.parts.append("\n")
        elif tag in ("td", "th"):
            self.parts.append(" | ")
        elif tag == "code" and not self._code:
            self.parts.append("`")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("script", "style"):
            self._hidden = max(0, self._hidden - 1)
        elif tag == "pre" and self._code:
            self._code -= 1
            self.parts.append("\n```\n\n")
        elif tag in _PARAGRAPH:
            self.parts.append("\n\n")
        elif tag == "code" and not self._code:
            self.parts.append("`")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.parts.append(data if self._code else re.sub(r"\s+", " ", data))
