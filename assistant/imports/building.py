"""From another program's messages, in whatever order and shape, to a tree as it is kept here.

Values are looked up leniently: another program's next version may write them otherwise, and the rest should still come.
Ids are made from the program's own, so that a second import finds what is there.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any

from assistant.errors import BadInput
from assistant.records import Attachment, Conversation, Message, Rating, Role
from assistant.store.connection import clean
from assistant.store.import_writing import Attached, Incoming, Tree

MAX_TEXT_CHARACTERS = 10_000_000
MAX_PICTURE_BYTES = 20_000_000
_TITLE_CHARACTERS = 60


def own_id(form: str, *parts: object) -> str:
    """The id here of something that another program calls ``parts``."""
    return hashlib.sha256("\0".join([form, *map(str, parts)]).encode("utf-8", "replace")).hexdigest()[:32]


def mapping(value: Any, name: str) -> dict[str, Any]:
    found = value.get(name) if isinstance(value, dict) else None
    return found if isinstance(found, dict) else {}


def sequence(value: Any, name: str) -> list[Any]:
    found = value.get(name) if isinstance(value, dict) else None
    return found if isinstance(found, list) else []


def text(value: Any, *names: str) -> str:
    """The first of these that is a text; "": none is."""
    for name in names:
        found = value.get(name) if isinstance(value, dict) else None
        if isinstance(found, str) and found:
            return clean(found)
    return ""


def time(value: Any, *names: str) -> str:
    """The first of these that is a moment (ISO-8601, or seconds or milliseconds since 1970), as it is kept; "": none."""
    for name in names:
        found = value.get(name) if isinstance(value, dict) else None
        try:
            if isinstance(found, (int, float)) and not isinstance(found, bool) and found > 0:
                moment = datetime.fromtimestamp(found / 1000 if found > 1e11 else found, UTC)
            elif isinstance(found, str) and found:
                moment = datetime.fromisoformat(found)
                moment = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
            else:
                continue
        except (ValueError, OverflowError, OSError):
            continue
        return moment.isoformat(timespec="milliseconds")
    return ""


def picture_in(url: Any) -> Callable[[], bytes] | None:
    """What gives the bytes of a ``data:`` address of a picture; None for any other address: nothing is fetched."""
    if not isinstance(url, str) or not url.startswith("data:image/") or ";base64," not in url[:100]:
        return None
    return partial(_decoded, url)


def _decoded(url: str) -> bytes:
    try:
        return base64.b64decode(url.split(";base64,", 1)[1], validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadInput("A picture in the file is damaged.") from error


@dataclass(slots=True)
class _Node:
    key: str
    parent: str | None
    role: Role | None  # None: left out, what follows it follows what it followed
    text: str = ""
    at: str = ""
    pictures: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Chat:
    """One conversation while it is read. ``key`` is what its program calls it."""

    form: str
    key: str
    title: str = ""
    created_at: str = ""
    updated_at: str = ""
    system_prompt: str = ""
    pinned: bool = False
    folder: str = ""
    current: str | None = None  # the key of the message whose branch is looked at
    nodes: dict[str, _Node] = field(default_factory=dict)
    _becomes: dict[str, str] = field(default_factory=dict)  # of a key, the message it is in here

    def add(
        self,
        key: str,
        parent: str | None,
        role: str,
        text: str,
        at: str = "",
        pictures: list[str] | None = None,
    ) -> None:
        """One message, in any order. Roles other than user and assistant, and empty ones, are left out."""
        kept: Role | None = (
            "user" if role in ("user", "human") else "assistant" if role == "assistant" else None
        )
        pictures = pictures or []
        if not text.strip() and not pictures:
            kept = None
        if len(text) > MAX_TEXT_CHARACTERS:
            raise BadInput(
                f"A message of {self.title or 'a chat'} is longer than {MAX_TEXT_CHARACTERS} characters."
            )
        self.nodes.setdefault(key, _Node(key, parent, kept, text.strip(), at, pictures))

    def tree(self) -> Tree | None:
        """As it is kept here; None: there is nothing in it."""
        order = self._ordered()
        children: dict[str | None, int] = {}
        for node in order:
            above = self._above(node)
            children[above] = children.get(above, 0) + 1
        last = max((node.at for node in order), default="")
        started = self.created_at or min((node.at for node in order if node.at), default="") or last
        started = started or datetime(1970, 1, 1, tzinfo=UTC).isoformat(timespec="milliseconds")
        conversation_id = own_id(self.form, self.key)
        kept: dict[str, Message] = {}
        for node in order:
            assert node.role is not None
            above = self._above(node)
            parent = kept.get(above or "")
            attachments = tuple(Attachment(name, "image", "", "picture", 0) for name in node.pictures)
            if parent is not None and parent.role == node.role == "assistant" and children[above] == 1:
                # A reply in steps (it looked something up, made a picture): one message here.
                joined = "\n\n".join(part for part in (parent.text, node.text) if part)
                self._becomes[node.key] = parent.id
                kept[node.key] = parent = Message(
                    parent.id,
                    conversation_id,
                    parent.parent_id,
                    "assistant",
                    joined,
                    parent.created_at,
                    (*parent.attachments, *attachments),
                )
                for key, message in kept.items():
                    if message.id == parent.id:
                        kept[key] = parent
                continue
            message = Message(
                own_id(self.form, self.key, node.key),
                conversation_id,
                parent.id if parent else None,
                node.role,
                node.text,
                node.at or started,
                attachments,
            )
            self._becomes[node.key] = message.id
            kept[node.key] = message
        if not kept:
            return None
        messages = list({message.id: message for message in kept.values()}.values())
        first = next((m.text for m in messages if m.role == "user" and m.text), "")
        title = " ".join((self.title or first[:_TITLE_CHARACTERS]).split())
        leaf = self._becomes.get(self._nearest(self.current) or "") or messages[-1].id
        conversation = Conversation(
            id=conversation_id,
            title=clean(title)[:500],
            created_at=started,
            updated_at=self.updated_at or last or started,
            leaf_id=leaf,
            pinned=self.pinned,
            system_prompt=self.system_prompt,
            folder=" ".join(self.folder.split())[:100],
        )
        return Tree(conversation, messages)

    def message_id(self, key: str) -> str | None:
        """The id here of the program's message ``key``, once ``tree`` was made."""
        return self._becomes.get(key)

    def _ordered(self) -> list[_Node]:
        """What is kept, parents before children, in the order of adding. A circle is cut where it closes."""
        done: dict[str, None] = {}
        for start in self.nodes:
            chain: dict[str, None] = {}
            key: str | None = start
            while key is not None and key in self.nodes and key not in done and key not in chain:
                chain[key] = None
                key = self.nodes[key].parent
            if key is not None and key in chain:
                self.nodes[next(reversed(chain))].parent = None
            done.update(dict.fromkeys(reversed(chain)))
        return [self.nodes[key] for key in done if self.nodes[key].role is not None]

    def _above(self, node: _Node) -> str | None:
        return self._nearest(node.parent)

    def _nearest(self, key: str | None) -> str | None:
        """``key``, or what is kept above it."""
        steps = 0
        while key is not None and (node := self.nodes.get(key)) is not None and node.role is None:
            key, steps = node.parent, steps + 1
            if steps > len(self.nodes):
                return None
        return key if key in self.nodes else None


