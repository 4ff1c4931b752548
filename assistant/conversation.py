"""The message tree, as pure functions: titles, branches, and what of a branch the engine is told."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path

from assistant.prompt import joined
from assistant.records import FilePart, Message, Recognition, Turn

TITLE_CHARACTERS = 48


def title_from(text: str, picture_name: str = "") -> str:
    """A conversation's title from its first message: the first line, cut at a word."""
    line = next((line for line in map(_plain, text.splitlines()) if line), "") or _plain(picture_name)
    if len(line) <= TITLE_CHARACTERS:
        return line
    cut = line[: TITLE_CHARACTERS - 1]
    space = cut.rfind(" ")
    # Chinese has no spaces to cut at.
    return cut[: space if space > TITLE_CHARACTERS // 2 else len(cut)].rstrip(" ,;:，；：、-") + "…"


def _plain(line: str) -> str:
    """One line without Markdown's signs at its beginning and without control characters."""
    line = "".join(c if c.isprintable() or c in "\u200c\u200d" else " " for c in line)
    return re.sub(r"\s+", " ", re.sub(r"^[#>*\-\s`]+", "", line)).strip()


def children(messages: Sequence[Message], parent_id: str | None) -> list[Message]:
    """The branches under ``parent_id`` (None: the first messages), in the order given."""
    return [message for message in messages if message.parent_id == parent_id]


def path(messages: Sequence[Message], leaf_id: str | None) -> list[Message]:
    """The branch from the first message to ``leaf_id``; a damaged tree gives what can be reached."""
    by_id = {message.id: message for message in messages}
    branch: list[Message] = []
    seen: set[str] = set()
    while leaf_id is not None and leaf_id in by_id and leaf_id not in seen:
        seen.add(leaf_id)
        branch.append(by_id[leaf_id])
        leaf_id = by_id[leaf_id].parent_id
    return branch[::-1]


def newest_leaf(messages: Sequence[Message], under: str | None = None) -> str | None:
    """The end of the branch written last (``messages`` in the order of writing), below ``under`` if given."""
    if under is None:
        return messages[-1].id if messages else None
    below = {under}
    last = under
    for message in messages:
        if message.parent_id in below:
            below.add(message.id)
            last = message.id
    return last


def neighbour(siblings: Sequence[str], message_id: str, delta: int) -> str:
    """The branch ``delta`` places beside ``message_id``, stopping at the ends (``< 2/3 >``)."""
    position = list(siblings).index(message_id) + delta
    return siblings[max(0, min(position, len(siblings) - 1))]


def turns(
    branch: Sequence[Message], system_prompt: str, image_path: Callable[[str], Path]
) -> tuple[Turn, ...]:
    """What the engine is told of a branch that ends with the user's message.

    Replies that failed before their first word are left out, and the user's messages around them become one
    turn, since chat templates want the roles to alternate. ``image_path`` gives the file of a SHA-256.
    """
    result: list[Turn] = []
    if system_prompt.strip():
        result.append(Turn(role="system", text=system_prompt))
    for message in branch:
        images = tuple(str(image_path(a.sha256)) for a in message.attachments if a.kind == "image")
        sounds = tuple(str(image_path(a.sha256)) for a in message.attachments if a.kind == "audio")
        seen = tuple(_worth_telling(a.recognition) for a in message.attachments if a.kind == "image")
        if message.role == "assistant" and not message.text.strip():
            continue
        turn = Turn(message.role, message.text, images, seen, sounds, _files(message, image_path))
        if result and result[-1].role == turn.role:
            turn = joined(result.pop(), turn)
        result.append(turn)
    return tuple(result)


def _files(message: Message, path_of: Callable[[str], Path]) -> tuple[FilePart, ...]:
    """The files of a message, with what was read in its pictures: some may be pages of theirs."""
    read = tuple((a.sha256, a.recognition.text) for a in message.attachments if a.recognition)
    return tuple(
        FilePart(a.name, str(path_of(a.sha256)), read if a.pages else ())
        for a in message.attachments
        if a.kind == "file"
    )


def _worth_telling(recognition: Recognition | None) -> Recognition | None:
    """A picture in which nothing was recognised is not worth a line in the prompt."""
    return recognition if recognition is not None and recognition.line() else None
