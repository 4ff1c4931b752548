"""Fetch the files of a plan (``models.fetch.hub``) into a folder: resumable, stoppable, every byte checked.

A download lies in ``models_dir/.<id>.part`` until it is whole, with the plan it follows, so that going on later fetches
the same revision. Files are written as ``<name>.part`` and renamed once size and hash are right; the folder is renamed
last. Run it in a process of its own (``assistant.model_jobs``). Torch-free.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import shutil
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from models import durable
from models.errors import DownloadFailed, ModelRefused
from models.fetch import trust
from models.fetch.hub import Access, HubFile, Plan, headers, look_up, telling
from models.fetch.transfer import Progress, Remote, Tally, Tell, check_space, receive, write_json

RECORD = "attune-download.json"  # beside the files: what was fetched, from where, with every hash
PLAN = "plan.json"
PARTS = "parts"  # packages that carry a part of a file, until they were read


def partial_folder(models_dir: Path, model_id: str) -> Path:
    """Where an unfinished download lies."""
    return models_dir / f".{model_id}.part"


def partial_plan(models_dir: Path, model_id: str) -> Plan | None:
    """What an unfinished download is to become; None: there is none."""
    return _read_plan(partial_folder(models_dir, model_id))


def partial_state(models_dir: Path, model_id: str) -> tuple[int, int] | None:
    """(bytes fetched, bytes in all) of an unfinished download; None: there is none."""
    plan, folder = partial_plan(models_dir, model_id), partial_folder(models_dir, model_id)
    return None if plan is None else (_done(folder, plan), plan.total_bytes)


def partials(models_dir: Path) -> list[str]:
    """Ids of all unfinished downloads."""
    return sorted(path.name[1:-5] for path in models_dir.glob(".*.part") if (path / PLAN).is_file())


def discard(models_dir: Path, model_id: str) -> bool:
    """Delete an unfinished download; whether there was one."""
    folder = partial_folder(models_dir, model_id)
    if not folder.is_dir():
        return False
    shutil.rmtree(folder)
    return True


def get(
    model_id: str,
    repo: str,
    revision: str,
    models_dir: Path,
    access: Access,
    tell: Tell,
    stop: threading.Event,
    announce: Callable[[Plan], None] = lambda plan: None,
) -> Path:
    """Fetch ``repo`` into ``models_dir/<model_id>``; the folder, whole and checked.

    Goes on with what an earlier call left. ``announce`` hears the plan before anything large is fetched. Raises Paused
    when ``stop`` was set, else DownloadFailed, GatedModel, ModelNotFound or ModelRefused in one sentence.
    """
    folder = partial_folder(models_dir, model_id)
    tell(Progress("looking up"))
    plan = _old_plan(folder, repo, revision) or look_up(repo, revision, access)
    announce(plan)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_json(folder / PLAN, plan.to_json())
        check_space(folder, plan.repo, plan.total_bytes - _done(folder, plan))
        small = [file for file in plan.files if not file.name.endswith(".safetensors")]
        tally = Tally(plan.total_bytes, _done(folder, plan), tell)
        for file in small:
            _fetch(file, plan, folder, access, tally, stop)
        trust.check_settings(
            folder, repo
        )  # an unknown or unsafe kind is refused before its weights are fetched
        plan = _only_indexed(plan, folder)
        tally.restart(plan.total_bytes, _done(folder, plan))
        for file in plan.files:
            _fetch(file, plan, folder, access, tally, stop)
        trust.check(folder)
        (folder / PLAN).unlink()
        write_json(folder / RECORD, {**plan.to_json(), "at": datetime.now(UTC).isoformat(timespec="seconds")})
        durable.sync(folder)
        folder.replace(models_dir / model_id)
        durable.sync(models_dir)
    except OSError as error:
        raise DownloadFailed(f"The download could not be written: {error.strerror or error}.") from error
    return models_dir / model_id


def check_files(folder: Path, tell: Tell = lambda progress: None) -> list[str]:
    """What is wrong with the files of a downloaded model, a sentence each; empty when all are as they came."""
    try:
        data = json.loads((folder / RECORD).read_text(encoding="utf-8"))
        data.pop("at", None)
        plan = Plan.from_json(data)
    except (OSError, ValueError, ModelRefused, DownloadFailed):
        return ["The record of its download is missing or damaged."]
    wrong, done = [], 0
    for file in plan.files:
        path = folder / file.name
        if not path.is_file():
            wrong.append(f"{file.name} is missing.")
        elif path.stat().st_size != file.size_bytes or not _hash_fits(path, file):
            wrong.append(f"{file.name} is not the file that was fetched.")
        done += file.size_bytes
        tell(Progress("checking", done, plan.total_bytes))
    return wrong


def _old_plan(folder: Path, repo: str, revision: str) -> Plan | None:
    """The plan of an interrupted download of the same model; another revision starts anew."""
    plan = _read_plan(folder)
    if plan is None:
        return None
    if plan.repo == repo and revision in ("", plan.revision):
        return plan
    shutil.rmtree(folder)
    return None


def _read_plan(folder: Path) -> Plan | None:
    try:
        return Plan.from_json(json.loads((folder / PLAN).read_text(encoding="utf-8")))
    except (OSError, ValueError, AttributeError, ModelRefused, DownloadFailed):
        return None


def _only_indexed(plan: Plan, folder: Path) -> Plan:
    """The plan with just those weights that the model's index names."""
    index = folder / "model.safetensors.index.json"
    if not index.is_file():
        return plan
    named = trust.indexed_weights(index)
    missing = named - {file.name for file in plan.files}
    if missing:
        raise ModelRefused(f"{plan.repo} is not complete: {sorted(missing)[0]} is missing.")
    kept = [f for f in plan.files if not f.name.endswith(".safetensors") or f.name in named]
    return replace(plan, files=tuple(kept))


