"""Search finds any language and never fails, whatever is asked for."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from samples import exchange

from assistant.store.search import excerpt, words

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
