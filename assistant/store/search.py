"""Full-text search over messages and titles: any language, any string, results or none, never an error.

Words of three characters and more go to the trigram index; shorter ones (Chinese words, an emoji) are
looked for in the texts themselves.
"""

from __future__ import annotations

import re
from typing import Any

from assistant.records import SearchHit
from assistant.store.connection import Connection, Row, clean

MAX_QUERY_CHARACTERS = 300
MAX_WORDS = 16
SNIPPET_CHARACTERS = 120
_NOT_EDITED = """NOT EXISTS (SELECT 1 FROM rating WHERE rating.message_id = message.id AND kind = 'edit'
    AND withdrawn_at IS NULL)"""


def words(query: str) -> list[str]:
    """The words of a query; all must be found. Text in double quotes counts as one word."""
    query = clean(query.replace("\0", " "))[:MAX_QUERY_CHARACTERS]
    found = [quoted or bare for quoted, bare in re.findall(r'"([^"]+)"|([^\s"]+)', query)]
    return list(dict.fromkeys(word.strip() for word in found if word.strip()))[:MAX_WORDS]


class Search(Connection):
    def search(self, query: str, limit: int = 50) -> list[SearchHit]:
        """Where all words of ``query`` occur: titles first, then messages, newest first. StoreError."""
        wanted = words(query)
        if not wanted or limit <= 0:
            return []
        hits = [_hit(row, wanted) for row in self._search_titles(wanted, limit)]
        hits += [_hit(row, wanted) for row in self._search_edits(wanted, limit - len(hits))]
        hits += [_hit(row, wanted) for row in self._search_messages(wanted, limit - len(hits))]
        return hits[:limit]

    def _search_titles(self, wanted: list[str], limit: int) -> list[Row]:
        conditions, values = _like("title", wanted)
        return self._rows(
            f"""SELECT id AS conversation_id, NULL AS message_id, title, title AS text, updated_at AS at
                FROM conversation WHERE deleted_at IS NULL AND {conditions} ORDER BY rank DESC LIMIT ?""",
            [*values, limit],
        )

    def _search_edits(self, wanted: list[str], limit: int) -> list[Row]:
        """Replies that the user edited, by the user's version; there are few."""
        conditions, values = _like("rating.text", wanted)
        return self._rows(
            f"""SELECT conversation_id, message.id AS message_id, title, rating.text AS text,
                    message.created_at AS at
                FROM rating JOIN message ON message.id = rating.message_id
                    JOIN conversation ON conversation.id = message.conversation_id
                WHERE kind = 'edit' AND withdrawn_at IS NULL AND deleted_at IS NULL AND {conditions}
                ORDER BY message.seq DESC LIMIT ?""",
            [*values, max(0, limit)],
        )

    def _search_messages(self, wanted: list[str], limit: int) -> list[Row]:
        if limit <= 0:
            return []
        long = [word for word in wanted if len(word) >= 3]
        short = [word for word in wanted if len(word) < 3]
        conditions = ["deleted_at IS NULL", "message.state = 'done'", _NOT_EDITED]
        values: list[Any] = []
        source = "message"
        if long:
            source = "message_fts JOIN message ON message.seq = message_fts.rowid"
            conditions.append("message_fts MATCH ?")
            values.append(" ".join('"' + word.replace('"', '""') + '"' for word in long))
        if short:
            condition, more = _like("message.text", short)
            conditions.append(condition)
            values += more
        order = "message_fts.rowid" if long else "message.seq"
        return self._rows(
            f"""SELECT conversation_id, message.id AS message_id, title, message.text,
                    message.created_at AS at
                FROM {source} CROSS JOIN conversation ON conversation.id = message.conversation_id
                WHERE {" AND ".join(conditions)} ORDER BY {order} DESC LIMIT ?""",
            [*values, limit],
        )


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
    pattern = re.compile("|".join(re.escape(word) for word in wanted), re.IGNORECASE)
    found = pattern.search(text)
    start = max(0, (found.start() if found else 0) - SNIPPET_CHARACTERS // 3)
    end = min(len(text), start + SNIPPET_CHARACTERS)
    # Same length, so that the positions stay right.
    line = re.sub(r"\s", " ", text[start:end])
    line = ("…" if start else "") + line + ("…" if end < len(text) else "")
    return line, tuple(match.span() for match in pattern.finditer(line))