@dataclass(slots=True)
class Bundle:
    """What is read of a file so far."""

    form: str
    confirmed: bool
    trees: list[Tree] = field(default_factory=list)
    ratings: list[Rating] = field(default_factory=list)
    attached: dict[str, Attached] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)

    def take(self, chat: Chat) -> None:
        tree = chat.tree()
        if tree is not None:
            self.trees.append(tree)

    def picture(self, key: str, name: str, load: Callable[[], bytes]) -> str:
        """Note a picture; what messages call it."""
        called = hashlib.sha256(f"{self.form}\0{key}".encode("utf-8", "replace")).hexdigest()
        self.attached.setdefault(
            called, Attached(Attachment(called, "image", "", clean(name)[:200], 0), load)
        )
        return called

    def thumb(self, chat: Chat, key: str, up: bool, note: str = "", at: str = "") -> None:
        """A thumb on a reply of ``chat``, whose tree is made."""
        message = chat.message_id(key)
        if message is None:
            self.left_out.append("A rating's reply was not in the file.")
            return
        self.ratings.append(
            Rating(
                id=own_id(self.form, chat.key, key, "rating"),
                kind="thumb",
                value=1 if up else -1,
                created_at=at or chat.updated_at or chat.created_at,
                message_id=message,
                note=clean(note),
                confirmed=self.confirmed,
            )
        )

    def incoming(self) -> Incoming:
        counted: dict[str, int] = {}
        for sentence in self.left_out:
            counted[sentence] = counted.get(sentence, 0) + 1
        told = [f"{s} ({count} times)" if count > 1 else s for s, count in counted.items()]
        return Incoming(self.form, self.trees, self.ratings, list(self.attached.values()), told)
