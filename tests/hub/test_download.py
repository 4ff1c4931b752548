"""Downloads against a hub on a loopback port: what is fetched, what is not, and what every bad day does to it."""

from __future__ import annotations

import json
import shutil
import threading
from pathlib import Path

import pytest
from hub.hub_server import HubServer, Repo, weights
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.errors import DownloadFailed, GatedModel, ModelNotFound, ModelRefused
from models.fetch import catalog, download, transfer
from models.fetch.hub import Access, Plan, look_up, prepare
from models.fetch.transfer import Paused, Progress

WANTED = {
    "LICENSE",
    "config.json",
    "tokenizer.json",
    "chat_template.jinja",
    "model.safetensors.index.json",
    "model-00001-of-00002.safetensors",
    "model-00002-of-00002.safetensors",
}


def get(
    hub: HubServer, models_dir: Path, *, name: str = "someone/small", token: str = "", tell=None, stop=None
):
    access = Access(hub.url, token=token)
    tell = tell or (lambda progress: None)
    return download.get("small", name, "", models_dir, access, tell, stop or threading.Event())


def test_a_model_is_fetched_whole_and_nothing_else_is(hub: HubServer, repo: Repo, tmp_path: Path) -> None:
    seen: list[Progress] = []
    folder = get(hub, tmp_path, tell=seen.append)
    assert folder == tmp_path / "small"
    assert {path.name for path in folder.iterdir()} == WANTED | {download.RECORD}
    for name in WANTED:
        assert (folder / name).read_bytes() == repo.files[name]
    asked = " ".join(hub.paths())
    for never in ("pytorch_model", ".py", "onnx", "consolidated", "README", "00009", "agent", "telemetry"):
        assert never not in asked
    assert all(
        path.startswith(("/api/models/someone/small", "/someone/small/", "CDN/someone"))
        for path in hub.paths()
    )
    assert seen[-1].done == seen[-1].total == sum(len(repo.files[name]) for name in WANTED)
    assert [p.done for p in seen if p.phase == "downloading"] == sorted(
        p.done for p in seen if p.phase == "downloading"
    )
    record = json.loads((folder / download.RECORD).read_text())
    assert (record["repo"], record["revision"], record["licence"]) == (
        "someone/small",
        repo.commit,
        "apache-2.0",
    )
    assert catalog.verify("small", tmp_path) == []
    entry = catalog.find("small", tmp_path)
    assert (entry.source, entry.revision, entry.license) == ("someone/small", repo.commit, "apache-2.0")


def test_who_asks_tells_no_more_than_that(hub: HubServer, repo: Repo, tmp_path: Path) -> None:
    get(hub, tmp_path)
    for _, _, headers in hub.requests:
        assert "torch/" not in headers["user-agent"] and "agent/" not in headers["user-agent"]
        assert "authorization" not in headers and "cookie" not in headers


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(0, 130_000), min_size=1, max_size=5), st.booleans(), st.booleans())
def test_cut_connections_are_taken_up_where_they_broke(
    hub: HubServer, repo: Repo, tmp_path: Path, cuts: list[int], ranges: bool, redirect: bool
) -> None:
    left = list(cuts)
    hub.cut = lambda name, start: left.pop() if left and name.endswith(".safetensors") else None
    hub.ranges, hub.redirect = ranges, redirect
    folder = get(hub, tmp_path)
    assert all((folder / name).read_bytes() == repo.files[name] for name in WANTED)
    shutil.rmtree(folder)


def test_only_what_is_missing_is_asked_for_again(hub: HubServer, repo: Repo, tmp_path: Path) -> None:
    name = "model-00001-of-00002.safetensors"
    cuts = [70_000]
    hub.cut = lambda asked, start: cuts.pop() if cuts and asked == name else None
    get(hub, tmp_path)
    starts = [
        headers.get("range") for _, path, headers in hub.requests if path == f"CDN/someone/small/-/{name}"
    ]
    assert starts == [None, "bytes=70000-"]


def test_a_connection_that_never_gives_a_byte_ends_in_one_sentence(
    hub: HubServer, repo: Repo, tmp_path: Path
) -> None:
    hub.cut = lambda name, start: 0 if name.endswith(".safetensors") else None
    with pytest.raises(DownloadFailed, match="broke off 6 times") as caught:
        get(hub, tmp_path)
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "small").exists()
    hub.cut = lambda name, start: None
    get(hub, tmp_path)
    assert catalog.verify("small", tmp_path) == []


def test_a_busy_hub_is_asked_again(hub: HubServer, repo: Repo, tmp_path: Path) -> None:
    plan = look_up("someone/small", "", Access(hub.url))
    assert plan.revision == repo.commit
    hub.busy = [503, 429, 500]
    with pytest.raises(DownloadFailed, match=r"\(503\)"):
        look_up("someone/small", "", Access(hub.url))
    hub.repos["someone/small"] = repo
    get_with_busy = threading.Event()

    def tell(progress: Progress) -> None:
        if progress.phase == "downloading" and not get_with_busy.is_set():
            get_with_busy.set()
            hub.busy = [503, 429, 502]

    hub.busy = []
    get(hub, tmp_path, tell=tell)
    assert get_with_busy.is_set() and hub.busy == []


