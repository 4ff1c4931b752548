"""What an attack on the data folder once did, each by name: none of it may work again."""

from __future__ import annotations

import dataclasses
import errno
import json
import math
import os
import shutil
import subprocess
import sys
import textwrap
import threading
import zipfile
from pathlib import Path

import pytest
from samples import GENERATION, exchange

from assistant import imports
from assistant.cli import main
from assistant.errors import BadInput, NotFound, StoreError
from assistant.paths import DataPaths
from assistant.records import ReplyDetails, UpdateReport
from assistant.services.library import LibraryService
from assistant.store import (
    Store,
    archive,
    backup,
    connection,
    health,
    import_writing,
    locks,
    migrations,
    recovery,
)
from assistant.store import json_exchange as exchanging
from assistant.store.connection import connect
from assistant.store.daily_jobs import DailyCare
from assistant.store.snapshots import objects as snapshots
from assistant.store.snapshots import snapshot

SECRET = "xyzzy-plugh"


# --- hostile backups ---------------------------------------------------------------------------------------


def forged(paths: DataPaths, target: Path, *statements: str) -> Path:
    """A backup of ``paths`` with statements of a stranger's run on its database, its sums right."""
    with Store.open(paths) as store:
        store.backup_to(target.with_suffix(".honest"))
    database = target.with_suffix(".db")
    with zipfile.ZipFile(target.with_suffix(".honest")) as honest:
        database.write_bytes(honest.read("attune.db"))
    db = connect(database)
    db.conn.execute("PRAGMA foreign_keys = OFF")
    db.conn.execute("PRAGMA journal_mode = DELETE")
    for statement in statements:
        db.conn.execute(statement)
    db.conn.commit()
    db.close()
    with zipfile.ZipFile(target.with_suffix(".honest")) as honest, zipfile.ZipFile(target, "w") as made:
        data = {entry.filename: honest.read(entry) for entry in honest.infolist()}
        data["attune.db"] = database.read_bytes()
        manifest = json.loads(data["manifest.json"])
        manifest["files"]["attune.db"] = archive.hashlib.sha256(data["attune.db"]).hexdigest()
        data["manifest.json"] = json.dumps(manifest).encode()
        for name, content in data.items():
            made.writestr(name, content)
    return target


STYLE = "INSERT INTO style_version (id, model, created_at, state, line) VALUES ('{}', 'starter', 'x', 'active', 'Work')"


@pytest.mark.parametrize("version", ["../../Documents", "..", "", "a/b", "/etc", "v1/.."])
def test_a_backup_whose_style_is_a_path_is_refused(paths, tmp_path, version):
    with Store.open(paths) as store:
        store.add_line("Work")
    hostile = forged(paths, tmp_path / "hostile", STYLE.format(version))
    with pytest.raises(BadInput, match="damaged"):
        archive.restore(paths, hostile)
    assert not (paths.root / "restore.tmp").exists()


def test_a_style_that_is_a_path_is_never_read_or_deleted(attune_home, capsys):
    """Whatever way such a row came into the database."""
    paths, documents = DataPaths(attune_home), attune_home.parent / "Documents"
    documents.mkdir()
    (documents / "letter").write_text("dear")
    with Store.open(paths) as store:
        store.add_line("Work")
        store.add_style("starter", style_id="w1", line="Work")
        (paths.styles / "w1").mkdir()
        path = f"../../{documents.name}"
        store.db.conn.execute(STYLE.format(path))
        store.db.conn.execute("INSERT INTO style_current VALUES ('starter', ?, 'Work')", [path])
        store.db.conn.commit()
        assert [style.id for style in store.styles()] == ["w1"]
        assert store.current_style("starter", "Work") is None
        with pytest.raises(NotFound):
            store.style(path)
    assert main(["style", "remove", "Work", "--json"], None) == 0
    assert json.loads(capsys.readouterr().out)["removed"] == ["w1"]
    assert (documents / "letter").read_text() == "dear" and not (paths.styles / "w1").exists()


