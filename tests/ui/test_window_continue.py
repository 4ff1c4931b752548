"""A reply that was stopped or cut off is continued in its place."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from window_driver import Driver

from assistant.paths import DataPaths
from assistant.settings import Settings
from assistant.store import Store

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def driver(tmp_path, answers):
    settings = Settings(learn_when="off", first_run_done=True, model="starter", show_style_panel=False)
    driver = Driver(DataPaths(tmp_path / "home").ensure().root, settings)
    driver.until(lambda: driver.window.bridge.phase == "ready", "the model")
    yield driver
    driver.close()


def last(driver):
    transcript = driver.window.page.transcript
    return transcript.message_list().widget_of(transcript.messages()[-1].message.id)


def cut_off(driver, answers):
    """A question whose reply ended at the length limit."""
    answers.finish = "length"
    driver.say("Tell me a tale.")
    reply = driver.replied()
    answers.finish = "stop"
    return reply


def test_the_button_under_a_reply_that_was_cut_off_continues_it(driver, answers):
    reply = cut_off(driver, answers)
    widget = last(driver)
    assert "length limit" in widget._hint.text() and widget._continue.isVisible()
    widget._continue.click()
    driver.until(lambda: driver.shown[-1].endswith("and so on."), "the rest")
    driver.replied()
    assert driver.shown == ["Tell me a tale.", reply.text + " and so on."]
    view = driver.window.page.transcript.messages()[-1]
    assert view.message.id == reply.id and view.sibling_count == 1
    assert widget.body.source() == view.text and "and so on." in widget.body.spoken()
    assert not widget._continue.isVisible() and not widget._hint.isVisible()
    assert not driver.window.chat.busy
    with Store.open(driver.paths) as store:
        assert store.message(reply.id).text == view.text


def test_the_key_continues_it_and_a_complete_reply_has_nothing_to_continue(driver, answers):
    cut_off(driver, answers)
    driver.key(Qt.Key.Key_Return, CTRL, SHIFT)
    driver.until(lambda: driver.shown[-1].endswith("and so on."), "the rest")
    driver.replied()
    asked = len(answers.asked)
    driver.key(Qt.Key.Key_Return, CTRL, SHIFT)
    driver.settle()
    assert len(answers.asked) == asked
    driver.say("And then?")
    driver.replied()
    told = [(turn.role, turn.text) for turn in answers.asked[-1]["turns"]]
    assert told[1][0] == "assistant" and told[1][1].endswith("and so on.")


def test_it_may_be_cut_off_again_and_going_on_takes_the_button_away(driver, answers):
    cut_off(driver, answers)
    answers.finish = "cancelled"
    widget = last(driver)
    widget._continue.click()
    driver.until(lambda: driver.shown[-1].endswith("and so on."), "more")
    driver.replied()
    assert widget._continue.isVisible() and "Stopped by you" in widget._hint.text()
    answers.finish = "stop"
    driver.say("Something else.")
    driver.replied()
    assert not widget._continue.isVisible()


def test_a_thumb_stays_with_the_text_it_was_given_to(driver, answers):
    reply = cut_off(driver, answers)
    driver.window.chat.rate(reply.id, -1)
    driver.until(lambda: driver.window.page.transcript.messages()[-1].rating == -1, "the rating")
    last(driver)._continue.click()
    driver.until(lambda: driver.shown[-1].endswith("and so on."), "the rest")
    driver.replied()
    assert driver.window.page.transcript.messages()[-1].rating is None
    with Store.open(driver.paths) as store:
        (rating,) = store.ratings()
        assert store.with_texts(rating).reply == reply.text and store.rating_count() == 1


def test_a_reply_that_was_cut_off_last_time_can_be_continued_after_a_restart(driver, answers, tmp_path):
    reply = cut_off(driver, answers)
    driver.close()
    again = Driver(tmp_path / "home", driver.window.settings)
    try:
        again.until(lambda: again.shown and again.window.bridge.phase == "ready", "the chat")
        widget = last(again)
        again.until(lambda: widget._continue is not None and widget._continue.isVisible(), "the button")
        widget._continue.click()
        again.until(lambda: again.shown[-1] == reply.text + " and so on.", "the rest")
        again.replied()
    finally:
        again.close()


def test_an_engine_that_cannot_continue_says_so_and_the_reply_stays(driver, answers, monkeypatch):
    from answering_engine import AnsweringClient

    from assistant.engine.protocol import Failed

    reply = cut_off(driver, answers)
    made = AnsweringClient.generate

    def refuse(self, turns, sampling, *, id=None, **more):
        self.say(Failed(id, "bad_input", "This reply fills all that this model can read at once."))
        return id

    monkeypatch.setattr(AnsweringClient, "generate", refuse)
    last(driver)._continue.click()
    driver.until(lambda: "fills all" in driver.window.page.composer.error, "the reason")
    monkeypatch.setattr(AnsweringClient, "generate", made)
    driver.settle()
    assert driver.shown[-1] == reply.text and not driver.window.chat.busy
    assert last(driver)._continue.isVisible()
