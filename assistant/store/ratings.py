"""Ratings in the store. What was taken back stays, marked, until it is erased."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from assistant.errors import BadInput, NotFound
from assistant.records import Message, Rating, RatingKind
from assistant.store import rows
from assistant.store.connection import clean, new_id, now
from assistant.store.messages import Messages

_VALUES: dict[RatingKind, tuple[int, ...]] = {
    "thumb": (-1, 1),
    "stars": (1, 2, 3, 4, 5),
    "pair": (-1, 0, 1),  # 0: a tie
    "edit": (1,),
    "kept": (1,),
    "note": (0, 1),
}

_OF_KEPT_CONVERSATIONS = """(message_id IS NULL OR EXISTS (SELECT 1 FROM message JOIN conversation
    ON conversation.id = conversation_id WHERE message.id = message_id AND deleted_at IS NULL))"""


class Ratings(Messages):
    def add_rating(
        self,
        kind: RatingKind,
        value: int,
        message_id: str | None = None,
        *,
        other_id: str | None = None,
        note: str = "",
        text: str = "",
        prompt: str = "",
        reply: str = "",
        other: str = "",
        history: tuple[dict[str, str], ...] = (),
        images: tuple[str, ...] = (),
        created_at: str | None = None,
        confirmed: bool = True,
        line: str = "",
    ) -> Rating:
        """Keep what the user said of a reply. A new thumb, stars or edit takes the place of the last one.

        It teaches the style that the reply's conversation is in; ``line`` is for one without a message.

        Raises BadInput for a value that is none or a message that is no reply, NotFound, StoreError.
        """
        rating = Rating(
            id=new_id(),
            kind=kind,
            value=value,
            created_at=created_at or now(),
            message_id=message_id,
            other_id=other_id,
            note=clean(note),
            text=clean(text),
            prompt=clean(prompt),
            reply=clean(reply),
            other=clean(other),
            history=tuple(history),
            images=tuple(images),
            confirmed=confirmed,
            line=line,
        )
        with self.transaction():
            style, line = self._check_rating(rating)
            rating = replace(rating, style=style, line=line)
            if message_id is not None and kind in ("thumb", "stars", "edit"):
                # Thumbs and stars say the same kind of thing, so each replaces the other.
                kinds = ("thumb", "stars") if kind != "edit" else ("edit", "edit")
                self._write(
                    """UPDATE rating SET withdrawn_at = ?, fate = CASE WHEN fate = 'pending' THEN 'withdrawn'
                       ELSE fate END WHERE message_id = ? AND kind IN (?, ?) AND withdrawn_at IS NULL
                       AND reply = ''""",
                    [now(), message_id, *kinds],
                )
            self._insert("rating", rows.rating_row(rating))
        return rating

    def _check_rating(self, rating: Rating) -> tuple[str | None, str]:
        """Raise BadInput where ``rating`` makes no sense; the style version that wrote its reply, and the line."""
        if rating.kind not in _VALUES:
            raise BadInput(f"There is no rating of kind {rating.kind!r}.")
        if rating.value not in _VALUES[rating.kind]:
            allowed = ", ".join(str(value) for value in _VALUES[rating.kind])
            raise BadInput(f"A rating of kind {rating.kind!r} is one of {allowed}, not {rating.value}.")
        if rating.kind in ("pair", "kept") and not (rating.other_id or rating.other):
            raise BadInput("A comparison needs two replies.")
        if rating.kind == "edit" and not rating.text.strip():
            raise BadInput("An edited reply cannot be empty.")
        if rating.message_id is None:
            if rating.kind != "note" and not (
                rating.prompt.strip() and (rating.reply.strip() or rating.text)
            ):
                raise BadInput("A rating needs a prompt and a reply.")
            return None, rating.line
        message = self.message(rating.message_id)
        if message.role != "assistant":
            raise BadInput("Only replies of the assistant can be rated.")
        if message.state == "streaming":
            raise BadInput("This reply is still being written; rate it when it is done.")
        if rating.other_id is not None and self.message(rating.other_id).role != "assistant":
            raise BadInput("Only replies of the assistant can be compared.")
        line = self._row("SELECT line FROM conversation WHERE id = ?", [message.conversation_id])
        return message.generation.style if message.generation else None, str(line["line"]) if line else ""

    def rating(self, rating_id: str) -> Rating:
        """Raises NotFound."""
        row = self._row("SELECT * FROM rating WHERE id = ?", [rating_id])
        if row is None:
            raise NotFound(f"There is no rating {rating_id}.")
        return rows.rating(row)

    def ratings(
        self,
        *,
        withdrawn: bool = False,
        confirmed: bool | None = None,
        fate: str | None = None,
        line: str | None = None,
        limit: int | None = None,
    ) -> list[Rating]:
        """Ratings in the order of giving, of one style or all; with ``limit`` the newest that many.

        ``withdrawn``: also those taken back. ``confirmed``: True, only those that may train; False, only
        those that wait for the user's word. Ratings of deleted conversations are left out.
        """
        where = [_OF_KEPT_CONVERSATIONS]
        values: list[Any] = []
        if not withdrawn:
            where.append("withdrawn_at IS NULL")
        if confirmed is not None:
            where.append("confirmed = ?")
            values.append(int(confirmed))
        if fate is not None:
            where.append("fate = ?")
            values.append(fate)
        if line is not None:
            where.append("line = ?")
            values.append(line)
        found = self._rows(
            f"SELECT * FROM rating WHERE {' AND '.join(where)} ORDER BY seq DESC LIMIT ?",
            [*values, -1 if limit is None else limit],
        )
        return [rows.rating(row) for row in reversed(found)]

    def rating_count(self, line: str | None = None) -> int:
        """How much the user has said and not taken back, of one style or all, without the weak signs."""
        row = self._row(
            f"""SELECT count(*) FROM rating WHERE {_OF_KEPT_CONVERSATIONS} AND withdrawn_at IS NULL
                AND kind NOT IN ('kept', 'note') AND (? IS NULL OR line = ?)""",
            [line, line],
        )
        return int(row[0]) if row else 0

    def rating_of(self, message_id: str) -> Rating | None:
        """The thumb or stars now given to a reply (pairs and edits are in ``ratings_of``)."""
        for rating in reversed(self.ratings_of(message_id)):
            if rating.kind in ("thumb", "stars") and not rating.reply:
                return rating
        return None

    def keep_rated_texts(self, message: Message) -> int:
        """Before a reply changes: what was said of ``message`` stays said of its text as it is; how many ratings.

        Such a rating carries that text (``Rating.reply`` or ``Rating.other``), and the longer reply can be rated anew.
        """
        with self.transaction():
            return sum(
                self._write(
                    f"UPDATE rating SET {text} = ? WHERE {id} = ? AND {text} = '' AND kind != 'note'",
                    [clean(message.text), message.id],
                )
                for text, id in (("reply", "message_id"), ("other", "other_id"))
            )

    def ratings_of(self, message_id: str) -> list[Rating]:
        """Everything now said of a reply, oldest first."""
        found = self._rows(
            """SELECT * FROM rating WHERE (message_id = ? OR other_id = ?) AND withdrawn_at IS NULL
               ORDER BY seq""",
            [message_id, message_id],
        )
        return [rows.rating(row) for row in found]

    def edits_of(self, message_ids: Sequence[str]) -> dict[str, str]:
        """Message id -> the user's version, of the replies that the user edited."""
        found = self._rows(
            """SELECT message_id, text FROM rating WHERE kind = 'edit' AND withdrawn_at IS NULL
               AND message_id IN (SELECT value FROM json_each(?)) ORDER BY seq""",
            [json.dumps(list(message_ids))],
        )
        return {row["message_id"]: row["text"] for row in found}

    def as_edited(self, messages: Sequence[Message]) -> list[Message]:
        """Messages as the user has them: an edited reply with the user's text."""
        edits = self.edits_of([message.id for message in messages if message.role == "assistant"])
        return [replace(m, text=edits[m.id]) if m.id in edits else m for m in messages]

    def withdraw_rating(self, rating_id: str) -> Rating:
        """Take a rating back. ``restore_rating`` undoes it."""
        with self.transaction():
            rating = self.rating(rating_id)
            changes: dict[str, Any] = {"withdrawn_at": now()}
            if rating.fate == "pending":
                changes["fate"] = "withdrawn"
            self._update("rating", "id", rating_id, changes)
            return self.rating(rating_id)

    def annotate_rating(self, rating_id: str, note: str) -> Rating:
        """Keep why the user rated so, in the place of an older note. Raises NotFound."""
        if not self._update("rating", "id", rating_id, {"note": clean(note)}):
            raise NotFound(f"There is no rating {rating_id}.")
        return self.rating(rating_id)

    def restore_rating(self, rating_id: str) -> Rating:
        with self.transaction():
            rating = self.rating(rating_id)
            changes: dict[str, Any] = {"withdrawn_at": None}
            if rating.fate == "withdrawn":
                changes["fate"] = "pending"
            self._update("rating", "id", rating_id, changes)
            return self.rating(rating_id)

    def with_texts(self, rating: Rating) -> Rating:
        """``rating`` with prompt, reply, other, history and images filled in from its messages.

        The history holds the turns before the prompt, the conversation's system prompt first.
        """
        if rating.message_id is None:
            return rating
        branch = self.branch(rating.message_id)
        before, asked = self.as_edited(branch[:-1]), branch[-2:-1]
        history = [{"role": m.role, "content": m.text} for m in before[:-1] if m.text]
        row = self._row("SELECT * FROM conversation WHERE id = ?", [branch[-1].conversation_id])
        if row is not None and (told := self.instructions_of(rows.conversation(row))):
            history.insert(0, {"role": "system", "content": told})
        return replace(
            rating,
            prompt=asked[0].text if asked else "",
            reply=rating.reply or branch[-1].text,
            other=rating.other or (self.message(rating.other_id).text if rating.other_id else ""),
            history=tuple(history),
            images=tuple(a.sha256 for m in asked for a in m.attachments if a.kind == "image"),
        )

    def erase_rating(self, rating_id: str) -> None:
        """Remove a rating for good."""
        self.rating(rating_id)
        self._write("DELETE FROM rating WHERE id = ?", [rating_id])

    def confirm_ratings(self) -> int:
        """The user's word that imported ratings may train; how many waited for it."""
        return self._write("UPDATE rating SET confirmed = 1 WHERE confirmed = 0")