def _done(folder: Path, plan: Plan) -> int:
    return sum(_fetched(folder, file) for file in plan.files)


def _fetched(folder: Path, file: HubFile) -> int:
    """Bytes of ``file`` that are on the disk; packages that carry a part of it and were not read yet count."""
    paths = [folder / file.name, folder / f"{file.name}.part"]
    if file.name.endswith(".gguf"):
        paths += (folder / PARTS).glob("*.whl*")
    found = 0
    for path in paths:
        with contextlib.suppress(OSError):
            found += path.stat().st_size
    return min(found, file.size_bytes)


def _fetch(
    file: HubFile, plan: Plan, folder: Path, access: Access, tally: Tally, stop: threading.Event
) -> None:
    """One file, whole and with the right hash; a second try from the first byte if the hash is wrong."""
    path, part = folder / file.name, folder / f"{file.name}.part"
    if path.is_file():
        return
    for attempt in (1, 2):
        with telling(plan.repo, access):
            receive(_remote(file, plan, access), part, tally, stop)
        tally.show("checking", now=file.size_bytes > 1 << 26)
        if _hash_fits(part, file):
            durable.sync(part)
            part.replace(path)
            return
        part.unlink()
        tally.add(-file.size_bytes)
        if attempt == 2:
            raise ModelRefused(
                f"{file.name} of {plan.repo} is not the file that the hub announced; it was deleted."
            )


def _remote(file: HubFile, plan: Plan, access: Access) -> Remote:
    from huggingface_hub import hf_hub_url
    from huggingface_hub.utils import get_session, hf_raise_for_status

    url = hf_hub_url(plan.repo, file.name, revision=plan.revision, endpoint=access.endpoint)
    return Remote(
        url, file.name, access.endpoint, file.size_bytes, get_session(), headers(access), hf_raise_for_status
    )


def _hash_fits(path: Path, file: HubFile) -> bool:
    digest = hashlib.sha256() if file.sha256 else hashlib.sha1(usedforsecurity=False)
    if file.git_sha1:
        digest.update(b"blob %d\0" % file.size_bytes)
    with path.open("rb") as data:
        while chunk := data.read(1 << 22):
            digest.update(chunk)
    return digest.hexdigest() == (file.sha256 or file.git_sha1)
