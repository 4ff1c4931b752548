"""The learning service: when, start, register, unlearn and offer, over a store and an engine that only notes what it is asked."""

from __future__ import annotations

import pytest

from assistant.engine.protocol import Failed, LearnDone
from assistant.errors import BadInput
from assistant.learning import style_queries
from assistant.learning.checks import gate
from assistant.paths import DataPaths
from assistant.records import Generation, UpdateReport
from assistant.services.learning import (
    AFTER_RATING_S,
    DEEP_AFTER,
    DEEP_IDLE_S,
    IDLE_AFTER_S,
    Due,
    LearningService,
    Waiting,
    due,
)
from assistant.services.style_card import StyleCardService
from assistant.services.styles import StyleService
from assistant.settings import Settings
from assistant.store import Store

TEXTS = ("Take a jacket.", "It is a cat, and it is asleep.", "Yes.", "Please write to my landlord.")


class Engine:
    """Notes the jobs it is given."""

    def __init__(self):
        self.jobs = []

    def learn(self, job, *, id=None):
        self.jobs.append(job)
        return id or len(self.jobs)


@pytest.fixture
def paths(tmp_path):
    return DataPaths(tmp_path / "home")


@pytest.fixture
def store(paths):
    with Store.open(paths) as opened:
        yield opened


@pytest.fixture
def learning(store, paths):
    return LearningService(store, paths)


def rate(store, count, line=""):
    return [
        store.add_rating("thumb", (-1) ** n, prompt=f"p {n}", reply=f"r {n} {line}", line=line).id
        for n in range(count)
    ]


def rated(store, model, texts=TEXTS):
    """Replies that ``model`` wrote, a thumb for each."""
    made = []
    for number, text in enumerate(texts):
        conversation = store.create_conversation()
        asked = store.add_message(conversation.id, None, "user", f"What is it, number {number}?")
        reply = store.add_message(conversation.id, asked.id, "assistant", "", state="streaming")
        store.finish_message(reply.id, text, Generation(model, "styled", 4, 3, 0.1, 50.0, "stop", 7))
        made.append(store.add_rating("thumb", 1 if number % 2 else -1, reply.id))
    return made


def report_of(job, accepted=True):
    used = [signal.id for signal in job.signals]
    version, rejected = (job.version, None) if accepted else (None, job.version)
    return UpdateReport(accepted, "Better.", version, rejected, used=tuple(used))


# --- when -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "idle_s", "on_mains", "expected"),
    [
        ({"learn_when": "off"}, 1e6, True, None),
        ({"learn_when": "auto"}, 0, False, Due("work")),
        ({"learn_when": "auto", "learn_after": 9}, 0, True, None),
        ({"learn_when": "idle"}, IDLE_AFTER_S - 1, True, None),
        ({"learn_when": "idle"}, IDLE_AFTER_S, False, Due("work")),
        ({"learn_when": "mains"}, 0, False, None),
        ({"learn_when": "mains"}, 0, True, Due("work")),
    ],
)
def test_an_update_is_due_as_the_settings_say(settings, idle_s, on_mains, expected):
    chosen = Settings(**{"learn_after": 5, "learn_deep": False, **settings})
    assert due(Waiting(5, "work", on_mains=on_mains), chosen, idle_s, AFTER_RATING_S) == expected


@pytest.mark.parametrize("when", ["auto", "mains", "idle"])
def test_no_update_begins_until_there_was_time_to_say_why_a_reply_was_rated(when):
    waiting, chosen = Waiting(5, "work", on_mains=True), Settings(learn_when=when, learn_after=5)
    assert due(waiting, chosen, 1e6, AFTER_RATING_S - 0.1) is None
    assert due(waiting, chosen, 1e6, AFTER_RATING_S) == Due("work")


def test_the_longer_update_waits_until_nobody_is_there_and_the_machine_is_plugged_in():
    settings = Settings(learn_when="auto", learn_after=50, learn_deep=True)
    waiting = Waiting(0, "", DEEP_AFTER, "work", on_mains=True)
    assert due(waiting, settings, DEEP_IDLE_S, 1e6) == Due("work", deep=True)
    assert due(waiting, settings, DEEP_IDLE_S - 1, 1e6) is None
    assert due(Waiting(0, "", DEEP_AFTER, "work", on_mains=False), settings, DEEP_IDLE_S, 1e6) is None
    assert due(Waiting(0, "", DEEP_AFTER - 1, "work"), settings, DEEP_IDLE_S, 1e6) is None


def test_the_style_with_most_new_ratings_waits_first(store, learning):
    work = store.add_line("Work")
    rate(store, 2)
    rate(store, 3, work)
    found = learning.waiting(Settings())
    assert (found.ratings, found.line, found.to_practise) == (3, work, 0)
    away = learning.waiting(Settings(), DEEP_IDLE_S)
    assert (away.to_practise, away.deep_line) == (3, work)


# --- one update -----------------------------------------------------------------------------------------


def test_an_accepted_update_is_registered_under_the_model_that_learned(store, learning):
    ids = rate(store, 6)
    engine = Engine()
    update = learning.start(engine, Settings(model="another by now"), "m")
    assert update.model == "m" and update.rating_ids == frozenset(ids)
    outcome = learning.register(update, LearnDone(update.request_id, report_of(engine.jobs[0])))
    assert outcome.accepted and store.current_style("m") == outcome.version
    assert store.style(outcome.version).model == "m" and store.current_style("another by now") is None
    assert style_queries.new_ratings(store) == []


