"""The ledger of style versions (their files belong to ``assistant.learning``), and small named values."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from assistant import strict_json
from assistant.errors import NotFound
from assistant.records import STYLE_ID, StyleVersion, UpdateReport
from assistant.store import rows
from assistant.store.connection import Row, clean, new_id, now
from assistant.store.named_styles import Lines


class Styles(Lines):
    def add_style(
        self,
        model: str,
        *,
        style_id: str | None = None,
        parent: str | None = None,
        state: str = "active",
        name: str = "",
        used: Sequence[str] = (),
        held_out: Sequence[str] = (),
        report: UpdateReport | None = None,
        make_current: bool = False,
        line: str = "",
    ) -> StyleVersion:
        """Enter a style version, give its ratings their fate and move the pointer, all in one transaction.

        ``used`` and ``held_out`` are rating ids. A rejected version leaves the ratings pending.
        """
        style_id = style_id or new_id()
        with self.transaction():
            self._insert(
                "style_version",
                {
                    "id": style_id,
                    "model": model,
                    "parent": parent,
                    "name": clean(name),
                    "created_at": now(),
                    "state": state,
                    "report": rows.to_json(strict_json.differing(report or UpdateReport())),
                    "line": line,
                },
            )
            for rating_ids, is_held_out in ((used, 0), (held_out, 1)):
                for rating_id in rating_ids:
                    row = {"style_id": style_id, "rating_id": rating_id, "held_out": is_held_out}
                    self._insert("style_rating", row, ignore=True)
                    if state == "active":
                        fate = "held out" if is_held_out else f"used:{style_id}"
                        self._update("rating", "id", rating_id, {"fate": fate})
            if make_current and state == "active":
                self.use_style(model, style_id)
            return self.style(style_id)

    def style(self, style_id: str) -> StyleVersion:
        """Raises NotFound."""
        row = self._row("SELECT * FROM style_version WHERE id = ?", [style_id])
        if row is None or not STYLE_ID.fullmatch(style_id):
            raise NotFound(f"There is no style version {style_id}.")
        return self._style(row)

    def styles(
        self, model: str | None = None, *, deleted: bool = False, line: str | None = None
    ) -> list[StyleVersion]:
        """Style versions, oldest first, of ``model`` or all, of one line or all."""
        found = self._rows(
            """SELECT * FROM style_version WHERE (? IS NULL OR model = ?) AND (? IS NULL OR line = ?)
               AND (? OR state != 'deleted') ORDER BY seq""",
            [model, model, line, line, int(deleted)],
        )
        return [self._style(row) for row in found if STYLE_ID.fullmatch(row["id"])]

    def update_style(self, style_id: str, **fields: Any) -> StyleVersion:
        """Change ``name``, ``state`` or ``report``. A version no longer active is no longer in use."""
        values = dict(fields)
        for name in values:
            if name not in ("name", "state", "report"):
                raise ValueError(f"A style version has no field {name!r} that can be set.")
        if "report" in values:
            values["report"] = rows.to_json(strict_json.differing(values["report"]))
        with self.transaction():
            if not self._update("style_version", "id", style_id, values):
                raise NotFound(f"There is no style version {style_id}.")
            if values.get("state", "active") != "active":
                self._write("DELETE FROM style_current WHERE style_id = ?", [style_id])
                self._write("UPDATE rating SET fate = 'pending' WHERE fate = ?", [f"used:{style_id}"])
            return self.style(style_id)

    def current_style(self, model: str, line: str = "") -> str | None:
        """The version of a line in use with ``model``; None: the base model."""
        row = self._row("SELECT style_id FROM style_current WHERE model = ? AND line = ?", [model, line])
        return row["style_id"] if row is not None and STYLE_ID.fullmatch(row["style_id"]) else None

    def use_style(self, model: str, style_id: str | None, line: str = "") -> None:
        """Use a version in its line from now on; None: the base model in ``line``. Raises NotFound for one that cannot
        be used.
        """
        with self.transaction():
            if style_id is not None:
                style = self.style(style_id)
                if style.state != "active" or style.model != model:
                    raise NotFound(f"Style version {style_id} cannot be used with {model}.")
                line = style.line
            self._write("DELETE FROM style_current WHERE model = ? AND line = ?", [model, line])
            if style_id is not None:
                self._insert("style_current", {"model": model, "style_id": style_id, "line": line})

    def styles_trained_on(self, rating_ids: Sequence[str]) -> list[StyleVersion]:
        """The versions that learned from any of these ratings."""
        wanted = set(rating_ids)
        return [style for style in self.styles() if wanted & {*style.ratings_used, *style.ratings_held_out}]

    def value(self, key: str, default: Any = None) -> Any:
        """A small JSON value kept under ``key``."""
        row = self._row("SELECT json FROM value WHERE key = ?", [key])
        return default if row is None else _json(row["json"], default)

    def set_value(self, key: str, value: Any) -> None:
        """Keep a small JSON value; None removes it."""
        with self.transaction():
            self._write("DELETE FROM value WHERE key = ?", [key])
            if value is not None:
                self._insert("value", {"key": key, "json": rows.to_json(value)})

    def _style(self, row: Row) -> StyleVersion:
        found = self._rows("SELECT rating_id, held_out FROM style_rating WHERE style_id = ?", [row["id"]])
        return StyleVersion(
            id=row["id"],
            model=row["model"],
            parent=row["parent"],
            created_at=row["created_at"],
            state=row["state"],
            name=row["name"],
            ratings_used=tuple(r["rating_id"] for r in found if not r["held_out"]),
            ratings_held_out=tuple(r["rating_id"] for r in found if r["held_out"]),
            report=strict_json.fitting(UpdateReport, _json(row["report"], {})),
            line=row["line"],
        )


def _json(text: str, otherwise: Any) -> Any:
    """The JSON of a row; ``otherwise`` where it is damaged."""
    try:
        return strict_json.without_nan(json.loads(text))
    except (ValueError, RecursionError):
        return otherwise
