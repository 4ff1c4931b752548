"""The database's shape, as numbered steps forward. Each runs once, in a transaction of its own.

``PRAGMA user_version`` is the number of the last step. Never change a step that has been released: add one.
"""

from __future__ import annotations

import functools

from sqlite_utils import Database, Migrations

from assistant.store.connection import APPLICATION_ID

migrations = Migrations("attune")


@migrations()
def m001_conversations(db: Database) -> None:
    """Conversations are trees of messages; a branch is a second child of the same parent.

    ``rank`` and ``seq`` count up and give the order, since a clock may go backwards.
    """
    db.execute(
        """CREATE TABLE conversation (
            id TEXT PRIMARY KEY NOT NULL,
            title TEXT NOT NULL DEFAULT '',
            created_at TEXT NOT NULL,
            updated_at TEXT NOT NULL,
            rank INTEGER NOT NULL,
            leaf_id TEXT,
            pinned INTEGER NOT NULL DEFAULT 0,
            system_prompt TEXT NOT NULL DEFAULT '',
            model TEXT,
            draft TEXT NOT NULL DEFAULT '',
            folder TEXT NOT NULL DEFAULT '',
            deleted_at TEXT
        ) STRICT"""
    )
    db.execute("CREATE INDEX conversation_order ON conversation (pinned DESC, rank DESC)")
    db.execute(
        """CREATE TABLE message (
            seq INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            conversation_id TEXT NOT NULL REFERENCES conversation(id) ON DELETE CASCADE,
            parent_id TEXT REFERENCES message(id) ON DELETE CASCADE,
            role TEXT NOT NULL CHECK (role IN ('system', 'user', 'assistant')),
            text TEXT NOT NULL,
            created_at TEXT NOT NULL,
            state TEXT NOT NULL CHECK (state IN ('streaming', 'done')),
            error TEXT NOT NULL DEFAULT '',
            owner TEXT,
            text_sha256 TEXT
        ) STRICT"""
    )
    db.execute("CREATE INDEX message_tree ON message (conversation_id, parent_id)")
    db.execute("CREATE INDEX message_parent ON message (parent_id)")
    db.execute("CREATE INDEX message_streaming ON message (state) WHERE state = 'streaming'")
    # Apart from the message, so that reading a conversation does not read the token ids of every reply.
    db.execute(
        """CREATE TABLE generation (
            message_id TEXT PRIMARY KEY NOT NULL REFERENCES message(id) ON DELETE CASCADE,
            data TEXT NOT NULL,
            prompt_ids BLOB NOT NULL,
            reply_ids BLOB NOT NULL,
            logprobs BLOB NOT NULL
        ) STRICT"""
    )
    db.execute(
        """CREATE TABLE attachment (
            sha256 TEXT PRIMARY KEY NOT NULL,
            kind TEXT NOT NULL CHECK (kind IN ('image', 'audio')),
            mime TEXT NOT NULL,
            name TEXT NOT NULL,
            size_bytes INTEGER NOT NULL,
            width INTEGER,
            height INTEGER,
            recognition TEXT,
            note TEXT NOT NULL DEFAULT '',
            created_at TEXT NOT NULL
        ) STRICT"""
    )
    db.execute(
        """CREATE TABLE message_attachment (
            message_id TEXT NOT NULL REFERENCES message(id) ON DELETE CASCADE,
            position INTEGER NOT NULL,
            sha256 TEXT NOT NULL REFERENCES attachment(sha256),
            name TEXT NOT NULL,
            PRIMARY KEY (message_id, position)
        ) STRICT"""
    )
    db.execute("CREATE INDEX message_attachment_sha256 ON message_attachment (sha256)")


