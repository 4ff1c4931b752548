"""The rooms stay apart: imports point downwards, and what must be light loads nothing heavy."""

from __future__ import annotations

import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
HEAVY = ("torch", "transformers", "accelerate", "peft", "PySide6", "onnxruntime", "faster_paddle")
ENGINE_ONLY = ("torch", "transformers", "accelerate", "peft", "faster_paddle", "cv2", "models.loader")


def loaded_by(code: str, names: tuple[str, ...]) -> list[str]:
    """Which of ``names`` a fresh Python has loaded after running ``code``."""
    script = f"{code}\nimport sys\nprint([n for n in {names!r} if n in sys.modules], file=sys.stderr)"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return eval(done.stderr.strip().splitlines()[-1])


def test_import_contracts() -> None:
    script = "from importlinter.cli import lint_imports; raise SystemExit(lint_imports(no_cache=True))"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "2 kept, 0 broken" in done.stdout


@pytest.mark.parametrize(
    "module",
    [
        "assistant",
        "assistant.cli",
        "assistant.engine.client",
        "assistant.store",
        "assistant.vision",
        "models",
        "ui.launch",
    ],
)
def test_light_modules_load_nothing_heavy(module: str) -> None:
    assert loaded_by(f"import {module}", HEAVY) == []


@pytest.mark.parametrize(
    "arguments", [["--help"], ["--version"], ["chat", "--help"], ["models", "list", "--json"]]
)
def test_light_commands_load_nothing_heavy(arguments: list[str], attune_home: Path) -> None:
    code = f"from assistant.cli import main\nassert main({arguments!r}, None) == 0"
    assert loaded_by(code, HEAVY) == []


def test_window_modules_load_no_torch() -> None:
    """No module of the window, nor what it imports, loads torch, transformers or text recognition."""
    import ui

    names = [info.name for info in pkgutil.walk_packages(ui.__path__, "ui.")]
    assert "ui.launch" in names
    code = "import importlib\nfor name in " + repr(names) + ": importlib.import_module(name)"
    assert loaded_by(code, ENGINE_ONLY) == []


def test_command_line_knows_no_qt() -> None:
    import assistant

    names = [info.name for info in pkgutil.walk_packages(assistant.__path__, "assistant.")]
    names = [name for name in names if not name.startswith(("assistant.engine.server", "assistant.learning"))]
    light = [
        name for name in names if name.startswith(("assistant.cli", "assistant.store", "assistant.vision"))
    ]
    code = "import importlib\nfor name in " + repr(light) + ": importlib.import_module(name)"
    assert loaded_by(code, HEAVY) == []
