"""Replies to whole conversations that come from outside (`attune serve`): the model and style a name means, the personal
style for one reply, and what is kept of it where that was asked for.

Belongs to the thread of its store, like every service.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from assistant import conversation as tree
from assistant import settings as settings_file
from assistant.errors import BadInput, NotFound
from assistant.learning.fitted_head import CurrentHead
from assistant.records import STYLE_OFF, Attachment, Generation, Rating, Recognition, Role, Sampling
from assistant.services.chat_job import Personal

if TYPE_CHECKING:
    from assistant.paths import DataPaths
    from assistant.store import Store
    from assistant.vision.intake import IntakeImage

BASE = "base"
_REMEMBERED = 256  # kept conversations that a next message may go on with


@dataclass(frozen=True, slots=True)
class Writer:
    """Who writes: a model, in its user's style, in another one, or as it is."""

    model: str  # catalogue id
    style: Literal["own", "base", "version"] = "own"
    version: str = ""  # with the style "version": its id
    line: str = ""  # the named style; empty: the user's own
    name: str = ""  # as it was asked for

    @property
    def is_base(self) -> bool:
        return self.style == "base"


@dataclass(frozen=True, slots=True)
class NamedModel:
    """One name under which a model can be asked."""

    name: str
    model: str
    style: str = ""  # a version's id, "base" or a named style; empty: the user's style as it stands
    label: str = ""  # what the user calls the version
    in_use: bool = False


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture of a request, through the intake."""

    image: IntakeImage
    sha256: str


@dataclass(frozen=True, slots=True)
class Said:
    """One message of a request."""

    role: Role
    text: str
    pictures: tuple[Picture, ...] = ()


@dataclass(frozen=True, slots=True)
class Kept:
    """A finished reply with all that it needs to be kept."""

    reply_id: str
    writer: Writer
    said: tuple[Said, ...]
    text: str
    made: Generation
    recognitions: dict[str, Recognition]  # by SHA-256


class CompletionService:
    def __init__(self, store: Store, paths: DataPaths) -> None:
        self._store, self._paths = store, paths
        self._head = CurrentHead(store)
        self._kept: OrderedDict[str, tuple[str, str]] = OrderedDict()  # history -> conversation, last message

    # --- names ------------------------------------------------------------------------------------------

    def names(self) -> list[NamedModel]:
        """Every name that can be asked for: installed models, and each with the styles it can write in."""
        from models.fetch import catalog

        found: list[NamedModel] = []
        for entry in catalog.installed(self._paths.models):
            model = entry.id
            found += [NamedModel(model, model), NamedModel(f"{model}@{BASE}", model, BASE)]
            used = {line: self._store.current_style(model, line) for line in ("", *self._store.lines())}
            found += [NamedModel(f"{model}@{line}", model, line) for line in used if line]
            for version in self._store.styles(model):
                if version.state == "active" and (self._paths.styles / version.id).is_dir():
                    in_use = used.get(version.line) == version.id
                    name = f"{model}@{version.id}"
                    found.append(NamedModel(name, model, version.id, version.name, in_use))
        return found

    def writer(self, name: str) -> Writer:
        """Who ``name`` means: `model`, `model@base`, `model@version`, or `model@` and a named style. Raises NotFound.

        Only names of installed models count: a path of this computer is none.
        """
        from models.fetch import catalog

        installed = {entry.id for entry in catalog.installed(self._paths.models)}
        if name in installed:
            return Writer(name, name=name)
        model, at, style = name.rpartition("@")
        if not at or model not in installed:
            raise NotFound(
                f"There is no model {_short(name)} on this computer; /v1/models lists those that are."
            )
        if style == BASE:
            return Writer(model, "base", name=name)
        for version in self._store.styles(model):
            if version.id == style and version.state == "active":
                return Writer(model, "version", version.id, version.line, name)
        if style and style in self._store.lines():
            return Writer(model, line=style, name=name)
        raise NotFound(f"{model} has no style {_short(style)}; /v1/models lists those that it has.")

    # --- one reply --------------------------------------------------------------------------------------

    def sampling(self, advice: Sampling) -> Sampling:
        """How replies are drawn where a request says nothing: what the user chose, else the model's ``advice``."""
        return settings_file.load(self._paths.settings).sampling_for(advice)

    def personal(self, writer: Writer, *, card: bool, search: bool) -> Personal:
        """The style, the style card and the search among candidates as the window would use them now.

        ``card`` and ``search``: whether this request wants them at all. Raises NotFound for a version that is gone.
        """
        settings = settings_file.load(self._paths.settings)
        if writer.is_base or (writer.style == "own" and not writer.line and not settings.style_on):
            return Personal()
        settings = replace(
            settings,
            style_on=True,
            style_card_on=settings.style_card_on and card,
            best_of_on=settings.best_of_on and search,
        )
        steering = self._head.steering(writer.model, settings, writer.line)
        version = writer.version or self._store.current_style(writer.model, writer.line)
        if version is None:
            return Personal(steering=steering)
        folder = self._paths.styles / version
        if not folder.is_dir():
            raise NotFound(f"The files of style version {version} are gone; use another one.")
        return Personal(style=str(folder), style_name=version, steering=steering)

    # --- what is kept -----------------------------------------------------------------------------------

    def keep(self, kept: Kept) -> None:
        """Keep a conversation with its reply, so that the reply can be rated and the window shows it.

        A request that goes on where a kept one ended is kept behind it, in the same conversation. Raises StoreError.
        """
        store, writer = self._store, kept.writer
        system = "\n\n".join(said.text for said in kept.said if said.role == "system")
        said = [said for said in kept.said if said.role != "system" and (said.text.strip() or said.pictures)]
        begun = self._kept.pop(_key(writer, system, said[:-1]), None)
        with store.transaction():
            conversation_id, parent = self._still_there(begun) if begun else (None, None)
            to_add = said if conversation_id is None else said[-1:]
            if conversation_id is None:
                style = STYLE_OFF if writer.is_base else writer.version
                title = tree.title_from(next((one.text for one in said if one.text.strip()), ""), "Picture")
                conversation_id = store.create_conversation(
                    title=title, system_prompt=system, model=writer.model, line=writer.line, style=style
                ).id
            for one in to_add:
                pictures = [self._attachment(picture, kept) for picture in one.pictures]
                parent = store.add_message(conversation_id, parent, one.role, one.text, pictures).id
            store.add_message(
                conversation_id, parent, "assistant", "", state="streaming", message_id=kept.reply_id
            )
            store.finish_message(kept.reply_id, kept.text, kept.made)
        after = _key(writer, system, [*said, Said("assistant", kept.text)])
        self._kept[after] = conversation_id, kept.reply_id
        while len(self._kept) > _REMEMBERED:
            self._kept.popitem(last=False)

    def _still_there(self, begun: tuple[str, str]) -> tuple[str | None, str | None]:
        """The conversation to go on with and its last message, unless the user has deleted them meanwhile."""
        try:
            self._store.conversation(begun[0])
            self._store.message(begun[1])
        except NotFound:
            return None, None
        return begun

    def _attachment(self, picture: Picture, kept: Kept) -> Attachment:
        attachment = self._store.add_attachment(picture.image)
        if (seen := kept.recognitions.get(picture.sha256)) is not None and attachment.recognition is None:
            self._store.set_recognition(attachment.sha256, seen)
        return attachment

    def rate(self, reply_id: str, rating: str | int, note: str = "") -> Rating:
        """Rate a kept reply "up", "down" or with 1 to 5 stars. Raises BadInput, NotFound, StoreError."""
        try:
            self._store.message(reply_id)
        except NotFound as error:
            raise NotFound(
                "No reply with this id is kept, so it cannot be rated; ask for replies with "
                '"attune": {"keep": true}, or start attune serve with --keep.'
            ) from error
        if rating in ("up", "down"):
            return self._store.add_rating("thumb", 1 if rating == "up" else -1, reply_id, note=note)
        if isinstance(rating, int) and 1 <= rating <= 5:
            return self._store.add_rating("stars", rating, reply_id, note=note)
        raise BadInput('The rating must be "up", "down" or a whole number from 1 to 5.')


def _key(writer: Writer, system: str, said: Sequence[Said]) -> str:
    """What tells a history from others: who writes, what was said, and the pictures."""
    digest = hashlib.sha256(repr((writer.model, writer.style, writer.version, writer.line, system)).encode())
    for one in said:
        digest.update(repr((one.role, one.text, [picture.sha256 for picture in one.pictures])).encode())
    return digest.hexdigest()


def _short(name: str) -> str:
    """A name from outside as it can stand in a sentence."""
    plain = "".join(c if c.isprintable() else " " for c in name)
    return repr(plain if len(plain) <= 80 else plain[:79] + "…")
