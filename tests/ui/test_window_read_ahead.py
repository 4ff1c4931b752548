"""While the user writes, the engine reads what the prompt will begin with."""

from __future__ import annotations

import pytest
from window_driver import Driver

from assistant.paths import DataPaths
from assistant.settings import Settings


@pytest.fixture
def driver(tmp_path, answers):
    settings = Settings(learn_when="off", first_run_done=True, model="starter", system_prompt="Be kind.")
    driver = Driver(DataPaths(tmp_path / "home").ensure().root, settings)
    driver.until(lambda: driver.window.bridge.phase == "ready", "the model")
    yield driver
    driver.close()


def test_a_new_chat_an_opened_one_and_a_rated_one_are_read_ahead(driver, answers):
    driver.until(lambda: answers.ahead == [["Be kind."]], "the system prompt")
    driver.say("Hello.")
    reply = driver.replied()
    opened = driver.window.chat.conversation_id
    driver.window.chat.new()
    driver.until(lambda: len(answers.ahead) == 2, "the new chat")
    driver.window.chat.open(opened)
    driver.until(lambda: len(answers.ahead) == 3, "the conversation")
    assert answers.ahead[-1] == ["Be kind.", "Hello.", reply.text]
    driver.window.chat.rate(reply.id, 1)
    driver.until(lambda: len(answers.ahead) == 4, "the conversation under a new style card")