def test_a_restored_database_has_no_triggers_and_views_of_a_stranger(paths, tmp_path):
    with Store.open(paths) as store:
        question, reply = exchange(store, "hello", "hi there")
    hostile = forged(
        paths,
        tmp_path / "hostile",
        "CREATE TRIGGER theirs AFTER INSERT ON message BEGIN DELETE FROM rating; END",
        "CREATE VIEW everything AS SELECT * FROM message",
        "CREATE TABLE theirs_too (x)",
        "CREATE INDEX their_index ON message (text)",
    )
    archive.restore(paths, hostile)
    with Store.open(paths) as store:
        names = {row[0] for row in store.db.conn.execute("SELECT name FROM sqlite_master")}
        assert names.isdisjoint({"theirs", "everything", "theirs_too", "their_index"})
        assert store.message(reply.id) == reply and store.message(question.id) == question
        assert [hit.message_id for hit in store.search("hi there")] == [reply.id]


@pytest.mark.timeout(60)
def test_a_view_in_place_of_a_table_is_not_run(paths, tmp_path):
    with Store.open(paths) as store:
        exchange(store)
    endless = """CREATE VIEW rating AS WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n)
                 SELECT x AS seq, x AS id, 'thumb' AS kind, x AS value FROM n"""
    with pytest.raises(BadInput, match="damaged"):
        archive.restore(paths, forged(paths, tmp_path / "hostile", "DROP TABLE rating", endless))


@pytest.mark.parametrize("table", ["message", "style_line"])
def test_a_backup_without_its_tables_is_refused(paths, tmp_path, table):
    with Store.open(paths) as store:
        _, reply = exchange(store)
    with pytest.raises(BadInput, match="damaged"):
        archive.restore(paths, forged(paths, tmp_path / "hostile", f"DROP TABLE {table}"))
    with Store.open(paths) as store:
        assert store.message(reply.id) == reply


def test_a_database_without_its_tables_does_not_brick_the_folder(paths):
    with Store.open(paths) as store:
        exchange(store)
    shutil.rmtree(paths.backups)
    db = connect(paths.database)
    db.conn.execute("DROP TABLE rating")
    db.close()
    with Store.open(paths) as store:
        assert "damaged" in store.notice and len(store.conversations()) == 1
        assert store.ratings() == []


def test_an_older_backup_is_brought_forward(paths, tmp_path):
    with Store.open(paths) as store:
        _, reply = exchange(store)
    older = forged(
        paths,
        tmp_path / "older",
        "DROP TABLE style_line",
        "ALTER TABLE conversation DROP COLUMN style",
        *(f"ALTER TABLE {table} DROP COLUMN line" for table in ("conversation", "rating", "style_version")),
        "DELETE FROM _sqlite_migrations WHERE name >= 'm004_lines'",
        "PRAGMA user_version = 3",
    )
    with zipfile.ZipFile(older) as old, zipfile.ZipFile(tmp_path / "right", "w") as made:
        for entry in old.infolist():
            data = old.read(entry)
            now = f'"database": {migrations.VERSION}'.encode()
            made.writestr(entry.filename, data.replace(now, b'"database": 3'))
    archive.restore(paths, tmp_path / "right")
    with Store.open(paths) as store:
        assert store.message(reply.id) == reply and store.add_line("Work") == "Work"


