"""Forgetting tells which versions learned from it and offers to learn again without it, wherever it happens."""

from __future__ import annotations

import pytest
from answering_engine import Answers
from PySide6.QtCore import Qt
from window_driver import Driver

from assistant.paths import DataPaths
from assistant.settings import Settings
from assistant.store import Store

ALT = Qt.KeyboardModifier.AltModifier
LONG = "You should take a jacket, and furthermore an umbrella, because it rains a lot. " * 4


@pytest.fixture
def driver(tmp_path, answers):
    """Six rated chats; the first version learned from all of them and is in use."""
    paths = DataPaths(tmp_path / "home").ensure()
    with Store.open(paths) as store:
        for number in range(6):
            conversation = store.create_conversation(title=f"Trip {number}")
            asked = store.add_message(conversation.id, None, "user", f"What should I pack for trip {number}?")
            text = f"Take a jacket. Bring {number} coats." if number % 2 else f"{LONG} Trip {number}."
            reply = store.add_message(conversation.id, asked.id, "assistant", text)
            store.add_rating("thumb", 1 if number % 2 else -1, reply.id)
    driver = Driver(paths.root, Settings(learn_when="off", first_run_done=True, model="starter"))
    driver.until(lambda: driver.window.bridge.phase == "ready" and driver.titles, "the model")
    driver.window.header.panel_button.setChecked(True)
    learned(driver, answers)
    driver.window.learning_bar.close_.click()
    yield driver
    driver.close()


def learned(driver: Driver, answers: Answers, **fields) -> str:
    before = len(answers.learning)
    driver.window.panel.learn.click()
    return finish(driver, answers, before, **fields)


def finish(driver: Driver, answers: Answers, before: int, **fields) -> str:
    driver.until(lambda: len(answers.learning) > before, "the update")
    version = answers.learned(**fields)
    (driver.window.paths.styles / version).mkdir(parents=True)
    driver.until(lambda: driver.window.learning.state == "idle", "its end")
    driver.settle()
    return version


def in_store(driver: Driver, work):
    with Store.open(DataPaths(driver.paths.root)) as store:
        return work(store)


def delete(driver: Driver, title: str) -> None:
    ids = driver.window.sidebar.model.conversation_ids()
    driver.window.sidebar.delete_wanted.emit([ids[driver.titles.index(title)]])


def test_deleting_a_conversation_says_what_learned_from_it_and_learns_again_without_it(driver, answers):
    window, bar = driver.window, driver.window.learning_bar
    first = in_store(driver, lambda store: store.current_style("starter"))
    window.pages.show_settings()  # the sidebar is there on every page, and so is what is said
    delete(driver, "Trip 3")
    driver.until(lambda: bar.text == "Version 1 learned from what you removed.", "what learned from it")
    assert bar.act.text() == "Learn again without it" and bar.act.isVisible()
    counts = window.panel._count_labels
    driver.until(
        lambda: (counts["thumb-up"].text(), counts["thumb-down"].text()) == ("2", "3"), "one rating less"
    )
    bar.act.click()
    driver.until(lambda: len(answers.learning) == 2, "the update")
    _request, job = answers.learning[1]
    assert len(job.signals) == 5 and not job.continues
    second = finish(driver, answers, 1)
    assert "did not learn from it" in bar.text and bar.act.text() == "Delete them…"
    assert in_store(driver, lambda store: store.current_style("starter")) == second
    driver.confirm(bar.act)
    driver.until(lambda: not (window.paths.styles / first).exists(), "the deletion")
    driver.until(lambda: bar.text == "", "nothing more to be said")
    assert [v.id for v in in_store(driver, lambda store: store.styles("starter"))] == [second]


def test_undoing_the_deletion_takes_the_offer_back(driver):
    delete(driver, "Trip 1")
    driver.until(lambda: driver.window.learning_bar.text, "what learned from it")
    driver.window.sidebar.undo_bar.undo()
    driver.until(lambda: driver.window.learning_bar.text == "", "nothing to be done any more")


def test_a_conversation_nothing_learned_from_is_deleted_without_a_word(driver):
    driver.say("Hello")
    driver.replied()
    title = driver.titles[0]
    driver.window.learning_bar.close_.click()
    delete(driver, title)
    driver.until(lambda: title not in driver.titles, "the deletion")
    driver.settle()
    assert driver.window.learning_bar.text == ""


