"""`attune style`: the versions of the personal style and of named ones, and which of them writes."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import Any

from assistant.cli.output import note, print_json, say, table
from assistant.cli.session import Session
from assistant.records import StyleVersion


def list_versions(arguments: argparse.Namespace) -> int:
    with Session(arguments) as session:
        model, line = session.settings.model, session.store.line(arguments.line)
        current = session.styles.current(model, line)
        versions = [_plain(row.version, current) for row in session.styles.versions(model, line)]
    if arguments.json:
        named = {"style": line} if line else {}
        print_json({"model": model, **named, "current": current, "versions": versions})
        return 0
    if not versions:
        note("No style has been learned yet.")
        return 0
    rows = [("VERSION", "", "MADE", "RATINGS", "STATE")]
    for v in versions:
        made = v["created_at"][:16].replace("T", " ")
        rows.append((v["id"], "*" if v["in_use"] else "", made, str(len(v["ratings_used"])), v["state"]))
    say(table(rows))
    return 0


def show(arguments: argparse.Namespace) -> int:
    with Session(arguments) as session:
        model, line = session.settings.model, session.store.line(arguments.line)
        found = session.styles.version(model, line, arguments.version)
        version = _plain(found, session.styles.current(model, line))
    if arguments.json:
        print_json(version)
    else:
        say(table([(name.replace("_", " "), _shown(value)) for name, value in version.items()]))
    return 0


def use(arguments: argparse.Namespace) -> int:
    return _use(arguments, arguments.version, f"Replies are written with {arguments.version} from now on.")


def export(arguments: argparse.Namespace) -> int:
    with Session(arguments) as session:
        line = session.store.line(arguments.line)
        wanted = session.styles.version(session.settings.model, line, arguments.style).id
        session.styles.export(wanted, Path(arguments.folder))
    if arguments.json:
        print_json({"version": wanted, "folder": arguments.folder})
    else:
        say(f"{wanted} is in {arguments.folder}.")
    return 0


def import_folder(arguments: argparse.Namespace) -> int:
    """The adapter is checked and becomes a version of the chosen model; `style use` makes it write."""
    with Session(arguments) as session:
        model, line = session.settings.model, session.store.line(arguments.line)
        version = session.styles.import_folder(model, Path(arguments.folder), line)
    if arguments.json:
        print_json({"version": version, "model": model})
    else:
        say(f"Imported as {version}; use it with: attune style use {version}")
    return 0


def off(arguments: argparse.Namespace) -> int:
    return _use(
        arguments, None, "Replies are written by the base model from now on; versions and ratings stay."
    )


def reset(arguments: argparse.Namespace) -> int:
    """Every version of the style is deleted with its files; its ratings count as not learned from yet."""
    with Session(arguments) as session:
        model, line = session.settings.model, session.store.line(arguments.line)
        removed = session.styles.reset(model, line)
    if arguments.json:
        print_json({"model": model, "current": None, "removed": removed})
    else:
        say(f"{len(removed)} versions are deleted; your ratings stay.")
    return 0


def names(arguments: argparse.Namespace) -> int:
    with Session(arguments) as session:
        found = session.styles.names()
    if arguments.json:
        print_json({"names": found})
    elif not found:
        note("There are no named styles; attune style new NAME makes one.")
    for name in () if arguments.json else found:
        say(name)
    return 0


def new(arguments: argparse.Namespace) -> int:
    with Session(arguments) as session:
        name = session.styles.add(arguments.name)
    if arguments.json:
        print_json({"name": name})
    else:
        say(f'Write in it with: attune chat --for "{name}" ...')
    return 0


def remove(arguments: argparse.Namespace) -> int:
    with Session(arguments) as session:
        name = session.store.line(arguments.name)
        removed = session.styles.remove(name)
    if arguments.json:
        print_json({"name": name, "removed": removed})
    else:
        say(f"{name} and its {len(removed)} versions are removed; its ratings stay and teach nothing.")
    return 0


def _use(arguments: argparse.Namespace, version: str | None, sentence: str) -> int:
    with Session(arguments) as session:
        line = session.store.line(getattr(arguments, "line", ""))
        session.styles.use(session.settings.model, version, line)
        if arguments.json:
            print_json({"model": session.settings.model, "current": version})
        else:
            say(sentence)
    return 0


def _plain(version: StyleVersion, current: str | None) -> dict[str, Any]:
    return {**asdict(version), "in_use": version.id == current}


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return "; ".join(f"{name} {_shown(part)}" for name, part in value.items()) or "none"
    if isinstance(value, (list, tuple)):
        return ", ".join(str(part) for part in value) or "none"
    return "" if value is None else str(value)
