"""docs/architecture.md and docs/glossary.md name files and functions that exist, and the ways are short."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ARCHITECTURE, GLOSSARY = (ROOT / "docs" / name for name in ("architecture.md", "glossary.md"))
NAME = re.compile(r"`((?:ui|assistant|models|tests)/[\w/]+\.py)(?:: ([\w.]+))?`")
SHORT = re.compile(r"`([A-Z]\w+)\.(\w+)`")  # a class that was named before, with its module


@cache
def names_in(path: Path) -> frozenset[str]:
    """What a module defines: functions, classes, and the methods and attributes of its classes."""
    found = set()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            found.add(node.name)
        if isinstance(node, ast.ClassDef):
            for part in node.body:
                if isinstance(part, ast.FunctionDef):
                    found.add(f"{node.name}.{part.name}")
                elif isinstance(part, ast.Assign):
                    found |= {f"{node.name}.{t.id}" for t in part.targets if isinstance(t, ast.Name)}
                elif isinstance(part, ast.AnnAssign) and isinstance(part.target, ast.Name):
                    found.add(f"{node.name}.{part.target.id}")
    return frozenset(found)


@pytest.mark.parametrize("page", [ARCHITECTURE, GLOSSARY], ids=lambda page: page.name)
def test_every_file_and_function_that_is_named_exists(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    wrong, classes = [], {}
    for file, name in NAME.findall(text):
        path = ROOT / file
        if not path.is_file() or (name and name not in names_in(path)):
            wrong.append(f"{file}: {name}")
        classes[name.partition(".")[0]] = path
    for owner, name in SHORT.findall(text):
        if owner not in classes or f"{owner}.{name}" not in names_in(classes[owner]):
            wrong.append(f"{owner}.{name}")
    assert not wrong
    for folder in re.findall(r"`((?:ui|assistant|models)/[\w/]*)/`", text):
        assert (ROOT / folder).is_dir(), folder


@pytest.mark.parametrize("title", ["The way of a message", "The way of a rating"])
def test_a_way_has_twelve_steps_at_most_and_each_names_code(title: str) -> None:
    section = ARCHITECTURE.read_text(encoding="utf-8").split(f"## {title}\n")[1].split("\n## ")[0]
    steps = re.split(r"^\d+\. ", section, flags=re.M)[1:]
    assert 6 <= len(steps) <= 12
    assert all(NAME.search(step) or SHORT.search(step) for step in steps)


@pytest.mark.parametrize("page", ["learning.md", "evaluation.md", "learning-history.md"])
def test_the_pages_of_learning_name_files_that_exist(page: str) -> None:
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    named = NAME.findall(text)
    wrong = [
        f"{file}: {name}"
        for file, name in named
        if not (ROOT / file).is_file() or (name and name not in names_in(ROOT / file))
    ]
    wrong += [link for link in re.findall(r"\]\(([\w.-]+)\)", text) if not (ROOT / "docs" / link).is_file()]
    wrong += [file for file in re.findall(r"python (tests/[\w/]+\.py)", text) if not (ROOT / file).is_file()]
    assert not wrong
