"""The style card in the window: learned sentences are shown, changed, limited, removed; the next message has them."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from window_driver import Driver, unnamed

from assistant.paths import DataPaths
from assistant.records import Generation
from assistant.settings import Settings
from assistant.store import Store

LONG = "Well, dear friend, there is a great deal to be said about this, and I shall say it at length. " * 4


@pytest.fixture
def driver(tmp_path, answers):
    with Store.open(DataPaths(tmp_path / "home")) as store:
        for number in range(5):
            for text, value in ((f"Yes, {number}, tea is good.", 1), (f"{LONG} {number}", -1)):
                chat = store.create_conversation()
                asked = store.add_message(chat.id, None, "user", "What do you think of tea?")
                made = store.add_message(chat.id, asked.id, "assistant", "", state="streaming")
                store.finish_message(made.id, text, Generation("starter", None, 4, 3, 0.1, 50.0, "stop", 7))
                store.add_rating("thumb", value, made.id)
    settings = Settings(learn_when="off", first_run_done=True, model="starter")
    made_driver = Driver(tmp_path / "home", settings)
    made_driver.until(lambda: made_driver.window.bridge.phase == "ready", "the model")
    made_driver.window.header.panel_button.setChecked(True)
    made_driver.settle()
    QTest.mouseClick(made_driver.window.panel.card, Qt.MouseButton.LeftButton)
    made_driver.until(lambda: page(made_driver).rows(), "the sentences")
    yield made_driver
    made_driver.close()


def page(driver: Driver):
    return driver.window.pages._card


def row(driver: Driver, key: str):
    return next((row for row in page(driver).rows() if row.key == key), None)


def card_of(asked) -> list[str]:
    return [sentence.english for sentence in asked["steering"].card]


def test_a_sentence_is_edited_and_goes_along_with_the_next_message(driver, answers):
    assert "shorter" in row(driver, "length").edit.text() and unnamed(page(driver)) == ""
    edit = row(driver, "length").edit
    edit.setFocus()
    edit.selectAll()
    driver.type("Two sentences at most, be brief.")
    driver.key(Qt.Key.Key_Return)
    driver.until(lambda: row(driver, "length") and row(driver, "length").sentence.own, "the user's words")
    page(driver).back_wanted.emit()
    driver.say("How do I boil an egg?")
    driver.replied()
    assert "Two sentences at most, be brief." in card_of(answers.asked[-1])


def test_it_is_switched_off_made_stronger_removed_and_brought_back(driver):
    row(driver, "length").switch.click()
    driver.until(lambda: not row(driver, "length").sentence.on, "the sentence switched off")
    row(driver, "length").switch.click()
    driver.until(lambda: row(driver, "length").sentence.on, "the sentence switched on")
    row(driver, "length").slider.setValue(2)
    driver.until(lambda: row(driver, "length").sentence.strength == 2.0, "the strength")
    row(driver, "length").remove.click()
    driver.until(lambda: row(driver, "length") is None, "its removal")
    assert page(driver).restore.isVisible()
    page(driver).restore.click()
    driver.until(lambda: row(driver, "length") is not None, "its return")


def test_a_sentence_is_added_for_one_kind_of_text_and_a_bad_one_is_refused(driver):
    view = page(driver)
    view.add.click()
    driver.until(lambda: view.note.isVisible() and "sentence" in view.note.text(), "the refusal")
    view.text.setFocus()
    driver.type("Sign with Ada")
    view.where.setCurrentIndex(view.where.findData("email"))
    view.add.click()
    driver.until(lambda: any(r.sentence.kind == "email" for r in view.rows()), "the new sentence")
    assert view.text.text() == "" and not view.note.isVisible()


def test_escape_takes_back_what_was_typed(driver):
    edit = row(driver, "length").edit
    before = edit.text()
    edit.setFocus()
    driver.type("xyz")
    driver.key(Qt.Key.Key_Escape)
    assert edit.text() == before
