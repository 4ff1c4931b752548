"""What a style did to a reply, by words: nothing of it is lost, and why it can't be had is said in a sentence."""

from __future__ import annotations

import pytest
from fake_engine import INFO, generation
from hypothesis import given
from hypothesis import strategies as st

from assistant import token_attribution
from assistant.errors import BadInput
from assistant.learning_records import FinishedReply
from assistant.paths import DataPaths
from assistant.records import ReplyDetails, Shift
from assistant.settings import Settings
from assistant.store import Store

PIECES = st.lists(
    st.sampled_from(["a", " b", "cd", " ", "\n\n", "é", "", ".", " (e", "中"]), min_size=1, max_size=30
)


@given(PIECES)
def test_words_are_the_reply_and_share_out_every_token(pieces):
    text = "".join(pieces)
    logs = tuple(-0.1 * (1 + at % 7) for at in range(len(pieces)))
    found = token_attribution.words(Shift(tuple(pieces), logs, tuple(2 * x for x in logs)), text)
    assert "".join(word.text for word in found) == text
    if text:
        assert sum(word.styled for word in found) == pytest.approx(sum(logs))
        assert sum(word.base for word in found) == pytest.approx(2 * sum(logs))


def test_a_token_with_its_space_belongs_to_the_word():
    found = token_attribution.words(
        Shift(("Take", " a", " ja", "cket"), (-1, -1, -1, -1), (-1, -1, -3, -1.5)), "Take a jacket"
    )
    assert [(word.text, round(word.nats, 2)) for word in found if word.nats] == [("jacket", 2.5)]
    assert found[-1].level == 2 and round(found[-1].factor, 1) == 12.2
    assert (
        token_attribution.most_moved(found, True) == [found[-1]]
        and token_attribution.most_moved(found, False) == []
    )


def test_what_was_cut_off_behind_a_stop_string_is_left_out():
    found = token_attribution.words(Shift(("One", " END", " two"), (-1, -2, -3), (-1, -1, -1)), "One")
    assert [(word.text, word.styled) for word in found] == [("One", -1)]


@pytest.fixture
def store(tmp_path):
    with Store.open(DataPaths(tmp_path).ensure()) as store:
        yield store


def asked(store, made, *, model=INFO):
    conversation = store.create_conversation()
    user = store.add_message(conversation.id, None, "user", "Hi")
    reply = store.add_message(conversation.id, user.id, "assistant", "", state="streaming")
    store.finish_message(reply.id, "Hello there", made)
    return token_attribution.request(store, Settings(), store.paths, model, reply.id)


def test_the_request_holds_what_was_read_and_written(store):
    (store.paths.styles / "v1").mkdir(parents=True)
    made = generation("Hello there", style="v1", details=ReplyDetails(end_logprob=-0.1))
    found = asked(store, made)
    assert found == FinishedReply((), (1, 2, 3, 4), (0, 1), True, str(store.paths.styles / "v1"))


@pytest.mark.parametrize(
    ("made", "model", "sentence"),
    [
        (generation("Hello there"), INFO, "No style version wrote this reply"),
        (generation("Hello there", style="v1"), INFO, "is gone"),
        (generation("Hello there", style="v1", model="other"), INFO, "Another model wrote this reply"),
        (generation("Hello there", style="v1"), None, "has to be loaded"),
        (None, INFO, "not known"),
    ],
)
def test_where_it_cannot_be_had_a_sentence_says_why(store, made, model, sentence):
    with pytest.raises(BadInput, match=sentence):
        asked(store, made, model=model)
