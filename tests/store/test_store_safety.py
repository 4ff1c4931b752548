"""Damage, crashes, full disks and other versions: noticed, survived, said in a sentence."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest
from samples import exchange

from assistant.errors import StoreError
from assistant.paths import DataPaths
from assistant.store import Store, backup, health, migrations, recovery
from assistant.store.connection import connect


def fill(paths: DataPaths, conversations: int = 8, turns: int = 6) -> dict[str, str]:
    """A data folder with known texts, by message id; no backup beside it."""
    texts = {}
    rng = random.Random(1)
    with Store.open(paths) as store:
        for c in range(conversations):
            conversation = store.create_conversation(title=f"conversation {c}")
            parent = None
            for t in range(turns):
                text = f"text {c} {t} 你好 " * rng.choice([1, 40, 1500])  # up to several overflow pages
                message = store.add_message(conversation.id, parent, "assistant" if t % 2 else "user", text)
                texts[message.id] = text
                parent = message.id
                if t % 2:
                    store.add_rating("thumb", 1, message.id)
    shutil.rmtree(paths.backups)
    return texts


def found(store: Store) -> dict[str, str]:
    return {m.id: m.text for c in store.conversations(1000) for m in store.messages(c.id)}


def sound(store: Store) -> None:
    """The database is whole, and can be used. (What the search index says is found out by searching.)"""
    assert recovery.problems(store.paths.database) == []
    assert store.db.conn.execute("PRAGMA foreign_key_check").fetchall() == []
    _, reply = exchange(store, "still", "works fine")
    assert reply.id in [hit.message_id for hit in store.search("works fine")]
    for conversation in store.conversations(1000):
        assert store.branch(conversation.leaf_id) is not None


# --- versions ----------------------------------------------------------------------------------------------


def test_a_fresh_database_is_as_promised(store):
    pragma = lambda name: store.db.conn.execute(f"PRAGMA {name}").fetchone()[0]  # noqa: E731
    assert pragma("journal_mode") == "wal" and pragma("synchronous") == 2 and pragma("foreign_keys") == 1
    assert pragma("user_version") == migrations.VERSION == len(migrations.migrations._migrations)
    assert pragma("application_id") == 0x4154544E
    if os.name == "posix":
        assert store.paths.root.stat().st_mode & 0o077 == 0


def test_an_older_database_is_backed_up_and_brought_forward(paths):
    paths.ensure()
    db = connect(paths.database)
    migrations.migrations.apply(db, stop_before="m003_search")
    db.conn.execute("PRAGMA user_version = 2")
    db.conn.execute("INSERT INTO conversation (id, created_at, updated_at, rank) VALUES ('c', 'x', 'x', 1)")
    db.conn.execute(
        """INSERT INTO message (id, conversation_id, role, text, created_at, state)
           VALUES ('m', 'c', 'user', 'old words', 'x', 'done')"""
    )
    db.conn.commit()
    db.close()
    with Store.open(paths) as store:
        assert store.message("m").text == "old words"
        assert [hit.message_id for hit in store.search("old words")] == ["m"]
    assert len(list(paths.backups.glob("attune-before-2-*.db"))) == 1


def test_a_migration_that_fails_changes_nothing(paths, monkeypatch):
    texts = fill(paths)
    extended = type(migrations.migrations)("attune")
    extended._migrations = list(migrations.migrations._migrations)

    @extended()
    def m999_broken(db):
        db.execute("CREATE TABLE half (id TEXT)")
        db.execute("INSERT INTO no_such_table VALUES (1)")

    monkeypatch.setattr(migrations, "migrations", extended)
    before = migrations.VERSION
    monkeypatch.setattr(migrations, "VERSION", before + 1)
    monkeypatch.setattr("assistant.store.store.VERSION", before + 1)
    with pytest.raises(StoreError):
        Store.open(paths)
    monkeypatch.undo()
    with Store.open(paths) as store:
        assert found(store) == texts
        assert not store.db["half"].exists()
    assert list(paths.backups.glob(f"attune-before-{before}-*.db"))


def test_a_newer_database_can_be_read_and_says_why_not_more(paths):
    texts = fill(paths)
    db = connect(paths.database)
    db.conn.execute("PRAGMA user_version = 99")
    db.close()
    with Store.open(paths) as store:
        assert store.read_only and "newer Attune" in store.notice
        assert found(store) == texts and store.search("text 1")
        with pytest.raises(StoreError, match="newer Attune"):
            store.create_conversation()


def test_another_programs_database_is_left_alone(paths):
    paths.ensure()
    db = connect(paths.database)
    db.conn.execute("CREATE TABLE theirs (x)")
    db.conn.execute("PRAGMA application_id = 7")
    db.close()
    before = paths.database.read_bytes()
    with pytest.raises(StoreError, match="another program"):
        Store.open(paths)
    assert paths.database.read_bytes() == before


# --- damage ------------------------------------------------------------------------------------------------


def wreck_header(data: bytearray) -> bytearray:
    data[:4096] = bytes(4096)
    return data


def wreck_middle(data: bytearray) -> bytearray:
    data[8 * 4096 : 16 * 4096] = random.Random(2).randbytes(8 * 4096)
    return data


@pytest.mark.parametrize(
    ("wreck", "at_least"),
    [
        (wreck_header, 48),  # all: the rows' pages are whole
        (wreck_middle, 20),
        (lambda data: data[: len(data) // 2], 15),
        (lambda data: data[: len(data) - 5000], 40),
        (lambda data: bytearray(random.Random(3).randbytes(9000)), 0),
    ],
)
def test_a_damaged_database_is_kept_aside_and_recovered(paths, wreck, at_least):
    texts = fill(paths)
    damaged = bytes(wreck(bytearray(paths.database.read_bytes())))
    paths.database.write_bytes(damaged)
    with Store.open(paths) as store:
        assert "damaged" in store.notice and "kept in" in store.notice
        recovered = found(store)
        assert len(recovered) >= at_least
        assert all(texts[id] == text for id, text in recovered.items())
        sound(store)
    (aside,) = paths.damaged.iterdir()
    assert (aside / "attune.db").read_bytes() == damaged
    with Store.open(paths) as store:
        assert store.notice == "" and len(found(store)) == len(recovered) + 2


def test_what_the_damage_took_comes_from_the_backup(paths):
    texts = fill(paths)
    paths.ensure()
    assert backup.daily(paths) is not None
    for data in (b"", b"nonsense" * 1000):
        paths.database.write_bytes(data)
        with Store.open(paths) as store:
            assert found(store) == texts and store.notice
    paths.database.unlink()
    with Store.open(paths) as store:
        assert found(store) == texts and store.notice


def test_a_recovery_that_was_cut_off_is_finished(paths, monkeypatch):
    texts = fill(paths)
    paths.database.write_bytes(bytes(wreck_header(bytearray(paths.database.read_bytes()))))

    class Killed(BaseException):
        pass

    def killed(*args):
        raise Killed

    for step in ("_put_in_place", "_mend"):
        monkeypatch.setattr(recovery, step, killed)
        with pytest.raises(Killed):
            Store.open(paths)
        monkeypatch.undo()
        if step == "_put_in_place":
            recovered = paths.root / "attune.db.recovered"
            assert recovered.exists()
            recovered.unlink()  # next: cut off before it was complete
    with Store.open(paths) as store:
        assert found(store) == texts
        sound(store)


def test_a_damaged_search_index_is_made_anew(paths):
    texts = fill(paths)
    db = connect(paths.database)
    db.conn.execute("UPDATE message_fts_data SET block = x'00' WHERE id > 10")
    db.conn.commit()
    db.close()
    with Store.open(paths) as store:
        assert found(store) == texts
        with pytest.raises(StoreError, match="made anew"):
            store.search("text 1")
        assert store.search("text 1")
        sound(store)


@pytest.mark.parametrize("seed", range(25))
def test_flipped_and_missing_bytes_never_stop_it_from_opening(tmp_path, seed):
    """A few of the 300; the rest runs under ``slow``."""
    flip_and_open(tmp_path, seed)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(25, 300))
def test_flipped_and_missing_bytes_more(tmp_path, seed):
    flip_and_open(tmp_path, seed)


def flip_and_open(tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    paths = DataPaths(tmp_path / "data")
    texts = fill(paths, conversations=3)
    data = bytearray(paths.database.read_bytes())
    flips = rng.choice([1, 10, 500])
    least = {1: 12, 10: 3, 500: 2}[flips]  # of 18 messages
    for _ in range(flips):
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    if rng.random() < 0.3:
        data, least = data[: rng.randrange(len(data))], 0
    paths.database.write_bytes(data)
    for attempt in range(3):  # what a check overlooks is found in use, and looked after at the next start
        try:
            with Store.open(paths) as store:
                assert sum(id in texts for id in found(store)) >= least
                unnoticed(store, texts)
                store.search("text 1")
                sound(store)
                return
        except StoreError as error:
            assert "\n" not in str(error)
            assert attempt < 2, f"still broken: {error}"


def unnoticed(store: Store, texts: dict[str, str]) -> None:
    """No text is another than it was without a word of it, at the message or from the daily look."""
    said = " ".join(health.examine(store.paths))
    for conversation in store.conversations(1000):
        for message in store.messages(conversation.id):
            if message.text != texts.get(message.id, message.text):
                assert message.error or message.id in said


# --- processes ---------------------------------------------------------------------------------------------

WRITER = textwrap.dedent(
    """
    import os, sys
    from pathlib import Path
    from assistant.paths import DataPaths
    from assistant.store import Store

    store = Store.open(DataPaths(Path(sys.argv[1])))
    print("ready", flush=True)
    n = 0
    conversation = store.create_conversation(title="kill")
    parent = None
    while True:
        n += 1
        question = store.add_message(conversation.id, parent, "user", f"question {n}")
        print("u", question.id, flush=True)
        reply = store.add_message(conversation.id, question.id, "assistant", "", state="streaming")
        store.save_partial(reply.id, f"partial {n}")
        print("p", reply.id, flush=True)
        store.finish_message(reply.id, f"answer {n}")
        print("a", reply.id, flush=True)
        print("r", store.add_rating("thumb", 1, reply.id).id, flush=True)
        parent = reply.id
    """
)


def kill_while_writing(paths: DataPaths, rng: random.Random) -> int:
    """Start a writer, kill it at a random moment, check that what it had acknowledged is there."""
    process = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(paths.root)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    lines: list[str] = []
    wanted = rng.randrange(1, 120)
    for line in process.stdout:
        lines.append(line)
        if len(lines) >= wanted:
            process.kill()
            break
    lines += process.stdout.readlines()  # what it had still said before it died
    process.wait()
    with Store.open(paths) as store:
        for line in lines:
            kind, _, id = line.strip().partition(" ")
            if kind == "u":
                assert store.message(id).text.startswith("question")
            elif kind == "p":
                assert store.message(id).text.startswith(("partial", "answer"))
                assert store.message(id).state == "done"
            elif kind == "a" and len(id) == 32:
                assert store.message(id).text.startswith("answer") and store.message(id).error == ""
            elif kind == "r" and len(id) == 32:
                assert store.rating(id).value == 1
        assert [row[0] for row in store.db.conn.execute("PRAGMA integrity_check")] == ["ok"]
    return len(lines) - 1


def test_a_killed_writer_loses_nothing_it_had_acknowledged(paths):
    rng = random.Random(os.urandom(8))
    paths.ensure()
    assert sum(kill_while_writing(paths, rng) for _ in range(6)) > 0


@pytest.mark.slow
def test_two_hundred_killed_writers(paths):
    rng = random.Random(os.urandom(8))
    paths.ensure()
    assert sum(kill_while_writing(paths, rng) for _ in range(200)) > 1000


KILLED = {
    "import": """
        from assistant.store import connection, import_writing
        import_writing.BATCH, connection.TURN_S = 10, 0.001
        store = Store.open(paths)
        print("ready", flush=True)
        store.import_file(Path(sys.argv[2]))
        """,
    "migration": """
        print("ready", flush=True)
        Store.open(paths)
        """,
    "backup": """
        store = Store.open(paths)
        print("ready", flush=True)
        while True:
            store.backup_to(Path(sys.argv[2]).with_suffix(".attune"))
        """,
    "erasing": """
        store = Store.open(paths)
        print("ready", flush=True)
        store.erase(conversations=[c.id for c in store.conversations(1000) if c.title == "erase"])
        """,
}
HEAD = "import sys; from pathlib import Path; from assistant.paths import DataPaths\n"
HEAD += "from assistant.store import Store; paths = DataPaths(Path(sys.argv[1]))\n"


def killed_at_work(tmp_path: Path, work: str, rng: random.Random) -> None:
    """Kill a process at a random moment of its work: what was there before is there after, and the work can be done."""
    paths, file = DataPaths(tmp_path / "data"), tmp_path / "import.json"
    with Store.open(DataPaths(tmp_path / "other")) as other:
        imported = [exchange(other, f"imported {n}")[1].id for n in range(100)]
        other.export_json(file)
    texts = fill(paths)
    with Store.open(paths) as store:
        secret = exchange(store, "tell nobody", "xyzzy-plugh", title="erase")
    if work == "migration":
        shutil.rmtree(paths.backups)
        db = connect(paths.database)
        db.conn.execute("DELETE FROM _sqlite_migrations WHERE name = 'm006_search_index_may_wait'")
        db.conn.execute("DROP TRIGGER unindexed_delete")
        for name in ("insert", "delete", "forget", "learn"):
            db.conn.execute(f"DROP TRIGGER message_fts_{name}")
            db.conn.execute(f"CREATE TRIGGER message_fts_{name} AFTER INSERT ON message BEGIN SELECT 1; END")
        db.conn.execute("DROP TABLE unindexed")
        db.conn.execute("PRAGMA user_version = 5")
        db.conn.commit()
        db.close()
    process = subprocess.Popen(
        [sys.executable, "-c", HEAD + textwrap.dedent(KILLED[work]), str(paths.root), str(file)],
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None and process.stdout.readline()
    time.sleep(rng.random() * 0.25)
    process.kill()
    process.wait()
    with Store.open(paths) as store:
        if work == "erasing":
            store.erase(conversations=[c.id for c in store.conversations(1000) if c.title == "erase"])
        elif work == "import":
            store.import_file(file)
            assert all(store.message(id).text == "hi there" for id in imported)
        elif work == "backup":
            store.backup_to(file.with_suffix(".attune"))
            assert not list(paths.backups.glob("*.tmp"))
        sound(store)
        assert texts.items() <= found(store).items()
        assert health.examine(paths) == []
        if work != "erasing":
            assert store.message(secret[1].id).text == "xyzzy-plugh"
    if work == "erasing":
        files = [path for path in paths.root.rglob("*") if path.is_file()]
        assert [path.name for path in files if b"xyzzy-plugh" in path.read_bytes()] == []


@pytest.mark.parametrize("work", KILLED)
def test_a_process_killed_at_its_work_loses_nothing(tmp_path, work):
    killed_at_work(tmp_path, work, random.Random(os.urandom(8)))


@pytest.mark.slow
@pytest.mark.parametrize("attempt", range(25))
@pytest.mark.parametrize("work", KILLED)
def test_a_hundred_processes_killed_at_their_work(tmp_path, work, attempt):
    killed_at_work(tmp_path, work, random.Random(os.urandom(8)))


FULL_DISK = textwrap.dedent(
    """
    import resource, signal, sys
    from pathlib import Path
    from assistant.errors import StoreError
    from assistant.paths import DataPaths
    from assistant.store import Store

    store = Store.open(DataPaths(Path(sys.argv[1])))
    conversation = store.create_conversation(title="full")
    store.add_message(conversation.id, None, "user", "before")
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000, hard))
    kept = 0
    try:
        while True:
            store.add_message(conversation.id, None, "user", "words " * 20_000)
            kept += 1
    except StoreError as error:
        print(error)
    calls = [
        lambda: [store.add_message(conversation.id, None, "user", "words " * 20_000) for _ in range(9)],
        lambda: store.export_json(Path(sys.argv[1]) / "export.json"),
        lambda: store.backup_to(Path(sys.argv[1]) / "backup"),
    ]
    for call in calls:
        if call is not calls[0]:
            resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
        try:
            call()
        except StoreError as error:
            print(error)
        else:
            raise SystemExit("it was written although the disk was full")
    assert len(store.messages(conversation.id)) >= kept + 1
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    store.add_message(conversation.id, None, "user", "after")
    assert store.search("after")
    store.close()
    """
)


@pytest.mark.skipif(sys.platform == "win32", reason="limits of a process are a matter of POSIX")
def test_a_full_disk_is_said_in_a_sentence_and_survived(paths):
    paths.ensure()
    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(paths.root)], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stdout + done.stderr
    lines = done.stdout.splitlines()
    assert (
        len(lines) == 4
        and all(line.endswith(".") for line in lines)
        and "disk is full" in lines[0] + lines[1]
    )
    with Store.open(paths) as store:
        sound(store)
    assert not list(paths.root.rglob("*.tmp"))


def test_a_folder_that_cannot_be_used(tmp_path):
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(StoreError, match="cannot be written"):
        Store.open(DataPaths(tmp_path / "file" / "data"))


def test_daily_backups_rotate(paths, monkeypatch):
    texts = fill(paths)
    paths.ensure()
    for day in range(1, 12):
        (paths.backups / f"attune-daily-202001{day:02}.db").write_bytes(b"old")
    made = backup.daily(paths)
    assert made is not None and backup.daily(paths) is None
    kept = sorted(path.name for path in paths.backups.glob("attune-daily-*.db"))
    assert len(kept) == 7 and kept[-1] == made.name and recovery.problems(made) == []
    db = connect(made, read_only=True)
    assert db.conn.execute("SELECT count(*) FROM message").fetchone()[0] == len(texts)
    db.close()


def test_a_backup_in_the_past_is_kept_too(paths):
    """The clock may go backwards."""
    fill(paths)
    paths.ensure()
    for day in range(1, 9):
        (paths.backups / f"attune-daily-299901{day:02}.db").write_bytes(b"later")
    made = backup.daily(paths)
    assert made is not None and made.exists()


def test_verifying_finds_what_the_database_cannot(paths, picture):
    texts = fill(paths)
    with Store.open(paths) as store:
        assert health.examine(paths) == []
        for name in ("a.png", "b.png"):
            picture.data, picture.name = picture.data + b"x", name
            kept = store.add_attachment(picture)
        store.attachment_path(kept.sha256).write_bytes(b"other")
        for path in paths.attachments.iterdir():
            if path.name != kept.sha256:
                path.unlink()
        store.db.conn.execute("UPDATE message SET text = text || '!' WHERE id = ?", [next(iter(texts))])
        store.db.conn.commit()
        assert len(health.examine(paths)) == 3
        sentences = " ".join(health.examine(paths))
        assert "a.png is missing" in sentences and "b.png has changed" in sentences
        assert f"message {next(iter(texts))} has changed" in sentences


def test_once_a_day_the_store_tidies_up(paths, picture):
    with Store.open(paths) as store:
        kept = store.add_attachment(picture)
        os.utime(store.attachment_path(kept.sha256), (0, 0))
        _, reply = exchange(store)
        store.delete_conversation(reply.conversation_id)
        store._update(
            "conversation", "id", reply.conversation_id, {"deleted_at": "2001-01-01T00:00:00+00:00"}
        )
    with Store.open(paths) as store:  # tidied already today
        assert len(store.deleted_conversations()) == 1
    os.utime(paths.locks / "tidied", (0, 0))
    with Store.open(paths) as store:
        assert store.deleted_conversations() == [] and list(paths.attachments.iterdir()) == []


def test_opening_makes_todays_backup(paths):
    fill(paths)
    with Store.open(paths):
        pass
    assert len(list(paths.backups.glob("attune-daily-*.db"))) == 1