@migrations()
def m002_ratings_and_styles(db: Database) -> None:
    """What the user said of replies, and the style versions learned from it."""
    db.execute(
        """CREATE TABLE rating (
            seq INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            kind TEXT NOT NULL CHECK (kind IN ('thumb', 'stars', 'pair', 'edit', 'kept', 'note')),
            value INTEGER NOT NULL,
            created_at TEXT NOT NULL,
            message_id TEXT REFERENCES message(id) ON DELETE CASCADE,
            other_id TEXT REFERENCES message(id) ON DELETE CASCADE,
            note TEXT NOT NULL DEFAULT '',
            text TEXT NOT NULL DEFAULT '',
            prompt TEXT NOT NULL DEFAULT '',
            reply TEXT NOT NULL DEFAULT '',
            other TEXT NOT NULL DEFAULT '',
            history TEXT NOT NULL DEFAULT '[]',
            images TEXT NOT NULL DEFAULT '[]',
            withdrawn_at TEXT,
            style TEXT,
            fate TEXT NOT NULL DEFAULT 'pending',
            confirmed INTEGER NOT NULL DEFAULT 1,
            fingerprint TEXT UNIQUE
        ) STRICT"""
    )
    db.execute("CREATE INDEX rating_message ON rating (message_id)")
    db.execute("CREATE INDEX rating_other ON rating (other_id)")
    db.execute(
        """CREATE TABLE style_version (
            seq INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            model TEXT NOT NULL,
            parent TEXT,
            name TEXT NOT NULL DEFAULT '',
            created_at TEXT NOT NULL,
            state TEXT NOT NULL CHECK (state IN ('active', 'rejected', 'deleted')),
            report TEXT NOT NULL DEFAULT '{}'
        ) STRICT"""
    )
    db.execute(
        """CREATE TABLE style_rating (
            style_id TEXT NOT NULL REFERENCES style_version(id) ON DELETE CASCADE,
            rating_id TEXT NOT NULL,
            held_out INTEGER NOT NULL DEFAULT 0,
            PRIMARY KEY (style_id, rating_id)
        ) STRICT"""
    )
    db.execute("CREATE INDEX style_rating_rating ON style_rating (rating_id)")
    db.execute("CREATE TABLE style_current (model TEXT PRIMARY KEY NOT NULL, style_id TEXT NOT NULL) STRICT")
    db.execute("CREATE TABLE value (key TEXT PRIMARY KEY NOT NULL, json TEXT NOT NULL) STRICT")


@migrations()
def m003_search(db: Database) -> None:
    """Full-text search by three-letter pieces, so that Chinese and parts of words are found.

    Only finished texts are indexed: a reply being streamed is written often.
    """
    db.execute(
        """CREATE VIRTUAL TABLE message_fts USING fts5(
            text, content='message', content_rowid='seq', tokenize='trigram')"""
    )
    _index_at_once(db)
    db.execute(
        """CREATE TRIGGER message_fts_insert AFTER INSERT ON message WHEN new.state = 'done' BEGIN
            INSERT INTO message_fts (rowid, text) VALUES (new.seq, new.text); END"""
    )
    db.execute(
        """CREATE TRIGGER message_fts_delete AFTER DELETE ON message WHEN old.state = 'done' BEGIN
            INSERT INTO message_fts (message_fts, rowid, text) VALUES ('delete', old.seq, old.text); END"""
    )
    db.execute(
        """CREATE TRIGGER message_fts_forget AFTER UPDATE OF text, state ON message
            WHEN old.state = 'done' BEGIN
            INSERT INTO message_fts (message_fts, rowid, text) VALUES ('delete', old.seq, old.text); END"""
    )
    db.execute(
        """CREATE TRIGGER message_fts_learn AFTER UPDATE OF text, state ON message
            WHEN new.state = 'done' BEGIN
            INSERT INTO message_fts (rowid, text) VALUES (new.seq, new.text); END"""
    )


def _index_at_once(db: Database) -> None:
    db.conn.execute("INSERT INTO message_fts (message_fts) VALUES ('delete-all')")
    db.conn.execute(
        """INSERT INTO message_fts (rowid, text)
           SELECT seq, text FROM message WHERE state = 'done' ORDER BY seq"""
    )