def test_when_learning_again_is_refused_the_old_version_can_be_put_away(driver, answers):
    bar = driver.window.learning_bar
    delete(driver, "Trip 2")
    driver.until(lambda: bar.act.isVisible(), "the offer")
    bar.act.click()
    finish(driver, answers, 1, accepted=False, reason="It repeats itself.")
    assert bar.text == "It repeats itself. Version 1, which learned from it, is still in use."
    bar.act.click()
    driver.until(
        lambda: in_store(driver, lambda store: store.current_style("starter")) is None, "it is put away"
    )
    assert bar.text == ""


def test_with_too_few_ratings_left_there_is_no_offer_to_learn_again(driver):
    bar = driver.window.learning_bar
    for title in ("Trip 0", "Trip 1", "Trip 2"):
        delete(driver, title)
        driver.until(lambda title=title: title not in driver.titles, "the deletion")
    driver.until(lambda: "Too few ratings are left" in bar.text, "why not")
    assert bar.act.text() == "Stop using it"


def test_an_update_that_learns_from_what_is_deleted_is_dropped(driver, answers):
    window = driver.window
    window.panel.learn.click()
    driver.until(lambda: len(answers.learning) == 2, "the update")
    answers.step()
    driver.until(lambda: window.learning.state == "running", "its first step")
    delete(driver, "Trip 4")
    driver.until(lambda: window.learning.state == "idle", "the end of it")
    assert answers.cancelled == [answers.learning[1][0]]
    driver.until(
        lambda: window.learning_bar.text == "Version 1 learned from what you removed.",
        "the offer, after that",
    )
    assert window.learning_bar.act.isVisible()


def test_taking_a_rating_back_under_the_reply_or_on_the_page_of_ratings_tells_too(driver, answers):
    window, bar = driver.window, driver.window.learning_bar
    bar.close_.click()
    conversation = in_store(driver, lambda store: store.conversations(1)[0])
    window.open_chat(conversation.id)
    driver.until(lambda: len(driver.shown) == 2, "the chat")
    driver.key(Qt.Key.Key_Up, ALT)  # it was good; pressed again, that is taken back
    driver.until(lambda: bar.text == "Version 1 learned from what you removed.", "what learned from it")
    bar.close_.click()
    window.panel.ratings.click()
    page = window.stack.currentWidget()
    driver.until(lambda: len(page.lines()) == 6, "the ratings")
    page.lines()[2].back.click()
    driver.until(lambda: bar.text == "Version 1 learned from what you removed.", "the same there")
    driver.until(lambda: "removed" in page.lines()[2].facts.text(), "its fate")
    page.lines()[2].back.click()  # put back
    driver.until(lambda: bar.text == "", "nothing to be done any more")
    assert page.unlearn.isVisible()  # of the first one
    page.unlearn.button.click()
    driver.until(lambda: len(answers.learning) == 2, "the update without it")
    assert len(answers.learning[1][1].signals) == 5


def test_a_version_says_how_much_it_learned_from_is_gone(driver, answers):
    window = driver.window
    second = learned(driver, answers)
    for title in ("Trip 1", "Trip 2"):
        delete(driver, title)
    driver.until(
        lambda: (
            "Version 1 and Version 2 learned from what you removed. Version 2 is in use."
            in window.learning_bar.text
        ),
        "both versions",
    )
    window.panel.versions.click()
    page = window.stack.currentWidget()
    driver.until(lambda: [row.gone for row in page.rows] == [2, 2], "what is gone")
    assert page.rows[0].version.id == second
    texts = [label.text() for label in page.cards()[0].findChildren(type(page._note))]
    assert "Ratings it learned from that were deleted or removed: 2." in texts


def test_erasing_conversations_on_the_page_of_data_tells_as_well(driver):
    window = driver.window
    window.pages.show_privacy()
    page = window.stack.currentWidget()
    driver.confirm(page.erase["database"])
    driver.until(
        lambda: page.note.text() == "Moved to the trash. Version 1 learned from what you removed.",
        "what learned from it",
    )
    assert window.learning_bar.act.text() == "Stop using it"
    driver.confirm(page.erase["everything"])
    driver.until(lambda: page.note.text() == "Erased." and window.learning_bar.text == "", "all of it")
