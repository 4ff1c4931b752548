"""Which models there are, for the fronts: plain data from the catalogue, read without loading torch."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from assistant.errors import BadInput, NotFound
from assistant.model_jobs import Get
from assistant.paths import DataPaths
from assistant.settings import Settings

STARTER = "starter"


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """One model as a person chooses it."""

    id: str
    name: str
    installed: bool
    parameters: int = 0
    licence: str = ""
    can_see: bool = False
    can_hear: bool = False
    size_bytes: int = 0  # on the disk; of one that is not here, what has to be fetched; 0: unknown
    fetched_bytes: int = 0  # of an interrupted download
    memory_bytes: int = 0  # what the engine needs with it, estimated; 0: unknown
    gated: bool = False  # terms must be accepted on the hub first
    known: bool = False  # in the catalogue
    note: str = ""  # one sentence about it
    why: str = ""  # set for the one recommended for this machine


def find(paths: DataPaths, model_id: str) -> Path | None:
    """The folder of model ``model_id``; None: the starter, which has yet to be prepared. Raises NotFound."""
    from models import catalog
    from models.errors import ModelError
    from models.starter import is_prepared

    if model_id == STARTER:
        return paths.models / STARTER if is_prepared(paths.models) else None
    try:
        return catalog.locate(model_id, paths.models)[1]
    except ModelError as error:
        raise NotFound(f"The model {model_id} is not on this computer; choose another one.") from error


def starter_needs_download(paths: DataPaths) -> bool:
    """Must the starter's language model be fetched, since no package on this computer brings it?"""
    from models.starter import source_available

    return not source_available(paths.models / ".sources")


def choices(paths: DataPaths) -> list[ModelChoice]:
    """The whole catalogue, small to large, then models that the user added, then downloads begun of others."""
    from models import catalog, download
    from models.recommend import recommend, this_machine

    advice = recommend(this_machine(paths.models))
    known = {entry.id for entry in catalog.entries()}
    found = []
    for entry in catalog.listing(paths.models):
        here = entry.folder is not None
        partial = None if here else download.partial_state(paths.models, entry.id)
        size = _size(entry.folder) if entry.folder is not None else entry.download_mb * 1_000_000
        found.append(
            ModelChoice(
                entry.id,
                "Starter" if entry.id == STARTER else entry.name,
                installed=here,
                parameters=entry.parameters,
                licence=entry.license,
                can_see=entry.can_see,
                can_hear=entry.can_hear,
                size_bytes=partial[1] if partial else size,
                fetched_bytes=partial[0] if partial else 0,
                memory_bytes=entry.memory_estimate_mb() * 1_000_000 if entry.parameters else 0,
                gated=entry.gated,
                known=entry.id in known,
                note=entry.note,
                why=advice.why if advice.entry.id == entry.id else "",
            )
        )
    for model_id in download.partials(paths.models):
        if model_id not in {choice.id for choice in found}:
            plan, state = (
                download.partial_plan(paths.models, model_id),
                download.partial_state(paths.models, model_id),
            )
            if plan is not None and state is not None:
                done, total = state
                begun = ModelChoice(
                    model_id, plan.repo, False, licence=plan.licence, size_bytes=total, fetched_bytes=done
                )
                found.append(begun)
    return found


def get_job(paths: DataPaths, settings: Settings, name: str, token: str = "") -> Get:
    """What fetches ``name`` (a catalogue id, or OWNER/NAME on a hub). Raises NotFound, BadInput."""
    from assistant import hub_access
    from models import catalog
    from models.errors import ModelError

    try:
        model_id, repo, revision = catalog.wanted(name, paths.models)
    except ModelError as error:
        raise NotFound(str(error)) from error
    if any(entry.id == model_id for entry in catalog.installed(paths.models)):
        raise BadInput(f"There is a model called {model_id} on this computer already.")
    return Get(model_id, repo, revision, hub_access.access(settings, token=token))


def remove(paths: DataPaths, model_id: str) -> None:
    """Delete a model's files (of a linked one: the link), or what an unfinished download left. Raises NotFound."""
    from models import catalog
    from models.errors import ModelError

    try:
        catalog.remove(model_id, paths.models)
    except ModelError as error:
        raise NotFound(str(error)) from error


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.glob("*") if path.is_file())
