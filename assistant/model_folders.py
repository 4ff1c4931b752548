"""Which models are on this computer, for the fronts: plain data, read without loading torch."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

from assistant.errors import BadInput, NotFound, StoreError
from assistant.paths import DataPaths

STARTER = "starter"
_LINK = "link.json"  # in models/<id>/: where a folder that the user added lies


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """One model as a person chooses it."""

    id: str
    name: str
    installed: bool
    parameters: int = 0
    licence: str = ""
    can_see: bool = False
    size_bytes: int = 0  # on the disk, 0: unknown
    note: str = ""  # one sentence about it


def find(paths: DataPaths, model_id: str) -> Path | None:
    """The folder of model ``model_id``; None: the starter, which has yet to be prepared. Raises NotFound."""
    from models.starter import is_prepared

    if model_id == STARTER:
        return paths.models / STARTER if is_prepared(paths.models) else None
    folder = _folder(paths, model_id)
    if folder is None:
        raise NotFound(f"The model {model_id} is not on this computer; choose another one.")
    return folder


def starter_needs_download(paths: DataPaths) -> bool:
    """Must the starter's language model be fetched, since no package on this computer brings it?"""
    from models.starter import source_available

    return not source_available(paths.models / ".sources")


def choices(paths: DataPaths) -> list[ModelChoice]:
    """The starter, then every other model on this computer."""
    from models.starter import is_prepared

    there = is_prepared(paths.models)
    found = [
        ModelChoice(
            STARTER,
            "Starter",
            installed=there,
            parameters=134_515_008,
            licence="Apache-2.0",
            can_see=True,
            size_bytes=_size(paths.models / STARTER) if there else 0,
            note="Small and quick; it comes with Attune.",
        )
    ]
    for entry in sorted(paths.models.iterdir()) if paths.models.is_dir() else ():
        folder = None if entry.name == STARTER else _folder(paths, entry.name)
        if folder is not None:
            config = _config(folder)
            can_see = isinstance(config.get("vision_config"), dict)
            found.append(ModelChoice(entry.name, entry.name, True, can_see=can_see, size_bytes=_size(folder)))
    return found


def add(paths: DataPaths, folder: Path) -> str:
    """Make a model folder of the user's own known, where it lies; its id. Raises BadInput, StoreError."""
    if not (folder / "config.json").is_file() or not any(folder.glob("*.safetensors")):
        raise BadInput(f"{folder.name} is not a model folder: config.json or the safetensors are missing.")
    model_id = re.sub(r"[^A-Za-z0-9._-]+", "-", folder.name).strip(".-") or "model"
    here = paths.models / model_id
    if here.exists() or model_id == STARTER:
        raise BadInput(f"There is a model called {model_id} already.")
    try:
        here.mkdir(parents=True)
        (here / _LINK).write_text(json.dumps({"folder": str(folder.resolve())}), encoding="utf-8")
    except OSError as error:
        raise StoreError(f"The model could not be added: {error.strerror or error}.") from error
    return model_id


def _folder(paths: DataPaths, model_id: str) -> Path | None:
    """Where a model lies, if it is there. An id is the name of one folder and never a path."""
    if not re.fullmatch(r"[A-Za-z0-9._-]+", model_id) or model_id.strip(".") == "":
        return None
    folder = paths.models / model_id
    if (folder / _LINK).is_file():
        linked = _json(folder / _LINK).get("folder")
        folder = Path(linked) if isinstance(linked, str) else folder
    return folder if (folder / "config.json").is_file() else None


def _config(folder: Path) -> dict[str, object]:
    return _json(folder / "config.json")


def _json(path: Path) -> dict[str, object]:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return data if isinstance(data, dict) else {}


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.glob("*") if path.is_file())
