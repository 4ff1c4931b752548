"""``ratings.jsonl``: ratings in and out, a line each.

    {"prompt": TEXT, "reply": TEXT, "rating": 1|-1}
    {"prompt": TEXT, "reply": TEXT, "stars": 1..5}
    {"prompt": TEXT, "chosen": TEXT, "rejected": TEXT}

with optional "images" (paths from the file's folder), "history", "at", "note"; export adds "id", "style" (the name of
the style it teaches, where that is not the user's own) and, where ``chosen`` was an edit or a kept regeneration, "kind".
Other keys are ignored.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.errors import BadInput, StoreError
from assistant.records import Attachment, Rating, RatingKind
from assistant.store import rows
from assistant.store.attachments import private, write_file
from assistant.store.connection import new_id, now
from assistant.store.json_input import Fields, parse, read_text
from assistant.store.named_styles import Lines
from assistant.store.ratings import Ratings

MAX_LINE_CHARACTERS = 4_000_000


@dataclass(frozen=True, slots=True)
class RatingsReport:
    """What an import or an export did."""

    added: int = 0  # or written
    already: int = 0  # lines that were imported before
    left_out: int = 0  # ratings the format has no way to say: ties, lone notes


Attach = Callable[[Path], Attachment]


class Rated(Ratings, Lines):
    """The parts of the store that ratings are read from and written to."""


def import_ratings(
    store: Rated, path: Path, attach: Attach, *, confirmed: bool = False, line: str = ""
) -> RatingsReport:
    """Take in every rating of a file, or none: BadInput names the first bad line.

    They teach the named style ``line``, unless their line of the file names another.

    ``attach`` takes a picture in and raises BadInput. With ``confirmed`` the ratings may train at once, else
    they wait for ``Store.confirm_ratings``. Lines that were imported before are passed over.
    """
    pictures: dict[Path, str] = {}

    def sha256_of(name: str) -> str:
        file = (path.parent / name).resolve()
        if not file.is_relative_to(path.parent.resolve()):
            raise BadInput(f"The picture {name} is not in the folder of {path.name}.")
        if file not in pictures:
            pictures[file] = attach(file).sha256
        return pictures[file]

    found: list[tuple[Rating, str]] = []
    bad: list[str] = []
    # Not splitlines(): that also splits at the line separators which JSON allows within a text.
    for number, written in enumerate(read_text(path).split("\n"), start=1):
        if not written.strip():
            continue
        try:
            found.append(_read_line(written, f"Line {number}", sha256_of, confirmed))
        except BadInput as error:
            sentence = str(error)
            bad.append(sentence if sentence.startswith("Line ") else f"Line {number}: {sentence}")
    if bad:
        more = f" ({len(bad) - 1} more lines are bad too.)" if len(bad) > 1 else ""
        raise BadInput(f"{bad[0]} Nothing was imported.{more}")
    if not found:
        raise BadInput(f"There are no ratings in {path.name}.")
    added = 0
    with store.transaction():
        for rating, fingerprint in found:
            named = store.add_line(rating.line) if rating.line else line
            row = {**rows.rating_row(rating), "line": named, "fingerprint": fingerprint}
            new = store._insert("rating", row, ignore=True)
            added += new
            if confirmed and not new:
                store._write(
                    "UPDATE rating SET confirmed = 1 WHERE id = ? OR fingerprint = ?",
                    [rating.id, fingerprint],
                )
    return RatingsReport(added=added, already=len(found) - added)


def _read_line(line: str, what: str, sha256_of: Callable[[str], str], confirmed: bool) -> tuple[Rating, str]:
    """The rating on a line and the fingerprint that tells it from others."""
    if len(line) > MAX_LINE_CHARACTERS:
        raise BadInput(f"{what} is longer than {MAX_LINE_CHARACTERS} characters.")
    fields = Fields(parse(line, what), what)
    prompt = fields.text("prompt")
    if not prompt.strip():
        raise BadInput(f"{what}: the prompt is empty.")
    given = [name for name in ("rating", "stars", "chosen") if name in fields]
    if len(given) != 1:
        raise BadInput(f"{what} must have one of 'rating', 'stars', or 'chosen' with 'rejected'.")
    kind: RatingKind
    text = other = ""
    if "chosen" in fields:
        chosen, other = fields.text("chosen"), fields.text("rejected")
        wanted = fields.choice("kind", ("pair", "edit", "kept"), "pair")
        kind = "edit" if wanted == "edit" else "kept" if wanted == "kept" else "pair"
        value, reply = 1, chosen
        if kind == "edit":
            reply, text, other = other, chosen, ""
        if not chosen.strip():
            raise BadInput(f"{what}: the chosen reply is empty.")
        if fields.text("chosen") == fields.text("rejected"):
            raise BadInput(f"{what}: chosen and rejected are the same.")
    else:
        reply = fields.text("reply")
        if "rating" in fields:
            kind, value = "thumb", fields.whole("rating", -1, 1)
            if value == 0:
                raise BadInput(f"{what}: 'rating' must be 1 or -1.")
        else:
            kind, value = "stars", fields.whole("stars", 1, 5)
    rating = Rating(
        id=fields.optional_id("id") or new_id(),
        kind=kind,
        value=value,
        created_at=fields.time("at", now()),
        note=fields.text("note", ""),
        text=text,
        prompt=prompt,
        reply=reply,
        other=other,
        history=fields.history("history"),
        images=tuple(sha256_of(name) for name in fields.texts("images")),
        confirmed=confirmed,
        line=fields.text("style", ""),
    )
    same = [kind, value, prompt, reply, other, text, rating.history, rating.images, fields.data.get("at")]
    return rating, hashlib.sha256(json.dumps(same).encode()).hexdigest()


def export_ratings(store: Rated, path: Path, picture_path: Callable[[str], Path]) -> RatingsReport:
    """Write all ratings that were not taken back; pictures are copied to a folder beside the file."""
    left_out = 0
    lines = []
    pictures: set[str] = set()
    folder = path.with_name(f"{path.stem}-images")
    for rating in store.ratings():
        rating = store.with_texts(rating)
        said = _said(rating)
        if said is None:
            left_out += 1
            continue
        line: dict[str, Any] = {"prompt": rating.prompt, **said}
        if rating.images:
            names = {
                sha256: folder / (sha256[:16] + _suffix(picture_path(sha256))) for sha256 in rating.images
            }
            line["images"] = [f"{folder.name}/{names[sha256].name}" for sha256 in rating.images]
            for sha256, target in names.items():
                if sha256 not in pictures:
                    pictures.add(sha256)
                    _copy(picture_path(sha256), target)
        if rating.history:
            line["history"] = list(rating.history)
        if rating.note:
            line["note"] = rating.note
        if rating.line:
            line["style"] = rating.line
        lines.append(rows.to_json({**line, "at": rating.created_at, "id": rating.id}))
    write_file(path, "".join(line + "\n" for line in lines).encode())
    return RatingsReport(added=len(lines), left_out=left_out)


def _said(rating: Rating) -> dict[str, Any] | None:
    """The keys that carry the rating itself; None where the format has no way to say it."""
    if rating.kind == "thumb":
        return {"reply": rating.reply, "rating": rating.value}
    if rating.kind == "stars":
        return {"reply": rating.reply, "stars": rating.value}
    if rating.kind == "edit":
        return {"chosen": rating.text, "rejected": rating.reply, "kind": "edit"}
    if rating.kind in ("pair", "kept") and rating.value:
        better, worse = rating.reply, rating.other
        if rating.value < 0:
            better, worse = worse, better
        said: dict[str, Any] = {"chosen": better, "rejected": worse}
        return {**said, "kind": "kept"} if rating.kind == "kept" else said
    return None


def _suffix(path: Path) -> str:
    try:
        with path.open("rb") as file:
            start = file.read(4)
    except OSError:
        return ".png"
    return ".jpg" if start.startswith(b"\xff\xd8") else ".png"


def _copy(source: Path, target: Path) -> None:
    try:
        target.parent.mkdir(mode=0o700, exist_ok=True)
        with source.open("rb") as picture, open(target, "wb", opener=private) as copy:
            shutil.copyfileobj(picture, copy)
    except OSError as error:
        raise StoreError(f"A picture could not be exported: {error.strerror or error}.") from error
