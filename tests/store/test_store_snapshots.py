"""Snapshots beside the data folder: taken, thinned, compared, restored, erased; damaged and cut off."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
import textwrap
import time
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from samples import exchange

from assistant.cli import main
from assistant.errors import NotFound, StoreError
from assistant.paths import DataPaths
from assistant.services.snapshots import SnapshotService
from assistant.store import Store, recovery
from assistant.store.connection import connect
from assistant.store.migrations import VERSION
from assistant.store.snapshots import snapshot


def texts(store: Store) -> dict[str, str]:
    return {m.id: m.text for c in store.conversations(1000) for m in store.messages(c.id)}


def taken(paths: DataPaths) -> snapshot.Snapshot:
    made = snapshot.take(paths, "asked")
    assert made is not None
    return made


def there_is_one(paths: DataPaths) -> snapshot.Snapshot:
    """Made by the thread in the background meanwhile."""
    return snapshot.listed(paths)[0]


def objects(paths: DataPaths) -> dict[str, int]:
    return {f.name: f.stat().st_size for f in (paths.snapshots / "objects").rglob("*") if f.is_file()}


def long_chat(store: Store, count: int = 1500) -> str:
    conversation, parent = store.create_conversation(title="long"), None
    with store.transaction():
        for n in range(count):
            role = "assistant" if n % 2 else "user"
            parent = store.add_message(conversation.id, parent, role, f"{n}").id
    return conversation.id


# --- a chat longer than SQLite's chains of deletions ---------------------------------------------------------


@pytest.mark.parametrize("way", ["erase", "everything", "purge", "thirty days", "message"])
def test_a_chat_of_many_messages_can_be_removed(store, way):
    """It could not: SQLite ends a chain of deletions at a thousand steps, and 30 days later no store opened any more."""
    chat = long_chat(store)
    first = store.messages(chat)[0].id
    if way == "erase":
        store.erase(conversations=[chat])
    elif way == "everything":
        store.erase_everything()
    elif way == "purge":
        store.purge_conversation(chat)
    elif way == "thirty days":
        store.delete_conversation(chat)
        assert store.purge_deleted(0.0) == 1
    else:
        store.delete_message(first)
    assert store._rows("SELECT count(*) FROM message")[0][0] == 0


# --- taking ------------------------------------------------------------------------------------------------


def test_a_snapshot_lies_outside_the_data_folder_and_only_its_user_reads_it(paths):
    with Store.open(paths) as store:
        exchange(store)
        taken(paths)
    assert paths.root not in paths.snapshots.parents and paths.snapshots.is_dir()
    if os.name == "posix":
        for path in (paths.snapshots, *paths.snapshots.rglob("*")):
            assert path.stat().st_mode & 0o077 == 0, path


def test_what_did_not_change_is_kept_once(paths, picture):
    picture.data += random.Random(1).randbytes(300_000)
    with Store.open(paths) as store:
        photo = store.add_attachment(picture)
        conversation = store.create_conversation(title="cat")
        store.add_message(conversation.id, None, "user", "look", [photo])
        for n in range(300):
            exchange(store, f"question {n}", "a longer answer " * 40)
        taken(paths)
        before = objects(paths)
        assert before[photo.sha256] == len(picture.data) + 1
        assert snapshot.take(paths, "asked") is None  # nothing changed
        assert objects(paths) == before
        exchange(store, "one more", "short")
        taken(paths)
        after = objects(paths)
    added = sum(size for name, size in after.items() if name not in before)
    assert before.items() <= after.items() and added < 0.3 * sum(before.values())


def test_nothing_is_taken_of_an_empty_folder(paths, store):
    assert snapshot.take(paths, "use") is None and snapshot.ids(paths) == []


def test_opening_takes_one_and_the_next_after_half_an_hour_of_use(paths):
    with Store.open(paths) as store:
        exchange(store)
    with Store.open(paths) as store:
        store._care.wait()
        assert len(snapshot.ids(paths)) == 1
        exchange(store)
        assert snapshot.take_if_due(paths) is None  # too soon
        made = paths.snapshots / "snapshots" / f"{snapshot.ids(paths)[0]}.json"
        os.utime(made, (time.time() - 1801,) * 2)
        assert snapshot.take_if_due(paths) is not None
        made = paths.snapshots / "snapshots" / f"{snapshot.ids(paths)[1]}.json"
        late = time.time() + 90_000  # the clock went back by a day
        os.utime(made, (late,) * 2)
        os.utime(paths.database, (late + 1,) * 2)
        exchange(store)
        assert snapshot.take_if_due(paths) is not None
        ids = snapshot.ids(paths)
        assert ids == sorted(ids) and len(set(ids)) == 3


def test_one_is_taken_before_an_import_and_a_migration(paths, tmp_path):
    with Store.open(DataPaths(tmp_path / "other")) as other:
        exchange(other)
        other.export_json(tmp_path / "all.json")
    with Store.open(paths) as store:
        exchange(store, "mine")
        store.import_file(tmp_path / "all.json")
    db = connect(paths.database)  # as the version before had it
    db.conn.execute("PRAGMA user_version = 5")
    db.conn.execute("DELETE FROM _sqlite_migrations WHERE name = 'm006_search_index_may_wait'")
    db.conn.execute("DROP TRIGGER unindexed_delete")
    for name in ("insert", "delete", "forget", "learn"):
        db.conn.execute(f"DROP TRIGGER message_fts_{name}")
        db.conn.execute(f"CREATE TRIGGER message_fts_{name} AFTER INSERT ON message BEGIN SELECT 1; END")
    db.conn.execute("DROP TABLE unindexed")
    db.conn.commit()
    db.close()
    with Store.open(paths) as store:
        listed = snapshot.listed(paths)
        assert [(s.reason, s.database_version) for s in listed][:2] == [
            ("migration", 5),
            ("import", VERSION),
        ]
        assert listed[1].conversations == 1 and listed[0].conversations == 2
        # One of the older version can be restored.
        everything = texts(store)
        exchange(store, "later")
        SnapshotService(store, paths).restore(listed[0].id)
        assert texts(store) == everything


# --- thinning ----------------------------------------------------------------------------------------------


def id_at(when: datetime) -> str:
    return f"{when:%Y%m%d-%H%M%S}-000"


def test_a_year_of_use_leaves_days_weeks_and_months():
    found: list[str] = []
    now = datetime(2026, 1, 1)
    while now < datetime(2027, 1, 1):
        if 8 <= now.hour < 20:
            found.append(id_at(now))
            gone = set(snapshot.superfluous(found))
            found = [id for id in found if id not in gone]
        now += timedelta(minutes=90)
    days = sorted({id[:8] for id in found})
    assert found[-48:] == sorted(found)[-48:] and len(found) <= 48 + 14 + 8 + 24
    assert len(days) >= 14 + 6 + 9 and {day[:6] for day in days} == {f"2026{m:02d}" for m in range(1, 13)}
    assert {f"202612{d}" for d in range(18, 32)} <= set(days)


@given(st.lists(st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1)), max_size=200))
def test_thinning_never_takes_the_last_ones_and_is_done_when_it_is_done(times):
    found = sorted({id_at(time) for time in times})
    gone = snapshot.superfluous(found)
    left = [id for id in found if id not in gone]
    assert left[-48:] == found[-48:] and snapshot.superfluous(left) == []


def test_what_only_thinned_snapshots_held_is_removed(paths, monkeypatch):
    monkeypatch.setattr(snapshot, "KEEP_LAST", 2)
    for name in ("KEEP_DAYS", "KEEP_WEEKS", "KEEP_MONTHS"):
        monkeypatch.setattr(snapshot, name, 1)
    rng = random.Random(3)
    with Store.open(paths) as store:
        sizes = []
        for _ in range(6):
            conversation = store.create_conversation(title="x")
            store.add_message(conversation.id, None, "user", rng.randbytes(60_000).hex())
            taken(paths)
            sizes.append(sum(objects(paths).values()))
            store.purge_conversation(conversation.id)
        assert len(snapshot.ids(paths)) == 2
        assert sizes[-1] < 2.5 * sizes[1]
        for one in snapshot.listed(paths):
            assert snapshot.contents_of(paths, one).messages
            assert list(snapshot.objects_of(paths).blocks(one.database))


# --- what changed, and bringing it back ------------------------------------------------------------------------


@pytest.fixture
def history(paths, picture):
    """A store, its service, and a snapshot of two chats, one with a picture; since then much has changed."""
    with Store.open(paths) as store:
        photo = store.add_attachment(picture)
        cat = store.create_conversation(title="cat")
        question = store.add_message(cat.id, None, "user", "look", [photo])
        reply = store.add_message(cat.id, question.id, "assistant", "a cat")
        store.add_rating("thumb", 1, reply.id)
        _, other = exchange(store, "stays", "as it is")
        yield store, SnapshotService(store, paths), cat.id, reply.id, other


def test_what_changed_is_told_for_each_snapshot_and_since(history, paths):
    store, service, cat, _, other = history
    first = taken(paths)
    store.add_message(other.conversation_id, other.id, "user", "more")
    exchange(store, "new")
    store.delete_conversation(cat)
    taken(paths)
    newest, oldest = service.taken()
    assert oldest.change is None and oldest.id == first.id
    change = newest.change
    assert (change.chats_added, change.chats_removed) == (1, 1)
    assert (change.messages_added, change.messages_removed) == (3, 2)
    assert (change.ratings_added, change.ratings_removed) == (0, 1)
    compared = service.compare(first.id)
    assert compared.since == change
    assert [(c.conversation_id, c.gone, c.messages, c.missing) for c in compared.chats] == [(cat, True, 2, 2)]
    with pytest.raises(NotFound):
        service.compare("20200101-000000-000")
    with pytest.raises(NotFound):
        service.compare("../../etc/passwd")


@pytest.mark.parametrize("removed", ["deleted", "purged", "picture too"])
def test_one_chat_comes_back_and_what_was_written_since_stays(history, paths, removed):
    store, service, cat, reply, other = history
    first = taken(paths)
    later = store.add_message(other.conversation_id, other.id, "user", "written since").id
    if removed == "deleted":
        store.delete_conversation(cat)
    else:
        store.purge_conversation(cat)
    if removed == "picture too":
        store.collect_garbage(older_than_s=-1)
        assert not list(paths.attachments.iterdir())
    back = service.restore(first.id, cat)
    assert back.left_out == ()
    assert store.message(reply).text == "a cat"
    (photo,) = store.branch(store.conversation(cat).leaf_id)[0].attachments
    assert store.attachment_path(photo.sha256).read_bytes()
    assert [r.message_id for r in store.ratings()] == [reply]
    assert store.message(later).text == "written since"
    assert store.db.conn.execute("PRAGMA foreign_key_check").fetchall() == []
    assert reply in [hit.message_id for hit in store.search("a cat")]
    again = service.restore(first.id, cat)
    assert (again.conversations, again.messages, again.ratings) == (0, 0, 0)


def test_of_a_chat_that_is_still_here_only_what_is_missing_comes_back(history, paths):
    store, service, cat, reply, _ = history
    first = taken(paths)
    store.delete_message(reply)
    question = store.messages(cat)[0]
    other_branch = store.add_message(cat, question.id, "assistant", "a dog")
    compared = service.compare(first.id).chats
    assert [(c.conversation_id, c.gone, c.missing) for c in compared] == [(cat, False, 1)]
    assert service.restore(first.id, cat).messages == 1
    assert {m.text for m in store.siblings(reply)} == {"a cat", "a dog"}
    assert store.conversation(cat).leaf_id == reply and store.message(other_branch.id)
    with pytest.raises(NotFound):
        service.restore(first.id, "f" * 32)


def test_all_of_it_comes_back_and_that_can_be_undone(history, paths):
    store, service, cat, reply, _ = history
    folder = paths.styles / "v1"
    folder.mkdir()
    (folder / "adapter_model.safetensors").write_bytes(b"weights")
    store.add_style("starter", style_id="v1", make_current=True)
    store.set_value("corrections", {"a": 1})
    first = taken(paths)
    then = texts(store)
    store.purge_conversation(cat)
    store.collect_garbage(older_than_s=-1)
    shutil.rmtree(folder)
    store.update_style("v1", state="deleted")
    long_chat(store)
    now = texts(store)
    back = service.restore(first.id)
    assert texts(store) == then and back.messages == 2 and back.left_out == ()
    assert (folder / "adapter_model.safetensors").read_bytes() == b"weights"
    assert store.current_style("starter") == "v1" and store.value("corrections") == {"a": 1}
    assert recovery.problems(paths.database) == []
    store._indexing.wait()
    assert reply in [hit.message_id for hit in store.search("a cat")]
    undo = service.taken()[0]
    assert undo.reason == "restore"
    service.restore(undo.id)
    assert texts(store) == now


def test_a_deleted_chat_is_in_the_log_and_comes_back(attune_home, capsys):
    with Store.open(DataPaths(attune_home)) as store:
        _, reply = exchange(store, "gone")
        store.delete_conversation(reply.conversation_id)
    assert main(["deleted", "list", "--json"], None) == 0
    assert [one["id"] for one in json.loads(capsys.readouterr().out)["deleted"]] == [reply.conversation_id]
    assert main(["deleted", "restore", reply.conversation_id], None) == 0
    assert main(["deleted", "restore", "f" * 32], None) == 1
    with Store.open(DataPaths(attune_home)) as store:
        assert store.conversation(reply.conversation_id).title == "gone"


# --- erasing, losing the folder --------------------------------------------------------------------------------


@pytest.mark.parametrize("what", ["chat", "rating", "everything"])
def test_what_is_erased_is_in_no_snapshot(history, paths, what):
    store, _, cat, _, _ = history
    taken(paths)
    if what == "chat":
        store.erase(conversations=[cat])
    elif what == "rating":
        store.erase(ratings=[store.ratings()[0].id])
    else:
        store.erase_everything()
    assert snapshot.ids(paths) == [] and objects(paths) == {}


def test_an_erasing_that_is_cut_off_takes_the_snapshots_at_the_next_start(history, paths, monkeypatch):
    store, _, cat, _, _ = history
    taken(paths)

    class Killed(BaseException):
        pass

    def killed(*_):
        raise Killed

    monkeypatch.setattr(snapshot, "erase", killed)
    with pytest.raises(Killed):
        store.erase(conversations=[cat])
    monkeypatch.undo()
    assert snapshot.ids(paths)
    store.finish_erasing()
    assert snapshot.ids(paths) == [] and objects(paths) == {}


def test_a_lost_data_folder_is_recovered_from_the_newest_snapshot(history, paths):
    store, _, _, _, _ = history
    everything = texts(store)
    taken(paths)
    store.close()
    paths.database.write_bytes(b"nonsense" * 1000)
    shutil.rmtree(paths.backups)
    with Store.open(paths) as again:
        assert "recovered" in again.notice and texts(again) == everything


def test_an_emptied_data_folder_says_that_there_are_snapshots(history, paths):
    store, service, _, _, _ = history
    everything, first = texts(store), taken(paths)
    store.close()
    shutil.rmtree(paths.root)
    with Store.open(paths) as again:
        assert str(paths.snapshots) in again.notice
        service = SnapshotService(again, paths)
        assert service.restore(first.id).left_out == ()
        assert texts(again) == everything
        ((photo,),) = ([a for m in map(again.message, everything) for a in m.attachments],)
        assert again.attachment_path(photo.sha256).is_file()
    with Store.open(paths) as again:
        assert again.notice == ""


# --- damage, full disks, kills -----------------------------------------------------------------------------------


def test_a_damaged_snapshot_is_refused_and_nothing_changes(history, paths):
    store, service, cat, _, _ = history
    first, then = taken(paths), texts(store)
    rng = random.Random(5)
    refused = 0
    for file in [f for f in (paths.snapshots / "objects").rglob("*") if f.is_file()]:
        whole = file.read_bytes()
        spoilt = bytearray(whole)
        spoilt[rng.randrange(1, len(spoilt))] ^= 1 << rng.randrange(8)
        for bad in (bytes(spoilt), whole[: len(whole) // 2]):
            file.write_bytes(bad)
            for chat in ("", cat):
                exchange(store, "since")
                now = texts(store)
                try:
                    service.restore(first.id, chat)
                    assert texts(store) == (now if chat else then)  # it was not needed for that
                except StoreError as error:
                    refused += 1
                    assert "\n" not in str(error) and texts(store) == now
            file.write_bytes(whole)
    assert refused > 8


def test_damage_in_one_snapshot_is_noticed_within_a_day_and_does_not_spoil_the_next(history, paths):
    store, service, _, _, _ = history
    then = texts(store)
    taken(paths)
    for file in (paths.snapshots / "objects").rglob("*"):
        if file.is_file():
            file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    exchange(store, "since")
    snapshot.look_daily(paths, lambda: False)
    assert objects(paths) == {}
    second, now = taken(paths), texts(store)
    assert len(snapshot.ids(paths)) == 2  # the damaged one stays in the list
    exchange(store, "later")
    service.restore(second.id)
    assert texts(store) == now != then
    snapshot.look_daily(paths, lambda: pytest.fail("looked twice a day"))


def test_a_snapshot_of_a_newer_attune_is_left_alone(history, paths):
    store, service, _, _, _ = history
    first = taken(paths)
    file = paths.snapshots / "snapshots" / f"{first.id}.json"
    file.write_text(file.read_text().replace('"form": 1', '"form": 2'))
    with pytest.raises(StoreError, match="newer Attune"):
        service.restore(first.id)
    before = objects(paths)
    exchange(store, "one more")
    taken(paths)
    snapshot.tidy(paths)
    assert before.items() <= objects(paths).items() and len(service.taken()) == 1


def test_where_no_snapshot_can_be_made_work_goes_on(paths, tmp_path, caplog):
    with Store.open(DataPaths(tmp_path / "other")) as other:
        exchange(other)
        other.export_json(tmp_path / "all.json")
    paths.snapshots.write_text("in the way")
    with Store.open(paths) as store:
        exchange(store)
        with pytest.raises(StoreError, match="snapshot"):
            snapshot.take(paths, "asked")
        assert store.import_file(tmp_path / "all.json").messages == 2
    with Store.open(paths) as store:
        assert len(texts(store)) == 4
        store._care.wait()


TAKER = textwrap.dedent(
    """
    import sys
    from pathlib import Path
    from assistant.paths import DataPaths
    from assistant.store import Store
    from assistant.store.snapshots import snapshot, bringing_back
    from assistant.services.snapshots import SnapshotService

    snapshot.KEEP_LAST = 2
    snapshot.KEEP_DAYS = snapshot.KEEP_WEEKS = snapshot.KEEP_MONTHS = 1
    paths = DataPaths(Path(sys.argv[1]))
    with Store.open(paths) as store:
        print("ready", flush=True)
        for n in range(1000):
            chat = store.create_conversation(title=f"{n}")
            store.add_message(chat.id, None, "user", f"text {n} " * 500)
            made = snapshot.take(paths, "asked")
            if made:
                print(made.id, flush=True)
                if sys.argv[2] == "restore" and n % 3 == 2:
                    SnapshotService(store, paths).restore(snapshot.ids(paths)[0])
    """
)


def kill_while_taking(paths: DataPaths, work: str, rng: random.Random) -> None:
    """Kill a process that takes, thins and restores snapshots: what it told of is whole, and the next one is made."""
    with Store.open(paths) as store:
        _, reply = exchange(store, "mine", "stays")
    process = subprocess.Popen(
        [sys.executable, "-c", TAKER, str(paths.root), work], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None and process.stdout.readline()
    time.sleep(rng.random() * 0.5)
    process.kill()
    said = [line.strip() for line in process.stdout.readlines() if line.endswith("\n")]
    process.wait()
    with Store.open(paths) as store:
        assert store.message(reply.id).text == "stays"
        assert recovery.problems(paths.database) == []
        there = snapshot.listed(paths)
        assert len(there) == len(snapshot.ids(paths)) and (not said or said[-1] in [s.id for s in there])
        for one in there:
            assert len(b"".join(snapshot.objects_of(paths).blocks(one.database))) == one.database.size_bytes
            assert len(snapshot.contents_of(paths, one).messages) == one.messages
        exchange(store, "after")
        newest = snapshot.take(paths, "asked") or there_is_one(paths)
        assert not (paths.snapshots / "untidy").exists() and not list(paths.snapshots.rglob("*.tmp"))
        now = texts(store)
        exchange(store, "to be undone")
        SnapshotService(store, paths).restore(newest.id)
        assert texts(store) == now


@pytest.mark.parametrize("work", ["take", "restore"])
def test_a_process_killed_while_it_takes_or_restores_loses_nothing(paths, work):
    rng = random.Random(os.urandom(8))
    for _ in range(2):
        kill_while_taking(paths, work, rng)


@pytest.mark.skipif(os.name != "posix", reason="RLIMIT_FSIZE")
def test_a_full_disk_makes_no_half_snapshot(paths):
    with Store.open(paths) as store:
        conversation = store.create_conversation(title="x")
        store.add_message(conversation.id, None, "user", random.Random(1).randbytes(400_000).hex())
    code = textwrap.dedent(
        """
        import resource, signal, sys
        from pathlib import Path
        from assistant.errors import StoreError
        from assistant.paths import DataPaths
        from assistant.store.snapshots import snapshot
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), resource.RLIM_INFINITY))
        try:
            snapshot.take(DataPaths(Path(sys.argv[1])), "asked")
            print("made")
        except StoreError as error:
            print(error)
        """
    )
    for limit in (0, 100, 5_000, 40_000, 300_000):
        done = subprocess.run(
            [sys.executable, "-c", code, str(paths.root), str(limit)], capture_output=True, text=True
        )
        assert done.returncode == 0, done
        assert "could not be" in done.stdout or "disk is full" in done.stdout, (
            limit,
            done,
        )
        assert snapshot.ids(paths) == []
    made = taken(paths)
    assert not (paths.snapshots / "untidy").exists() and made.messages == 1
