"""Ctrl+F: finding something in the open chat."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextCursor
from window_driver import Driver

from assistant.paths import DataPaths
from assistant.settings import Settings
from assistant.store import Store
from ui import theme

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
MANY = 2_000


@pytest.fixture
def driver(tmp_path, answers):
    settings = Settings(learn_when="off", first_run_done=True, model="starter", show_style_panel=False)
    driver = Driver(DataPaths(tmp_path / "home").ensure().root, settings)
    driver.until(lambda: driver.window.bridge.phase == "ready", "the model")
    yield driver
    driver.close()


def chat(driver, *texts: str) -> str:
    """Open a chat with these messages, the user's first."""
    with Store.open(driver.paths) as store:
        conversation = store.create_conversation(title="Long")
        parent = None
        with store.transaction():
            for at, text in enumerate(texts):
                role = ("user", "assistant")[at % 2]
                parent = store.add_message(conversation.id, parent, role, text).id
    driver.window.open_chat(conversation.id)
    driver.until(lambda: len(driver.shown) == len(texts), "the chat")
    driver.settle(0.1)
    return conversation.id


def look(driver, text: str) -> None:
    driver.key(Qt.Key.Key_F, CTRL)
    driver.type(text)
    bar = driver.window.page.find_bar
    driver.until(lambda: bar._looked_for == text and bar.finder.complete and bar.count.text(), "the search")
    driver.settle(0.15)


def marked(driver) -> list[tuple[str, bool]]:
    """What is marked in the messages laid out, and whether as the place looked at."""
    strong = theme.colour("rarer_much")
    found = []
    for widget in driver.window.page.transcript.message_list().widgets():
        for text in widget.body.texts():
            found += [
                (one.cursor.selectedText(), one.format.background().color() == strong)
                for one in text.extraSelections()
            ]
    return found


def test_words_are_counted_marked_and_walked_through(driver):
    chat(driver, "Where are cats?", "A **cat** is here.\n\n```\ncat = 1\n```\n\n| Cat |\n|---|\n| dog |")
    look(driver, "cat")
    bar = driver.window.page.find_bar
    assert bar.isVisible() and bar.count.text() == "1 of 4"
    assert sorted(marked(driver)) == [("Cat", False), ("cat", False), ("cat", False), ("cat", True)]
    for expected, key in (
        ("2 of 4", (Qt.Key.Key_Return,)),
        ("3 of 4", (Qt.Key.Key_F3,)),
        ("2 of 4", (Qt.Key.Key_Return, SHIFT)),
        ("1 of 4", (Qt.Key.Key_F3, SHIFT)),
        ("4 of 4", (Qt.Key.Key_F3, SHIFT)),
        ("1 of 4", (Qt.Key.Key_Return,)),
    ):
        driver.key(*key)
        assert bar.count.text() == expected
        assert sum(strong for _, strong in marked(driver)) == 1
    assert driver.focus() is bar.field


def test_esc_closes_it_takes_the_marks_away_and_gives_the_keyboard_back(driver):
    chat(driver, "cats", "cats")
    look(driver, "cats")
    assert marked(driver)
    driver.key(Qt.Key.Key_Escape)
    driver.settle()
    assert not driver.window.page.find_bar.isVisible() and marked(driver) == []
    assert driver.focus() is driver.window.page.composer.edit
    driver.key(Qt.Key.Key_F3)  # the last words once more
    driver.until(lambda: driver.window.page.find_bar.isVisible(), "the bar")
    assert driver.window.page.find_bar.field.text() == "cats"


def test_nothing_found_is_said_and_another_chat_closes_it(driver):
    chat(driver, "one", "two")
    look(driver, "zebra")
    bar = driver.window.page.find_bar
    assert bar.count.text() == "Not found" and not bar.next.isEnabled()
    driver.key(Qt.Key.Key_Return)
    driver.key(Qt.Key.Key_A, CTRL)
    driver.type("two")
    driver.until(lambda: bar.count.text() == "1 of 1", "the word")
    chat(driver, "two", "two")
    assert not bar.isVisible() and marked(driver) == []


def test_in_an_empty_chat_there_is_nothing_to_find(driver):
    driver.key(Qt.Key.Key_F, CTRL)
    assert not driver.window.page.find_bar.isVisible()
    assert driver.focus() is driver.window.page.composer.edit


def test_a_place_far_up_a_long_chat_comes_into_view(driver):
    texts = [f"message number {at}\n\n" + "filling words " * (at % 40) for at in range(MANY)]
    texts[37] += " the needle"
    texts[1500] += "\n\n" + "more\n\n" * 200 + "a second Needle"
    chat(driver, *texts)
    look(driver, "needle")
    bar = driver.window.page.find_bar
    assert bar.count.text().endswith("of 2")
    transcript = driver.window.page.transcript.message_list()
    seen = set()
    for _ in range(2):
        driver.key(Qt.Key.Key_Return)
        driver.settle(0.2)
        at = bar.finder._place[0]
        seen.add(at)
        widget = transcript.widget_of(transcript.views()[at].message.id)
        ((text, cursor),) = [
            (text, QTextCursor(one.cursor))
            for text in widget.body.texts()
            for one in text.extraSelections()
            if one.format.background().color() == theme.colour("rarer_much")
        ]
        where = text.viewport().mapTo(transcript.viewport(), text.cursorRect(cursor).center())
        assert transcript.viewport().rect().contains(where)
    assert seen == {37, 1500}
    assert len(transcript.widgets()) < 60  # still a virtual list


def test_what_is_written_meanwhile_is_found_too(driver, answers):
    driver.say("Where is the needle?")
    driver.replied()
    look(driver, "needle")
    bar = driver.window.page.find_bar
    before = bar.finder._search.total
    driver.say("And another needle?")
    driver.replied()
    driver.until(lambda: bar.finder._search.total > before + 1, "the new places")
    assert len(marked(driver)) == bar.finder._search.total


def test_a_selected_word_is_what_is_looked_for(driver):
    chat(driver, "some words", "a reply with some words")
    (text,) = driver.window.page.transcript.message_list().widgets()[0].body.texts()
    cursor = text.textCursor()
    cursor.setPosition(0)
    cursor.setPosition(4, cursor.MoveMode.KeepAnchor)
    text.setFocus()
    text.setTextCursor(cursor)
    driver.key(Qt.Key.Key_F, CTRL)
    bar = driver.window.page.find_bar
    driver.until(lambda: bar.count.text().endswith("of 2"), "the word")
    assert bar.field.text() == "some"
