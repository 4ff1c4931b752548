"""`attune style`: the versions of the personal style and of named ones, and which of them writes."""

from __future__ import annotations

import argparse
import uuid
from dataclasses import asdict
from pathlib import Path
from typing import Any

from assistant.cli.output import note, print_json, say, table
from assistant.cli.session import Session
from assistant.errors import NotFound
from assistant.records import StyleVersion


def list_versions(arguments: argparse.Namespace) -> int:
    with Session(arguments) as session:
        model, line = session.settings.model, session.store.line(arguments.line)
        current = session.store.current_style(model, line)
        found = session.store.styles(model, line=line)
        versions = [_plain(version, current) for version in reversed(found)]
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
        current = session.store.current_style(session.settings.model, session.store.line(arguments.line))
        wanted = arguments.version or current
        if wanted is None:
            raise NotFound("No style version is in use.")
        version = _plain(session.store.style(wanted), current)
    if arguments.json:
        print_json(version)
    else:
        say(table([(name.replace("_", " "), _shown(value)) for name, value in version.items()]))
    return 0


def use(arguments: argparse.Namespace) -> int:
    return _use(arguments, arguments.version, f"Replies are written with {arguments.version} from now on.")


def export(arguments: argparse.Namespace) -> int:
    from assistant.learning import versions

    with Session(arguments) as session:
        line = session.store.line(arguments.line)
        wanted = arguments.style or session.store.current_style(session.settings.model, line)
        if wanted is None:
            raise NotFound("No style version is in use.")
        session.store.style(wanted)
        versions.export(session.paths.styles, wanted, Path(arguments.folder))
    if arguments.json:
        print_json({"version": wanted, "folder": arguments.folder})
    else:
        say(f"{wanted} is in {arguments.folder}.")
    return 0


def import_folder(arguments: argparse.Namespace) -> int:
    """The adapter is checked and becomes a version of the chosen model; `style use` makes it write."""
    from assistant.learning import versions

    version = uuid.uuid4().hex[:12]
    with Session(arguments) as session:
        model, line = session.settings.model, session.store.line(arguments.line)
        versions.bring_in(Path(arguments.folder), session.paths.styles, version, model)
        session.store.add_style(model, style_id=version, report={"reason": "imported"}, line=line)
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
    """Every version of the model is put away; its ratings count as not learned from yet."""
    with Session(arguments) as session:
        model, line = session.settings.model, session.store.line(arguments.line)
        versions = session.store.styles(model, line=line)
        with session.store.transaction():
            session.store.use_style(model, None, line)
            for version in versions:
                session.store.update_style(version.id, state="deleted")
    if arguments.json:
        print_json({"model": model, "current": None, "removed": [version.id for version in versions]})
    else:
        say(f"{len(versions)} versions are put away; your ratings stay.")
    return 0


def names(arguments: argparse.Namespace) -> int:
    with Session(arguments) as session:
        found = session.store.lines()
    if arguments.json:
        print_json({"names": found})
    elif not found:
        note("There are no named styles; attune style new NAME makes one.")
    for name in () if arguments.json else found:
        say(name)
    return 0


def new(arguments: argparse.Namespace) -> int:
    with Session(arguments) as session:
        name = session.store.add_line(arguments.name)
    if arguments.json:
        print_json({"name": name})
    else:
        say(f'Write in it with: attune chat --for "{name}" ...')
    return 0


def remove(arguments: argparse.Namespace) -> int:
    from assistant.learning import style_queries, versions

    with Session(arguments) as session:
        name = session.store.line(arguments.name)
        removed = style_queries.remove_line(session.store, name)
        for version in removed:
            versions.remove(session.paths.styles, version)
    if arguments.json:
        print_json({"name": name, "removed": removed})
    else:
        say(f"{name} and its {len(removed)} versions are removed; its ratings stay and teach nothing.")
    return 0


def _use(arguments: argparse.Namespace, version: str | None, sentence: str) -> int:
    with Session(arguments) as session:
        line = session.store.line(getattr(arguments, "line", ""))
        session.store.use_style(session.settings.model, version, line)
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
