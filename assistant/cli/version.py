"""The version of the installed program."""

from __future__ import annotations

from importlib import metadata


def version() -> str:
    """As pyproject.toml says; "unknown" when run from files that were never installed."""
    try:
        return metadata.version("attune-desktop")
    except metadata.PackageNotFoundError:
        return "unknown"
