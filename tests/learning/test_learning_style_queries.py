"""What people are shown of learning: new ratings, traits with their evidence, votes with their interval."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.errors import BadInput
from assistant.learning import style_queries, update_job
from assistant.learning.checks import ab_comparison
from assistant.paths import DataPaths
from assistant.records import Generation, ReplyDetails
from assistant.settings import Settings
from assistant.store import Store

LONG = "Well, dear friend, there is a great deal to be said about this, and I shall say it at length. " * 4


@pytest.fixture
def store(tmp_path):
    with Store.open(DataPaths(tmp_path / "home")) as opened:
        yield opened


def reply(store, text, style=None, parent=None, **details):
    """A reply to a message of its own, or beside another (``parent``)."""
    if parent is None:
        conversation = store.create_conversation()
        parent = store.add_message(conversation.id, None, "user", "What do you think?").id
    made = store.add_message(
        store.message(parent).conversation_id, parent, "assistant", "", state="streaming"
    )
    record = Generation("starter", style, 4, 3, 0.1, 50.0, "stop", 7, details=ReplyDetails(**details))
    return store.finish_message(made.id, text, record)


def test_ratings_count_as_new_until_an_update_has_seen_them(store):
    first = store.add_rating("thumb", 1, reply(store, "Yes.").id)
    assert [r.id for r in style_queries.new_ratings(store)] == [first.id]
    style_queries.note_tried(store, [first.id])
    assert style_queries.new_ratings(store) == []
    second = store.add_rating("thumb", -1, reply(store, LONG).id)
    assert [r.id for r in style_queries.new_ratings(store)] == [second.id]
    store.withdraw_rating(second.id)
    assert style_queries.new_ratings(store) == []


def test_the_ratings_behind_a_trait_are_those_that_push_it(store):
    for number in range(5):
        store.add_rating("thumb", 1, reply(store, f"Yes, {number}.").id)
        store.add_rating("thumb", -1, reply(store, f"{LONG} {number}").id)
    against = store.add_rating("thumb", 1, reply(store, LONG * 2).id)
    found = style_queries.style(store, "starter")
    length = next(trait for trait in found.traits if trait.name == "length")
    assert length.weight < 0 and found.ratings == 11
    evidence = style_queries.evidence(store, "starter", "length", length.weight)
    assert {e.rating.value > 0 for e in evidence if e.effect > 0 and "Yes" in e.reply} == {True}
    assert [e.rating.id for e in evidence if e.effect < 0] == [against.id]


def test_a_correction_beats_the_ratings_and_goes_into_the_next_update(store, tmp_path):
    for number in range(5):
        store.add_rating("thumb", 1, reply(store, f"Yes, {number}.").id)
        store.add_rating("thumb", -1, reply(store, f"{LONG} {number}").id)
    style_queries.correct(store, "length", 9.0)
    assert style_queries.corrections_of(store) == {"length": style_queries.STRONGEST}
    first = style_queries.style(store, "starter").traits[0]
    assert first.name == "length" and first.weight > 0 and first.correction == style_queries.STRONGEST
    job = update_job.make_job(store, Settings(), DataPaths(tmp_path), "starter")
    assert job.corrections == {"length": style_queries.STRONGEST}
    style_queries.correct(store, "length", None)
    assert style_queries.corrections_of(store) == {}
    with pytest.raises(BadInput):
        style_queries.correct(store, "nonsense", 1.0)


def test_a_reply_is_explained_by_the_traits_it_has(store):
    for number in range(6):
        store.add_rating("thumb", 1, reply(store, f"Yes, {number}.").id)
        store.add_rating("thumb", -1, reply(store, f"{LONG} {number}").id)
    short, _ = style_queries.why(store, "starter", "Yes, 9.")
    long, parts = style_queries.why(store, "starter", LONG)
    assert short > 0 > long and any(part.adds < 0 for part in parts)


def test_votes_are_counted_for_the_style_that_wrote_and_ties_teach_nothing(store):
    store.add_style("starter", style_id="v1")
    for value, style_first in ((1, True), (-1, False), (-1, True), (0, True)):
        styled = reply(store, "Short.", style="v1")
        plain = reply(store, LONG, parent=styled.parent_id)
        first, second = (styled, plain) if style_first else (plain, styled)
        store.add_rating("pair", value, first.id, other_id=second.id)
    assert ab_comparison.score(store, "starter", "v1") == ab_comparison.Score(wins=2, losses=1, ties=1)
    assert ab_comparison.score(store, "starter", None).votes == 0
    assert len(update_job.collect(store, "starter")) == 3


def test_two_replies_of_the_same_side_are_no_vote_on_the_style(store):
    one = reply(store, "Short.", style="v1")
    store.add_rating(
        "pair", 1, one.id, other_id=reply(store, "Shorter.", style="v1", parent=one.parent_id).id
    )
    assert ab_comparison.score(store, "starter", "v1").votes == 0


def test_the_reward_head_alone_is_a_side_of_its_own(store):
    guided = reply(store, "Short.", guided_steps=2)
    store.add_rating("pair", 1, guided.id, other_id=reply(store, LONG, parent=guided.parent_id).id)
    assert ab_comparison.score(store, "starter", None) == ab_comparison.Score(wins=1)


@given(n=st.integers(1, 500), share=st.floats(0, 1))
def test_the_interval_holds_the_rate_and_shrinks_with_more_votes(n, share):
    wins = round(share * n)
    low, high = ab_comparison.wilson(wins, n)
    assert 0 <= low <= wins / n + 1e-12 and wins / n - 1e-12 <= high <= 1
    wider_low, wider_high = ab_comparison.wilson(wins / n, 1)
    assert high - low <= wider_high - wider_low + 1e-9


def test_wilson_gives_the_published_figures():
    # Newcombe 1998, table I, method 3: 81/263 and 0/20.
    assert ab_comparison.wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert ab_comparison.wilson(0, 20) == pytest.approx((0.0, 0.1611), abs=5e-5)
    assert math.isnan(ab_comparison.Score().rate)


def test_a_style_loses_clearly_only_when_even_luck_does_not_explain_it():
    assert not ab_comparison.Score(losses=4).loses_clearly  # too few votes
    assert ab_comparison.Score(losses=5).loses_clearly
    assert not ab_comparison.Score(wins=2, losses=5).loses_clearly
    assert ab_comparison.Score(wins=5, losses=15, ties=2).loses_clearly
