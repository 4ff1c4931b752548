"""dev.py: what it says when something is missing, and that it is quick the second time."""

from __future__ import annotations

import ast
import importlib.util
import io
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


# --- system libraries and the window ----------------------------------------------------------------------


@pytest.fixture
def apt(dev: ModuleType, monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """A machine without two of Qt's libraries; what is called for them. An installation brings them."""
    calls: list[list[str]] = []

    def call(command: list[str], **_: object) -> int:
        calls.append(command)
        return 0

    def missing() -> list[str]:
        return [] if any("install" in command for command in calls) else ["libegl1", "libxcb-icccm4"]

    monkeypatch.setattr(dev.subprocess, "call", call)
    monkeypatch.setattr(dev, "missing_libraries", missing)
    monkeypatch.setattr(dev.shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(dev.os, "geteuid", lambda: 1000, raising=False)
    return calls


def test_root_gets_the_system_libraries_without_a_question(
    dev: ModuleType, apt: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dev.os, "geteuid", lambda: 0, raising=False)
    monkeypatch.setattr(dev, "agreed", lambda question: pytest.fail("asked"))
    assert dev.system_libraries() == ""
    assert apt[0][-1] == "update" and apt[1][-2:] == ["libegl1", "libxcb-icccm4"]
    assert not any("sudo" in command for command in apt)


@pytest.mark.parametrize(
    ("answer", "terminal", "installs"),
    [("y\n", True, True), ("\n", True, True), ("n\n", True, False), ("", True, False), ("y\n", False, False)],
)
def test_others_are_asked_once_and_told_the_command_on_a_no(
    dev: ModuleType,
    apt: list[list[str]],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    answer: str,
    terminal: bool,
    installs: bool,
) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return terminal

        def fileno(self) -> int:
            return 2

    monkeypatch.setattr(sys, "stdin", Terminal(answer))
    monkeypatch.setattr(sys, "stderr", shown := Terminal())
    problem = dev.system_libraries()
    command = "sudo apt-get install libegl1 libxcb-icccm4"
    assert shown.getvalue().count("[Y/n]") == (1 if terminal else 0)
    if installs:
        assert problem == "" and all(call[0] == "sudo" for call in apt) and len(apt) == 2
        assert command in shown.getvalue()
    else:
        assert problem.endswith(command) and apt == []


def test_an_installation_that_does_not_help_is_said(
    dev: ModuleType, apt: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dev.os, "geteuid", lambda: 0, raising=False)
    monkeypatch.setattr(dev, "missing_libraries", lambda: ["libegl1"])
    assert dev.system_libraries().endswith("sudo apt-get install libegl1")
    apt.clear()
    monkeypatch.setattr(dev.shutil, "which", lambda name: None)  # neither Debian nor Ubuntu
    assert "libegl1" in dev.system_libraries() and apt == []


@pytest.mark.parametrize(
    ("arguments", "window", "consents"),
    [
        ([], True, True),
        (["--starter"], True, False),
        (["--data-dir", "x", "--log-level", "debug"], True, True),
        (["--offline"], True, True),
        (["chat", "hello"], False, False),
        (["--data-dir", "x", "chat", "hello"], False, False),
        (["--version"], False, False),
    ],
)
def test_running_it_is_the_consent_to_the_default_model(
    dev: ModuleType, monkeypatch: pytest.MonkeyPatch, arguments: list[str], window: bool, consents: bool
) -> None:
    started: list[list[str]] = []
    asked: list[bool] = []
    monkeypatch.setattr(dev, "system_libraries", lambda: asked.append(True) or "")
    monkeypatch.setattr(dev.os, "execv", lambda path, command: started.append(command), raising=False)
    monkeypatch.setattr(dev.subprocess, "call", lambda command: started.append(command) or 0)
    dev.run(arguments)
    assert started[0][1:3] == ["-m", "ui.launch"]
    assert ("--fetch-default" in started[0]) == consents and bool(asked) == window
    assert [word for word in started[0][3:] if word != "--fetch-default"] == arguments


def test_without_the_libraries_no_window_is_started(
    dev: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(dev, "system_libraries", lambda: "Qt needs system libraries that are missing: x")
    monkeypatch.setattr(dev.os, "execv", lambda path, command: pytest.fail("started"), raising=False)
    assert dev.run([]) == 1 and dev.test([]) == 1
    assert capsys.readouterr().err.count("Qt needs system libraries") == 2
