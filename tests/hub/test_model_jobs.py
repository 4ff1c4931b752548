"""Downloads in a process of their own, as the window and the command line start them."""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
from pathlib import Path
from typing import ClassVar

import pytest
from hub.hub_server import HubServer, Repo

from assistant import hub_access
from assistant.model_jobs import Add, Failed, Finished, Get, ModelJob, Paused, Planned, Progressed
from assistant.paths import DataPaths
from assistant.settings import Settings
from models.fetch import catalog, download
from models.fetch.hub import Access

ROOT = Path(__file__).parents[2]


def events_of(paths: DataPaths, job: Get | Add, act=lambda job, event: None) -> list:
    """All events of a job; ``act(running, event)`` may interfere."""
    got: queue.SimpleQueue = queue.SimpleQueue()
    running = ModelJob(paths, job, got.put)
    events = []
    while not events or not isinstance(events[-1], (Finished, Paused, Failed)):
        events.append(got.get(timeout=60))
        act(running, events[-1])
    assert running.wait(10)
    return events


@pytest.fixture
def paths(tmp_path: Path) -> DataPaths:
    return DataPaths(tmp_path / "home").ensure()


def test_a_job_tells_what_it_fetches_and_ends_with_a_model(
    hub: HubServer, repo: Repo, paths: DataPaths
) -> None:
    events = events_of(paths, Get("small", "someone/small", "", Access(hub.url)))
    planned = next(event for event in events if isinstance(event, Planned))
    assert (planned.repo, planned.revision, planned.licence) == ("someone/small", repo.commit, "apache-2.0")
    assert isinstance(events[-1], Finished)
    assert catalog.verify("small", paths.models) == []
    # Nothing beside the model: no telemetry, no token, no other address.
    assert {path.split("/")[1] for path in hub.paths() if not path.startswith("CDN")} == {"api", "someone"}


def test_a_paused_and_a_killed_job_go_on_where_they_were(
    hub: HubServer, repo: Repo, paths: DataPaths
) -> None:
    hub.slow_s = 0.25  # sixteen pieces: seconds in which a loaded machine can get its word in
    job = Get("small", "someone/small", "", Access(hub.url))

    def pause(running: ModelJob, event: object) -> None:
        if isinstance(event, Progressed) and event.done > 60_000:
            running.stop()

    assert isinstance(events_of(paths, job, pause)[-1], Paused)
    done, total = download.partial_state(paths.models, "small")  # type: ignore[misc]
    assert 0 < done < total

    hub.slow_s = 0.1

    def kill(running: ModelJob, event: object) -> None:
        if isinstance(event, Progressed) and event.done > done + 40_000:
            hub.slow_s = 30.0  # nothing more comes: it cannot be done before it is killed
            os.kill(running.pid, signal.SIGKILL if hasattr(signal, "SIGKILL") else signal.SIGTERM)

    assert isinstance(events_of(paths, job, kill)[-1], Failed)
    hub.slow_s = 0.0
    assert isinstance(events_of(paths, job)[-1], Finished)
    assert catalog.verify("small", paths.models) == []


def test_two_of_one_model_at_once_are_one_too_many(hub: HubServer, repo: Repo, paths: DataPaths) -> None:
    from assistant.store.locks import held

    with held(paths.locks / "model-small.lock"):
        last = events_of(paths, Get("small", "someone/small", "", Access(hub.url)))[-1]
    assert isinstance(last, Failed) and "already" in last.reason


def test_what_a_front_is_told_of_a_gated_model(hub: HubServer, repo: Repo, paths: DataPaths) -> None:
    repo.gated, repo.token = True, "hf_right"
    last = events_of(paths, Get("small", "someone/small", "", Access(hub.url)))[-1]
    assert isinstance(last, Failed) and last.gated


def test_a_proxy_is_used(hub: HubServer, repo: Repo, paths: DataPaths) -> None:
    """The hub stands in for the proxy too: what comes through it asks for whole addresses."""
    last = events_of(paths, Get("small", "someone/small", "", Access("http://hub.invalid", proxy=hub.url)))[
        -1
    ]
    assert isinstance(last, Failed)
    assert hub.requests and hub.requests[0][2]["host"] == "hub.invalid"


def run(home: Path, *arguments: str, stdin: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    variables = {key: value for key, value in os.environ.items() if not key.startswith("HF_")}
    return subprocess.run(
        [sys.executable, "-m", "ui.launch", "--data-dir", str(home), *arguments],
        cwd=ROOT, env=variables | environment, input=stdin, capture_output=True, text=True, timeout=120,
    )  # fmt: skip


def test_the_command_line_fetches_lists_verifies_and_removes(
    hub: HubServer, repo: Repo, tmp_path: Path
) -> None:
    got = run(tmp_path, "models", "get", "someone/small", "--mirror", hub.url, "--json")
    assert got.returncode == 0, got.stderr
    assert json.loads(got.stdout)["id"] == "small"
    assert "Licence: apache-2.0" in got.stderr and repo.commit[:12] in got.stderr
    listed = {m["id"]: m for m in json.loads(run(tmp_path, "models", "list", "--json").stdout)["models"]}
    assert listed["small"]["installed"] and listed["small"]["revision"] == repo.commit
    assert run(tmp_path, "models", "verify", "small").returncode == 0
    (tmp_path / "models" / "small" / "model-00001-of-00002.safetensors").write_bytes(b"torn")
    wrong = run(tmp_path, "models", "verify", "small", "--json")
    assert wrong.returncode == 1 and not json.loads(wrong.stdout)["ok"]
    assert run(tmp_path, "models", "remove", "small").returncode == 0
    assert not (tmp_path / "models" / "small").exists()


def test_offline_and_terms_are_one_sentence(hub: HubServer, repo: Repo, tmp_path: Path) -> None:
    refused = run(tmp_path, "--offline", "models", "get", "someone/small", "--mirror", hub.url)
    assert refused.returncode == 1 and refused.stderr.count("\n") == 1 and "--offline" in refused.stderr
    assert hub.requests == []
    repo.gated, repo.token = True, "hf_right_one"
    gated = run(tmp_path, "models", "get", "someone/small", "--mirror", hub.url)
    assert gated.returncode == 1 and "terms" in gated.stderr
    given = run(
        tmp_path, "models", "get", "someone/small", "--mirror", hub.url, "--token", stdin="hf_right_one\n"
    )
    assert given.returncode == 0, given.stderr
    everything = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert b"hf_right_one" not in everything and "hf_right_one" not in given.stderr


def test_tokens_stay_with_their_hub(monkeypatch: pytest.MonkeyPatch) -> None:
    class Keyring:
        kept: ClassVar[dict[tuple[str, str], str]] = {}

        def get_password(self, service: str, host: str) -> str | None:
            return self.kept.get((service, host))

        def set_password(self, service: str, host: str, token: str) -> None:
            self.kept[service, host] = token

    monkeypatch.setattr(hub_access, "_keyring", Keyring)
    monkeypatch.delenv("HF_TOKEN", raising=False)
    monkeypatch.delenv("HF_ENDPOINT", raising=False)
    assert hub_access.keep_hub_token("https://huggingface.co", "hf_secret")
    assert hub_access.access(Settings()).token == "hf_secret"
    assert hub_access.access(Settings(), mirror="https://mirror.example").token == ""
    assert (
        hub_access.access(Settings(hub_mirror="https://mirror.example/")).endpoint == "https://mirror.example"
    )
    assert "hf_secret" not in repr(hub_access.access(Settings()))
