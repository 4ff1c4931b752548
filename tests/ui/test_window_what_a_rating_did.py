"""A rating says what was understood and what follows, only what the reward head knows; and words for people."""

from __future__ import annotations

from datetime import datetime

import pytest
from window_driver import Driver

from assistant.learning import style_queries
from assistant.paths import DataPaths
from assistant.records import Recognition
from assistant.settings import Settings
from assistant.store import Store
from ui.dates import date_text
from ui.sizes import size_text
from ui.transcript.recognition_words import recognition_text

LONG = "You should take a jacket, and furthermore an umbrella, because it rains a lot there in autumn. " * 4


@pytest.fixture
def driver(tmp_path, answers):
    paths = DataPaths(tmp_path / "home").ensure()
    with Store.open(paths) as store:
        for number in range(12):
            conversation = store.create_conversation(title=f"Trip {number}")
            asked = store.add_message(conversation.id, None, "user", f"What should I pack for trip {number}?")
            text = f"A jacket and {number} coats." if number % 2 else f"{LONG} Trip {number}."
            reply = store.add_message(conversation.id, asked.id, "assistant", text)
            store.add_rating("thumb", 1 if number % 2 else -1, reply.id)
    answers.base = lambda prompt: "A hat, a coat."
    driver = Driver(paths.root, Settings(learn_when="off", first_run_done=True, model="starter"))
    driver.until(lambda: driver.window.bridge.phase == "ready" and driver.titles, "the model")
    yield driver
    driver.close()


def note(driver: Driver) -> str:
    return driver.window.page.transcript.messages()[-1].note


def test_what_was_understood_is_what_the_head_says(driver):
    driver.say("What now?")
    reply = driver.replied()
    driver.window.chat.rate(reply.id, 1)
    driver.until(lambda: note(driver) not in ("", "Saved."), "what was understood")
    with Store.open(driver.paths) as store:
        trait = style_queries.understood(store, "starter", store.rating_of(reply.id).id)
        assert trait is not None and trait.name == "length" and trait.weight < 0
        learned = {known.name: known for known in style_queries.style(store, "starter").traits}
        assert trait == learned["length"]
    assert note(driver).startswith("Shorter replies, ") and note(driver).endswith(
        "The next replies follow it."
    )
    driver.window.change_settings(guidance_on=False)
    driver.window.chat.rate(reply.id, 1)
    driver.until(lambda: note(driver) == "Rating removed.", "its removal")
    driver.window.chat.rate(reply.id, 1)
    driver.until(lambda: note(driver).endswith("The next update learns from it."), "what follows now")


def test_a_first_rating_claims_nothing(tmp_path, answers):
    driver = Driver(
        DataPaths(tmp_path / "home").ensure().root,
        Settings(learn_when="off", first_run_done=True, model="starter"),
    )
    try:
        driver.until(lambda: driver.window.bridge.phase == "ready", "the model")
        driver.say("What now?")
        reply = driver.replied()
        driver.window.chat.rate(reply.id, 1)
        driver.until(lambda: note(driver) == "Saved. No clear preference yet.", "what it did")
    finally:
        driver.close()


def test_pictures_dates_and_sizes_are_told_as_people_write_them():
    seen = Recognition(objects=(("cat", 0.95), ("Egyptian cat", 0.03)), text="EXIT\nONLY")
    assert recognition_text(seen) == "cat (95 %), maybe Egyptian cat · text: EXIT / ONLY"
    assert recognition_text(None) == ""
    year = datetime.now().year
    at = datetime(year, 11, 30, 9, 51).astimezone()
    assert date_text(at.isoformat()) == "30 Nov, 09:51"
    assert date_text(at.replace(year=2020).isoformat()) == "30 Nov 2020, 09:51"
    assert size_text(9_000_000_000) == "9.0 GB"
