"""Named styles in the store: their names, what belongs to them, and what becomes of it all."""

from __future__ import annotations

import json

import pytest
from samples import exchange

from assistant.errors import BadInput, NotFound
from assistant.paths import DataPaths
from assistant.records import LONGEST_STYLE_NAME, STYLE_OFF
from assistant.store import Store, migrations, recovery
from assistant.store.connection import connect
from assistant.store.named_styles import MOST


def test_a_name_is_tidied_found_in_any_case_and_kept_once(store):
    assert store.add_line("  My  Work ") == "My Work" and store.add_line("my work") == "My Work"
    assert store.lines() == ["My Work"] and store.line("MY WORK") == "My Work" and store.line("") == ""
    with pytest.raises(NotFound, match="no style called Home"):
        store.line("Home")
    for name in ("", "   ", "x" * (LONGEST_STYLE_NAME + 1)):
        with pytest.raises(BadInput):
            store.add_line(name)
    for number in range(MOST - 1):
        store.add_line(f"Style {number}")
    with pytest.raises(BadInput, match="remove one first"):
        store.add_line("One more")


def test_a_rating_teaches_the_style_its_conversation_was_in_when_it_was_given(store):
    work = store.add_line("Work")
    _, reply = exchange(store, line=work)
    assert store.add_rating("thumb", 1, reply.id).line == "Work"
    store.update_conversation(reply.conversation_id, line="", style=STYLE_OFF)
    given = store.add_rating("edit", 1, reply.id, text="Shorter.")
    assert given.line == "" and [r.line for r in store.ratings()] == ["Work", ""]
    assert store.add_rating("thumb", 1, prompt="p", reply="r", line="Work").line == "Work"


def test_every_style_of_a_model_has_a_version_in_use(store):
    store.add_line("Work")
    own = store.add_style("m", make_current=True)
    work = store.add_style("m", make_current=True, line="Work")
    assert (store.current_style("m"), store.current_style("m", "Work")) == (own.id, work.id)
    assert [s.id for s in store.styles("m")] == [own.id, work.id]
    assert [s.id for s in store.styles("m", line="Work")] == [work.id] and store.styles(
        "m", line="Home"
    ) == []
    store.use_style("m", None)
    assert (store.current_style("m"), store.current_style("m", "Work")) == (None, work.id)
    store.use_style("m", own.id)  # a version knows whose it is
    assert store.current_style("m", "Work") == work.id and store.current_style("m") == own.id
    store.update_style(work.id, state="deleted")
    assert store.current_style("m", "Work") is None and store.current_style("m") == own.id


def test_removing_a_style_leaves_its_conversations_to_the_users_own(store):
    store.add_line("Work")
    _, reply = exchange(store, line="Work")
    rating = store.add_rating("thumb", 1, reply.id)
    version = store.add_style("m", used=[rating.id], make_current=True, line="Work")
    store.update_conversation(reply.conversation_id, style=version.id)
    assert store.remove_line("work") == [version.id]
    assert store.lines() == [] and store.styles() == [] and store.current_style("m", "Work") is None
    found = store.conversation(reply.conversation_id)
    assert (found.line, found.style) == ("", "")
    assert store.rating(rating.id).line == "Work" and store.rating(rating.id).fate == "pending"
    with pytest.raises(BadInput, match="not removed"):
        store.remove_line("")


def test_what_was_learned_before_there_were_named_styles_is_the_users_own(paths):
    paths.ensure()
    db = connect(paths.database)
    migrations.migrations.apply(db, stop_before="m004_lines")
    db.conn.execute("PRAGMA user_version = 3")
    execute = db.conn.execute
    execute("INSERT INTO conversation (id, created_at, updated_at, rank) VALUES ('c', 'x', 'x', 1)")
    execute(
        """INSERT INTO rating (id, kind, value, created_at, prompt, reply)
           VALUES ('r', 'thumb', 1, 'x', 'p', 'a')"""
    )
    execute("INSERT INTO style_version (id, model, created_at, state) VALUES ('v', 'm', 'x', 'active')")
    execute("INSERT INTO style_current (model, style_id) VALUES ('m', 'v')")
    db.conn.commit()
    db.close()
    with Store.open(paths) as store:
        assert store.current_style("m") == "v" and store.current_style("m", "Work") is None
        assert store.style("v").line == "" and store.rating("r").line == ""
        assert store.conversation("c").line == "" and store.lines() == []


def test_an_export_and_ratings_bring_their_styles_along(store, tmp_path):
    store.add_line("Work")
    _, reply = exchange(store, line="Work", style=STYLE_OFF)
    _, other = exchange(store, "and this?", style="0123456789ab")
    for rated in (reply, other):
        store.add_rating("thumb", 1, rated.id)
    store.export_json(tmp_path / "all.json")
    store.export_ratings(tmp_path / "ratings.jsonl")
    lines = [json.loads(text) for text in (tmp_path / "ratings.jsonl").read_text().splitlines()]
    assert [line.get("style") for line in lines] == ["Work", None]
    with Store.open(DataPaths(tmp_path / "new")) as new:
        new.add_line("WORK")  # is there already, written otherwise
        new.import_file(tmp_path / "all.json")
        found = {c.title: (c.line, c.style) for c in new.conversations()}
        assert found == {"hello": ("WORK", STYLE_OFF), "and this?": ("", "")}  # that version is not here
        assert [r.line for r in new.ratings()] == ["WORK", ""] and new.lines() == ["WORK"]
    with Store.open(DataPaths(tmp_path / "third")) as third:
        home = third.add_line("Home")
        third.import_ratings(tmp_path / "ratings.jsonl", confirmed=True, line=home)
        assert [r.line for r in third.ratings()] == ["Work", "Home"] and third.lines() == ["Home", "Work"]


def test_named_styles_survive_damage(store, paths):
    """Also where rows have to be told apart by their shape, those from before the columns were there too."""
    store.add_line("Work")
    _, reply = exchange(store, line="Work")
    rating = store.add_rating("thumb", 1, reply.id)
    store.add_style("m", style_id="v", make_current=True, line="Work")
    store.close()
    found = {}
    for _rowid, values in recovery.pages.records(paths.database):
        table = recovery._table_of(values)
        if table is not None:
            found.setdefault(table, []).append(values)
    assert found["conversation"][0][-2:] == ("Work", "") and found["rating"][0][-1] == "Work"
    assert found["style_version"][0][-1] == "Work"
    assert recovery._table_of(found["conversation"][0][:12]) == "conversation"
    assert recovery._table_of(found["rating"][0][:19]) == "rating"
    assert recovery._table_of(found["style_version"][0][:8]) == "style_version"
    data = bytearray(paths.database.read_bytes())
    data[:100] = bytes(100)  # the header is gone
    paths.database.write_bytes(bytes(data))
    with Store.open(paths) as again:
        assert again.rating(rating.id).line == "Work"
        assert again.conversations()[0].line == "Work" and again.style("v").line == "Work"
