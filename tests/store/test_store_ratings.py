"""Ratings: what may be said, what replaces what, and what learning is given."""

from __future__ import annotations

import pytest
from samples import GENERATION, exchange

from assistant.errors import BadInput
from assistant.records import UpdateReport


def test_a_rating_leads_to_everything_learning_needs(store):
    question, reply = exchange(store, "What is this?", "A cat.", system_prompt="Be kind.")
    more = store.add_message(question.conversation_id, reply.id, "user", "Sure?")
    answer = store.add_message(question.conversation_id, more.id, "assistant", "", state="streaming")
    answer = store.finish_message(answer.id, "Yes.", GENERATION)
    rating = store.add_rating("thumb", -1, answer.id, note="too short")
    assert rating.style == "v1" and rating.fate == "pending"
    assert store.message(rating.message_id).generation == GENERATION
    full = store.with_texts(rating)
    assert (full.prompt, full.reply, full.note) == ("Sure?", "Yes.", "too short")
    assert [turn["content"] for turn in full.history] == ["Be kind.", "What is this?", "A cat."]


def test_a_new_thumb_takes_the_place_of_the_old_one(store):
    _, reply = exchange(store)
    first = store.add_rating("thumb", 1, reply.id)
    second = store.add_rating("stars", 2, reply.id)
    assert store.rating_of(reply.id) == second and store.ratings() == [second]
    assert store.rating(first.id).fate == "withdrawn"
    edit = store.add_rating("edit", 1, reply.id, text="Better.")
    assert store.rating_of(reply.id) == second and store.ratings_of(reply.id) == [second, edit]


def test_taking_back_and_undoing_it(store):
    _, reply = exchange(store)
    rating = store.add_rating("thumb", 1, reply.id)
    withdrawn = store.withdraw_rating(rating.id)
    assert withdrawn.withdrawn_at and withdrawn.fate == "withdrawn"
    assert store.rating_of(reply.id) is None and store.ratings() == []
    assert store.ratings(withdrawn=True) == [withdrawn]
    assert store.restore_rating(rating.id) == rating
    store.erase_rating(rating.id)
    assert store.ratings(withdrawn=True) == []


def test_a_used_rating_that_is_taken_back_still_says_where_it_was_used(store):
    _, reply = exchange(store)
    rating = store.add_rating("thumb", 1, reply.id)
    store.add_style("m", style_id="v1", used=[rating.id])
    assert store.withdraw_rating(rating.id).fate == "used:v1"
    assert [style.id for style in store.styles_trained_on([rating.id])] == ["v1"]


def test_pairs(store):
    question, reply = exchange(store)
    other = store.add_message(question.conversation_id, question.id, "assistant", "other")
    pair = store.add_rating("pair", 1, reply.id, other_id=other.id)
    assert store.with_texts(pair).other == "other"
    assert store.ratings_of(other.id) == [pair] and store.rating_of(reply.id) is None


def test_what_makes_no_sense_is_refused(store):
    question, reply = exchange(store)
    streaming = store.add_message(question.conversation_id, question.id, "assistant", "", state="streaming")
    for arguments, fields in [
        (("thumb", 0, reply.id), {}),
        (("thumb", 5, reply.id), {}),
        (("stars", 0, reply.id), {}),
        (("stars", 6, reply.id), {}),
        (("shout", 1, reply.id), {}),
        (("thumb", 1, question.id), {}),
        (("thumb", 1, streaming.id), {}),
        (("pair", 1, reply.id), {}),
        (("pair", 1, reply.id), {"other_id": question.id}),
        (("edit", 1, reply.id), {"text": "  "}),
        (("thumb", 1), {"prompt": "", "reply": "x"}),
        (("thumb", 1), {"prompt": "x", "reply": " "}),
    ]:
        with pytest.raises(BadInput):
            store.add_rating(*arguments, **fields)
    assert store.ratings(withdrawn=True) == []


def test_style_versions_move_the_pointer_and_the_fates_together(store):
    _, reply = exchange(store)
    _, other = exchange(store)
    used, held = store.add_rating("thumb", 1, reply.id), store.add_rating("thumb", -1, other.id)
    version = store.add_style(
        "m",
        name="first",
        used=[used.id],
        held_out=[held.id],
        report=UpdateReport(kl_per_token=0.01),
        make_current=True,
    )
    assert store.current_style("m") == version.id and store.current_style("other") is None
    assert version.ratings_used == (used.id,) and version.ratings_held_out == (held.id,)
    assert store.rating(used.id).fate == f"used:{version.id}" and store.rating(held.id).fate == "held out"
    assert store.ratings(fate="pending") == []
    rejected = store.add_style("m", parent=version.id, state="rejected", used=[used.id], make_current=True)
    assert store.current_style("m") == version.id and store.rating(used.id).fate == f"used:{version.id}"
    assert [s.id for s in store.styles("m")] == [version.id, rejected.id] and store.styles("x") == []
    store.use_style("m", None)
    assert store.current_style("m") is None
    store.use_style("m", version.id)
    deleted = store.update_style(version.id, state="deleted", name="gone")
    assert deleted.name == "gone" and store.current_style("m") is None
    assert store.rating(used.id).fate == "pending"
    assert [s.id for s in store.styles()] == [rejected.id]
    assert len(store.styles(deleted=True)) == 2