def test_a_rejected_and_a_failed_update_start_none_by_themselves_again(store, learning):
    rate(store, 6)
    engine = Engine()
    update = learning.start(engine, Settings(), "m")
    outcome = learning.register(update, LearnDone(1, report_of(engine.jobs[0], accepted=False)))
    assert not outcome.accepted and not outcome.failed and store.style(outcome.version).state == "rejected"
    assert store.current_style("m") is None and learning.waiting(Settings()).ratings == 0
    rate(store, 2)
    update = learning.start(engine, Settings(), "m")
    failed = learning.register(update, Failed(2, "internal", "It broke."))
    assert (failed.failed, failed.reason, failed.version) == (True, "It broke.", None)
    assert learning.waiting(Settings()).ratings == 0
    assert learning.register(update, Failed(2, "cancelled", "Stopped.")).reason == ""


def test_a_deep_update_counts_as_practice_too(store, learning):
    rate(store, 6)
    update = learning.start(Engine(), Settings(), "m", deep=True)
    learning.register(update, Failed(1, "internal", "It broke."))
    assert learning.waiting(Settings(), DEEP_IDLE_S).to_practise == 0


def test_nothing_can_be_evaluated_without_ratings(store, learning):
    with pytest.raises(BadInput, match="no ratings"):
        learning.evaluation(Settings(model="m"))
    rate(store, 4)
    job = learning.evaluation(Settings(model="m", system_prompt="Be kind."))
    assert len(job.signals) == 4 and job.model == "m" and job.system_prompt == "Be kind."
    StyleCardService(store).add("Call me Anna.")
    assert [one.english for one in learning.evaluation(Settings(model="m")).card] == ["Call me Anna."]


# --- forgetting -----------------------------------------------------------------------------------------


def test_only_versions_that_were_taken_over_count_and_the_one_in_use_is_named(store, learning):
    ids = rate(store, 6)
    store.add_style("m", style_id="v1", used=ids[:4])
    store.add_style("m", style_id="bad", used=ids, state="rejected")
    store.add_style("m", style_id="v2", used=ids[:5], held_out=ids[5:], make_current=True)
    found = learning.learned_from("m", ids[:1])
    assert [v.id for v in found.versions] == ["v1", "v2"] and found.in_use.id == "v2" and found.can_relearn
    assert [v.id for v in learning.learned_from("m", ids[5:]).versions] == ["v2"]
    assert learning.learned_from("m", ["other"]) is None
    assert learning.learned_from("another model", ids[:1]).in_use is None
    store.use_style("m", None)
    unused = learning.learned_from("m", ids[:1])
    assert unused.in_use is None and not unused.can_relearn and len(unused.versions) == 2


def test_what_is_left_is_counted_in_the_style_of_the_version_in_use(store, learning, paths):
    work = store.add_line("Work")
    ids = rate(store, 5, work)
    rate(store, 9)
    store.add_style("m", style_id="w1", used=ids, make_current=True, line=work)
    store.withdraw_rating(ids[0])
    found = learning.learned_from("m", ids[:1])
    assert found.ratings == 4 and found.can_relearn
    store.withdraw_rating(ids[1])
    assert not learning.learned_from("m", ids[:1]).can_relearn
    styles = StyleService(store, paths)
    assert [row.gone for row in styles.versions("m", work)] == [2]
    store.restore_rating(ids[1])
    store.erase_rating(ids[2])
    assert [row.gone for row in styles.versions("m", work)] == [2]


# --- another model --------------------------------------------------------------------------------------


def test_a_style_is_offered_to_a_model_without_one_until_it_is_answered(store, learning):
    assert learning.offered_ratings("tiny") == 0
    made = rated(store, "other")
    assert learning.offered_ratings("tiny") == len(TEXTS)
    assert learning.offered_ratings("other") == 0  # its first style comes by itself
    for rating in made[1:3]:
        store.withdraw_rating(rating.id)
    assert learning.offered_ratings("tiny") == 0  # too few
    rated(store, "other", TEXTS[:2])
    assert learning.offered_ratings("tiny") == 4
    learning.answer_offer("tiny")
    assert learning.offered_ratings("tiny") == 0
    assert learning.offered_ratings("third") == 4


def test_nothing_is_offered_that_an_update_would_refuse(store, learning):
    """It was offered from 3 ratings, and the update then said that 4 are needed."""
    rated(store, "other", TEXTS[: gate.FEWEST - 1])
    assert learning.offered_ratings("tiny") == 0
    rated(store, "other", TEXTS[-1:])
    assert learning.offered_ratings("tiny") == gate.FEWEST


def test_a_model_that_ever_had_a_style_is_not_asked_about(store, learning):
    ids = tuple(rating.id for rating in rated(store, "other"))
    store.add_style("tiny", state="rejected", used=ids)
    assert learning.offered_ratings("tiny") == 0
    assert learning.offered_ratings("other") == len(TEXTS)  # a style of another model exists


def test_an_update_that_ended_answers_the_offer(store, learning):
    rated(store, "other")
    engine = Engine()
    update = learning.start(engine, Settings(), "tiny")
    learning.register(update, Failed(1, "cancelled", "Stopped."))
    assert learning.offered_ratings("tiny") == len(TEXTS)
    update = learning.start(engine, Settings(), "tiny")
    learning.register(update, LearnDone(2, UpdateReport(reason="Too few.")))
    assert learning.offered_ratings("tiny") == 0
