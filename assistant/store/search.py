"""Full-text search over messages and titles: any language, any string, results or none, never an error.

Words of three characters and more go to the trigram index. Shorter ones (Chinese words, an emoji) are found in it by how
its pieces of three begin, unless they are so frequent that reading the newest texts is quicker. Messages that wait to be
indexed are read as they are.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from assistant.errors import BadInput, NotFound
from assistant.records import SearchHit
from assistant.store.connection import Row, clean
from assistant.store.named_styles import Lines

MAX_QUERY_CHARACTERS = 300
MAX_WORDS = 16
SNIPPET_CHARACTERS = 120
_NOT_EDITED = """NOT EXISTS (SELECT 1 FROM rating WHERE rating.message_id = message.id AND rating.kind = 'edit'
    AND rating.withdrawn_at IS NULL)"""
_FREQUENT = 3000  # occurrences of a short word: more, and the newest texts are read instead
_LAST = "\U0010ffff" * 2  # behind every piece that begins with what stands before it

_DAY = r"\d{4}(?:-\d\d(?:-\d\d)?)?"
_FILTER = re.compile(
    rf"(?:(after|before):({_DAY})|(model|style):(\S+)|rated:(up|down)|has:(picture))", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Filters:
    """Which messages a search looks at. Days are YYYY, YYYY-MM or YYYY-MM-DD, in UTC."""

    after: str = ""  # that day or later
    before: str = ""  # earlier than that day
    model: str = ""  # replies that this model wrote
    style: str | None = None  # in conversations of this named style; "": the user's own
    rated: str = ""  # up | down: thumbs, or stars above and below three
    picture: bool = False  # messages with a picture, and the replies to them

    @property
    def of_messages(self) -> bool:
        """Do they ask for something that titles do not have?"""
        return bool(self.model or self.rated or self.picture)

    def conditions(self) -> tuple[list[str], list[Any]]:
        """Conditions on ``message`` and ``conversation``, and their values."""
        found: list[tuple[str, list[Any]]] = []
        if self.after:
            found.append(("message.created_at >= ?", [self.after]))
        if self.before:
            found.append(("message.created_at < ?", [self.before]))
        if self.model:
            found.append(
                (
                    """EXISTS (SELECT 1 FROM generation WHERE message_id = message.id
                       AND json_extract(data, '$.model') = ?)""",
                    [self.model],
                )
            )
        if self.style is not None:
            found.append(("conversation.line = ?", [self.style]))
        if self.picture:
            found.append(
                (
                    """EXISTS (SELECT 1 FROM message_attachment JOIN attachment USING (sha256)
                       WHERE message_id IN (message.id, message.parent_id) AND kind = 'image')""",
                    [],
                )
            )
        if self.rated:
            said = "> 3" if self.rated == "up" else "< 3"
            thumb = 1 if self.rated == "up" else -1
            found.append(
                (
                    f"""EXISTS (SELECT 1 FROM rating WHERE message_id = message.id AND withdrawn_at IS NULL
                        AND (kind = 'thumb' AND value = ? OR kind = 'stars' AND value {said}))""",
                    [thumb],
                )
            )
        return [sql for sql, _ in found], [value for _, values in found for value in values]


def words(query: str) -> list[str]:
    """The words of a query; all must be found. Text in double quotes counts as one word."""
    query = clean(query.replace("\0", " "))[:MAX_QUERY_CHARACTERS]
    found = [quoted or bare for quoted, bare in re.findall(r'"([^"]+)"|([^\s"]+)', query)]
    return list(dict.fromkeys(word.strip() for word in found if word.strip()))[:MAX_WORDS]


def parse(query: str) -> tuple[str, Filters]:
    """A query as it is typed: its words, and the filters among them.

    ``after:2026-05``, ``before:2026-06-15``, ``model:ID``, ``style:NAME``, ``rated:up``, ``rated:down``, ``has:picture``;
    in double quotes they are words like any other.
    """
    said: dict[str, Any] = {}

    def take(found: re.Match[str]) -> str:
        word = found[0]
        filter = None if word.startswith('"') else _FILTER.fullmatch(word)
        if filter is None:
            return word
        day, when, named, name, rated, picture = filter.groups()
        if day:
            said[day.lower()] = when
        elif named:
            said[named.lower()] = name
        elif rated:
            said["rated"] = rated.lower()
        elif picture:
            said["picture"] = True
        return " "

    rest = re.sub(r'"[^"]*"|[^\s"]+', take, query)
    return rest, Filters(**said)


def day(text: str) -> str:
    """A day as filters take it. Raises BadInput."""
    if not re.fullmatch(_DAY, text):
        raise BadInput(f"{text!r} is no day; write it as 2026-05-31, 2026-05 or 2026.")
    return text


@dataclass(frozen=True, slots=True)
class _Asked:
    """A search: its words, and what else must hold of a message."""

    words: list[str]
    filters: Filters
    conditions: list[str] = field(default_factory=list)
    values: list[Any] = field(default_factory=list)


class Search(Lines):
    def search(self, query: str, limit: int = 50, filters: Filters | None = None) -> list[SearchHit]:
        """Where all words of ``query`` occur: titles first, then messages, newest first. StoreError.

        Filters may be given, or stand in the query (``parse``). Without words, all messages they let through.
        """
        if filters is None:
            query, filters = parse(query)
        wanted = words(query)
        if limit <= 0 or not (wanted or filters != Filters()):
            return []
        if filters.style:
            try:
                filters = Filters(**{**_plain(filters), "style": self.line(filters.style)})
            except NotFound:
                return []
        conditions, values = filters.conditions()
        asked = _Asked(wanted, filters, conditions, values)
        rows = self._search_titles(asked, limit) if wanted and not filters.of_messages else []
        rows += self._search_edits(asked, limit - len(rows))
        rows += self._search_messages(asked, limit - len(rows))
        return [_hit(row, wanted) for row in rows[:limit]]

    def _search_titles(self, asked: _Asked, limit: int) -> list[Row]:
        conditions, values = _like("title", asked.words)
        for sql, value in (
            ("updated_at >= ?", asked.filters.after),
            ("updated_at < ?", asked.filters.before),
        ):
            if value:
                conditions += f" AND {sql}"
                values.append(value)
        if asked.filters.style is not None:
            conditions += " AND line = ?"
            values.append(asked.filters.style)
        return self._rows(
            f"""SELECT id AS conversation_id, NULL AS message_id, title, title AS text, updated_at AS at
                FROM conversation WHERE deleted_at IS NULL AND {conditions} ORDER BY rank DESC LIMIT ?""",
            [*values, limit],
        )

    def _search_edits(self, asked: _Asked, limit: int) -> list[Row]:
        """Replies that the user edited, by the user's version; there are few."""
        condition, values = _like("rating.text", asked.words)
        every = ["rating.kind = 'edit'", "rating.withdrawn_at IS NULL", "deleted_at IS NULL"]
        every += [*filter(None, [condition]), *asked.conditions]
        return self._rows(
            f"""SELECT conversation_id, message.id AS message_id, message.seq AS seq, title, rating.text AS text,
                    message.created_at AS at
                FROM rating JOIN message ON message.id = rating.message_id
                    JOIN conversation ON conversation.id = message.conversation_id
                WHERE {" AND ".join(every)} ORDER BY message.seq DESC LIMIT ?""",
            [*values, *asked.values, max(0, limit)],
        )

    def _search_messages(self, asked: _Asked, limit: int) -> list[Row]:
        if limit <= 0:
            return []
        found = self._search_indexed(asked, limit)
        if self._row("SELECT 1 FROM unindexed LIMIT 1") is not None:
            waiting, values = _like("message.text", asked.words)
            source = "unindexed JOIN message ON message.seq = unindexed.seq"
            found += self._select(asked, source, [waiting], values, limit)
            found.sort(key=lambda row: row["seq"], reverse=True)
        return found[:limit]

    def _search_indexed(self, asked: _Asked, limit: int) -> list[Row]:
        long = [word for word in asked.words if len(word) >= 3]
        short = [word for word in asked.words if len(word) < 3]
        conditions: list[str] = []
        values: list[Any] = []
        source = "message"
        if long:
            source = "message_fts JOIN message ON message.seq = message_fts.rowid"
            conditions.append("message_fts MATCH ?")
            values.append(" ".join('"' + word.replace('"', '""') + '"' for word in long))
        else:
            conditions.append("NOT EXISTS (SELECT 1 FROM unindexed WHERE unindexed.seq = message.seq)")
        if short:
            condition, more = _like("message.text", short)
            conditions.append(condition)
            values += more
            rare = None if long else self._places_of_rarest(short)
            if rare is not None:
                conditions.append("message.seq IN (SELECT value FROM json_each(?))")
                values.append("[" + ",".join(map(str, rare)) + "]")
        return self._select(asked, source, conditions, values, limit)

    def _select(
        self, asked: _Asked, source: str, conditions: list[str], values: list[Any], limit: int
    ) -> list[Row]:
        order = "message_fts.rowid" if source.startswith("message_fts") else "message.seq"
        every = [
            "deleted_at IS NULL",
            "message.state = 'done'",
            _NOT_EDITED,
            *filter(None, conditions),
            *asked.conditions,
        ]
        return self._rows(
            f"""SELECT conversation_id, message.id AS message_id, message.seq AS seq, title, message.text,
                    message.created_at AS at
                FROM {source} CROSS JOIN conversation ON conversation.id = message.conversation_id
                WHERE {" AND ".join(every)} ORDER BY {order} DESC LIMIT ?""",
            [*values, *asked.values, limit],
        )

    def _places_of_rarest(self, short: list[str]) -> list[int] | None:
        """Where the rarest of short words may be, by the index; None: all are frequent."""
        self._rows(
            "CREATE VIRTUAL TABLE IF NOT EXISTS temp.piece USING fts5vocab('main', 'message_fts', 'row')"
        )
        self._rows(
            "CREATE VIRTUAL TABLE IF NOT EXISTS temp.place USING fts5vocab('main', 'message_fts', 'instance')"
        )
        counted = []
        for word in short:
            # The index folds upper and lower case, of the scripts it knows.
            forms = dict.fromkeys([word, word.lower(), word.upper(), word.casefold(), word.title()])
            ranges = [(form, form + _LAST) for form in forms]
            counts = [
                self._row("SELECT total(doc) FROM temp.piece WHERE term >= ? AND term <= ?", [*limits])
                for limits in ranges
            ]
            counted.append((sum(row[0] for row in counts if row is not None), ranges))
        count, ranges = min(counted)
        if count > _FREQUENT:
            return None
        found: set[int] = set()
        for limits in ranges:
            rows = self._rows("SELECT doc FROM temp.place WHERE term >= ? AND term <= ?", [*limits])
            found.update(row[0] for row in rows)
        return sorted(found)


