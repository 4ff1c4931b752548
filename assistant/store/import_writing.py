"""What came in a file is added to the store, or counted for a preview. What is there already is passed over.

Files from anywhere were checked whole before; pictures and sounds go through intake here, ratings wait for the user's
word. It is added by parts, so that others can write meanwhile; cut off between two, it goes on where it was when the
file is imported again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, fields
from functools import partial

from assistant.errors import BadInput
from assistant.records import Attachment, CardEntry, Conversation, Message, OwnText, Rating
from assistant.store import rows
from assistant.store.attachments import Attachments
from assistant.store.card_entries import CardEntries
from assistant.store.indexing import MANY
from assistant.store.messages import text_sha256
from assistant.store.named_styles import Lines
from assistant.store.own_texts import OwnTexts
from assistant.store.ratings import Ratings

BATCH = 5000  # conversations, messages and ratings added in one transaction: about half a second
_LOOKED_UP = 5000  # ids at once


class Contents(Ratings, Attachments, Lines, CardEntries, OwnTexts):
    """The parts of the store that an export reads and an import writes."""


TakeIn = Callable[[bytes, str], Attachment]  # check a file, keep it, return its record


@dataclass(frozen=True, slots=True)
class Attached:
    """A picture or sound in a file. ``attachment.sha256`` is what its messages call it, its true hash in our own form."""

    attachment: Attachment
    load: Callable[[], bytes]  # raises BadInput


@dataclass(frozen=True, slots=True)
class Tree:
    conversation: Conversation
    messages: list[Message]  # parents before children


@dataclass(frozen=True, slots=True)
class Incoming:
    """What a file holds, checked. Its ids are made from the file's own, so that it can be imported twice."""

    form: str  # which program it is of
    trees: list[Tree]
    ratings: list[Rating] = field(default_factory=list)
    attached: list[Attached] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)  # a sentence for each thing that could not be read
    own_texts: list[OwnText] = field(default_factory=list)  # only where the user said that the file may teach
    card: list[CardEntry] = field(default_factory=list)  # the same


@dataclass(frozen=True, slots=True)
class ImportReport:
    """How many were new, or, in a preview, would be."""

    conversations: int = 0
    messages: int = 0
    ratings: int = 0
    attachments: int = 0
    left_out: tuple[str, ...] = ()  # a sentence for each thing that could not be taken in
    form: str = ""  # which program's file it is
    already: int = 0  # messages that are here already


def preview(store: Contents, incoming: Incoming) -> ImportReport:
    """What an import would add. Nothing is written; pictures are not decoded, so one of them may yet be refused."""
    new = new_messages(store, incoming.trees)
    trees = [tree for tree in incoming.trees if not _is_here(store, "conversation", tree.conversation.id)]
    ratings = [rating for rating in incoming.ratings if not _is_here(store, "rating", rating.id)]
    return ImportReport(
        conversations=len(trees),
        messages=len(new),
        ratings=len(ratings),
        attachments=sum(1 for _ in _wanted(store, incoming, new)),
        left_out=tuple(incoming.left_out),
        form=incoming.form,
        already=sum(len(tree.messages) for tree in incoming.trees) - len(new),
    )


def add(store: Contents, incoming: Incoming, take_in: TakeIn) -> ImportReport:
    """Add what is new. Raises BadInput (nothing is changed then) and StoreError."""
    new = new_messages(store, incoming.trees)
    left_out = list(incoming.left_out)
    counts: Counter[str] = Counter()
    # Before any transaction: while pictures are decoded, which takes seconds, others can write.
    renamed = _add_attached(store, incoming, new, take_in, left_out, counts)
    for number, steps in enumerate(_batches(store, incoming, new, renamed, left_out)):
        if number:
            store.let_others_write()
        with store.transaction():
            for step in steps:
                counts.update(step())
    store.index_soon()
    already = sum(len(tree.messages) for tree in incoming.trees) - counts["messages"]
    return ImportReport(**counts, left_out=tuple(left_out), form=incoming.form, already=already)


