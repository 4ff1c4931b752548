"""After every rating the head is fitted anew, and the very next reply is steered by it."""

from __future__ import annotations

import pytest
from learning_jobs import report as report_of

from assistant.learning import style_queries, update_job, versions
from assistant.learning.fitted_head import CurrentHead
from assistant.learning.reward_head import reward
from assistant.learning.update_job import CORRECTIONS
from assistant.paths import DataPaths
from assistant.records import Generation
from assistant.services.styles import StyleService
from assistant.settings import Settings
from assistant.store import Store

BRIEF = "Boil it for seven minutes."
WORDY = (
    "There are many ways in which an egg may be boiled, and each of them has a long history of its own. " * 4
)


@pytest.fixture
def store(tmp_path):
    with Store.open(DataPaths(tmp_path / "data")) as store:
        yield store


def reply(store: Store, text: str, model: str = "starter"):
    conversation = store.create_conversation()
    asked = store.add_message(conversation.id, None, "user", "How do I boil an egg?")
    made = Generation(model, None, 4, 3, 0.1, 30.0, "stop", 1, reply_ids=(7, 8), logprobs=(-1.0, -2.0))
    answer = store.add_message(conversation.id, asked.id, "assistant", "", state="streaming")
    return store.finish_message(answer.id, text, made)


def rate_eight(store: Store):
    return [
        store.add_rating("thumb", 1 if i % 2 else -1, reply(store, f"{BRIEF if i % 2 else WORDY} {i}").id)
        for i in range(8)
    ]


def test_each_rating_moves_the_head_and_taking_it_back_moves_it_back(store):
    current = CurrentHead(store)
    assert current.head("starter").ratings == 0
    rate_eight(store)
    before = current.head("starter")
    assert before.ratings == 8 and before.weights()["length"][0] < -0.3
    assert current.head("starter") is before  # nothing was fitted where nothing changed
    ninth = store.add_rating("thumb", 1, reply(store, WORDY).id)
    assert current.head("starter").weights()["length"][0] > before.weights()["length"][0]
    store.withdraw_rating(ninth.id)
    assert current.head("starter").weights() == before.weights()


def test_settings_switch_each_part_off(store):
    current = CurrentHead(store)
    assert current.steering("starter", Settings()) is None  # too few ratings
    rate_eight(store)
    both = current.steering("starter", Settings())
    assert both.guide and both.best_of and both.budget_s == Settings().best_of_seconds
    assert not current.steering("starter", Settings(guidance_on=False)).guide
    assert not current.steering("starter", Settings(best_of_on=False)).best_of
    neither = current.steering("starter", Settings(guidance_on=False, best_of_on=False))
    assert not neither.guide and not neither.best_of and neither.head == both.head  # for the request
    assert current.steering("starter", Settings(style_on=False)) is None


def test_what_the_user_corrected_counts_and_nonsense_there_does_not(store):
    rate_eight(store)
    store.set_value(CORRECTIONS, {"emoji": 1.5, "no such trait": 1.0, "lists": "much"})
    weights = CurrentHead(store).head("starter").weights()
    assert weights["emoji"][0] == pytest.approx(1.5, abs=0.2)
    assert update_job.make_job(store, Settings(), DataPaths(store.paths.root), "starter").corrections


def test_ratings_of_a_deleted_conversation_no_longer_steer(store):
    ratings = rate_eight(store)
    current = CurrentHead(store)
    assert current.head("starter").ratings == 8
    for rating in ratings[:3]:
        store.delete_conversation(store.message(rating.message_id).conversation_id)
    assert current.head("starter").ratings == 5


def test_a_reply_of_a_model_that_is_gone_still_teaches_by_its_text(store):
    store.add_rating("thumb", 1, reply(store, BRIEF, model="removed-model").id)
    (signal,) = update_job.collect(store, "starter")
    assert signal.reply.text == BRIEF and signal.reply.ids == ()


def test_ratings_are_new_until_an_update_saw_them(store):
    paths = DataPaths(store.paths.root)
    rate_eight(store)
    assert len(style_queries.new_ratings(store)) == 8
    job = update_job.make_job(store, Settings(), paths, "starter")
    style_queries.note_tried(store, [signal.id for signal in job.signals])
    assert style_queries.new_ratings(store) == []
    for _ in range(5):
        store.add_rating("thumb", 1, reply(store, BRIEF).id)
    assert len(style_queries.new_ratings(store)) == 5


