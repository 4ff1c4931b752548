"""The models that Attune knows by name, and those in the models folder. Torch-free.

A model is a folder. ``models_dir/<id>`` holds one that was prepared, fetched or copied there; a file
``models_dir/<id>.link`` holds the path of one that lies elsewhere and stays there.
"""

from __future__ import annotations

import os
import re
import shutil
import tomllib
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

from models import trust
from models.errors import ModelNotFound, ModelRefused
from models.starter import STARTER_ID, is_prepared, starter_folder
from models.starter import verify as verify_starter
from models.starter.sources import sha256_of

_ID = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_LINK = ".link"
_BYTES_A_WEIGHT = {"int4": 0.65, "int8": 1.15, "bfloat16": 2.0, "float32": 4.0}
_BASE_MB = 350  # what the engine takes before any weights: Python, torch, transformers


@dataclass(frozen=True, slots=True)
class Entry:
    """One model, known or added. ``folder`` is None as long as it isn't on this machine."""

    id: str
    name: str
    source: str  # "packages", a hub repository, or the path of an added folder
    parameters: int = 0
    license: str = ""
    languages: tuple[str, ...] = ()
    modalities: tuple[str, ...] = ("text",)
    context: int = 0  # tokens; 0: see the model's own config
    download_mb: int = 0  # 0: the hub says
    memory_mb: dict[str, int] = field(default_factory=dict)  # measured, by quantisation
    architecture: str = ""
    revision: str = ""
    gated: bool = False
    checked: str = ""  # date on which the facts were looked up
    note: str = ""
    folder: Path | None = None

    @property
    def can_see(self) -> bool:
        return "image" in self.modalities

    def memory_estimate_mb(self, quantization: str = "int4") -> int:
        """Megabytes the engine needs with this model: measured where known, else by the number of weights."""
        if quantization in self.memory_mb:
            return self.memory_mb[quantization]
        return _BASE_MB + round(self.parameters * _BYTES_A_WEIGHT[quantization] / 1e6)


@cache
def entries() -> tuple[Entry, ...]:
    """The catalogue, in its order (small to large), without looking at the disk."""
    with Path(__file__).with_name("catalog.toml").open("rb") as file:
        rows: list[dict[str, Any]] = tomllib.load(file)["model"]
    return tuple(Entry(**{key: _plain(value) for key, value in row.items()}) for row in rows)


def _plain(value: Any) -> Any:
    """TOML arrays as tuples."""
    return tuple(value) if isinstance(value, list) else value


def listing(models_dir: Path) -> list[Entry]:
    """The catalogue with what is on this machine marked, then the models that the user added."""
    here = {entry.id: entry for entry in installed(models_dir)}
    known = [here.pop(entry.id, entry) for entry in entries()]
    return known + sorted(here.values(), key=lambda entry: entry.id)


def installed(models_dir: Path) -> list[Entry]:
    """Models on this machine: catalogue models and added ones. Folders that aren't models are passed over."""
    found = []
    if is_prepared(models_dir):
        found.append(_entry(STARTER_ID, starter_folder(models_dir)))
    for path in sorted(models_dir.iterdir()) if models_dir.is_dir() else []:
        name = path.name.removesuffix(_LINK) if path.is_file() else path.name
        if name.startswith(".") or name == STARTER_ID or not _ID.fullmatch(name):
            continue
        folder = _folder_at(path)
        if folder is not None and (folder / "config.json").is_file():
            found.append(_entry(name, folder))
    return found


def _folder_at(path: Path) -> Path | None:
    if path.is_dir():
        return path
    if path.suffix == _LINK:
        try:
            return Path(path.read_text(encoding="utf-8").strip())
        except (OSError, UnicodeDecodeError):
            return None
    return None