def _plain(filters: Filters) -> dict[str, Any]:
    return {name: getattr(filters, name) for name in Filters.__dataclass_fields__}


def _like(column: str, wanted: list[str]) -> tuple[str, list[str]]:
    """A condition that ``column`` contains every word. LIKE folds ASCII's case only, so try both."""
    conditions, values = [], []
    for word in wanted:
        forms = list(dict.fromkeys([word, word.lower(), word.upper()]))
        conditions.append("(" + " OR ".join(f"{column} LIKE ? ESCAPE '\\'" for _ in forms) + ")")
        values += ["%" + re.sub(r"([\\%_])", r"\\\1", form) + "%" for form in forms]
    return " AND ".join(conditions), values


def _hit(row: Row, wanted: list[str]) -> SearchHit:
    snippet, marks = excerpt(row["text"], wanted)
    return SearchHit(
        conversation_id=row["conversation_id"],
        message_id=row["message_id"],
        title=row["title"],
        snippet=snippet,
        at=row["at"],
        marks=marks,
    )


def excerpt(text: str, wanted: list[str]) -> tuple[str, tuple[tuple[int, int], ...]]:
    """One line of ``text`` around the first word found, and where the words are in it."""
    pattern = re.compile("|".join(re.escape(word) for word in wanted) or "(?!)", re.IGNORECASE)
    found = pattern.search(text)
    start = max(0, (found.start() if found else 0) - SNIPPET_CHARACTERS // 3)
    end = min(len(text), start + SNIPPET_CHARACTERS)
    # Same length, so that the positions stay right.
    line = re.sub(r"\s", " ", text[start:end])
    line = ("…" if start else "") + line + ("…" if end < len(text) else "")
    return line, tuple(match.span() for match in pattern.finditer(line))
