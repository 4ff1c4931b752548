"""The library service: what is kept, out and in again, searched, and erased for good."""

from __future__ import annotations

import pytest

from assistant.learning import style_queries
from assistant.paths import DataPaths
from assistant.services.library import LibraryService, restore
from assistant.store import Store


@pytest.fixture
def paths(tmp_path):
    return DataPaths(tmp_path / "home").ensure()


@pytest.fixture
def store(paths):
    with Store.open(paths) as opened:
        conversation = opened.create_conversation(title="Kyoto")
        asked = opened.add_message(conversation.id, None, "user", "What should I see in Kyoto?")
        reply = opened.add_message(conversation.id, asked.id, "assistant", "The gardens.")
        opened.add_rating("thumb", 1, reply.id)
        yield opened


@pytest.fixture
def library(store, paths):
    return LibraryService(store, paths)


def test_what_is_exported_comes_back_and_does_not_train_before_the_user_says_so(library, tmp_path):
    counts = library.export(tmp_path / "all.json")
    assert counts["conversations"] == 1 and counts["ratings"] == 1
    assert library.export(tmp_path / "all.md", "markdown") == {"conversations": 1}
    other = DataPaths(tmp_path / "other").ensure()
    with Store.open(other) as empty:
        assert LibraryService(empty, other).preview_import(tmp_path / "all.json").conversations == 1
        assert empty.conversations() == []
        report = LibraryService(empty, other).import_file(tmp_path / "all.json")
        assert report.conversations == 1 and not empty.ratings()[0].confirmed
        assert LibraryService(empty, other).search("gardens", 5)[0].title == "Kyoto"


def test_one_conversation_can_be_exported_alone(store, library, tmp_path):
    other = store.create_conversation(title="Other")
    assert library.export(tmp_path / "one.json", conversation_ids=[other.id])["conversations"] == 1


def test_a_backup_is_restored(library, paths, tmp_path):
    library.backup(tmp_path / "all.attune")
    target = DataPaths(tmp_path / "restored").ensure()
    restore(target, tmp_path / "all.attune")
    with Store.open(target) as back:
        assert [c.title for c in back.conversations()] == ["Kyoto"]


def test_the_report_measures_every_kind_of_file(store, library, paths):
    (paths.styles / "v1").mkdir(parents=True)
    (paths.styles / "v1" / "weights").write_bytes(b"x" * 1000)
    style_queries.correct(store, "length", -1.0)
    report = library.report()
    kept = {kind.kind: kind for kind in report.kept}
    assert (kept["styles"].files, kept["styles"].size_bytes) == (1, 1000)
    assert kept["database"].size_bytes > 0 and report.size_bytes >= 1000 + kept["database"].size_bytes
    assert (report.conversations, report.ratings, report.versions, report.corrections) == (1, 1, 0, 1)


def test_erasing_ratings_takes_the_corrections_and_names_the_versions_that_learned_from_them(store, library):
    used = [rating.id for rating in store.ratings()]
    store.add_style("m", style_id="v1", used=used)
    style_queries.correct(store, "length", -1.0)
    assert [version.id for version in library.erase("ratings")] == ["v1"]
    assert store.ratings() == [] and style_queries.corrections_of(store) == {}
    assert [c.title for c in store.conversations()] == ["Kyoto"]


def test_erasing_styles_takes_their_folders(store, library, paths):
    store.add_style("m", style_id="v1", make_current=True)
    (paths.styles / "v1").mkdir(parents=True)
    library.erase("styles")
    assert store.current_style("m") is None and not list(paths.styles.iterdir())
