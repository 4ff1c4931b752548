"""Chats are named by the model while nothing else is to be done."""

from __future__ import annotations

import pytest
from window_driver import Driver

from assistant.paths import DataPaths
from assistant.settings import Settings


@pytest.fixture
def driver(tmp_path, answers, monkeypatch):
    monkeypatch.setattr("ui.conversation_presenter.TITLE_AFTER_MS", 30)
    answers.parameters, answers.title = 1_500_000_000, '"Sights of Kyoto."'
    settings = Settings(learn_when="off", first_run_done=True, model="starter", show_style_panel=False)
    driver = Driver(DataPaths(tmp_path / "home").ensure().root, settings)
    driver.until(lambda: driver.window.bridge.phase == "ready", "the model")
    yield driver
    driver.close()


def test_a_chat_gets_a_title_after_its_first_reply(driver):
    driver.say("please tell me what to see in kyoto")
    driver.replied()
    driver.until(lambda: driver.titles == ["Sights of Kyoto"], "the title in the list")
    assert driver.window.header.title == "Sights of Kyoto"
    assert driver.shown == ["please tell me what to see in kyoto", driver.shown[1]]


def test_a_chat_that_the_user_named_keeps_its_name(driver, answers):
    answers.title = ""
    driver.say("please tell me what to see in kyoto")
    driver.replied()
    driver.settle()
    driver.window.sidebar.rename_wanted.emit(driver.window.chat.conversation_id, "My trip")
    driver.until(lambda: driver.titles == ["My trip"], "the name")
    answers.title = "Sights of Kyoto"
    driver.say("And in Nara?")
    driver.replied()
    driver.settle(0.4)
    assert driver.titles == ["My trip"]


def test_it_can_be_switched_off(driver, answers):
    driver.window.pages.show_settings()
    page = driver.window.stack.currentWidget()
    page.replies.titles.click()
    assert driver.window.settings.write_titles is False
    driver.window.pages.show_chat()
    driver.say("please tell me what to see in kyoto")
    driver.replied()
    driver.settle(0.4)
    assert driver.titles == ["please tell me what to see in kyoto"] and len(answers.asked) == 1