def _entry(model_id: str, folder: Path) -> Entry:
    """The catalogue's facts with ``folder`` filled in, or what an added folder's config says."""
    for entry in entries():
        if entry.id == model_id:
            return replace(entry, folder=folder)
    try:
        checked = trust.check(folder)
    except (ModelRefused, ModelNotFound) as error:
        return Entry(model_id, folder.name, str(folder), note=str(error), folder=folder)
    text = checked.config.get("text_config") or checked.config
    context = text.get("max_position_embeddings") or text.get("n_positions") or 0
    return Entry(
        id=model_id,
        name=folder.name,
        source=str(folder),
        parameters=trust.count_parameters(checked),
        modalities=("text", "image") if checked.can_see else ("text",),
        context=int(context),
        architecture=checked.model_type,
        folder=folder,
    )


def find(model_id: str, models_dir: Path) -> Entry:
    """The model of that id, with its folder when it is here. Raises ModelNotFound."""
    for entry in listing(models_dir):
        if entry.id == model_id:
            return entry
    raise ModelNotFound(f"There is no model called {model_id!r}; `attune models list` shows them all.")


def locate(name: str, models_dir: Path) -> tuple[str, Path]:
    """(id, folder) of a catalogue id, an added model's id, or a path. Raises ModelNotFound, ModelRefused."""
    path = Path(name).expanduser()
    if path.is_dir() and (os.sep in name or path.is_absolute() or name.startswith((".", "~"))):
        trust.check(path)
        return path.name, path.resolve()
    entry = find(name, models_dir)
    if entry.folder is None:
        raise ModelNotFound(
            f"{entry.name} is not on this machine yet; `attune models get {entry.id}` fetches it."
        )
    if not entry.folder.is_dir():
        raise ModelNotFound(f"The folder of {entry.id}, {entry.folder}, is gone.")
    return entry.id, entry.folder


def add(folder: Path, models_dir: Path, model_id: str | None = None, *, copy: bool = False) -> Entry:
    """Check a model folder and make it known; it stays where it is unless ``copy``.

    Raises ModelRefused with the reason when it can't be trusted, or when the id is taken or not allowed.
    """
    trust.check(folder)
    model_id = model_id or re.sub(r"[^a-z0-9._-]+", "-", folder.name.lower()).strip("-._") or "model"
    if not _ID.fullmatch(model_id):
        raise ModelRefused(
            f"{model_id!r} cannot be a model's id: use lower-case letters, digits, '.', '_', '-'."
        )
    if model_id == STARTER_ID or any(entry.id == model_id for entry in installed(models_dir)):
        raise ModelRefused(
            f"There is already a model called {model_id!r}; remove it first or choose another id."
        )
    models_dir.mkdir(parents=True, exist_ok=True)
    try:
        if copy:
            partial = models_dir / f".{model_id}.tmp"
            shutil.rmtree(partial, ignore_errors=True)
            shutil.copytree(folder, partial)
            partial.replace(models_dir / model_id)
            folder = models_dir / model_id
        else:
            partial = models_dir / f".{model_id}.tmp"
            partial.write_text(str(folder.resolve()), encoding="utf-8")
            partial.replace(models_dir / (model_id + _LINK))
    except OSError as error:
        raise ModelRefused(f"The model could not be added: {error.strerror or error}.") from error
    return _entry(model_id, folder)


def remove(model_id: str, models_dir: Path) -> None:
    """Forget a model. A linked folder stays untouched; one inside the models folder is deleted."""
    entry = find(model_id, models_dir)
    link = models_dir / (model_id + _LINK)
    inside = models_dir / model_id
    if link.is_file():
        link.unlink()
    elif inside.is_dir():
        shutil.rmtree(inside)
    elif entry.folder is None:
        raise ModelNotFound(f"{entry.name} is not on this machine.")


def verify(model_id: str, models_dir: Path) -> list[str]:
    """What is wrong with a model's files, a sentence each; empty when all is well. Raises ModelNotFound."""
    _, folder = locate(model_id, models_dir)
    if model_id == STARTER_ID:
        return [f"{name} is missing or damaged." for name in verify_starter(folder)]
    try:
        checked = trust.check(folder)
    except ModelRefused as error:
        return [str(error)]
    return [
        f"{path.name} is not the file that was fetched."
        for path in checked.weights
        if path.with_suffix(".sha256").is_file()
        and path.with_suffix(".sha256").read_text(encoding="ascii").split()[0] != sha256_of(path)
    ]
