"""Another model, no style of its own yet: a quiet bar offers to learn it from all ratings; yes, later and no."""

from __future__ import annotations

import pytest
from window_driver import Driver, unnamed

from assistant.paths import DataPaths
from assistant.records import Generation
from assistant.services.learning import LearningService
from assistant.settings import Settings
from assistant.store import Store


@pytest.fixture
def home(tmp_path):
    """Six rated replies of another model."""
    paths = DataPaths(tmp_path / "home").ensure()
    with Store.open(paths) as store:
        for number in range(6):
            conversation = store.create_conversation(title=f"Trip {number}")
            asked = store.add_message(conversation.id, None, "user", f"What should I pack for trip {number}?")
            reply = store.add_message(conversation.id, asked.id, "assistant", "", state="streaming")
            how = Generation("other", None, 4, 3, 0.1, 50.0, "stop", 7, reply_ids=(1, 2, 3))
            store.finish_message(reply.id, f"Take {number} coats.", how)
            store.add_rating("thumb", 1 if number % 2 else -1, reply.id)
    return paths


@pytest.fixture
def open_window(home, answers):
    drivers = []

    def make(**settings) -> Driver:
        known = {"learn_when": "off", "first_run_done": True, "model": "starter"}
        drivers.append(Driver(home.root, Settings(**{**known, **settings})))
        drivers[-1].until(lambda: drivers[-1].window.bridge.phase == "ready", "the model")
        return drivers[-1]

    yield make
    for driver in drivers:
        driver.close()


def test_yes_learns_in_the_background_from_all_ratings_though_learning_is_off(open_window, answers, home):
    driver = open_window()
    window, bar = driver.window, driver.window.relearn_bar
    driver.until(lambda: bar.text, "the offer")
    assert bar.text == (
        "Starter has not learned your style yet. Learn it from your 6 ratings, in the background?"
    )
    assert window.page.composer.edit.hasFocus() and not unnamed(bar)
    bar.learn.click()
    driver.until(lambda: answers.learning, "the update")
    _request, job = answers.learning[0]
    assert bar.text == "" and job.model == "starter" and job.parent is None and len(job.signals) == 6
    assert all(not signal.reply.ids for signal in job.signals)  # another model's ids mean nothing
    (window.paths.styles / job.version).mkdir(parents=True)
    answers.learned()
    driver.until(lambda: window.learning.state == "idle", "the end of it")
    with Store.open(home) as store:
        assert store.current_style("starter") == job.version


def test_no_is_for_good_and_later_until_the_next_start(open_window, home):
    driver = open_window()
    driver.until(lambda: driver.window.relearn_bar.text, "the offer")
    driver.window.relearn_bar.later_button.click()
    assert driver.window.relearn_bar.text == ""
    driver.window.bridge.load_model()
    driver.settle(0.5)
    assert driver.window.relearn_bar.text == ""
    driver.close()
    again = open_window()
    again.until(lambda: again.window.relearn_bar.text, "the offer, asked again")
    again.window.relearn_bar.no_button.click()
    again.close()
    with Store.open(home) as store:
        assert LearningService(store, home).offered_ratings("starter") == 0
