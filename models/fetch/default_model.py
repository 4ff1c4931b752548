"""Which model a machine gets without being asked, and which one a new chat uses. Light: asked before the window opens."""

from __future__ import annotations

from pathlib import Path

from models import memory

DEFAULT_ID = "qwen2.5-coder-1.5b-instruct"
SMALL_DEFAULT_ID = "qwen2.5-coder-0.5b-instruct"
# "8 GB": what such a machine reports is less, because the firmware and graphics keep some of it.
DEFAULT_FROM_BYTES = 7_200_000_000


def default_id(memory_bytes: int | None) -> str:
    """The default for a machine with so much memory; the small one where the system does not say how much."""
    return DEFAULT_ID if memory_bytes is not None and memory_bytes >= DEFAULT_FROM_BYTES else SMALL_DEFAULT_ID


def default_here() -> str:
    """The default for this machine."""
    return default_id(memory.total_bytes())


def is_default(model_id: str) -> bool:
    """Is it the default of some machine (not necessarily of this one)?"""
    return model_id in (DEFAULT_ID, SMALL_DEFAULT_ID)


def is_here(models_dir: Path, model_id: str) -> bool:
    """Is the folder of a fetched model there? Its name appears only when it is whole."""
    return (models_dir / model_id / "config.json").is_file()
