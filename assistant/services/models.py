"""Models: the catalogue as plain data, getting and removing them, which one answers, and how the default one arrives.

The starter answers from the first second. The default of this computer is fetched in the background once somebody agreed
to that, and is used for new chats when it is whole. Read without loading torch; the work itself is ``assistant.model_jobs``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.errors import BadInput, NotFound
from assistant.model_jobs import Add, Get
from assistant.paths import DataPaths
from assistant.settings import Settings
from models.fetch import default_model as default
from models.fetch.weight_sources import HubSource, WeightsFile

if TYPE_CHECKING:
    from models.fetch.catalog import Entry

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
    full_name: str = ""  # as the catalogue has it
    languages: tuple[str, ...] = ()
    modalities: tuple[str, ...] = ("text",)
    context: int = 0  # tokens; 0: see the model's own configuration
    download_bytes: int = 0  # to fetch in all, by the catalogue; 0: the hub says
    source: str = ""  # "packages", a hub repository, or the path of an added folder
    revision: str = ""
    folder: Path | None = None

    @property
    def usable(self) -> bool:
        """Can it be chosen? One that is here; and the starter, which is made on this computer when it is first used."""
        return self.installed or self.id == STARTER

    @property
    def removable(self) -> bool:
        """Is there something to delete that does not come back by itself?"""
        return self.installed and self.id != STARTER


@dataclass(frozen=True, slots=True)
class Here:
    """The model that was asked for is on this computer already."""

    model_id: str


def settle(settings: Settings, paths: DataPaths) -> Settings:
    """The settings with the model that new chats use: the chosen one, else the default if it is here, else the starter.

    Every front calls this once after reading the settings. Looks at two files at most.
    """
    if settings.model_chosen or not (settings.model == STARTER or default.is_default(settings.model)):
        return settings
    wanted = default.default_here()
    return replace(settings, model=wanted if default.is_here(paths.models, wanted) else STARTER)


def default_id() -> str:
    """Id of the default model for this machine."""
    return default.default_here()


def default_model(paths: DataPaths) -> ModelChoice:
    """The default model for this machine: is it here, how much of it is fetched, how large is it."""
    from models.fetch import catalog

    return _choice(paths, catalog.find(default.default_here(), paths.models))


def may_fetch_default(settings: Settings, said: bool | None) -> bool | None:
    """May the default model be fetched now? ``said`` on the command line, else by the settings; None: ask.

    Who cancelled or declined it in the window is not asked again, and a command that fetches it does not outweigh that.
    """
    if said is False or settings.fetch_default == "no":
        return False
    return True if said or settings.fetch_default == "yes" else None


def find(paths: DataPaths, model_id: str) -> Path | None:
    """The folder of model ``model_id``; None: the starter, which has yet to be prepared. Raises NotFound."""
    from models.errors import ModelError
    from models.fetch import catalog
    from models.starter import is_prepared

    if model_id == STARTER:
        return paths.models / STARTER if is_prepared(paths.models) else None
    try:
        return catalog.locate(model_id, paths.models)[1]
    except ModelError as error:
        raise NotFound(f"The model {model_id} is not on this computer; choose another one.") from error


def name_of(model_id: str) -> str:
    """What a model of the catalogue is called; "": it has a name of its own."""
    from models.fetch import catalog

    return next((entry.name for entry in catalog.entries() if entry.id == model_id), "")


def starter_needs_download(paths: DataPaths) -> bool:
    """Must the starter's language model be fetched, since no package on this computer brings it?"""
    from models.starter import source_available

    return not source_available(paths.models / ".sources")


def choices(paths: DataPaths) -> list[ModelChoice]:
    """The whole catalogue, small to large, then models that the user added, then downloads begun of others."""
    from models.fetch import catalog, download
    from models.fetch.recommend import recommend, this_machine

    advice = recommend(this_machine(paths.models))
    found = [
        _choice(paths, entry, advice.why if advice.entry.id == entry.id else "")
        for entry in catalog.listing(paths.models)
    ]
    for model_id in download.partials(paths.models):
        if model_id not in {choice.id for choice in found}:
            plan, state = (
                download.partial_plan(paths.models, model_id),
                download.partial_state(paths.models, model_id),
            )
            if plan is not None and state is not None:
                done, total = state
                begun = ModelChoice(
                    model_id, plan.repo, False, licence=plan.licence, size_bytes=total, fetched_bytes=done,
                    source=plan.repo,
                )  # fmt: skip
                found.append(begun)
    return found


def choice(paths: DataPaths, model_id: str) -> ModelChoice:
    """One model, known or added. Raises NotFound."""
    from models.errors import ModelError
    from models.fetch import catalog

    try:
        return _choice(paths, catalog.find(model_id, paths.models))
    except ModelError as error:
        raise NotFound(str(error)) from error


