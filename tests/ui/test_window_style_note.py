"""Under a reply that the style changed: what it did, the original one click away, and the way to stop it."""

from __future__ import annotations

import pytest
from window_driver import Driver

from assistant.paths import DataPaths
from assistant.records import STYLE_OFF, BestOf, GateReport, Generation, Message, ReplyDetails, UpdateReport
from assistant.services.learning import Outcome
from assistant.services.style_effect import shown_traits, steered
from assistant.settings import Settings
from assistant.store import Store

SHORT = "Short. Good."
LONG = "This is a rather long answer, dear reader, which goes on and on about everything. " * 4


def reply(style=None, **details) -> Message:
    how = ReplyDetails(**details)
    made = Generation("starter", style, 5, 5, 0.1, 9.0, "stop", 1, details=how)
    return Message("m", "c", None, "assistant", SHORT, "", generation=made)


@pytest.mark.parametrize(
    ("message", "is_steered"),
    [
        (reply(), False),
        (reply(guided_steps=0), False),
        (reply(guided_steps=2), True),
        (reply(style="v1"), True),
        (reply(best_of=BestOf(0)), False),
        (reply(best_of=BestOf(3)), True),
    ],
)
def test_what_counts_as_steered(message, is_steered):
    assert steered(message) is is_steered


def rated(paths) -> None:
    """Twelve ratings of a user who likes short replies."""
    with Store.open(paths) as store:
        for at in range(6):
            for text, value in ((SHORT, 1), (LONG, -1)):
                store.add_rating("thumb", value, prompt=f"Question {at}?", reply=text)


def test_only_traits_that_are_known_and_shown_are_named(tmp_path):
    paths = DataPaths(tmp_path / "home").ensure()
    rated(paths)
    with Store.open(paths) as store:
        names = [trait.name for trait in shown_traits(store, "starter", reply(guided_steps=3))]
        assert "length" in names and len(names) <= 2
        assert shown_traits(store, "starter", reply()) == ()  # short by itself


@pytest.fixture
def driver(tmp_path, answers):
    paths = DataPaths(tmp_path / "home").ensure()
    rated(paths)
    answers.base = lambda prompt: SHORT if answers.asked[-1]["steering"] else LONG
    settings = Settings(learn_when="off", first_run_done=True, model="starter", show_style_panel=False)
    driver = Driver(paths.root, settings)
    driver.answers = answers
    driver.until(lambda: driver.window.bridge.phase == "ready", "the model")
    yield driver
    driver.close()


def note(driver):
    transcript = driver.window.page.transcript
    widget = transcript.message_list().widget_of(transcript.messages()[-1].message.id)
    found = widget.style_note()
    return found if found is not None and found.isVisible() else None


def styled(driver):
    driver.say("Where to?")
    driver.replied()
    driver.until(lambda: note(driver), "what the style did")
    return note(driver)


def test_the_mark_names_what_the_style_did_and_the_original_is_one_click_away(driver):
    mark = styled(driver)
    assert mark.text.text().startswith("Because of your ratings: ") and "shorter replies" in mark.text.text()
    mark.original.click()
    driver.until(lambda: driver.shown[-1] == LONG, "the original")
    driver.replied()
    view = driver.window.page.transcript.messages()[-1]
    assert (view.sibling_index, view.sibling_count) == (1, 2) and note(driver) is None
    asked = len(driver.answers.asked)
    driver.window.chat.show_branch(view.message.id, -1)
    driver.until(lambda: note(driver), "the styled reply, with its mark again")
    note(driver).original.click()
    driver.until(lambda: driver.shown[-1] == LONG, "the same original")
    assert len(driver.answers.asked) == asked  # it was not written twice


def test_the_style_can_be_put_away_for_this_chat(driver):
    styled(driver).off.click()
    driver.until(lambda: driver.shown[-1] == LONG, "the original")
    driver.replied()
    assert driver.window.chat.style[1] == STYLE_OFF
    driver.say("And then?")
    driver.replied()
    assert driver.shown[-1] == LONG and note(driver) is None


def test_an_update_tells_its_effect_in_numbers(driver):
    bar = driver.window.learning_bar
    for after, said in ((19.8, " 31 to 20 words per reply."), (30.9, ""), (None, "")):
        report = UpdateReport(True, gate=GateReport(words_before=31.2, words_after=after))
        bar.show_outcome(Outcome(True, "", "v1", report=report))
        assert bar.text == "Your style was updated and checked." + said
    bar.show_outcome(Outcome(True, "", "v2"))
    assert bar.text == "Your style was updated and checked."
