"""Search finds any language and never fails, whatever is asked for."""

from __future__ import annotations

import threading

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from samples import exchange

from assistant.errors import BadInput
from assistant.paths import DataPaths
from assistant.store import Store
from assistant.store.indexing import Indexing, index
from assistant.store.search import day, excerpt, words

TEXTS = {
    "kyoto": "A trip to Kyoto in spring: temples, gardens and trains.",
    "chinese": "我想去京都旅行，看樱花和寺庙。",
    "emoji": "Congratulations 🎉! Family: 👨‍👩‍👧",
    "code": 'print("100% of foo_bar*") -- NOT a comment',
    "german": "Die STRASSE ist schön, ÄRGER auch.",
}


@pytest.fixture
def filled(store):
    return store, {name: exchange(store, "question", text)[1].id for name, text in TEXTS.items()}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("kyoto", ["kyoto"]),
        ("KYOTO trip", ["kyoto"]),
        ("kyo gard", ["kyoto"]),  # parts of words
        ("京都", ["chinese"]),
        ("樱", ["chinese"]),
        ("看樱花", ["chinese"]),
        ("京都 旅行", ["chinese"]),
        ("🎉", ["emoji"]),
        ("👨‍👩‍👧", ["emoji"]),
        ("foo_bar*", ["code"]),
        ("100%", ["code"]),
        ("0%", ["code"]),
        ("a_b", []),  # _ is no wildcard
        ('"of foo"', ["code"]),
        ("foo of", ["code"]),
        ('"foo of"', []),
        ("NOT comment", ["code"]),
        ("är", ["german"]),
        ("ärger", ["german"]),
        ("kyoto 京都", []),
        ("", []),
        ("   ", []),
        ('"', []),
        ("\0", []),
        ("in", ["german", "code", "kyoto"][1:]),
    ],
)
def test_what_is_found(filled, query, found):
    store, ids = filled
    hits = [hit.message_id for hit in store.search(query)]
    assert [name for name in TEXTS if ids[name] in hits] == sorted(found, key=list(TEXTS).index)


def test_titles_come_first_and_newer_before_older(store):
    _, first = exchange(store, "zebra one", "the zebra")
    _, second = exchange(store, "two", "another zebra")
    hits = store.search("zebra")
    assert [hit.message_id for hit in hits][:3] == [None, second.id, first.id]
    assert hits[0].title == "zebra one" and len(store.search("zebra", limit=2)) == 2


def test_changed_and_deleted_texts_are_no_longer_found(store):
    question, reply = exchange(store, "question", "an aardvark")
    store.finish_message(reply.id, "a buffalo", None)
    assert store.search("aardvark") == [] and len(store.search("buffalo")) == 1
    store.delete_message(reply.id)
    assert store.search("buffalo") == []
    assert store.message(question.id)


def test_a_streaming_reply_is_found_once_it_is_done(store):
    question, _ = exchange(store)
    reply = store.add_message(question.conversation_id, question.id, "assistant", "", state="streaming")
    store.save_partial(reply.id, "a giraffe")
    assert store.search("giraffe") == []
    store.finish_message(reply.id, "a giraffe!", None)
    assert len(store.search("giraffe")) == 1


def test_the_snippet_shows_the_place_and_marks_the_words():
    line, marks = excerpt("x " * 500 + "the Needle\nin it" + " y" * 500, ["needle", "in"])
    assert len(line) <= 122 and line.startswith("…") and line.endswith("…") and "\n" not in line
    assert [line[a:b] for a, b in marks] == ["Needle", "in"]


def test_words():
    assert words('one "two three" one \0 four"') == ["one", "two three", "four"]
    assert len(words("w" * 10_000)[0]) == 300 and len(words(" ".join(map(str, range(99))))) == 16


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.text(
        st.one_of(st.characters(codec=None), st.sampled_from("\"'*():^-+{}%_\\ \0ANDORTNE你好🎉")),
        max_size=60,
    )
)
@example("x" * 10_000)
@example('"' * 5001)
@example("AND OR NOT NEAR(a b)")
@example("\ud800")
@example("\0" * 50 + '"\n:')
def test_no_query_fails(filled_once, query):
    filled_once.search(query)


