"""An installed Attune has every file that a clone has: data files are named in pyproject.toml, or wheels lack them."""

from __future__ import annotations

import tomllib
from fnmatch import fnmatch
from pathlib import Path

from setuptools import find_packages

ROOT = Path(__file__).resolve().parents[1]
BUILT = {".py", ".pyc", ".so", ".pyd", ".cpp", ".h", ".inc"}  # code, and what the native step is built from


def test_every_data_file_is_part_of_the_installation() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    data: dict[str, list[str]] = settings["tool"]["setuptools"]["package-data"]
    missing = []
    for room in ("assistant", "models", "ui"):
        for file in (ROOT / room).rglob("*"):
            if not file.is_file() or file.suffix in BUILT or file.suffix in (".tmp", ".md"):
                continue
            inside = file.relative_to(ROOT)
            named = any(
                fnmatch(str(file.relative_to(ROOT.joinpath(*package.split(".")))), pattern)
                for package, patterns in data.items()
                if inside.is_relative_to(Path(*package.split(".")))
                for pattern in patterns
            )
            if not named:
                missing.append(inside.as_posix())
    assert not missing


def test_the_scripts_that_made_the_starter_are_not_installed() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    find = settings["tool"]["setuptools"]["packages"]["find"]
    packages = find_packages(str(ROOT), include=find["include"], exclude=find["exclude"])
    assert "models.starter" in packages and not [name for name in packages if "starter.train" in name]
