"""Models that the user already has: a folder, a PEFT adapter, a GGUF file. Checked before anything of them is used.

A whole model folder stays where it lies and is only linked. An adapter is merged into its base, a GGUF file unpacked:
both become an ordinary checkpoint folder in the models folder, which then takes the one way that all models take.
"""

from __future__ import annotations

from pathlib import Path

from models import catalog
from models.catalog import Entry
from models.errors import ModelNotFound
from models.starter.sources import Progress


def take_in(path: Path, models_dir: Path, model_id: str | None, progress: Progress) -> Entry:
    """Make what lies at ``path`` a model. Raises ModelNotFound or ModelRefused with the reason in one sentence."""
    if path.is_dir():
        return catalog.add(path, models_dir, model_id)
    raise ModelNotFound(f"There is no model at {path}.")