def new_messages(store: Contents, trees: Sequence[Tree]) -> set[str]:
    """The ids of messages that are not here. Raises BadInput where an id belongs to another conversation, here or
    within the file.
    """
    owner: dict[str, str] = {}
    for tree in trees:
        for message in tree.messages:
            if owner.setdefault(message.id, message.conversation_id) != message.conversation_id:
                raise BadInput(f"Message {message.id} belongs to another conversation.")
    ids = list(owner)
    for start in range(0, len(ids), _LOOKED_UP):
        found = store._rows(
            "SELECT id, conversation_id FROM message WHERE id IN (SELECT value FROM json_each(?))",
            [rows.to_json(ids[start : start + _LOOKED_UP])],
        )
        for row in found:
            if owner.pop(row["id"]) != row["conversation_id"]:
                raise BadInput(f"Message {row['id']} belongs to another conversation.")
    return set(owner)


def _is_here(store: Contents, table: str, id: str) -> bool:
    return store._row(f"SELECT 1 FROM {table} WHERE id = ?", [id]) is not None


def _wanted(store: Contents, incoming: Incoming, new: set[str]) -> Iterator[Attached]:
    """The files that new messages or ratings refer to and that are not here."""
    used = {a.sha256 for tree in incoming.trees for m in tree.messages if m.id in new for a in m.attachments}
    used |= {sha256 for rating in incoming.ratings for sha256 in rating.images}
    for item in incoming.attached:
        if item.attachment.sha256 in used and not _is_kept(store, item.attachment.sha256):
            yield item


def _is_kept(store: Contents, sha256: str) -> bool:
    row = store._row("SELECT 1 FROM attachment WHERE sha256 = ?", [sha256])
    return row is not None and store.attachment_path(sha256).is_file()


Step = Callable[[], Sequence[str]]  # adds to the open transaction; the names of what was new


def _batches(
    store: Contents, incoming: Incoming, new: set[str], renamed: dict[str, str], left_out: list[str]
) -> Iterator[list[Step]]:
    """What is to be added, in parts short enough for others to wait for."""
    steps: list[Step] = []
    later = len(new) > MANY
    for tree in incoming.trees:
        steps.append(partial(_add_conversation, store, tree.conversation))
        steps += [
            partial(_add_message, store, message, renamed, left_out, later=later)
            for message in tree.messages
            if message.id in new
        ]
        steps.append(partial(_look_at, store, tree.conversation))
    steps += [partial(_add_rating, store, rating, renamed, left_out) for rating in incoming.ratings]
    steps += [partial(_add_own_text, store, text) for text in incoming.own_texts]
    steps += [partial(_add_to_card, store, entry) for entry in incoming.card]
    for start in range(0, len(steps), BATCH):
        yield steps[start : start + BATCH]


def _add_attached(
    store: Contents,
    incoming: Incoming,
    new: set[str],
    take_in: TakeIn,
    left_out: list[str],
    counts: Counter[str],
) -> dict[str, str]:
    """Take the files in; from what messages call them to the SHA-256 here (intake may encode anew)."""
    known = {row[0] for row in store._rows("SELECT sha256 FROM attachment")}
    renamed = {
        item.attachment.sha256: item.attachment.sha256
        for item in incoming.attached
        if _is_kept(store, item.attachment.sha256)
    }
    for item in _wanted(store, incoming, new):
        try:
            kept = take_in(item.load(), item.attachment.name)
        except BadInput as error:
            left_out.append(str(error))
            continue
        renamed[item.attachment.sha256] = kept.sha256
        counts["attachments"] += kept.sha256 not in known
        known.add(kept.sha256)
        if item.attachment.recognition is not None and kept.recognition is None:
            store.set_recognition(kept.sha256, item.attachment.recognition)
    return renamed