@pytest.fixture(scope="module")
def filled_once(tmp_path_factory):
    from assistant.paths import DataPaths
    from assistant.store import Store

    with Store.open(DataPaths(tmp_path_factory.mktemp("search"))) as store:
        for text in TEXTS.values():
            exchange(store, "question", text)
        yield store


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.sampled_from("abc你好世界🎉 é"), min_size=1, max_size=30), st.data())
def test_a_piece_of_a_text_finds_it(filled_once, text, data):
    start = data.draw(st.integers(0, len(text) - 1))
    piece = text[start : data.draw(st.integers(start + 1, len(text)))].strip()
    if not piece:
        return
    _, reply = exchange(filled_once, "question", text)
    hits = [hit.message_id for hit in filled_once.search(f'"{piece}"', limit=10_000)]
    filled_once.purge_conversation(reply.conversation_id)
    assert reply.id in hits


def test_a_text_that_is_written_again_is_still_found(store):
    question, _ = exchange(store, "where", "in the north")
    other = store.add_message(question.conversation_id, question.id, "assistant", "by the harbour")
    for text in ("by the harbour", "by the old harbour"):
        store.finish_message(other.id, text)
        assert [hit.message_id for hit in store.search("harbour")] == [other.id]
        assert [hit.message_id for hit in store.search("by the")] == [other.id]
    assert len(store.search("old")) == 1 and store.search("by the harbour") != []


# --- messages that wait to be indexed ----------------------------------------------------------------------


@pytest.fixture
def waiting(store, tmp_path, monkeypatch):
    """A store with an import that is not indexed yet; the number of its messages."""
    texts = [f"question {n} about kyoto" if n % 2 else f"关于京都的问题 {n}" for n in range(20)]
    for text in texts:
        exchange(store, text, f"reply to: {text}")
    store.export_json(tmp_path / "all.json")
    monkeypatch.setattr("assistant.store.import_writing.MANY", 10)
    monkeypatch.setattr("assistant.store.indexing.BATCH", 7)
    monkeypatch.setattr("assistant.store.indexing.TURN_S", 0.0)
    monkeypatch.setattr(Indexing, "start", lambda _self: None)
    with Store.open(DataPaths(tmp_path / "new")) as new:
        assert new.import_file(tmp_path / "all.json").messages == 40
        assert pending(new) == 40
        yield new


def pending(store) -> int:
    return store._row("SELECT count(*) FROM unindexed")[0]


QUERIES = ["kyoto", "question 1 about", "京都", "京", "都的问题", "4", "to:", "kyoto 京", "nowhere", "无"]


def everything(store) -> dict[str, list[str | None]]:
    return {query: [hit.message_id for hit in store.search(query, 100)] for query in QUERIES}


def test_a_large_import_is_found_at_once_and_indexed_afterwards(waiting):
    before = everything(waiting)
    assert len(before["kyoto"]) == len(before["京都"]) == 30  # ten titles, questions and replies
    index(waiting.paths, threading.Event())
    assert pending(waiting) == 0 and everything(waiting) == before
    waiting.db.conn.execute("INSERT INTO message_fts (message_fts) VALUES ('integrity-check')")


def test_what_waits_may_change_and_go_before_it_is_indexed(waiting):
    """Taking out of the index what is not in it would damage it."""
    first, second, third = (waiting.search("kyoto", 100)[n].message_id for n in (-1, -2, -3))
    waiting.finish_message(first, "an aardvark", None)
    waiting.delete_message(second)
    assert len(waiting.search("aardvark")) == 1
    index(waiting.paths, threading.Event())
    assert len(waiting.search("aardvark")) == 1 and waiting.message(third)
    waiting.finish_message(first, "a buffalo", None)
    waiting.delete_message(third)
    assert waiting.search("aardvark") == [] and len(waiting.search("buffalo")) == 1
    waiting.db.conn.execute("INSERT INTO message_fts (message_fts) VALUES ('integrity-check')")


def test_indexing_that_was_stopped_goes_on(waiting):
    class After(threading.Event):
        parts = 0

        def is_set(self) -> bool:
            self.parts += 1
            return self.parts > 2

    before = everything(waiting)
    index(waiting.paths, After())
    assert pending(waiting) == 40 - 14 and everything(waiting) == before
    index(waiting.paths, threading.Event())
    assert pending(waiting) == 0 and everything(waiting) == before


