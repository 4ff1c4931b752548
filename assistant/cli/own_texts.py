"""`attune texts`: texts that the user wrote, from which the style learns."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from assistant.cli.output import note, print_json, say, table
from assistant.cli.session import Session
from assistant.errors import BadInput
from assistant.services.own_texts import Added, OwnTextsService


def add(arguments: argparse.Namespace) -> int:
    with Session(arguments) as session:
        line = session.store.line(arguments.line)
        texts = OwnTextsService(session.store, session.paths)
        if arguments.files == ["-"]:
            added = texts.paste(sys.stdin.read(), line)
        else:
            found = texts.read([Path(file) for file in arguments.files])
            if not found.found:
                raise BadInput(found.refused[0] if found.refused else "There is nothing to learn from.")
            added = texts.add(found, line, sender=arguments.sender or "")
    return _said(arguments, added)


def _said(arguments: argparse.Namespace, added: Added) -> int:
    if arguments.json:
        print_json(
            {
                "added": [text.id for text in added.texts],
                "already": added.already,
                "refused": list(added.refused),
            }
        )
        return 0
    for reason in added.refused:
        note(reason)
    again = f", {added.already} were there already" if added.already else ""
    say(f"{len(added.texts)} texts added{again}. They shape the next reply; attune learn trains on them.")
    return 0


def list_texts(arguments: argparse.Namespace) -> int:
    with Session(arguments) as session:
        found = OwnTextsService(session.store, session.paths).texts(session.store.line(arguments.line))
    if arguments.json:
        print_json(
            {
                "texts": [
                    {
                        "id": t.id, "name": t.name, "kind": t.kind, "prompt": t.prompt, "characters": len(t.text),
                        "added": t.created_at, "compared": bool(t.reply),
                    }
                    for t in found
                ]
            }
        )  # fmt: skip
        return 0
    if not found:
        note("No texts of your own yet; attune texts add FILE takes some.")
        return 0
    rows = [("ID", "ADDED", "LENGTH", "NAME", "AS IF ASKED")]
    rows += [(t.id[:8], t.created_at[:10], str(len(t.text)), t.name[:40], t.prompt[:70]) for t in found]
    say(table(rows))
    return 0


def remove(arguments: argparse.Namespace) -> int:
    with Session(arguments) as session:
        texts = OwnTextsService(session.store, session.paths)
        ids = arguments.texts
        if arguments.all:
            ids = [text.id for text in texts.texts(session.store.line(arguments.line))]
        if not ids:
            raise BadInput("Name the texts to remove, or say --all.")
        left = texts.remove(session.settings.model, ids)
    learned = [version.id for version in left.versions] if left is not None else []
    if arguments.json:
        print_json({"removed": len(ids), "learned_from_them": learned})
        return 0
    say(f"{len(ids)} texts are removed.")
    if learned:
        note(f"{', '.join(learned)} learned from them; attune learn starts again without them.")
    return 0
