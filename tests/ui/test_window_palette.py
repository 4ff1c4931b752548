"""Ctrl+K: commands and chats by typing a few letters."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from window_driver import Driver

from assistant.paths import DataPaths
from assistant.settings import Settings
from assistant.store import Store
from ui.command_palette import Entry, matching

CTRL = Qt.KeyboardModifier.ControlModifier


def test_every_word_has_to_be_there_and_beginnings_come_first():
    entries = [Entry(text, "", lambda: None) for text in ("Go to Settings", "Settings", "Zoom in")]
    assert [entry.text for entry in matching(entries, "sett")] == ["Settings", "Go to Settings"]
    assert [entry.text for entry in matching(entries, "SETT go")] == ["Go to Settings"]
    assert matching(entries, "nothing") == [] and len(matching(entries, "  ")) == 3


@pytest.fixture
def driver(tmp_path, answers):
    home = DataPaths(tmp_path / "home").ensure()
    with Store.open(home) as store:
        for title in ("Trip to Kyoto", "Letter"):
            conversation = store.create_conversation(title=title)
            store.add_message(conversation.id, None, "user", f"The secret word of {title} is zanzibar")
    settings = Settings(learn_when="off", first_run_done=True, model="starter", show_style_panel=False)
    driver = Driver(home.root, settings)
    driver.until(lambda: driver.window.bridge.phase == "ready" and len(driver.titles) == 2, "the chats")
    yield driver
    driver.close()


def opened(driver):
    driver.key(Qt.Key.Key_K, CTRL)
    palette = driver.window.palette_
    assert palette.isVisible() and driver.focus() is palette.field
    return palette


def test_a_command_is_run_by_a_few_letters_of_its_name(driver):
    palette = opened(driver)
    driver.type("keyb")
    assert palette.entries()[0].text == "Keyboard shortcuts"
    driver.key(Qt.Key.Key_Return)
    driver.settle()
    assert not palette.isVisible() and not driver.window.pages.at_chat
    driver.key(Qt.Key.Key_Escape)
    driver.settle()
    assert driver.focus() is driver.window.page.composer.edit


def test_the_last_chats_are_there_at_once_and_others_by_what_they_say(driver):
    palette = opened(driver)
    driver.until(lambda: palette.entries()[0].hint == "Chat", "the last chats")
    assert palette.entries()[0].text == "Letter"
    driver.type("kyoto")
    driver.until(lambda: any(entry.hint == "Chat" for entry in palette.entries()), "the chat")
    driver.key(Qt.Key.Key_Return)
    driver.until(lambda: driver.shown, "the chat opened")
    assert "Kyoto" in driver.shown[0]
    palette = opened(driver)
    driver.type("zanzibar")
    driver.until(lambda: len(palette.entries()) == 2, "both")
    driver.key(Qt.Key.Key_Down)
    driver.key(Qt.Key.Key_Down)  # round to the first
    driver.key(Qt.Key.Key_Up)
    chosen = palette.list.currentIndex().row()
    assert chosen == 1
    driver.key(Qt.Key.Key_Return)
    driver.settle()
    assert not palette.isVisible()


def test_esc_a_second_press_and_the_loss_of_the_focus_close_it(driver):
    window = driver.window
    for close in (
        lambda: driver.key(Qt.Key.Key_Escape),
        lambda: driver.key(Qt.Key.Key_K, CTRL),
        lambda: window.sidebar.search_box.setFocus(Qt.FocusReason.MouseFocusReason),
    ):
        palette = opened(driver)
        close()
        driver.settle(0.1)
        assert not palette.isVisible()
    window.page.composer.setFocus()
    opened(driver)
    driver.key(Qt.Key.Key_Escape)
    driver.settle(0.1)
    assert driver.focus() is window.page.composer.edit
    driver.type("words")
    assert window.page.composer.text() == "words"


def test_nothing_found_is_an_empty_list_and_enter_does_nothing(driver):
    palette = opened(driver)
    driver.type("qqqqqqqq")
    driver.settle(0.4)
    assert palette.entries() == []
    driver.key(Qt.Key.Key_Return)
    assert palette.isVisible()