@pytest.mark.parametrize(
    "newer", [{"database": 99}, {"version": 2}, {"version": 2, "files": {"new/name": ""}}]
)
def test_a_newer_backup_is_called_newer_not_damaged(paths, tmp_path, newer):
    manifest = {"format": archive.FORMAT, "version": 1, "database": 1, "files": {}, **newer}
    with zipfile.ZipFile(tmp_path / "newer", "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("attune.db", b"x" * 1000)
        made.writestr("manifest.json", json.dumps(manifest), zipfile.ZIP_STORED)
    with pytest.raises(BadInput, match="newer Attune"):
        archive.restore(paths, tmp_path / "newer")


# --- backups that meet -------------------------------------------------------------------------------------


def test_a_backup_is_the_first_command_of_the_day(paths, tmp_path, monkeypatch):
    """The daily backup sweeps what is half written while the archive is being written, and finds nothing to sweep."""
    with Store.open(paths) as store:
        exchange(store)
    (paths.backups / "attune-daily-20200101.db.1.tmp").write_bytes(b"of a process that died")
    for day in paths.backups.glob("attune-daily-*.db"):
        day.unlink()
    copied = backup.copy_database
    daily = []

    def and_then_the_daily_one(source, target):
        copied(source, target)
        if target.name.startswith("archive.") and not daily:
            daily.append(DailyCare(paths))
            daily[0].wait(0.5)  # long enough to sweep, if it may

    monkeypatch.setattr(backup, "copy_database", and_then_the_daily_one)
    with Store.open(paths) as store:
        store._care.wait()
        for day in paths.backups.glob("attune-daily-*.db"):
            day.unlink()
        assert store.backup_to(tmp_path / "all.attune").messages == 2
    daily[0].wait()
    assert len(list(paths.backups.glob("attune-daily-*.db"))) == 1
    assert not list(paths.root.rglob("*.tmp"))


@pytest.mark.parametrize("attempt", range(5))
def test_a_backup_made_at_once_after_opening(paths, tmp_path, attempt):
    with Store.open(paths) as store:
        exchange(store)
    with Store.open(paths) as store:
        assert store.backup_to(tmp_path / "all.attune").messages == 2
    assert len(list(paths.backups.glob("attune-daily-*.db"))) == 1


def test_a_backup_leaves_out_a_style_that_is_being_written(paths, tmp_path):
    with Store.open(paths) as store:
        for name in ("v1", "v2.tmp", "v2-scratch.tmp", "v3.import"):
            (paths.styles / name).mkdir()
            (paths.styles / name / "weights").write_bytes(b"x")
        store.backup_to(tmp_path / "all.attune")
    with zipfile.ZipFile(tmp_path / "all.attune") as made:
        assert [name for name in made.namelist() if name.startswith("styles")] == ["styles/v1/weights"]


# --- numbers that are none ---------------------------------------------------------------------------------

HOSTILE_NUMBERS = dataclasses.replace(
    GENERATION,
    logprobs=(-0.1, math.nan, -math.inf),
    ttft_s=math.nan,
    tokens_per_s=math.inf,
    details=ReplyDetails(reused_tokens=3, end_logprob=math.inf, style_card="half \ud83d pair"),
)


def test_numbers_that_are_none_go_neither_in_nor_out(paths, store, tmp_path):
    """A model with damaged weights gives NaN; the export must come back all the same."""
    question, _ = exchange(store)
    reply = store.add_message(question.conversation_id, question.id, "assistant", "", state="streaming")
    made = store.finish_message(reply.id, "said", HOSTILE_NUMBERS).generation
    assert made.logprobs == () and made.reply_ids == GENERATION.reply_ids
    assert (
        made.details.reused_tokens == 3
        and made.details.end_logprob is None
        and made.ttft_s == made.tokens_per_s == 0.0
    )
    store.set_value("x", {"y": math.nan})
    assert store.value("x") == {"y": None}
    store.add_style("starter", style_id="v1", report=UpdateReport(kl_per_token=math.inf, steps=3))
    assert store.style("v1").report == UpdateReport(steps=3)
    comes_back(store, tmp_path)


def test_numbers_that_are_none_from_an_older_version_do_not_go_out(store, tmp_path):
    _, reply = exchange(store)
    data = store._row("SELECT data FROM generation WHERE message_id = ?", [reply.id])[0]
    wrong = json.dumps({**json.loads(data), "ttft_s": math.nan, "details": {"x": math.inf}})
    packed = exchanging.rows.pack((math.nan, 0.0, 0.0), "d")
    store._write(
        "UPDATE generation SET data = ?, logprobs = ? WHERE message_id = ?", [wrong, packed, reply.id]
    )
    comes_back(store, tmp_path)


def comes_back(store: Store, tmp_path: Path) -> None:
    store.export_json(tmp_path / "all.json")
    text = (tmp_path / "all.json").read_text("utf-8")
    json.loads(text, parse_constant=lambda name: pytest.fail(name))
    with Store.open(DataPaths(tmp_path / "new")) as new:
        assert new.import_file(tmp_path / "all.json").messages == text.count('"role"')
        new.export_json(tmp_path / "again.json")


def with_details(details: str) -> str:
    made = {
        "model": "m", "prompt_tokens": 1, "completion_tokens": 1, "ttft_s": 0.5, "tokens_per_s": 9, "finish": "stop",
        "seed": 1, "details": "HERE",
    }  # fmt: skip
    at = "2026-01-01T00:00:00+00:00"
    message = {"id": "0" * 32, "role": "assistant", "text": "x", "created_at": at, "generation": made}
    tree = {"id": "1" * 32, "title": "t", "created_at": at, "updated_at": at, "messages": [message]}
    whole = json.dumps({"format": "attune-export", "version": 1, "conversations": [tree]})
    return whole.replace('"HERE"', details)


@pytest.mark.parametrize(
    "details",
    [
        '{"x": 1e999}',
        '{"x": -1e999}',
        '{"x": NaN}',
        '{"x": Infinity}',
        '{"x": ' + "9" * 400 + "}",
        '{"x": ' + "9" * 5000 + "}",
        '{"x": ' * 500 + "1" + "}" * 500,
        '{"x": ' + "[" * 500 + "]" * 500 + "}",
    ],
)
def test_an_import_with_numbers_or_nesting_out_of_bounds_is_refused(store, tmp_path, details):
    (tmp_path / "x.json").write_text(with_details(details))
    with pytest.raises(BadInput):
        store.import_file(tmp_path / "x.json")
    assert store.conversations() == []


@pytest.mark.parametrize("field", ["ttft_s", "tokens_per_s"])
def test_a_huge_number_in_an_import_is_a_sentence(store, tmp_path, field):
    text = with_details("{}").replace('"ttft_s": 0.5', f'"ttft_s": 0.5, "{field}": {"9" * 400}')
    (tmp_path / "x.json").write_text(text)
    with pytest.raises(BadInput):
        store.import_file(tmp_path / "x.json")


def test_half_surrogate_pairs_in_an_import_come_out_whole(store, tmp_path):
    (tmp_path / "x.json").write_text(with_details('{"\\ud83d": "\\udc00"}'))
    assert store.import_file(tmp_path / "x.json").messages == 1
    comes_back(store, tmp_path)


def test_damaged_json_in_a_row_is_not_a_traceback(store):
    store.add_style("starter", style_id="v1")
    store.set_value("x", 1)
    for wrong in ("{", "[" * 100_000, "[]"):
        store._write("UPDATE style_version SET report = ?", [wrong])
        store._write("UPDATE value SET json = ? WHERE key = 'x'", [wrong])
        assert store.styles()[0].report == UpdateReport()
        assert store.value("x", 7) in (7, [])


# --- erasing -----------------------------------------------------------------------------------------------


def traces(paths: DataPaths) -> list[str]:
    """The files of the data folder and of snapshots that still hold the secret, by their bytes or their text."""
    needles = (SECRET.encode(), SECRET.encode("utf-16-le"))
    found = []
    for file in (*paths.root.rglob("*"), *paths.snapshots.rglob("*")):
        if file.is_file() and file.parent.parent.name == "objects":
            data = snapshots.Objects(file.parent.parent).get(file.name)
            if any(needle in data for needle in needles):
                found.append(os.path.relpath(file, paths.root))
        elif file.is_file() and any(needle in file.read_bytes() for needle in needles):
            found.append(os.path.relpath(file, paths.root))
    return found


def told(paths: DataPaths, tmp_path: Path, picture) -> str:
    """A data folder in which a secret lies everywhere that restores, imports, crashes and damage put it; its chat."""
    picture.data += SECRET.encode()
    with Store.open(paths) as store:
        photo = store.add_attachment(picture)
        conversation = store.create_conversation(title=SECRET, draft=SECRET)
        question = store.add_message(conversation.id, None, "user", SECRET, [photo])
        reply = store.add_message(conversation.id, question.id, "assistant", f"{SECRET}!")
        store.add_rating("edit", 1, reply.id, text=SECRET)
        store.export_json(tmp_path / "all.json")
        store.backup_to(tmp_path / "all.attune")
    with Store.open(paths) as store:  # with today's backup
        snapshot.take(paths, "asked")
        backup.before_migration(store.db, paths, 2)
    archive.restore(paths, tmp_path / "all.attune")
    archive.restore(paths, tmp_path / "all.attune")
    with Store.open(paths) as store:
        store.purge_conversation(conversation.id)
        store.import_file(tmp_path / "all.json")
    paths.database.write_bytes(paths.database.read_bytes()[:-5000])  # damaged, kept aside, recovered
    with Store.open(paths) as store:
        assert "damaged" in store.notice
    # What processes that died leave behind.
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    for name in (
        f"backups/archive.{dead.pid}.tmp",
        f"settings.json.{dead.pid}.tmp",
        f"attachments/{'a' * 64}.{dead.pid}.tmp",
        "styles/v1.tmp/head.json",
        "styles/v1-scratch.tmp/adapter_model.safetensors",
        "styles/v2.import/adapter_config.json",
        "recovery.tmp/damaged.db",
        "restore.tmp/attune.db",
    ):
        (paths.root / name).parent.mkdir(exist_ok=True)
        (paths.root / name).write_text(SECRET)
    return conversation.id


def test_erasing_reaches_the_whole_data_folder(paths, tmp_path, picture):
    conversation = told(paths, tmp_path, picture)
    assert len(traces(paths)) > 12 and any("objects" in name for name in traces(paths))
    with Store.open(paths) as store:
        store.erase(conversations=[conversation])
        assert traces(paths) == []
    assert traces(paths) == []


def test_erasing_everything_reaches_the_whole_data_folder(paths, tmp_path, picture):
    told(paths, tmp_path, picture)
    with Store.open(paths) as store:
        store.erase_everything()
    assert traces(paths) == []


def test_the_page_erases_the_whole_data_folder_too(paths, tmp_path, picture):
    told(paths, tmp_path, picture)
    (paths.styles / "v3").mkdir()
    for name in ("styles/v3/attune-style.json", "logs/window.log"):
        (paths.root / name).write_text(SECRET)
    with Store.open(paths) as store:
        LibraryService(store, paths).erase("everything")
    assert traces(paths) == [] and not (paths.styles / "v3").exists()


def test_erasing_backups_takes_what_restores_kept_aside(paths, tmp_path, picture):
    told(paths, tmp_path, picture)
    with Store.open(paths) as store:
        store._care.close()
        LibraryService(store, paths).erase("backups")
    assert list(paths.backups.iterdir()) == []


@pytest.mark.parametrize("step", ["collect_garbage", "_remove_copies", "_rewrite", "_empty_log"])
def test_an_erasing_that_was_cut_off_is_finished_at_the_next_opening(
    paths, tmp_path, picture, monkeypatch, step
):
    conversation = told(paths, tmp_path, picture)

    class Killed(BaseException):
        pass

    def killed(*_args, **_more):
        raise Killed

    monkeypatch.setattr(Store, step, killed)
    store = Store.open(paths)
    with pytest.raises(Killed):
        store.erase(conversations=[conversation])
    monkeypatch.undo()
    assert traces(paths)
    store.close()
    with Store.open(paths) as store:
        assert traces(paths) == []
        backup.daily(paths)
    with Store.open(paths):
        assert list(paths.backups.glob("attune-daily-*.db"))  # the next ones stay


def test_erasing_while_another_reads_says_so_and_is_finished_later(paths, tmp_path, picture, monkeypatch):
    monkeypatch.setattr(connection, "BUSY_TIMEOUT_MS", 100)
    conversation = told(paths, tmp_path, picture)
    other = connect(paths.database, read_only=True)
    with Store.open(paths) as store:
        other.conn.execute("BEGIN")
        other.conn.execute("SELECT count(*) FROM message").fetchone()
        with pytest.raises(StoreError, match="Another Attune"):
            store.erase(conversations=[conversation])
    other.close()
    with Store.open(paths):
        assert traces(paths) == []


def test_erasing_leaves_an_update_under_way_alone(paths):
    with Store.open(paths) as store, locks.held(paths.root / "learning.lock"):
        (paths.styles / "v1.tmp").mkdir()
        store.erase_everything()
        assert (paths.styles / "v1.tmp").is_dir()


def test_what_restores_keep_aside_rotates(paths, tmp_path):
    with Store.open(paths) as store:
        exchange(store)
        store.backup_to(tmp_path / "all.attune")
    for _ in range(6):
        made = archive.restore(paths, tmp_path / "all.attune")
    kept = list(paths.backups.glob("before-restore-*"))
    assert len(kept) == backup.KEEP_OTHER and Path(made.kept_aside) in kept


# --- damage that the database does not notice ---------------------------------------------------------------


def damage(paths: DataPaths, picture) -> str:
    """A data folder with one changed text and one changed picture; the message's id."""
    with Store.open(paths) as store:
        photo = store.add_attachment(picture)
        question, reply = exchange(store)
        store.add_message(question.conversation_id, reply.id, "user", "look", [photo])
        store.attachment_path(photo.sha256).write_bytes(picture.data[:-1] + b"?")
        store.db.conn.execute("UPDATE message SET text = 'hi therf' WHERE id = ?", [reply.id])
        store.db.conn.commit()
    return reply.id


def test_damage_in_a_text_or_a_picture_is_noticed_within_a_day(paths, picture):
    changed = damage(paths, picture)
    assert recovery.problems(paths.database) == []
    with Store.open(paths) as store:
        assert store.notice == ""
        store._care.wait()
    with Store.open(paths) as store:
        assert f"message {changed} has changed" in store.notice and "1 more" in store.notice
        store.erase(conversations=[store.message(changed).conversation_id])
    with Store.open(paths) as store:
        assert store.notice == ""


def test_the_daily_look_does_not_hold_up_closing(paths, picture, monkeypatch):
    damage(paths, picture)
    monkeypatch.setattr(health, "_ROWS", 1)
    waiting = threading.Event()
    monkeypatch.setattr(health.time, "sleep", lambda _s: waiting.wait(60))
    with Store.open(paths) as store:
        threading.Timer(0.2, lambda: (store._care._stopped.wait(30), waiting.set())).start()
    assert not (paths.locks / "verified.json").exists()  # broken off: not looked yet


def test_doctor_names_damage(attune_home, capsys, picture):
    changed = damage(DataPaths(attune_home), picture)
    problems = doctor(capsys)
    assert any(f"message {changed} has changed" in problem for problem in problems)
    assert any("cat.png has changed" in problem for problem in problems)


@pytest.mark.parametrize(
    ("statements", "said"),
    [
        (["PRAGMA application_id = 7"], "another program"),
        (["PRAGMA user_version = 99"], "newer Attune"),
        (["DROP TABLE rating"], "rating is missing"),
    ],
)
def test_doctor_does_not_say_nothing_is_wrong_where_commands_fail(attune_home, capsys, statements, said):
    paths = DataPaths(attune_home)
    with Store.open(paths) as store:
        exchange(store)
    db = connect(paths.database)
    for statement in statements:
        db.conn.execute(statement)
    db.close()
    assert any(said in problem for problem in doctor(capsys))


def doctor(capsys) -> list[str]:
    main(["doctor", "--json"], None)
    return json.loads(capsys.readouterr().out)["problems"]


# --- a folder that cannot be written ------------------------------------------------------------------------


def unwritable(*_args, **_more):
    raise OSError(errno.EROFS, os.strerror(errno.EROFS))


@pytest.mark.parametrize("log_is_empty", [True, False])
def test_a_read_only_folder_can_be_read(attune_home, tmp_path, monkeypatch, capsys, log_is_empty):
    paths = DataPaths(attune_home)
    with Store.open(paths) as store:
        _, reply = exchange(store, "where is it", "in the north")
    if not log_is_empty:
        busy = connect(paths.database)  # a log that was not written back
        busy.conn.execute("UPDATE message SET text = 'in the south' WHERE id = ?", [reply.id])
        busy.conn.commit()
    before = {path: path.read_bytes() for path in attune_home.rglob("*") if path.is_file()}
    monkeypatch.setattr("assistant.paths.tempfile.TemporaryFile", unwritable)
    monkeypatch.setattr(locks, "try_lock", unwritable)
    with Store.open(paths) as store:
        assert store.read_only and "Read-only file system" in store.notice
        assert store.message(reply.id).text == ("in the north" if log_is_empty else "in the south")
        with pytest.raises(StoreError, match="cannot be written"):
            store.create_conversation()
    capsys.readouterr()
    assert main(["search", "north" if log_is_empty else "south", "--json"], None) == 0
    said = capsys.readouterr()
    assert len(json.loads(said.out)["hits"]) == 1 and "reading only" in said.err
    assert main(["export", str(tmp_path / "all.json")], None) == 0
    assert main(["rate", reply.id, "up"], None) == 1
    after = {path: path.read_bytes() for path in attune_home.rglob("*") if path.is_file()}
    assert {path: data for path, data in after.items() if path.parent != paths.logs} == {
        path: data for path, data in before.items() if path.parent != paths.logs
    }


FULL = textwrap.dedent(
    """
    import resource, signal, sys
    from assistant.cli import main

    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))
    sys.exit(main(["search", "north", "--json"], None))
    """
)


@pytest.mark.skipif(sys.platform == "win32", reason="limits of a process are a matter of POSIX")
def test_a_folder_on_a_full_disk_can_be_read(attune_home):
    with Store.open(DataPaths(attune_home)) as store:
        exchange(store, "where is it", "in the north")
    done = subprocess.run([sys.executable, "-c", FULL], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert len(json.loads(done.stdout)["hits"]) == 1 and "reading only" in done.stderr


# --- imports and those who write meanwhile ------------------------------------------------------------------


def test_others_write_while_an_import_decodes_pictures(store, paths, tmp_path, picture, monkeypatch):
    for number in range(3):
        picture.data += b"x"
        photo = store.add_attachment(picture)
        question, _ = exchange(store, f"look {number}")
        store.add_message(question.conversation_id, None, "user", "this", [photo])
    store.export_json(tmp_path / "all.json")
    monkeypatch.setattr(connection, "BUSY_TIMEOUT_MS", 50)
    written = []
    with Store.open(DataPaths(tmp_path / "new")) as new, Store.open(new.paths) as other:

        def slow(data: bytes, name: str):
            written.append(exchange(other, "meanwhile")[1].id)  # raises where the import holds the lock
            picture.data, picture.name = data, name
            return new.add_attachment(picture)

        report = import_writing.add(new, imports.read(tmp_path / "all.json"), slow)
        assert (report.conversations, report.messages, report.attachments) == (3, 9, 3)
        assert len(written) == 3 and all(new.message(id).text == "hi there" for id in written)


def test_others_write_between_the_parts_of_a_large_import(store, tmp_path, monkeypatch):
    for number in range(5):
        exchange(store, f"question {number}")
    store.export_json(tmp_path / "all.json")
    monkeypatch.setattr(connection, "BUSY_TIMEOUT_MS", 50)
    monkeypatch.setattr(import_writing, "BATCH", 2)
    with Store.open(DataPaths(tmp_path / "new")) as new, Store.open(new.paths) as other:
        written = []
        monkeypatch.setattr(new, "let_others_write", lambda: written.append(exchange(other)), raising=False)
        assert new.import_file(tmp_path / "all.json").messages == 10
        assert len(written) > 5


def test_an_import_that_was_cut_off_goes_on_the_next_time(store, tmp_path, monkeypatch):
    for number in range(5):
        question, _ = exchange(store, f"question {number}")
        store.set_leaf(question.conversation_id, question.id)
    store.export_json(tmp_path / "all.json")

    class Killed(BaseException):
        pass

    def killed(_self):
        raise Killed

    monkeypatch.setattr(import_writing, "BATCH", 5)
    monkeypatch.setattr(Store, "let_others_write", killed)
    with Store.open(DataPaths(tmp_path / "new")) as new:
        with pytest.raises(Killed):
            new.import_file(tmp_path / "all.json")
        assert 0 < len(new.conversations()) < 5
        for conversation in new.conversations():
            new.branch(conversation.leaf_id)
        monkeypatch.undo()
        new.import_file(tmp_path / "all.json")
        assert [(c.id, c.leaf_id) for c in new.conversations()] == [
            (c.id, c.leaf_id) for c in store.conversations()
        ]
        assert sum(len(new.messages(c.id)) for c in new.conversations()) == 10


WRITER = textwrap.dedent(
    """
    import sys
    from pathlib import Path
    from assistant.paths import DataPaths
    from assistant.store import Store

    with Store.open(DataPaths(Path(sys.argv[1]))) as store:
        print("ready", flush=True)
        for number in range(20):
            store.create_conversation(title=f"meanwhile {number}")
    """
)


def test_another_process_that_waits_to_write_succeeds(store, tmp_path, monkeypatch):
    for number in range(300):
        exchange(store, f"question {number}")
    store.export_json(tmp_path / "all.json")
    monkeypatch.setattr(import_writing, "BATCH", 100)
    with Store.open(DataPaths(tmp_path / "new")) as new:
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(new.paths.root)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        assert writer.stdout is not None and writer.stdout.readline()
        assert new.import_file(tmp_path / "all.json").messages == 600
        _, trouble = writer.communicate(timeout=60)
        assert writer.returncode == 0, trouble.decode()
        assert new.conversation_count() == 320


# --- what leaves the data folder ---------------------------------------------------------------------------


@pytest.mark.skipif(os.name != "posix", reason="modes are a matter of POSIX")
def test_exports_are_for_their_users_eyes_only(store, tmp_path, picture):
    photo = store.add_attachment(picture)
    question, _ = exchange(store)
    seen = store.add_message(question.conversation_id, None, "user", "look", [photo])
    answer = store.add_message(question.conversation_id, seen.id, "assistant", "a cat")
    store.add_rating("thumb", 1, answer.id)
    out = tmp_path / "out"
    out.mkdir()
    store.export_json(out / "all.json")
    store.export_document(out / "all.md", "markdown")
    store.export_document(out / "all.html", "html")
    store.backup_to(out / "all.attune")
    store.export_ratings(out / "ratings.jsonl")
    files = list(out.rglob("*"))
    assert len(files) == 7
    assert [path.name for path in files if path.stat().st_mode & 0o077] == []


def test_ratings_take_pictures_from_their_own_folder_only(store, tmp_path, png):
    (tmp_path / "private").mkdir()
    (tmp_path / "private" / "photo.png").write_bytes(png)
    folder = tmp_path / "given"
    (folder / "pictures").mkdir(parents=True)
    (folder / "pictures" / "own.png").write_bytes(png)
    (folder / "pictures" / "link.png").symlink_to(tmp_path / "private" / "photo.png")
    for name in (str(tmp_path / "private" / "photo.png"), "../private/photo.png", "pictures/link.png"):
        line = {"prompt": "x", "reply": "y", "rating": 1, "images": [name]}
        (folder / "r.jsonl").write_text(json.dumps(line))
        with pytest.raises(BadInput, match="folder"):
            store.import_ratings(folder / "r.jsonl")
    assert store.ratings(withdrawn=True) == [] and list(store.paths.attachments.iterdir()) == []
    (folder / "r.jsonl").write_text(json.dumps({**line, "images": ["pictures/own.png"]}))
    assert store.import_ratings(folder / "r.jsonl").added == 1
