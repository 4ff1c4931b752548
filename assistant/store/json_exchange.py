"""Everything as one JSON file that comes back as it was: conversations, pictures, sounds and files (base64), ratings.

The form is described in docs/export.schema.json. A file to import may come from anywhere and is checked whole here;
``import_writing`` adds it to the store.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from assistant import strict_json
from assistant.errors import BadInput, StoreError
from assistant.records import (
    LONGEST_STYLE_NAME,
    STYLE_OFF,
    Attachment,
    CardEntry,
    Conversation,
    Generation,
    Message,
    OwnText,
    Rating,
    Recognition,
    ReplyDetails,
)
from assistant.store import rows
from assistant.store.attachments import private
from assistant.store.connection import clean, now
from assistant.store.import_writing import Attached, Contents, Incoming, Tree
from assistant.store.json_input import Fields
from assistant.store.ratings import _VALUES

FORMAT = "attune-export"
VERSION = 1
MAX_TEXT_CHARACTERS = 10_000_000


def export_json(store: Contents, path: Path, conversation_ids: Sequence[str] | None = None) -> dict[str, int]:
    """Write everything but deleted conversations to ``path``, whole or not at all; how many of each.

    With ``conversation_ids`` only those, with their pictures and ratings; else also style cards and the user's own texts.
    Raises NotFound, StoreError.
    """
    chosen = None
    if conversation_ids is not None:
        chosen = {store.conversation(conversation_id).id for conversation_id in conversation_ids}
    counts = {"conversations": 0, "messages": 0, "ratings": 0, "attachments": 0}
    besides: list[tuple[str, Iterator[dict[str, Any]]]] = []
    if chosen is None:
        besides = [("own_texts", _own_texts_out(store)), ("style_card", _card_out(store))]
        counts |= {"own_texts": 0, "style_card": 0}
    aside = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        with open(aside, "w", encoding="utf-8", opener=private) as file:
            file.write(f'{{"format":"{FORMAT}","version":{VERSION},"exported_at":"{now()}"')
            for name, items in (
                ("attachments", _attachments_out(store, chosen)),
                ("conversations", _conversations_out(store, chosen)),
                ("ratings", _ratings_out(store, chosen)),
                *besides,
            ):
                file.write(f',\n"{name}":[')
                for item in items:
                    file.write((",\n" if counts[name] else "\n") + rows.to_json(item))
                    counts[name] += 1
                    if name == "conversations":
                        counts["messages"] += len(item["messages"])
                file.write("]")
            file.write("}\n")
            file.flush()
            os.fsync(file.fileno())
        os.replace(aside, path)
    except OSError as error:
        raise StoreError(f"The export could not be written: {error.strerror or error}.") from error
    finally:
        aside.unlink(missing_ok=True)
    return {name: count for name, count in counts.items() if count or name not in dict(besides)}


def _plain(record: Any) -> dict[str, Any]:
    """A record as JSON without the fields that have their defaults."""
    defaults = {f.name: f.default for f in fields(record)}
    return {name: value for name, value in asdict(record).items() if value != defaults[name]}


def _own_texts_out(store: Contents) -> Iterator[dict[str, Any]]:
    for text in store.own_texts(None):
        yield {
            "name": text.name, "text": text.text, "kind": text.kind, "prompt": text.prompt,
            "created_at": text.created_at, "line": text.line,
        }  # fmt: skip


def _card_out(store: Contents) -> Iterator[dict[str, Any]]:
    for line in ("", *store.lines()):
        for entry in store.card_entries(line):
            plain = asdict(entry)
            del plain["id"]
            yield plain


def _ratings_out(store: Contents, chosen: set[str] | None) -> Iterator[dict[str, Any]]:
    for rating in store.ratings(withdrawn=True):
        if chosen is not None and (
            rating.message_id is None or store.message(rating.message_id).conversation_id not in chosen
        ):
            continue
        yield _plain(rating)


def _attachments_out(store: Contents, chosen: set[str] | None) -> Iterator[dict[str, Any]]:
    links = store._rows(
        """SELECT DISTINCT sha256, conversation_id FROM message_attachment
           JOIN message ON message.id = message_id"""
    )
    used = {row["sha256"] for row in links if chosen and row["conversation_id"] in chosen}
    for row in store._rows("SELECT * FROM attachment ORDER BY created_at, sha256"):
        attachment = rows.attachment(row)
        if chosen is not None and attachment.sha256 not in used:
            continue
        path = store.attachment_path(attachment.sha256)
        if path.is_file():
            data = base64.b64encode(path.read_bytes()).decode()
            yield {**_plain(attachment), "created_at": row["created_at"], "data": data}


def _conversations_out(store: Contents, chosen: set[str] | None) -> Iterator[dict[str, Any]]:
    for row in store._rows("SELECT * FROM conversation WHERE deleted_at IS NULL ORDER BY rank"):
        if chosen is not None and row["id"] not in chosen:
            continue
        messages = []
        for brief in store.messages(row["id"]):
            message = store.message(brief.id)
            plain = _plain(message)
            del plain["conversation_id"]
            if message.attachments:
                plain["attachments"] = [{"sha256": a.sha256, "name": a.name} for a in message.attachments]
            if message.generation is not None:
                details = strict_json.differing(message.generation.details)
                plain["generation"] = {**_plain(message.generation), "details": details}
            messages.append(plain)
        yield {**_plain(rows.conversation(row)), "messages": messages}


# --- back in ----------------------------------------------------------------------------------------------


def read_own(top: Fields, *, confirmed: bool) -> Incoming:
    """What ``export_json`` wrote, checked whole. Raises BadInput."""
    if top.whole("version", 1, 1_000_000) > VERSION:
        raise BadInput(f"{top.what} was written by a newer Attune; install that to import it.")
    own_texts = [_read_own_text(item, n) for n, item in enumerate(top.items("own_texts"), 1)]
    card = [_read_card_entry(item, n) for n, item in enumerate(top.items("style_card"), 1)]
    left_out = []
    if not confirmed and (own_texts or card):
        # A stranger's file must not teach, nor speak to the model in the user's name.
        left_out.append(
            "Own texts and the style card were left out: they come in only with ratings that may train."
        )
        own_texts, card = [], []
    return Incoming(
        form="Attune",
        own_texts=own_texts,
        card=card,
        left_out=left_out,
        attached=[_read_attached(item, n) for n, item in enumerate(top.items("attachments"), 1)],
        trees=[_read_tree(item, n) for n, item in enumerate(top.items("conversations"), 1)],
        ratings=[_read_rating(item, n, confirmed) for n, item in enumerate(top.items("ratings"), 1)],
    )


def _read_attached(item: Any, number: int) -> Attached:
    given = Fields(item, f"Attachment {number}")
    try:
        data = base64.b64decode(given.text("data"), validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadInput(f"Attachment {number} is damaged.") from error
    sha256 = given.sha256("sha256")
    if hashlib.sha256(data).hexdigest() != sha256:
        raise BadInput(f"Attachment {number} is damaged: its bytes do not match its SHA-256.")
    kind = given.text("kind")
    if kind not in ("image", "audio", "file"):
        raise BadInput(f"Attachment {number} is neither a picture, a sound nor a file with text.")
    return Attached(
        Attachment(
            sha256=sha256,
            kind=kind,  # type: ignore[arg-type]
            mime=given.text("mime"),
            name=given.text("name"),
            size_bytes=len(data),
            recognition=_read_recognition(given),
            note=given.text("note", ""),
        ),
        lambda: data,
    )


def _read_recognition(given: Fields) -> Recognition | None:
    if "recognition" not in given:
        return None
    seen = Fields(given.data["recognition"], f"{given.what}: 'recognition'")
    objects = []
    for pair in seen.items("objects"):
        if not (isinstance(pair, list) and len(pair) == 2 and isinstance(pair[0], str)):
            raise seen.refuse("objects", "a list of names and probabilities")
        if isinstance(pair[1], bool) or not isinstance(pair[1], (int, float)):
            raise seen.refuse("objects", "a list of names and probabilities")
        objects.append((clean(pair[0]), float(pair[1])))
    return Recognition(tuple(objects), seen.text("text", ""))


def _read_tree(item: Any, number: int) -> Tree:
    given = Fields(item, f"Conversation {number}")
    conversation = Conversation(
        id=given.id("id"),
        title=given.text("title"),
        created_at=given.time("created_at"),
        updated_at=given.time("updated_at"),
        leaf_id=given.optional_id("leaf_id"),
        pinned=given.flag("pinned"),
        system_prompt=given.text("system_prompt", ""),
        model=given.optional_text("model"),
        draft=given.text("draft", ""),
        folder=given.text("folder", ""),
        line=_read_line_name(given),
        # A version is known where it was made only.
        style=STYLE_OFF if given.text("style", "") == STYLE_OFF else "",
    )
    messages: list[Message] = []
    seen: set[str] = set()
    for place, entry in enumerate(given.items("messages"), 1):
        message = _read_message(entry, f"Conversation {number}, message {place}", conversation.id)
        if message.parent_id is not None and message.parent_id not in seen:
            raise BadInput(f"Conversation {number}, message {place}: its parent does not come before it.")
        if message.id in seen:
            raise BadInput(f"Conversation {number}, message {place}: its id occurs twice.")
        seen.add(message.id)
        messages.append(message)
    if conversation.leaf_id is not None and conversation.leaf_id not in seen:
        raise given.refuse("leaf_id", "one of its messages")
    return Tree(conversation, messages)


def _read_line_name(given: Fields) -> str:
    """The name of a style; one that cannot be a name counts as none."""
    name = " ".join(given.text("line", "").split())
    return name if len(name) <= LONGEST_STYLE_NAME else ""


def _read_message(item: Any, what: str, conversation_id: str) -> Message:
    given = Fields(item, what)
    text = given.text("text")
    if len(text) > MAX_TEXT_CHARACTERS:
        raise BadInput(f"{what} is longer than {MAX_TEXT_CHARACTERS} characters.")
    role = given.choice("role", ("system", "user", "assistant"))
    attachments = []
    for entry in given.items("attachments"):
        link = Fields(entry, what)
        attachments.append(Attachment(link.sha256("sha256"), "image", "", link.text("name"), 0))
    return Message(
        id=given.id("id"),
        conversation_id=conversation_id,
        parent_id=given.optional_id("parent_id"),
        role=role,  # type: ignore[arg-type]
        text=text,
        created_at=given.time("created_at"),
        attachments=tuple(attachments),
        generation=_read_generation(given),
        error=given.text("error", ""),
    )


def _read_generation(given: Fields) -> Generation | None:
    if "generation" not in given:
        return None
    made = Fields(given.data["generation"], f"{given.what}: 'generation'")

    def numbers(name: str, kind: type | tuple[type, ...]) -> tuple[Any, ...]:
        values = made.items(name)
        if not all(isinstance(value, kind) and not isinstance(value, bool) for value in values):
            raise made.refuse(name, "a list of numbers")
        if kind is int and not all(0 <= value < 2**31 for value in values):
            raise made.refuse(name, "a list of token ids")
        return tuple(values)

    def number(name: str) -> float:
        value = made.data.get(name)
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise made.refuse(name, "a number")
        return float(value)

    details = made.data.get("details", {})
    if not isinstance(details, dict):
        raise made.refuse("details", "a JSON object")
    if strict_json.is_deeper(details):
        raise made.refuse("details", f"nested {strict_json.MAX_DEPTH} times at most")
    return Generation(
        model=made.text("model"),
        style=made.optional_text("style"),
        prompt_tokens=made.whole("prompt_tokens", 0, 2**31),
        completion_tokens=made.whole("completion_tokens", 0, 2**31),
        ttft_s=number("ttft_s"),
        tokens_per_s=number("tokens_per_s"),
        finish=made.choice("finish", ("stop", "length", "cancelled", "failed")),  # type: ignore[arg-type]
        seed=made.whole("seed", -(2**63), 2**64),
        dropped_turns=made.whole("dropped_turns", 0, 2**31, 0),
        prompt_ids=numbers("prompt_ids", int),
        reply_ids=numbers("reply_ids", int),
        logprobs=tuple(float(value) for value in numbers("logprobs", (int, float))),
        details=strict_json.fitting(ReplyDetails, details),
    )


def _read_own_text(item: Any, number: int) -> OwnText:
    given = Fields(item, f"Own text {number}")
    text = given.text("text")
    if not text.strip() or len(text) > MAX_TEXT_CHARACTERS:
        raise given.refuse("text", f"a text of {MAX_TEXT_CHARACTERS} characters at most")
    return OwnText(
        "", given.text("name", "")[:200], text, given.text("kind", ""), given.text("prompt"), "", "",
        given.time("created_at", now()), "", _read_line_name(given),
    )  # fmt: skip


def _read_card_entry(item: Any, number: int) -> CardEntry:
    given = Fields(item, f"Sentence {number} of the style card")
    text = " ".join(given.text("text", "").split())
    strength = given.data.get("strength", 1.0)
    if len(text) > 300:
        raise given.refuse("text", "a sentence of 300 characters at most")
    if isinstance(strength, bool) or not isinstance(strength, (int, float)) or not 0 < strength <= 2:
        raise given.refuse("strength", "a number up to 2")
    return CardEntry(
        "", given.text("trait", ""), given.whole("way", -1, 1, 0), text,
        given.choice("scope", ("always", "kind", "chat"), "always"),  # type: ignore[arg-type]
        given.text("kind", ""), given.optional_id("conversation_id"), float(strength),
        given.choice("state", ("on", "off", "removed"), "on"),  # type: ignore[arg-type]
        "", _read_line_name(given),
    )  # fmt: skip


def _read_rating(item: Any, number: int, confirmed: bool) -> Rating:
    given = Fields(item, f"Rating {number}")
    kind = given.choice("kind", tuple(_VALUES))
    value = given.whole("value", -1, 5)
    if value not in _VALUES[kind]:  # type: ignore[index]
        raise given.refuse("value", f"right for a rating of kind {kind!r}")
    return Rating(
        id=given.id("id"),
        kind=kind,  # type: ignore[arg-type]
        value=value,
        created_at=given.time("created_at"),
        message_id=given.optional_id("message_id"),
        other_id=given.optional_id("other_id"),
        note=given.text("note", ""),
        text=given.text("text", ""),
        prompt=given.text("prompt", ""),
        reply=given.text("reply", ""),
        other=given.text("other", ""),
        history=given.history("history"),
        images=given.texts("images"),
        withdrawn_at=given.time("withdrawn_at") if "withdrawn_at" in given else None,
        style=given.optional_text("style"),
        fate=given.text("fate", "pending"),
        confirmed=confirmed,
        line=_read_line_name(given),
    )
