"""Styles and their versions: which there are, which one writes, names, import, export, reset and deletion.

A version is a row of the store and a folder with an adapter; what happens to one happens to the other. Loads no torch, and
nothing heavy (``assistant.learning.versions`` brings numpy) before a folder is touched.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.errors import NotFound
from assistant.learning import style_queries
from assistant.learning.checks import ab_comparison
from assistant.learning.checks.ab_comparison import Score
from assistant.records import StyleVersion, UpdateReport

if TYPE_CHECKING:
    from assistant.paths import DataPaths
    from assistant.store import Store

_LONGEST_NAME = 60  # characters of an imported folder's name


@dataclass(frozen=True, slots=True)
class VersionRow:
    """A version as people are shown it."""

    version: StyleVersion
    number: int  # counted from 1 within its style
    in_use: bool
    has_files: bool  # rejected ones are kept for inspection as long as their folder is there
    score: Score  # of blind comparisons with the base model
    gone: int = 0  # ratings it learned from that no longer stand

    @property
    def can_write(self) -> bool:
        return self.version.state == "active" and self.has_files


class StyleService:
    def __init__(self, store: Store, paths: DataPaths) -> None:
        self._store, self._folder = store, paths.styles

    # --- named styles -----------------------------------------------------------------------------------

    def names(self) -> list[str]:
        return self._store.lines()

    def add(self, name: str) -> str:
        """A new named style; one that is there already is given back as it is written. Raises BadInput."""
        return self._store.add_line(name)

    def remove(self, name: str) -> list[str]:
        """Remove a named style with its versions and what was corrected in it; the versions' ids.

        Its ratings stay and teach nothing. Raises NotFound, and BadInput for the user's own.
        """
        with self._store.transaction():
            line = self._store.line(name)
            removed = self._store.remove_line(line)
            style_queries.forget_corrections(self._store, line)
        self._remove_files(removed)
        return removed

    # --- versions ---------------------------------------------------------------------------------------

    def versions(self, model: str, line: str = "") -> tuple[VersionRow, ...]:
        """Every version there is of one of ``model``'s styles, newest first."""
        store = self._store
        found = store.styles(model, line=line)
        standing = {rating.id for rating in store.ratings()} | {text.id for text in store.own_texts(None)}
        numbers = style_queries.numbers(store.styles(model, deleted=True))
        current = store.current_style(model, line)
        scores = ab_comparison.scores(store, model)
        return tuple(
            VersionRow(
                version,
                numbers[version.id],
                version.id == current,
                (self._folder / version.id).is_dir(),
                scores.get(version.id, Score()),
                len({*version.ratings_used, *version.ratings_held_out} - standing),
            )
            for version in reversed(found)
        )

    def version(self, model: str, line: str = "", version: str | None = None) -> StyleVersion:
        """The version ``version``, else the one in use. Raises NotFound."""
        wanted = version or self._store.current_style(model, line)
        if wanted is None:
            raise NotFound("No style version is in use.")
        return self._store.style(wanted)

    def current(self, model: str, line: str = "") -> str | None:
        """The version that writes; None: the base model does."""
        return self._store.current_style(model, line)

    def use(self, model: str, version: str | None, line: str = "") -> None:
        """Write with a version from now on; None: with the model as it is. Raises NotFound for one that cannot be used."""
        self._store.use_style(model, version, line)

    def rename(self, version: str, name: str) -> None:
        """What the user calls a version; "": it is numbered. Raises NotFound."""
        self._store.update_style(version, name=name)

    def export(self, version: str, target: Path) -> None:
        """Copy a version out as a plain PEFT adapter into the new folder ``target``. Raises NotFound, BadInput, StoreError."""
        from assistant.learning import versions

        self._store.style(version)
        versions.export(self._folder, version, target)

    def import_folder(self, model: str, folder: Path, line: str = "") -> str:
        """A PEFT adapter as a version of one of ``model``'s styles, not yet in use; its id. BadInput when it is none."""
        from assistant.learning import versions

        version = uuid.uuid4().hex[:12]
        versions.bring_in(folder, self._folder, version, model)
        report = UpdateReport(imported=True, reason="imported")
        name = folder.name[:_LONGEST_NAME]
        self._store.add_style(model, style_id=version, name=name, report=report, line=line)
        return version

    def delete(self, ids: Sequence[str]) -> None:
        """Delete versions with their files; what they learned from counts as not learned from again. Raises NotFound."""
        with self._store.transaction():
            for version in ids:
                self._store.update_style(version, state="deleted")
        self._remove_files(ids)

    def reset(self, model: str, line: str = "") -> list[str]:
        """Delete every version of one of ``model``'s styles with its files; their ids. The ratings stay."""
        ids = [version.id for version in self._store.styles(model, line=line)]
        with self._store.transaction():
            self._store.use_style(model, None, line)
            for version in ids:
                self._store.update_style(version, state="deleted")
        self._remove_files(ids)
        return ids

    def _remove_files(self, ids: Sequence[str]) -> None:
        """After the store has let go of them: a folder that no version names is harmless, the reverse is not."""
        from assistant.learning import versions

        for version in ids:
            versions.remove(self._folder, version)