def _choice(paths: DataPaths, entry: Entry, why: str = "") -> ModelChoice:
    from models.fetch import catalog, download

    here = entry.folder is not None
    partial = None if here else download.partial_state(paths.models, entry.id)
    size = _size(entry.folder) if entry.folder is not None else entry.download_mb * 1_000_000
    return ModelChoice(
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
        known=any(entry.id == known.id for known in catalog.entries()),
        note=entry.note,
        why=why,
        full_name=entry.name,
        languages=entry.languages,
        modalities=entry.modalities,
        context=entry.context,
        download_bytes=entry.download_mb * 1_000_000,
        source=entry.source,
        revision=entry.revision,
        folder=entry.folder,
    )


def get_job(
    paths: DataPaths,
    settings: Settings,
    name: str,
    token: str = "",
    *,
    mirror: str = "",
    proxy: str = "",
    revision: str = "",
) -> Get | Here:
    """What fetches ``name`` ("default", a catalogue id, or OWNER/NAME on a hub), or that it is here already.

    ``mirror``, ``proxy`` and ``revision``: said this time, in place of the settings and the catalogue. Raises NotFound,
    BadInput.
    """
    from assistant import hub_access
    from models.errors import ModelError
    from models.fetch import catalog

    try:
        wanted = catalog.wanted(name, paths.models)
    except ModelError as error:
        raise NotFound(str(error)) from error
    if any(entry.id == wanted.id for entry in catalog.installed(paths.models)):
        return Here(wanted.id)
    file = ordered(wanted.file, hub_first=hub_access.chosen(settings, mirror))
    if file is not None and revision not in ("", wanted.revision):
        raise BadInput(f"{wanted.id} is known at its pinned revision only, {wanted.revision}.")
    access = hub_access.access(settings, mirror=mirror, proxy=proxy, token=token)
    return Get(wanted.id, wanted.repo, revision or wanted.revision, access, file, wanted.licence)


def add_job(path: Path, model_id: str = "", *, link: bool = False) -> Add:
    """What takes in a model folder, an adapter folder or a GGUF file that the user has. Raises BadInput."""
    if link and path.is_dir():
        raise BadInput("Only a GGUF file can be linked; a model folder stays where it lies anyway.")
    return Add(str(path), model_id, link)


def ordered(file: WeightsFile | None, *, hub_first: bool) -> WeightsFile | None:
    """Where to look first: the catalogue's order, but a hub that the user named goes before all else."""
    if file is None or not hub_first:
        return file
    return replace(file, sources=tuple(sorted(file.sources, key=lambda s: not isinstance(s, HubSource))))


def remove(paths: DataPaths, model_id: str) -> None:
    """Delete a model's files (of a linked one: the link), or what an unfinished download left. Raises NotFound."""
    from models.errors import ModelError
    from models.fetch import catalog

    try:
        catalog.remove(model_id, paths.models)
    except ModelError as error:
        raise NotFound(str(error)) from error


def verify(paths: DataPaths, model_id: str) -> list[str]:
    """What is wrong with a model's files, a sentence for each; empty: they are whole. Raises NotFound."""
    from models.errors import ModelNotFound
    from models.fetch import catalog

    try:
        return catalog.verify(model_id, paths.models)
    except ModelNotFound as error:
        raise NotFound(str(error)) from error


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.glob("*") if path.is_file())


# --- how the default model arrives --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ArrivalPlan:
    """What the window does about the default model when it starts; at most one of the two is true."""

    fetch: bool = False  # begin its download, or go on with it
    ask: bool = False  # offer it: nobody has agreed to the download yet


def follows_default(settings: Settings) -> bool:
    """Does the starter answer only until the default model is here? Not where the user chose the model."""
    return not settings.model_chosen and settings.model == STARTER


def arrival_plan(
    default: ModelChoice, settings: Settings, said: bool | None, *, network_forbidden: bool = False
) -> ArrivalPlan:
    """What is to be done at the start; ``said`` on the command line about fetching (None: nothing)."""
    if default.installed or network_forbidden or not follows_default(settings):
        return ArrivalPlan()
    may = may_fetch_default(settings, said)
    return ArrivalPlan(fetch=may is True, ask=may is None)


def may_switch(settings: Settings, *, chat_is_empty: bool, learning: bool, comparing: bool) -> bool:
    """May a default model that is whole take over now? A chat stays with its model, and loading another one would end
    an update or a comparison under way; the engine itself finishes replies that are being written first.
    """
    return follows_default(settings) and chat_is_empty and not learning and not comparing