@migrations()
def m004_lines(db: Database) -> None:
    """Named styles: a line of versions with ratings of its own; "" is the user's own style.

    A conversation writes in its ``line`` ("style": "" for the version in use, "off", or a version's id), and a rating
    teaches the line it was given in. Each line of a model has a version in use.
    """
    db.execute("CREATE TABLE style_line (name TEXT PRIMARY KEY NOT NULL, created_at TEXT NOT NULL) STRICT")
    for table in ("conversation", "rating", "style_version"):
        db.execute(f"ALTER TABLE {table} ADD COLUMN line TEXT NOT NULL DEFAULT ''")
    db.execute("ALTER TABLE conversation ADD COLUMN style TEXT NOT NULL DEFAULT ''")
    db.execute("ALTER TABLE style_current RENAME TO style_current_before")
    db.execute(
        """CREATE TABLE style_current (
            model TEXT NOT NULL,
            style_id TEXT NOT NULL,
            line TEXT NOT NULL DEFAULT '',
            PRIMARY KEY (model, line)
        ) STRICT"""
    )
    db.execute("INSERT INTO style_current (model, style_id) SELECT model, style_id FROM style_current_before")
    db.execute("DROP TABLE style_current_before")


@migrations()
def m005_search_forgets_first(db: Database) -> None:
    """Of a text that changes, the index forgets the old one before it learns the new one.

    As two triggers after the update they ran the other way round, and what both texts had in common was forgotten: the
    second reply of a pair was never found.
    """
    db.execute("DROP TRIGGER message_fts_forget")
    db.execute(
        """CREATE TRIGGER message_fts_forget BEFORE UPDATE OF text, state ON message
            WHEN old.state = 'done' BEGIN
            INSERT INTO message_fts (message_fts, rowid, text) VALUES ('delete', old.seq, old.text); END"""
    )
    _index_at_once(db)


@migrations()
def m006_search_index_may_wait(db: Database) -> None:
    """Many messages at once (an import, a new index) are indexed afterwards, in the background: see ``indexing``.

    Until then they stand in ``unindexed`` and are searched as they are. Texts are indexed with two line ends behind them,
    so that each sign, the last one too, begins a piece of three: signs and pairs are then found by how pieces begin.
    """
    db.execute("CREATE TABLE unindexed (seq INTEGER PRIMARY KEY) STRICT")
    for name in ("insert", "delete", "forget", "learn"):
        db.execute(f"DROP TRIGGER message_fts_{name}")
    learn = "INSERT INTO message_fts (rowid, text) VALUES (new.seq, new.text || char(10, 10));"
    forget = "INSERT INTO message_fts (message_fts, rowid, text) VALUES ('delete', old.seq, old.text || char(10, 10));"
    for name, when, row, does in (
        ("insert", "AFTER INSERT ON message", "new", learn),
        ("delete", "BEFORE DELETE ON message", "old", forget),  # before the row leaves ``unindexed``
        ("forget", "BEFORE UPDATE OF text, state ON message", "old", forget),
        ("learn", "AFTER UPDATE OF text, state ON message", "new", learn),
    ):
        db.execute(
            f"""CREATE TRIGGER message_fts_{name} {when} WHEN {row}.state = 'done'
                AND NOT EXISTS (SELECT 1 FROM unindexed WHERE seq = {row}.seq) BEGIN {does} END"""
        )
    db.execute(
        """CREATE TRIGGER unindexed_delete AFTER DELETE ON message
           WHEN EXISTS (SELECT 1 FROM unindexed WHERE seq = old.seq) BEGIN
           DELETE FROM unindexed WHERE seq = old.seq; END"""
    )
    # Bytes that are gathered before they are written: many small parts would have to be merged.
    db.execute("INSERT INTO message_fts (message_fts, rank) VALUES ('hashsize', 33554432)")
    index_anew(db)


