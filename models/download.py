"""Fetch the files of a plan (``models.hub``) into a folder: resumable, stoppable, every byte checked.

A download lies in ``models_dir/.<id>.part`` until it is whole, with the plan it follows, so that going on later fetches
the same revision. Files are written as ``<name>.part`` and renamed once size and hash are right; the folder is renamed
last. huggingface_hub's own ``hf_hub_download`` throws a partial file away when it is interrupted (2.4), hence the loop
here. Run it in a process of its own (``assistant.model_jobs``). Torch-free.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from models import trust
from models.errors import DownloadFailed, ModelRefused
from models.hub import TIMEOUT_S, Access, HubFile, Plan, headers, look_up, telling

RECORD = "attune-download.json"  # beside the files: what was fetched, from where, with every hash
PLAN = "plan.json"
SPARE_BYTES = 500_000_000  # of disk space left free
ATTEMPTS = 6  # without a new byte in between
FIRST_PAUSE_S = 1.0
_LONGEST_PAUSE_S = 30.0
_TELL_EVERY_S = 0.2
_SPEED_OVER_S = 8.0


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a download stands. ``left_s`` None: not known yet."""

    phase: str  # "looking up" | "downloading" | "checking" | "waiting"
    done: int = 0  # bytes
    total: int = 0  # bytes, 0: not known yet
    per_s: float = 0.0  # bytes a second, lately
    left_s: float | None = None


Tell = Callable[[Progress], None]


class Paused(Exception):
    """The download was stopped on request; what was fetched stays."""


def partial_folder(models_dir: Path, model_id: str) -> Path:
    """Where an unfinished download lies."""
    return models_dir / f".{model_id}.part"


def partial_plan(models_dir: Path, model_id: str) -> Plan | None:
    """What an unfinished download is to become; None: there is none."""
    return _read_plan(partial_folder(models_dir, model_id))


def partial_state(models_dir: Path, model_id: str) -> tuple[int, int] | None:
    """(bytes fetched, bytes in all) of an unfinished download; None: there is none."""
    plan, folder = partial_plan(models_dir, model_id), partial_folder(models_dir, model_id)
    return None if plan is None else (sum(_fetched(folder, file) for file in plan.files), plan.total_bytes)


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
        _write(folder / PLAN, plan.to_json())
        _check_space(folder, plan)
        small = [file for file in plan.files if not file.name.endswith(".safetensors")]
        tally = _Tally(plan, folder, tell)
        for file in small:
            _fetch(file, plan, folder, access, tally, stop)
        trust.check_settings(
            folder, repo
        )  # an unknown or unsafe kind is refused before its weights are fetched
        plan = _only_indexed(plan, folder)
        tally.use(plan)
        for file in plan.files:
            _fetch(file, plan, folder, access, tally, stop)
        trust.check(folder)
        (folder / PLAN).unlink()
        _write(folder / RECORD, {**plan.to_json(), "at": datetime.now(UTC).isoformat(timespec="seconds")})
        _sync(folder)
        folder.replace(models_dir / model_id)
        _sync(models_dir)
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


def _check_space(folder: Path, plan: Plan) -> None:
    missing = plan.total_bytes - sum(_fetched(folder, file) for file in plan.files)
    free = shutil.disk_usage(folder).free
    if missing + SPARE_BYTES > free:
        raise DownloadFailed(
            f"{plan.repo} needs {(missing + SPARE_BYTES) / 1e9:.1f} GB of disk space, {free / 1e9:.1f} GB are free."
        )


def _fetched(folder: Path, file: HubFile) -> int:
    """Bytes of ``file`` that are on the disk."""
    for path in (folder / file.name, folder / f"{file.name}.part"):
        try:
            return min(path.stat().st_size, file.size_bytes)
        except OSError:
            continue
    return 0


class _Tally:
    """Bytes over all files, the speed of the last seconds, and when to tell of them."""

    def __init__(self, plan: Plan, folder: Path, tell: Tell) -> None:
        self._tell, self._folder = tell, folder
        self._last = 0.0
        self._marks: list[tuple[float, int]] = []  # (time, bytes done)
        self.use(plan)

    def use(self, plan: Plan) -> None:
        self._total = plan.total_bytes
        self._done = sum(_fetched(self._folder, file) for file in plan.files)
        self._marks = []

    def add(self, n_bytes: int) -> None:
        """``n_bytes`` more are there (or, negative, were thrown away)."""
        self._done += n_bytes
        if n_bytes < 0:
            self._marks = []
        self.show("downloading")

    def show(self, phase: str, *, now: bool = False) -> None:
        at = time.monotonic()
        if not now and at - self._last < _TELL_EVERY_S and self._done < self._total:
            return
        self._last = at
        self._marks = [m for m in self._marks if at - m[0] < _SPEED_OVER_S] + [(at, self._done)]
        since, before = self._marks[0]
        per_s = (self._done - before) / (at - since) if at - since > 0.5 else 0.0
        left_s = (self._total - self._done) / per_s if per_s > 0 else None
        self._tell(Progress(phase, self._done, self._total, per_s, left_s))