def test_a_pause_keeps_what_there_is_and_the_same_revision(
    hub: HubServer, repo: Repo, tmp_path: Path
) -> None:
    stop = threading.Event()
    hub.slow_s = 0.05  # slow enough for the pause to come within a file

    def tell(progress: Progress) -> None:
        if progress.done > 120_000:
            stop.set()

    with pytest.raises(Paused):
        get(hub, tmp_path, tell=tell, stop=stop)
    done, total = download.partial_state(tmp_path, "small")  # type: ignore[misc]
    assert 0 < done < total
    assert catalog.installed(tmp_path) == []
    # Meanwhile the model is changed on the hub: what was begun goes on with its own revision, and says so if it can't.
    before = repo.commit
    repo.files["config.json"] = json.dumps({"model_type": "llama", "changed": True}).encode()
    hub.slow_s = 0.0
    hub.requests.clear()
    with pytest.raises(ModelNotFound, match="no such revision"):
        get(hub, tmp_path)
    repo.files["config.json"] = json.dumps({"model_type": "llama"}).encode()
    assert repo.commit == before
    hub.requests.clear()
    get(hub, tmp_path)
    assert not any(path.startswith("/api") for path in hub.paths())
    assert not any(path.endswith("config.json") for path in hub.paths())  # it was there
    assert download.partial_state(tmp_path, "small") is None