def test_the_index_is_made_in_the_background(store, tmp_path, monkeypatch):
    for number in range(20):
        exchange(store, f"question {number}")
    store.export_json(tmp_path / "all.json")
    monkeypatch.setattr("assistant.store.import_writing.MANY", 10)
    with Store.open(DataPaths(tmp_path / "new")) as new:
        new.import_file(tmp_path / "all.json")
        new._indexing.wait()
        assert pending(new) == 0 and len(new.search("question 19")) == 2  # its title, too


# --- short words -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("frequent", [0, 10_000])
def test_short_words_are_found_wherever_they_stand(store, monkeypatch, frequent):
    """With the index and without: at the beginning, at the end, alone, in any case."""
    monkeypatch.setattr("assistant.store.search._FREQUENT", frequent)
    texts = ["京都", "去京都", "京都在", "京", "都京", "Ab", "x aB", "ÄR", "Straße", "a%b", "🎉", "ok 🎉"]
    ids = {text: exchange(store, "?", text)[1].id for text in texts}
    for query, expected in {
        "京都": ["京都", "去京都", "京都在"],
        "京": ["京都", "去京都", "京都在", "京", "都京"],
        "ab": ["Ab", "x aB"],
        "är": ["ÄR"],
        "ße": ["Straße"],
        "%": ["a%b"],
        "🎉": ["🎉", "ok 🎉"],
        "都 去": ["去京都"],
        "鹿": [],
    }.items():
        hits = [hit.message_id for hit in store.search(query)]
        assert hits == [ids[text] for text in reversed(texts) if text in expected], query


# --- filters -----------------------------------------------------------------------------------------------


@pytest.fixture
def mixed(store, picture):
    """Replies by name, each to a question that holds the same word."""
    ids = {}
    for name in ("plain", "seen", "liked", "starred", "disliked", "withdrawn", "old", "work"):
        ids[name] = exchange(store, f"zebra? {name}", "a zebra")[1].id
    photo = store.add_attachment(picture)
    asked = store.message(ids["seen"])
    store._insert(
        "message_attachment",
        {"message_id": asked.parent_id, "position": 0, "sha256": photo.sha256, "name": "x"},
    )
    store.add_rating("thumb", 1, ids["liked"])
    store.add_rating("stars", 5, ids["starred"])
    store.add_rating("thumb", -1, ids["disliked"])
    store.withdraw_rating(store.add_rating("thumb", 1, ids["withdrawn"]).id)
    old = store.message(ids["old"]).conversation_id
    store._write(
        "UPDATE message SET created_at = '2020-05-31T23:59:59.000+00:00' WHERE conversation_id = ?", [old]
    )
    store._write("UPDATE conversation SET updated_at = '2020-05-31T23:59:59.000+00:00' WHERE id = ?", [old])
    store.add_line("Work")
    store.update_conversation(store.message(ids["work"]).conversation_id, line="Work")
    store._write(
        "UPDATE generation SET data = json_set(data, '$.model', 'other') WHERE message_id = ?", [ids["plain"]]
    )
    return store, ids


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ("rated:up", ["liked", "starred"]),
        ("rated:down", ["disliked"]),
        ("has:picture", ["seen"]),
        ("model:other", ["plain"]),
        ("before:2020-06", ["old"]),
        ("before:2020-05-31", []),
        ("after:2020-05-31 before:2021", ["old"]),
        ("style:work", ["work"]),
        ("style:nothing", []),
        ("rated:up style:work", []),
        ('"rated:up"', []),
    ],
)  # fmt: skip
def test_filters(mixed, filters, found):
    store, ids = mixed
    for query in (f"zebra {filters}", f"{filters} 'a zebra'".replace("'", '"'), filters):
        replies = [hit.message_id for hit in store.search(query) if hit.message_id in ids.values()]
        assert sorted(replies) == sorted(ids[name] for name in found), query


def test_filters_without_words_show_the_newest(mixed):
    store, _ids = mixed
    hits = store.search("after:2021", limit=3)
    assert [hit.snippet for hit in hits] == ["a zebra", "zebra? work", "a zebra"] and hits[0].marks == ()


def test_a_day_that_is_none_is_a_sentence():
    with pytest.raises(BadInput, match="2026-05"):
        day("May")