def _fetch(
    file: HubFile, plan: Plan, folder: Path, access: Access, tally: _Tally, stop: threading.Event
) -> None:
    """One file, whole and with the right hash; a second try from the first byte if the hash is wrong."""
    path, part = folder / file.name, folder / f"{file.name}.part"
    if path.is_file():
        return
    for attempt in (1, 2):
        with telling(plan.repo, access):
            _receive(file, plan, part, access, tally, stop)
        tally.show("checking", now=file.size_bytes > 1 << 26)
        if _hash_fits(part, file):
            _sync(part)
            part.replace(path)
            return
        part.unlink()
        tally.add(-file.size_bytes)
        if attempt == 2:
            raise ModelRefused(
                f"{file.name} of {plan.repo} is not the file that the hub announced; it was deleted."
            )


def _receive(
    file: HubFile, plan: Plan, part: Path, access: Access, tally: _Tally, stop: threading.Event
) -> None:
    """Append to ``part`` until it has the file's size, over as many connections as that takes."""
    import httpx2
    from huggingface_hub import hf_hub_url

    url = hf_hub_url(plan.repo, file.name, revision=plan.revision, endpoint=access.endpoint)
    fruitless, pause_s = 0, FIRST_PAUSE_S
    with part.open("ab") as out:
        if out.tell() > file.size_bytes:
            _restart(out, tally)
        while True:
            before, trouble, asked_s = out.tell(), "the connection ended", 0.0
            try:
                _stream(url, file, out, access, tally, stop)
            except _Busy as busy:
                trouble, asked_s = f"it answered {busy.status}", busy.retry_s
            except httpx2.TransportError as error:
                trouble = str(error).strip() or type(error).__name__
            if out.tell() == file.size_bytes:
                break
            if out.tell() > before:
                fruitless, pause_s = 0, FIRST_PAUSE_S
            else:
                fruitless += 1
            if fruitless >= ATTEMPTS:
                raise DownloadFailed(
                    f"{access.endpoint} broke off {ATTEMPTS} times ({trouble[:100]}); trying again later goes on here."
                )
            tally.show("waiting", now=True)
            if stop.wait(min(max(pause_s, asked_s), _LONGEST_PAUSE_S)):
                raise Paused
            pause_s *= 2
        out.flush()
        os.fsync(out.fileno())


class _Busy(Exception):
    """The server asks to come back later."""

    def __init__(self, status: int, retry_s: float) -> None:
        super().__init__(status)
        self.status, self.retry_s = status, retry_s


def _stream(url: str, file: HubFile, out: Any, access: Access, tally: _Tally, stop: threading.Event) -> None:
    """One request's worth of the file, from where ``out`` stands."""
    from huggingface_hub.utils import get_session, hf_raise_for_status

    have = out.tell()
    wanted = {**headers(access), "Accept-Encoding": "identity"}
    if have:
        wanted["Range"] = f"bytes={have}-"
    with get_session().stream("GET", url, headers=wanted, timeout=TIMEOUT_S) as response:
        if response.status_code == 416:  # what is here is not a beginning of what is there
            _restart(out, tally)
            return
        if response.status_code in (408, 429, 500, 502, 503, 504):
            raise _Busy(response.status_code, _seconds(response.headers.get("Retry-After")))
        hf_raise_for_status(response)
        start = response.headers.get("Content-Range", "").removeprefix("bytes ").split("-")[0]
        if have and (response.status_code != 206 or (start and start != str(have))):
            _restart(out, tally)  # the server sends it from the beginning
            if response.status_code == 206:
                return
        for chunk in response.iter_bytes():
            if stop.is_set():
                raise Paused
            if out.tell() + len(chunk) > file.size_bytes:
                _restart(out, tally)
                raise ModelRefused(
                    f"{file.name} is larger on {access.endpoint} than announced; it was not used."
                )
            out.write(chunk)
            tally.add(len(chunk))
    if stop.is_set():
        raise Paused


def _restart(out: Any, tally: _Tally) -> None:
    tally.add(-out.tell())
    out.seek(0)
    out.truncate(0)


def _seconds(value: str | None) -> float:
    try:
        return max(0.0, float(value or 0))
    except ValueError:
        return 0.0


def _hash_fits(path: Path, file: HubFile) -> bool:
    digest = hashlib.sha256() if file.sha256 else hashlib.sha1(usedforsecurity=False)
    if file.git_sha1:
        digest.update(b"blob %d\0" % file.size_bytes)
    with path.open("rb") as data:
        while chunk := data.read(1 << 22):
            digest.update(chunk)
    return digest.hexdigest() == (file.sha256 or file.git_sha1)


def _write(path: Path, data: dict[str, Any]) -> None:
    aside = path.with_name(path.name + ".tmp")
    with aside.open("w", encoding="utf-8") as file:
        json.dump(data, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    aside.replace(path)


def _sync(path: Path) -> None:
    if path.is_dir() and os.name == "nt":
        return  # Windows cannot open a folder for syncing; its renames are journalled
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
