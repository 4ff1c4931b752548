"""The models that Attune knows by name, and those in the models folder. Torch-free.

A model is a folder. ``models_dir/<id>`` holds one that was prepared, fetched or copied there; a file
``models_dir/<id>.link`` holds the path of one that lies elsewhere and stays there.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import tomllib
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

from models.errors import DownloadFailed, ModelNotFound, ModelRefused
from models.fetch import download, trust
from models.fetch.default_model import default_here
from models.fetch.hub import Plan
from models.fetch.trust import Checked
from models.fetch.weight_sources import Wanted, WeightsFile
from models.gguf import folder as gguf_folder
from models.gguf.folder import Record, header_in, is_gguf_model, is_quantized, matrix_bytes
from models.packing.pack_index import discard_damaged
from models.starter import STARTER_ID, is_prepared, starter_folder
from models.starter import verify as verify_starter

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
    language_parameters: int = 0  # of those, what is read for every token; 0: all
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
    note: str = ""  # one sentence: what it is good for
    gguf: WeightsFile | None = None  # the one file that it is; None: a repository of safetensors, or packages
    folder: Path | None = None

    @property
    def can_see(self) -> bool:
        return "image" in self.modalities

    @property
    def can_hear(self) -> bool:
        return "audio" in self.modalities

    @property
    def cpu_quantization(self) -> str:
        """What ``auto`` keeps of the language weights on a processor."""
        return "int4" if self.architecture in trust.FAST_TYPES else "float32"

    def memory_estimate_mb(self, quantization: str = "") -> int:
        """Megabytes the engine needs with this model: measured where known, else by the number of weights.

        "" is what a processor would use. Encoders are never quantised: float32 on a processor.
        """
        quantization = quantization or self.cpu_quantization
        if quantization in self.memory_mb:
            return self.memory_mb[quantization]
        if self.gguf is not None:  # used as it is, whatever the quantisation asked for
            return _BASE_MB + self.gguf.size_bytes // 1_000_000
        language = self.language_parameters or self.parameters
        encoders = self.parameters - language
        other = 2 if quantization == "bfloat16" else 4  # bytes
        return _BASE_MB + (weight_bytes(language, quantization) + encoders * other) // 1_000_000


def weight_bytes(parameters: int, quantization: str) -> int:
    """Bytes of ``parameters`` weights with their scales and the parts that stay finer (tables of int4 models)."""
    return round(parameters * _BYTES_A_WEIGHT[quantization])


@cache
def entries() -> tuple[Entry, ...]:
    """The catalogue, in its order (small to large), without looking at the disk."""
    with Path(__file__).with_name("catalog.toml").open("rb") as file:
        rows: list[dict[str, Any]] = tomllib.load(file)["model"]
    return tuple(Entry(**{key: _typed(key, value) for key, value in row.items()}) for row in rows)


def _typed(key: str, value: Any) -> Any:
    """TOML arrays as tuples, the table of a GGUF file as its dataclass."""
    if key == "gguf":
        return WeightsFile.from_json(value)
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
    seen = (("image", checked.can_see), ("audio", checked.can_hear))
    plan = fetched_by(folder)
    record = Record.read(folder) if checked.gguf else None
    license = plan.licence if plan else record.license if record else ""
    return Entry(
        id=model_id,
        name=plan.repo if plan else (record.name if record else "") or folder.name,
        source=plan.repo if plan else str(folder),
        parameters=trust.count_parameters(checked),
        license=license,
        memory_mb=_memory_of(checked),
        modalities=("text", *(name for name, there in seen if there)),
        context=int(context),
        architecture=checked.model_type,
        revision=plan.revision if plan else "",
        folder=folder,
    )


def _memory_of(checked: Checked) -> dict[str, int]:
    """What a quantised GGUF file takes as it is; empty for weights that are quantised here."""
    if not checked.gguf or not is_quantized(header := header_in(checked.folder)):
        return {}
    return {"int4": _BASE_MB + matrix_bytes(header) // 1_000_000}


def fetched_by(folder: Path) -> Plan | None:
    """What a downloaded model's folder was fetched from; None for one that came another way."""
    try:
        data = json.loads((folder / download.RECORD).read_text(encoding="utf-8"))
        return Plan.from_json({name: value for name, value in data.items() if name != "at"})
    except (OSError, ValueError, AttributeError, ModelRefused, DownloadFailed):
        return None


def wanted(name: str, models_dir: Path) -> Wanted:
    """A catalogue id, "default", OWNER/NAME on a hub, or what was begun. Raises ModelNotFound for what is neither."""
    if name == "default":
        name = default_here()
    for entry in entries():
        if name in (entry.id, entry.source) and entry.id != STARTER_ID:
            return Wanted(entry.id, entry.source, entry.revision, entry.license, entry.gguf)
    if _ID.fullmatch(name) and (plan := download.partial_plan(models_dir, name)) is not None:
        return Wanted(name, plan.repo, plan.revision)
    if name.count("/") == 1 and not name.startswith((".", "/", "~")):
        return Wanted(id_for(name.split("/")[1]), name, "")
    find(name, models_dir)
    raise ModelNotFound(f"{name} is not in the catalogue; name a model on a hub as OWNER/NAME.")


def id_for(name: str) -> str:
    """An id made from the name of a folder, a file or a repository."""
    return re.sub(r"[^a-z0-9._-]+", "-", name.lower()).strip("-._")[:64] or "model"


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
    model_id = free_id(model_id or id_for(folder.name), models_dir)
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


def free_id(model_id: str, models_dir: Path) -> str:
    """``model_id`` if a new model may be called so. Raises ModelRefused."""
    if not _ID.fullmatch(model_id):
        raise ModelRefused(
            f"{model_id!r} cannot be a model's id: use lower-case letters, digits, '.', '_', '-'."
        )
    if model_id == STARTER_ID or any(entry.id == model_id for entry in installed(models_dir)):
        raise ModelRefused(
            f"There is already a model called {model_id!r}; remove it first or choose another id."
        )
    return model_id


def remove(model_id: str, models_dir: Path) -> None:
    """Forget a model. A linked folder stays untouched; one inside the models folder, or fetched in part, is deleted."""
    if _ID.fullmatch(model_id) and download.discard(models_dir, model_id):
        return
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
        trust.check(folder)
    except ModelRefused as error:
        return [str(error)]
    wrong = [
        f"{path.name} is damaged and is made anew at the next start." for path in discard_damaged(folder)
    ]
    if is_gguf_model(folder):
        return wrong + gguf_folder.verify(folder)
    return wrong + (download.check_files(folder) if (folder / download.RECORD).is_file() else [])
