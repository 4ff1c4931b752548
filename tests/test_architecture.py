"""The rooms stay apart: imports point downwards, and what must be light loads nothing heavy."""

from __future__ import annotations

import pkgutil
import subprocess
import sys
import tomllib
from pathlib import Path

import grimp
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
    assert "4 kept, 0 broken" in done.stdout


def test_every_presenter_is_under_the_contract() -> None:
    """A new presenter is named in pyproject.toml, or the contract would not hold for it."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        contracts = tomllib.load(file)["tool"]["importlinter"]["contracts"]
    named = next(c["source_modules"] for c in contracts if c["name"].startswith("Presenters"))
    files = (ROOT / "ui").rglob("*presenter.py")
    assert sorted(".".join(f.relative_to(ROOT).with_suffix("").parts) for f in files) == sorted(named)


def circles(graph: grimp.ImportGraph) -> list[list[str]]:
    """Modules that import each other, however long the way (Tarjan's strongly connected components)."""
    number: dict[str, int] = {}
    lowest: dict[str, int] = {}
    stack: list[str] = []
    found: list[list[str]] = []

    def visit(module: str) -> None:
        number[module] = lowest[module] = len(number)
        stack.append(module)
        for other in sorted(graph.find_modules_directly_imported_by(module)):
            if other not in number:
                visit(other)
                lowest[module] = min(lowest[module], lowest[other])
            elif other in stack:
                lowest[module] = min(lowest[module], number[other])
        if lowest[module] == number[module]:
            circle = [stack.pop()]
            while circle[-1] != module:
                circle.append(stack.pop())
            if len(circle) > 1:
                found.append(sorted(circle))

    for module in sorted(graph.modules):
        if module not in number:
            visit(module)
    return found


def test_no_modules_import_each_other() -> None:
    """Imports for type checkers count as well: they say who knows whom."""
    assert circles(grimp.build_graph("assistant", "models", "ui", cache_dir=None)) == []


@pytest.mark.parametrize(
    "module",
    [
        "assistant",
        "assistant.cli",
        "assistant.engine.client",
        "assistant.services.chat",
        "assistant.services.learning",
        "assistant.services.library",
        "assistant.services.models",
        "assistant.services.styles",
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


def test_loading_a_model_does_not_import_what_only_processors_of_pictures_need() -> None:
    heavy = ("transformers.image_processing_utils", "transformers.processing_utils")
    assert loaded_by("import models.loader, models.loaded_model", heavy) == []