@migrations()
def m007_style_card_and_own_texts(db: Database) -> None:
    """What the user wrote on style cards, and texts of the user's own that teach a style. See ``CardEntry`` and ``OwnText``."""
    db.execute(
        """CREATE TABLE card_entry (
            id TEXT PRIMARY KEY NOT NULL,
            line TEXT NOT NULL DEFAULT '',
            trait TEXT NOT NULL DEFAULT '',
            way INTEGER NOT NULL DEFAULT 0,
            text TEXT NOT NULL DEFAULT '',
            scope TEXT NOT NULL DEFAULT 'always' CHECK (scope IN ('always', 'kind', 'chat')),
            kind TEXT NOT NULL DEFAULT '',
            conversation_id TEXT REFERENCES conversation(id) ON DELETE CASCADE,
            strength REAL NOT NULL DEFAULT 1.0,
            state TEXT NOT NULL DEFAULT 'on' CHECK (state IN ('on', 'off', 'removed')),
            created_at TEXT NOT NULL
        ) STRICT"""
    )
    db.execute("CREATE INDEX card_entry_conversation ON card_entry (conversation_id)")
    db.execute(
        """CREATE TABLE own_text (
            id TEXT PRIMARY KEY NOT NULL,
            line TEXT NOT NULL DEFAULT '',
            name TEXT NOT NULL,
            text TEXT NOT NULL,
            kind TEXT NOT NULL DEFAULT '',
            prompt TEXT NOT NULL,
            reply TEXT NOT NULL DEFAULT '',
            model TEXT NOT NULL DEFAULT '',
            created_at TEXT NOT NULL,
            sha256 TEXT NOT NULL,
            UNIQUE (line, sha256)
        ) STRICT"""
    )


@migrations()
def m008_files(db: Database) -> None:
    """Files with text beside pictures and sounds. SQLite cannot change what a column may hold: the table is made anew."""
    db.execute("ALTER TABLE attachment RENAME TO attachment_before")
    db.execute("ALTER TABLE message_attachment RENAME TO message_attachment_before")
    db.execute(
        """CREATE TABLE attachment (
            sha256 TEXT PRIMARY KEY NOT NULL,
            kind TEXT NOT NULL CHECK (kind IN ('image', 'audio', 'file')),
            mime TEXT NOT NULL,
            name TEXT NOT NULL,
            size_bytes INTEGER NOT NULL,
            width INTEGER,
            height INTEGER,
            recognition TEXT,
            note TEXT NOT NULL DEFAULT '',
            created_at TEXT NOT NULL,
            pages INTEGER
        ) STRICT"""
    )
    db.execute(
        """INSERT INTO attachment
           SELECT sha256, kind, mime, name, size_bytes, width, height, recognition, note, created_at, NULL
           FROM attachment_before"""
    )
    db.execute(
        """CREATE TABLE message_attachment (
            message_id TEXT NOT NULL REFERENCES message(id) ON DELETE CASCADE,
            position INTEGER NOT NULL,
            sha256 TEXT NOT NULL REFERENCES attachment(sha256),
            name TEXT NOT NULL,
            PRIMARY KEY (message_id, position)
        ) STRICT"""
    )
    db.execute(
        """INSERT INTO message_attachment (message_id, position, sha256, name)
           SELECT message_id, position, sha256, name FROM message_attachment_before"""
    )
    db.execute("DROP TABLE message_attachment_before")
    db.execute("DROP TABLE attachment_before")
    db.execute("CREATE INDEX message_attachment_sha256 ON message_attachment (sha256)")


def index_anew(db: Database) -> None:
    """Empty the search index, and have every message indexed again afterwards. Needs an open transaction."""
    db.conn.execute("INSERT INTO message_fts (message_fts) VALUES ('delete-all')")
    db.conn.execute("INSERT OR IGNORE INTO unindexed (seq) SELECT seq FROM message")


VERSION = 8  # the number of steps above; a test holds it


def migrate(db: Database) -> None:
    """Bring a database to this version's shape. Raises the database module's errors."""
    if db.conn.execute("PRAGMA user_version").fetchone()[0] >= VERSION:
        return
    migrations.apply(db)
    db.conn.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    db.conn.execute(f"PRAGMA user_version = {VERSION}")


@functools.cache
def tables_at(version: int) -> tuple[str, ...]:
    """The tables that a database of a version (of this program or an older one) has for the user's data."""
    db = Database(memory=True, execute_plugins=False)
    steps = [step.name for step in migrations._migrations]
    migrations.apply(db, stop_before=steps[version] if version < len(steps) else None)
    names = [row[0] for row in db.conn.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    db.close()
    return tuple(name for name in names if not name.startswith(("_sqlite", "sqlite_", "message_fts")))