def test_an_update_goes_on_from_the_version_in_use_until_one_of_its_ratings_is_taken_back(store):
    paths = DataPaths(store.paths.root)
    first = rate_eight(store)
    assert not update_job.make_job(store, Settings(), paths, "starter").continues
    store.add_style("starter", style_id="v1", used=[r.id for r in first], make_current=True)
    job = update_job.make_job(store, Settings(), paths, "starter")
    assert job.continues and job.parent_folder.endswith("v1")
    store.withdraw_rating(first[0].id)
    assert not update_job.make_job(store, Settings(), paths, "starter").continues


def test_each_named_style_has_ratings_corrections_and_versions_of_its_own(store):
    paths, work = DataPaths(store.paths.root), store.add_line("Work")
    own = rate_eight(store)
    theirs = [
        store.add_rating("thumb", 1 if number % 2 else -1, prompt="p", reply=f"{text} {number}", line=work)
        for number, text in enumerate([BRIEF, WORDY] * 3)  # long ones are good at work
    ]
    current = CurrentHead(store)
    length = lambda line: current.head("starter", line).weights()["length"][0]  # noqa: E731
    assert length("") < 0 < length(work)
    assert (current.head("starter").ratings, current.head("starter", work).ratings) == (8, 6)
    style_queries.correct(store, "length", -3.0, work)
    assert length(work) < 0 and style_queries.corrections_of(store) == {}
    assert update_job.make_job(store, Settings(), paths, "starter", line=work).corrections == {"length": -3.0}

    job = update_job.make_job(store, Settings(), paths, "starter", line=work)
    assert {signal.id for signal in job.signals} == {rating.id for rating in theirs}
    style_queries.note_tried(store, [signal.id for signal in job.signals], work)
    assert style_queries.new_ratings(store, work) == [] and len(style_queries.new_ratings(store)) == 8
    style_queries.note_tried(store, [rating.id for rating in own])
    assert (
        style_queries.new_ratings(store, work) == style_queries.new_ratings(store) == []
    )  # neither forgets the other
    report = report_of({"version": "w1", "accepted": True, "used": [rating.id for rating in theirs]})
    versions.register(store, "starter", report, work)
    assert store.current_style("starter") is None and store.current_style("starter", work) == "w1"
    again = update_job.make_job(store, Settings(), paths, "starter", line=work)
    assert again.continues and again.parent == "w1"
    assert update_job.make_job(store, Settings(), paths, "starter").parent is None
    assert update_job.make_evaluation(store, paths, Settings(model="starter"), work).style == "w1"
    store.add_style("starter", style_id="o1")
    assert style_queries.numbers(store.styles("starter")) == {"w1": 1, "o1": 1}

    assert StyleService(store, paths).remove("work") == ["w1"]
    assert update_job.collect(store, "starter", "") and style_queries.corrections_of(store, work) == {}
    assert {signal.id for signal in update_job.collect(store, "starter")} == {rating.id for rating in own}


def test_of_very_many_ratings_only_the_newest_are_read_and_fitted(store, monkeypatch):
    """100,000 imported ratings made one chat take 109 s and 2.4 GB."""
    monkeypatch.setattr(reward, "NEWEST", 8)
    for number in range(30):
        reply_text = WORDY if number % 2 else BRIEF
        store.add_rating("thumb", 1 if number % 2 else -1, prompt="How?", reply=f"{reply_text} {number}")
    rate_eight(store)
    asked = []
    rows = store._rows
    monkeypatch.setattr(store, "_rows", lambda sql, values=(): asked.append(rows(sql, values)) or asked[-1])
    head = CurrentHead(store).head("starter")
    assert head.ratings == 8 and head.weights()["length"][0] < -0.3  # the 30 before would say the opposite
    assert style_queries.style(store, "starter").ratings == 8
    assert max(len(found) for found in asked) == 8
    assert reward.fit(update_job.collect(store, "starter")).weights() == head.weights()
    monkeypatch.undo()
    assert store.rating_count() == len(style_queries.standing(store)) == 38
    assert store.rating_count("Work") == 0