def test_a_cancelled_download_leaves_nothing(hub: HubServer, repo: Repo, tmp_path: Path) -> None:
    stop = threading.Event()
    with pytest.raises(Paused):
        get(hub, tmp_path, tell=lambda p: stop.set() if p.done > 50_000 else None, stop=stop)
    catalog.remove("small", tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_wrong_bytes_are_fetched_once_more_and_then_refused(
    hub: HubServer, repo: Repo, tmp_path: Path
) -> None:
    name = "model-00002-of-00002.safetensors"
    other = bytearray(repo.files[name])
    other[-1] ^= 1
    answers = [bytes(other)]
    hub.wrong = lambda asked: answers.pop() if asked == name and answers else None
    get(hub, tmp_path)  # wrong once: the second try was right
    assert catalog.verify("small", tmp_path) == []
    catalog.remove("small", tmp_path)
    hub.wrong = lambda asked: bytes(other) if asked == name else None
    with pytest.raises(ModelRefused, match="not the file that the hub announced"):
        get(hub, tmp_path)
    assert not (tmp_path / "small").exists()
    small = "config.json"
    hub.wrong = lambda asked: repo.files[small][:-1] + b" " if asked == small else None
    catalog.remove("small", tmp_path)
    with pytest.raises(ModelRefused, match=r"config\.json"):
        get(hub, tmp_path)


def test_a_file_longer_than_announced_is_not_kept(hub: HubServer, repo: Repo, tmp_path: Path) -> None:
    hub.wrong = lambda name: (
        repo.files[name] + b"more" * 100_000 if name.endswith("1-of-00002.safetensors") else None
    )
    with pytest.raises(ModelRefused, match="larger"):
        get(hub, tmp_path)
    assert (tmp_path / ".small.part" / "model-00001-of-00002.safetensors.part").stat().st_size == 0


def test_disk_space_is_looked_at_first(hub: HubServer, repo: Repo, tmp_path: Path, monkeypatch) -> None:
    usage = shutil.disk_usage(tmp_path)._replace(free=400_000_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)
    with pytest.raises(DownloadFailed, match=r"disk space, 0\.4 GB are free"):
        get(hub, tmp_path)
    assert not any("resolve" in path for path in hub.paths())


def test_a_full_disk_is_one_sentence_and_goes_on_later(
    hub: HubServer, repo: Repo, tmp_path: Path, monkeypatch
) -> None:
    real = transfer._stream

    def full(*arguments) -> None:
        if arguments[0].name.endswith("2-of-00002.safetensors"):
            raise OSError(28, "No space left on device")
        real(*arguments)

    monkeypatch.setattr(transfer, "_stream", full)
    with pytest.raises(DownloadFailed, match="No space left"):
        get(hub, tmp_path)
    monkeypatch.setattr(transfer, "_stream", real)
    get(hub, tmp_path)
    assert catalog.verify("small", tmp_path) == []


def test_unsafe_and_unknown_models_are_refused_before_their_weights(
    hub: HubServer, repo: Repo, tmp_path: Path
) -> None:
    for config, reason in (
        ({"model_type": "llama", "auto_map": {"AutoModel": "modeling_small.Small"}}, "code"),
        ({"model_type": "never_heard_of"}, "does not know"),
        ({"model_type": "llama", "quantization_config": {"quant_method": "gptq"}}, "quantised"),
    ):
        repo.files["config.json"] = json.dumps(config).encode()
        hub.requests.clear()
        with pytest.raises(ModelRefused, match=reason):
            get(hub, tmp_path)
        assert not any(path.endswith(".safetensors") for path in hub.paths())
        catalog.remove("small", tmp_path)


def test_models_without_safetensors_are_refused(hub: HubServer, repo: Repo, tmp_path: Path) -> None:
    repo.files = {name: data for name, data in repo.files.items() if not name.endswith(".safetensors")}
    with pytest.raises(ModelRefused, match="pickle"):
        get(hub, tmp_path)


def test_an_index_that_names_more_than_there_is_is_refused(
    hub: HubServer, repo: Repo, tmp_path: Path
) -> None:
    repo.files["model.safetensors.index.json"] = b'{"weight_map": {"a": "model-00003-of-00003.safetensors"}}'
    with pytest.raises(ModelRefused, match="not complete"):
        get(hub, tmp_path)


def test_a_gated_model_is_explained_and_given_to_who_has_a_token(
    hub: HubServer, repo: Repo, tmp_path: Path
) -> None:
    repo.gated, repo.token = True, "hf_the_right_one"
    with pytest.raises(GatedModel, match="terms") as caught:
        get(hub, tmp_path)
    assert "--token" in str(caught.value)
    with pytest.raises(GatedModel) as caught:
        get(hub, tmp_path, token="hf_another")
    assert "hf_another" not in str(caught.value)
    get(hub, tmp_path, token="hf_the_right_one")
    for _, path, headers in hub.requests:
        if path.startswith("CDN"):  # another origin: the token stays at home
            assert "authorization" not in headers
    assert "hf_the_right_one" not in "".join(p.read_text() for p in (tmp_path / "small").glob("*.json"))


def test_what_is_not_there_says_so(hub: HubServer, tmp_path: Path) -> None:
    with pytest.raises(ModelNotFound, match="knows no model someone/else"):
        get(hub, tmp_path, name="someone/else")
    with pytest.raises(ModelNotFound, match="OWNER/NAME"):
        get(hub, tmp_path, name="../../etc/passwd")
    with pytest.raises(DownloadFailed, match="refuses the connection"):
        look_up("someone/small", "", Access("http://127.0.0.1:9"))
    with pytest.raises(ModelRefused, match="no address"):
        prepare(Access("ftp://somewhere"))


@pytest.mark.parametrize(
    "answer",
    [
        b"<html>Please log in</html>",
        b"[]",
        b"{}",
        b'{"id": 5, "siblings": 7}',
        b'{"id": "a/b", "siblings": [{}]}',
    ],
)
def test_a_hub_that_answers_nonsense_is_one_sentence(hub: HubServer, repo: Repo, answer: bytes) -> None:
    hub.odd = answer
    with pytest.raises((DownloadFailed, ModelRefused)) as caught:
        look_up("someone/small", "", Access(hub.url))
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 300


@pytest.mark.parametrize(
    "change",
    [
        {"revision": "main"},
        {"files": [{"name": "../evil.json", "size_bytes": 1, "git_sha1": "0" * 40}]},
        {"files": [{"name": "sub/evil.json", "size_bytes": 1, "git_sha1": "0" * 40}]},
        {"files": [{"name": "config.json", "size_bytes": 10**12, "git_sha1": "0" * 40}]},
        {"files": [{"name": "config.json", "size_bytes": 1, "git_sha1": ""}]},
        {"files": []},
    ],
)
def test_a_plan_that_cannot_be_trusted_is_no_plan(change: dict) -> None:
    good = Plan("a/b", "0" * 40, ()).to_json() | {
        "files": [{"name": "config.json", "size_bytes": 1, "git_sha1": "0" * 40}]
    }
    assert Plan.from_json(good).files[0].name == "config.json"
    with pytest.raises((DownloadFailed, ModelRefused)):
        Plan.from_json(good | change)


def test_a_changed_file_is_found_by_verify(hub: HubServer, repo: Repo, tmp_path: Path) -> None:
    folder = get(hub, tmp_path)
    path = folder / "model-00001-of-00002.safetensors"
    data = bytearray(path.read_bytes())
    data[-5] ^= 0xFF
    path.write_bytes(data)
    assert catalog.verify("small", tmp_path) == [f"{path.name} is not the file that was fetched."]
    (folder / "tokenizer.json").unlink()
    assert "tokenizer.json is missing." in catalog.verify("small", tmp_path)


def test_one_file_of_weights_needs_no_index(hub: HubServer, tmp_path: Path) -> None:
    hub.repos["someone/small"] = Repo(
        {"config.json": b'{"model_type": "gpt2"}', "model.safetensors": weights(8_000)}
    )
    assert catalog.verify(get(hub, tmp_path).name, tmp_path) == []
