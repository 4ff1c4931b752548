"""Conversations as documents for people: Markdown, plain text, or one HTML page with its pictures and sounds inside.

Only the branch being looked at is written. These do not come back; ``json_exchange`` is for that.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Sequence
from html import escape
from pathlib import Path

from assistant.errors import BadInput
from assistant.files.document import read_kept
from assistant.records import Conversation, Message

Document = tuple[Conversation, Sequence[Message]]
_NAMES = {"user": "You", "assistant": "Attune", "system": "System"}

_STYLE = """body{font:15px/1.5 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem;
color:#1c1e21;background:#fff}h2{margin-top:3rem;border-bottom:1px solid #ddd}h3{font-size:13px;
margin:1.5rem 0 0;color:#555}pre{white-space:pre-wrap;overflow-wrap:anywhere;font:inherit;
margin:.25rem 0}img{max-width:100%;max-height:24rem}small{color:#666}
@media(prefers-color-scheme:dark){body{color:#e6e6e6;background:#16181b}
h2{border-color:#444}h3,small{color:#aaa}}"""


def markdown(documents: Sequence[Document], picture: Callable[[str], Path]) -> str:
    """All conversations as one Markdown text; pictures and sounds as links to their files."""
    parts = []
    for conversation, messages in documents:
        parts.append(f"# {_one_line(conversation.title) or 'Conversation'}\n\n*{conversation.created_at}*\n")
        if conversation.system_prompt:
            parts.append(f"## System\n\n{conversation.system_prompt}\n")
        for message in messages:
            parts.append(f"## {_NAMES[message.role]}\n")
            for attachment in message.attachments:
                if attachment.kind == "file":
                    text = _file_text(picture(attachment.sha256))
                    fence = "~" * (3 + max((len(run) for run in re.findall("~+", text)), default=0))
                    parts.append(f"File: {_one_line(attachment.name)}\n\n{fence}\n{text}\n{fence}\n")
                    continue
                seen = attachment.recognition.line() if attachment.recognition else ""
                alt = _one_line(attachment.name).replace("[", "(").replace("]", ")")
                mark = "!" if attachment.kind == "image" else ""
                parts.append(f"{mark}[{alt}](<{picture(attachment.sha256).as_uri()}>)\n")
                if seen:
                    parts.append(f"*{_one_line(seen)}*\n")
            parts.append(message.text + "\n")
            if message.error:
                parts.append(f"> {_one_line(message.error)}\n")
    return "\n".join(parts)


def plain(documents: Sequence[Document], picture: Callable[[str], Path]) -> str:
    """All conversations as one text; pictures and sounds by their names."""
    parts = []
    for conversation, messages in documents:
        title = _one_line(conversation.title) or "Conversation"
        parts.append(f"{title}\n{'=' * min(len(title), 70)}\n{conversation.created_at}\n")
        if conversation.system_prompt:
            parts.append(f"System:\n{conversation.system_prompt}\n")
        for message in messages:
            names = "".join(f"[{_one_line(attachment.name)}]\n" for attachment in message.attachments)
            error = f"\n({_one_line(message.error)})" if message.error else ""
            parts.append(f"{_NAMES[message.role]}:\n{names}{message.text}{error}\n")
    return "\n".join(parts)


def html(documents: Sequence[Document], picture: Callable[[str], Path]) -> str:
    """All conversations as one page. All text is escaped; the page forbids itself to run or load anything."""
    parts = [
        "<!doctype html><html><head><meta charset='utf-8'><title>Attune</title>",
        "<meta http-equiv='Content-Security-Policy' content=\"default-src 'none'; img-src data:; media-src data:; ",
        f"style-src 'unsafe-inline'\"><style>{_STYLE}</style></head><body>",
    ]
    for conversation, messages in documents:
        parts.append(f"<h2>{escape(conversation.title or 'Conversation')}</h2>")
        parts.append(f"<small>{escape(conversation.created_at)}</small>")
        if conversation.system_prompt:
            parts.append(f"<h3>System</h3><pre>{escape(conversation.system_prompt)}</pre>")
        for message in messages:
            parts.append(f"<h3>{_NAMES[message.role]}</h3>")
            for attachment in message.attachments:
                path = picture(attachment.sha256)
                if attachment.kind == "file":
                    summary = f"<summary>{escape(_one_line(attachment.name))}</summary>"
                    parts.append(f"<details>{summary}<pre>{escape(_file_text(path))}</pre></details>")
                    continue
                if path.is_file():
                    data = base64.b64encode(path.read_bytes()).decode()
                    source = f"data:{escape(attachment.mime)};base64,{data}"
                    name = escape(attachment.name)
                    if attachment.kind == "audio":
                        parts.append(f"<p><audio controls src='{source}'></audio> <small>{name}</small></p>")
                    else:
                        parts.append(f"<p><img alt='{name}' src='{source}'></p>")
                if attachment.recognition and attachment.recognition.line():
                    parts.append(f"<small>{escape(attachment.recognition.line())}</small>")
            parts.append(f"<pre>{escape(message.text)}</pre>")
            if message.error:
                parts.append(f"<small>{escape(message.error)}</small>")
    parts.append("</body></html>\n")
    return "\n".join(parts)


def _file_text(path: Path) -> str:
    """What was read in an attached file; empty where that is missing or damaged: the conversation is exported anyway."""
    try:
        return read_kept(path).text
    except BadInput:
        return ""


def _one_line(text: str) -> str:
    return " ".join(text.split())
