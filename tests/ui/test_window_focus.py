"""After every action the keyboard is where words belong: what is typed next stands in the message box."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from window_driver import Driver

from assistant.paths import DataPaths
from assistant.settings import Settings

CTRL = Qt.KeyboardModifier.ControlModifier
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def driver(tmp_path, answers, monkeypatch):
    monkeypatch.setattr("random.random", lambda: 0.0)
    monkeypatch.setattr("assistant.learning.preference_queries.APART", 0)
    settings = Settings(learn_when="off", first_run_done=True, model="starter", show_style_panel=False)
    driver = Driver(DataPaths(tmp_path / "home").ensure().root, settings, pairs=True)
    driver.answers = answers
    driver.until(lambda: driver.window.bridge.phase == "ready", "the model")
    yield driver
    driver.close()


def press(driver: Driver, button) -> None:
    """A click as a person makes it: the focus goes to the button first."""
    button.setFocus(Qt.FocusReason.MouseFocusReason)
    QTest.mouseClick(button, LEFT)


def plain(driver: Driver):
    """One question with one reply, without a pair."""
    driver.window.change_settings(offer_pairs=False)
    driver.say("Where to?")
    driver.replied()
    return last(driver)


def last(driver: Driver):
    transcript = driver.window.page.transcript
    return transcript.message_list().widget_of(transcript.messages()[-1].message.id)


def pair(driver: Driver):
    driver.say("Where to?")
    driver.until(driver.window.page.transcript.offered, "two replies")
    driver.settle()
    return last(driver)._pair


def this_one(driver):
    press(driver, pair(driver).sides[0].better)
    driver.until(lambda: not driver.window.page.transcript.offered(), "the choice")


def skip(driver):
    press(driver, pair(driver).skip)
    driver.until(lambda: not driver.window.page.transcript.offered(), "no question any more")


def later(driver):
    bar = driver.window.relearn_bar
    bar.ask("Starter", 12)
    press(driver, bar.later_button)


def dismissed(driver):
    banner = driver.window.page.banner
    banner.show_message("Something.", action="OK", callback=lambda: None)
    press(driver, banner._action)


def sent_edit(driver):
    plain(driver)
    driver.window.page.transcript.edit_last_question()
    driver.type(" And when?")
    editor = driver.focus().parentWidget()
    press(driver, editor._save_button)
    driver.until(lambda: driver.shown[0] == "Where to? And when?" and len(driver.shown) == 2, "the edit")
    driver.replied()


def cancelled_edit(driver):
    plain(driver)
    driver.window.page.transcript.edit_last_question()
    driver.key(Qt.Key.Key_Escape)


def saved_reply(driver):
    widget = plain(driver)
    widget.edit()
    driver.type(" And more.")
    press(driver, widget.editor()._save_button)
    driver.settle()


def try_again(driver):
    widget = plain(driver)
    widget._fill_problem("It broke.")
    press(driver, widget._problem.again)
    driver.until(lambda: driver.window.page.transcript.messages()[-1].sibling_count == 2, "another reply")
    driver.replied()


def again_by_key(driver):
    widget = plain(driver)
    widget.setFocus()
    driver.key(Qt.Key.Key_R, CTRL)
    driver.until(lambda: driver.window.page.transcript.messages()[-1].sibling_count == 2, "another reply")
    driver.replied()


def again_by_button(driver):
    widget = plain(driver)
    press(driver, widget.row().regenerate)
    driver.until(lambda: driver.window.page.transcript.messages()[-1].sibling_count == 2, "another reply")
    driver.replied()


def continued(driver):
    driver.window.change_settings(offer_pairs=False)
    driver.answers.finish = "length"
    driver.say("Where to?")
    driver.replied()
    press(driver, last(driver)._continue)
    driver.until(lambda: driver.shown[-1].endswith("and so on."), "the rest")
    driver.answers.finish = "stop"
    driver.replied()


def closed_reasons(driver):
    widget = plain(driver)
    widget.row().rate(1)
    driver.until(lambda: widget._reasons is not None and widget._reasons.isVisible(), "the reasons")
    widget._reasons.note.setFocus()
    driver.key(Qt.Key.Key_Escape)


def back_from_a_page(driver):
    driver.window.pages.show_models()
    press(driver, driver.window.stack.currentWidget().back)


def deleted_chat(driver):
    plain(driver)
    driver.window.sidebar.list.setFocus()
    driver.window.sidebar.delete_wanted.emit([driver.window.chat.conversation_id])
    driver.until(lambda: not driver.titles, "the deletion")
    press(driver, driver.window.sidebar.undo_bar._button)
    driver.until(lambda: driver.titles and driver.shown, "the chat again")


ACTIONS = [
    this_one, skip, later, dismissed, sent_edit, cancelled_edit, saved_reply, try_again, again_by_key,
    again_by_button, continued, closed_reasons, back_from_a_page, deleted_chat,
]  # fmt: skip


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.__name__)
def test_what_is_typed_next_stands_in_the_message_box(driver, action):
    action(driver)
    driver.settle(0.1)
    window = driver.window
    chat, shown, titles = window.chat.conversation_id, driver.shown, driver.titles
    for key in "a b c":
        QTest.keyClicks(driver.focus() or window, key)
        driver.app.processEvents()
    driver.settle(0.1)
    assert window.page.composer.text() == "a b c"
    assert (window.chat.conversation_id, driver.shown, driver.titles) == (chat, shown, titles)


def test_a_letter_typed_at_a_message_goes_to_the_message_box(driver):
    widget = plain(driver)
    QTest.mouseClick(widget, LEFT, pos=widget.rect().topRight())
    assert driver.focus() is not driver.window.page.composer.edit
    QTest.keyClicks(driver.focus(), "H")
    assert driver.window.page.composer.text() == "H"
    assert driver.focus() is driver.window.page.composer.edit


def test_an_edit_begun_by_a_button_keeps_the_focus_in_its_field(driver):
    widget = plain(driver)
    press(driver, widget.row().edit)
    driver.settle(0.1)
    assert driver.focus() is widget.editor().field()


def test_the_arrow_keys_still_go_from_version_to_version(driver):
    plain(driver)
    driver.key(Qt.Key.Key_R, CTRL)
    driver.until(lambda: driver.window.page.transcript.messages()[-1].sibling_count == 2, "another reply")
    driver.replied()
    shown = driver.window.page.transcript
    shown.message_list().focus_message(shown.messages()[-1].message.id)
    for key, index in ((Qt.Key.Key_Left, 0), (Qt.Key.Key_Right, 1), (Qt.Key.Key_Left, 0)):
        driver.key(key)
        driver.until(
            lambda index=index: driver.window.page.transcript.messages()[-1].sibling_index == index,
            "the other version",
        )
        driver.settle(0.1)
        assert driver.focus() is last(driver)