def _add_conversation(store: Contents, new: Conversation) -> Sequence[str]:
    row = {f.name: getattr(new, f.name) for f in fields(new)}
    row["pinned"] = int(new.pinned)
    row["leaf_id"] = None  # its messages come after it
    row["line"] = store.add_line(new.line) if new.line else ""
    added = store._insert("conversation", {**row, "rank": store._next_rank()}, ignore=True)
    # One that was deleted here and is imported again is wanted again.
    store._update("conversation", "id", new.id, {"deleted_at": None})
    return ("conversations",) * added


def _look_at(store: Contents, new: Conversation) -> Sequence[str]:
    """All messages are there: the branch that was looked at, unless another is looked at here."""
    store._write(
        "UPDATE conversation SET leaf_id = ? WHERE id = ? AND leaf_id IS NULL", [new.leaf_id, new.id]
    )
    return ()


def _add_message(
    store: Contents, message: Message, renamed: dict[str, str], left_out: list[str], *, later: bool
) -> Sequence[str]:
    """``later``: it is indexed for search afterwards."""
    place = store._row("SELECT coalesce(max(seq), 0) + 1 FROM message")[0]  # type: ignore[index]
    if later:
        store._insert("unindexed", {"seq": place}, ignore=True)
    added = store._insert(
        "message",
        {
            "seq": place,
            "id": message.id,
            "conversation_id": message.conversation_id,
            "parent_id": message.parent_id,
            "role": message.role,
            "text": message.text,
            "created_at": message.created_at,
            "state": "done",
            "error": message.error,
            "text_sha256": text_sha256(message.text),
        },
        ignore=True,
    )
    if not added:
        return ()
    if message.generation is not None:
        store._insert("generation", rows.generation_row(message.id, message.generation))
    for position, attachment in enumerate(message.attachments):
        sha256 = renamed.get(attachment.sha256)
        if sha256 is None:
            left_out.append(f"An attachment of a message was not in the file ({attachment.name}).")
            continue
        link = {"message_id": message.id, "position": position, "sha256": sha256}
        store._insert("message_attachment", {**link, "name": attachment.name})
    return ("messages",)


def _add_rating(
    store: Contents, rating: Rating, renamed: dict[str, str], left_out: list[str]
) -> Sequence[str]:
    for message_id in (rating.message_id, rating.other_id):
        if message_id is not None and not store._row("SELECT 1 FROM message WHERE id = ?", [message_id]):
            left_out.append("A rating's reply was not in the file.")
            return ()
    row = rows.rating_row(rating)
    row["line"] = store.add_line(rating.line) if rating.line else ""
    row["images"] = rows.to_json([renamed[sha256] for sha256 in rating.images if sha256 in renamed])
    # What another data folder's styles learned, this one's have not.
    version = rating.fate.removeprefix("used:")
    known = store._row("SELECT 1 FROM style_version WHERE id = ?", [version])
    if rating.fate not in ("pending", "withdrawn") and not known:
        row["fate"] = "withdrawn" if rating.withdrawn_at else "pending"
    return ("ratings",) * store._insert("rating", row, ignore=True)


def _add_own_text(store: Contents, text: OwnText) -> Sequence[str]:
    line = store.add_line(text.line) if text.line else ""
    store.add_own_text(text.name, text.text, prompt=text.prompt, kind=text.kind, line=line)
    return ()


def _add_to_card(store: Contents, entry: CardEntry) -> Sequence[str]:
    """A sentence of a chat that did not come along, and one that is there, are passed over."""
    line = store.add_line(entry.line) if entry.line else ""
    there = {(e.text, e.trait, e.scope, e.kind, e.conversation_id) for e in store.card_entries(line)}
    if entry.conversation_id is not None and not _is_here(store, "conversation", entry.conversation_id):
        return ()
    if (entry.text, entry.trait, entry.scope, entry.kind, entry.conversation_id) not in there:
        store.add_card_entry(
            line, trait=entry.trait, way=entry.way, text=entry.text, scope=entry.scope, kind=entry.kind,
            conversation_id=entry.conversation_id, strength=entry.strength, state=entry.state,
        )  # fmt: skip
    return ()
