"""Titles of conversations written by the model: what it is asked, and what of its answer can be a title.

Asked only while nothing else is to be done, dropped as soon as the user sends something, and never over a title that the
user gave (``services.chat.ChatService.write_title``).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.conversation import title_from
from assistant.records import Message, Sampling, Turn

FEWEST_PARAMETERS = 300_000_000  # smaller models do not follow the request; the first line stays the title
LONGEST = 60  # characters
SAMPLING = Sampling(temperature=0.0, repetition_penalty=1.0, max_tokens=24)
_READ = (800, 500)  # characters of the first message and of its reply
_HAN = re.compile(r"[\u3400-\u9fff]")
_ENGLISH = (
    "Below is the beginning of a conversation. Write a title for it of two to six words. Write only the title, without "
    "quotation marks.\n\nUser: {0}\n\nAssistant: {1}\n\nTitle:"
)
_CHINESE = "下面是一段对话的开头。请为它写一个不超过十二个字的标题。只写标题，不要引号。\n\n用户：{0}\n\n助手：{1}\n\n标题："
_BEFORE = re.compile(r"^(?:title|the title(?: is)?|标题|对话标题)\s*[:：]\s*", re.IGNORECASE)
_AROUND = " \t\"'“”‘’«»「」『』《》*_#`-–—.。:：,，;；"


def is_automatic(title: str, messages: Sequence[Message]) -> bool:
    """Whether a title is the first line of the first message, as a new conversation gets it."""
    first = next((message for message in messages if message.role == "user"), None)
    if first is None:
        return False
    name = first.attachments[0].name if first.attachments else ""
    return title == title_from(first.text, name)


def request(branch: Sequence[Message]) -> tuple[Turn, ...]:
    """What the model is asked; nothing where there is too little to name."""
    asked = next((message.text.strip() for message in branch if message.role == "user"), "")
    replied = next((message.text.strip() for message in branch if message.role == "assistant"), "")
    if not asked or not replied:
        return ()
    mostly_chinese = len(_HAN.findall(asked)) * 3 > len(asked)
    form = _CHINESE if mostly_chinese else _ENGLISH
    return (Turn("user", form.format(asked[: _READ[0]], replied[: _READ[1]])),)


def title_of(text: str) -> str:
    """The title in what the model wrote; empty where there is none."""
    line = next((line for line in text.splitlines() if line.strip(_AROUND)), "")
    line = _BEFORE.sub("", line.strip(_AROUND)).strip(_AROUND)
    line = " ".join("".join(c if c.isprintable() else " " for c in line).split())
    return line if len(line) <= LONGEST else ""
