"""`attune snapshots` and `attune deleted`: earlier states, what changed since, and bringing it back."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from typing import TYPE_CHECKING

from assistant.cli.output import note, print_json, say
from assistant.cli.session import Session
from assistant.errors import NotFound
from assistant.services.snapshots import SnapshotService, Taken
from assistant.services.trash import TrashService

if TYPE_CHECKING:
    from assistant.store.snapshots.contents import Change

REASONS = {
    "use": "while in use",
    "asked": "asked for",
    "migration": "before an update of the data's form",
    "import": "before an import",
    "restore": "before a restore",
}
_MOST_SHOWN = 50  # chats; --json names them all


def list_snapshots(arguments: argparse.Namespace) -> int:
    with Session(arguments) as session:
        service = SnapshotService(session.store, session.paths)
        taken = service.taken()
    if arguments.json:
        print_json({"folder": service.folder, "snapshots": [_plain(one) for one in taken]})
        return 0
    for one in taken:
        holds = f"{one.conversations} chats, {one.messages} messages, {one.ratings} ratings"
        change = f"; {changed(one.change)}" if one.change is not None else ""
        say(f"{one.id}  {_when(one.created_at)}  {REASONS.get(one.reason, one.reason)}")
        say(f"    {holds}{change}")
    if not taken:
        note("There are no snapshots yet; one is made every 30 minutes of use.")
    return 0


def take(arguments: argparse.Namespace) -> int:
    with Session(arguments) as session:
        made = SnapshotService(session.store, session.paths).take()
    if arguments.json:
        print_json({"snapshot": _plain(made) if made else None})
    else:
        say(f"Snapshot {made.id} was made." if made else "Nothing changed since the last snapshot.")
    return 0


def show(arguments: argparse.Namespace) -> int:
    with Session(arguments) as session:
        compared = SnapshotService(session.store, session.paths).compare(arguments.snapshot)
    if arguments.json:
        since, chats = asdict(compared.since), [asdict(chat) for chat in compared.chats]
        print_json({"snapshot": _plain(compared.taken), "since": since, "chats": chats})
        return 0
    say(f"Since {_when(compared.taken.created_at)}: {changed(compared.since)}.")
    for chat in compared.chats[:_MOST_SHOWN]:
        state = "is gone" if chat.gone else f"{chat.missing} of {chat.messages} messages are gone"
        say(f"{chat.conversation_id}  {' '.join(chat.title.split()) or '(no title)'}: {state}")
    if len(compared.chats) > _MOST_SHOWN:
        note(f"And {len(compared.chats) - _MOST_SHOWN} more chats (--json names them all).")
    if compared.chats:
        note(f"attune snapshots restore {compared.taken.id} --conversation ID brings one back.")
    return 0


def restore(arguments: argparse.Namespace) -> int:
    with Session(arguments) as session:
        service = SnapshotService(session.store, session.paths)
        done = service.restore(arguments.snapshot, arguments.conversation)
    if arguments.json:
        print_json({"snapshot": arguments.snapshot, **asdict(done), "left_out": list(done.left_out)})
        return 0
    for sentence in done.left_out:
        note(sentence)
    what = "The conversation is" if arguments.conversation else "Everything but models and settings is"
    say(
        f"{what} restored: {done.conversations} chats, {done.messages} messages and {done.ratings} ratings came back."
    )
    if not arguments.conversation:
        note("A snapshot of how it was before was made first; attune snapshots list shows it.")
    return 0


def list_deleted(arguments: argparse.Namespace) -> int:
    with Session(arguments) as session:
        found = [(one.conversation, one.deleted_at) for one in TrashService(session.store).contents()]
    if arguments.json:
        print_json({"deleted": [{"id": c.id, "title": c.title, "deleted_at": when} for c, when in found]})
        return 0
    for conversation, when in found:
        say(f"{conversation.id}  {_when(when)}  {' '.join(conversation.title.split())}")
    if not found:
        note("No chat was deleted in the last 30 days.")
    return 0


def undelete(arguments: argparse.Namespace) -> int:
    with Session(arguments) as session:
        found = TrashService(session.store).restore([arguments.conversation])
    if not found:
        raise NotFound(f"There is no deleted conversation {arguments.conversation}.")
    conversation = found[0]
    if arguments.json:
        print_json({"id": conversation.id, "title": conversation.title})
    else:
        say(f"{' '.join(conversation.title.split()) or conversation.id} is back.")
    return 0


def changed(change: Change) -> str:
    """ "+2 chats, +14 messages, -1 ratings", or "no change"."""
    parts = []
    for name in ("chats", "messages", "ratings"):
        for sign, way in (("+", "added"), ("-", "removed")):
            count = getattr(change, f"{name}_{way}")
            if count:
                parts.append(f"{sign}{count} {name}")
    return ", ".join(parts) or "no change in chats, messages and ratings"


def _plain(one: Taken) -> dict[str, object]:
    return asdict(one)


def _when(at: str) -> str:
    return at[:16].replace("T", " ") + " UTC"
