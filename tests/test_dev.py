"""dev.py: what it says when something is missing, and that it is quick the second time."""

from __future__ import annotations

import ast
import importlib.util
import json
import shutil
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def dev(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """dev.py with an environment folder of this test's own; nothing is ever installed."""
    monkeypatch.setenv("ATTUNE_VENV", str(tmp_path / "venv"))
    spec = importlib.util.spec_from_file_location("dev_under_test", ROOT / "dev.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "pip", lambda arguments: pytest.fail(f"would install {arguments}"))
    return module


def test_an_old_python_can_read_it_and_it_needs_nothing() -> None:
    source = (ROOT / "dev.py").read_text(encoding="utf-8")
    tree = ast.parse(source, feature_version=(3, 7))
    names = {
        alias.name.split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
    }
    assert names <= sys.stdlib_module_names


def test_too_little_disk_space(dev: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage(ROOT)._replace(free=10**9)
    monkeypatch.setattr(dev.shutil, "disk_usage", lambda path: usage)
    assert "1.0 GB are free" in dev.install(with_tests=False)


def test_venv_module_missing(dev: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ensurepip", None)
    assert f"python3.{sys.version_info[1]}-venv" in dev.install(with_tests=False)


def test_an_old_python_is_named(
    dev: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(dev, "OLDEST", (99, 0))
    monkeypatch.setattr(dev.shutil, "which", lambda name: None)
    assert dev.main(["run"]) == 1
    assert "needs Python 3.11 or newer" in capsys.readouterr().err


def test_nothing_is_installed_twice_and_a_change_is_noticed(
    dev: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed: list[list[str]] = []
    monkeypatch.setattr(dev, "pip", lambda arguments: installed.append(arguments) or 0)
    monkeypatch.setattr(dev, "PYTHON", sys.executable)  # an environment that works
    Path(dev.VENV).mkdir()
    assert dev.install(with_tests=False) == ""
    assert installed == [["-e", "."], ["--no-deps", dev.WEIGHTS]]
    assert dev.install(with_tests=False) == "" and len(installed) == 2
    assert dev.install(with_tests=True) == "" and len(installed) == 4  # the tests' tools were missing
    assert "pytest>=9" in installed[2]
    assert dev.install(with_tests=False) == "" and len(installed) == 4
    stamp = json.loads(Path(dev.STAMP).read_text())
    Path(dev.STAMP).write_text(json.dumps({**stamp, "hash": "of another pyproject.toml"}))
    assert dev.install(with_tests=False) == "" and len(installed) == 6


def test_a_failed_installation_is_tried_again(dev: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dev, "PYTHON", sys.executable)
    Path(dev.VENV).mkdir()
    monkeypatch.setattr(dev, "pip", lambda arguments: 1)
    assert "Installing failed" in dev.install(with_tests=False)
    assert not Path(dev.STAMP).exists()


def test_wrong_usage(dev: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    assert dev.main(["fly"]) == 2 and "dev.py run" in capsys.readouterr().err
