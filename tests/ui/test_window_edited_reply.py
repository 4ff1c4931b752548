"""An edited reply is the reply: shown, copied, searched, exported, and what the next turn is told."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QGuiApplication
from window_driver import Driver

from assistant.paths import DataPaths
from assistant.settings import Settings
from assistant.store import Store

MINE = "Take **one** coat:\n\n```python\nif cold:\n    wear(coat)\n```\n\nThat is all, Zebulon."


@pytest.fixture
def driver(tmp_path, answers):
    home = DataPaths(tmp_path / "home").ensure().root
    driver = Driver(home, Settings(learn_when="off", first_run_done=True, model="starter"))
    driver.until(lambda: driver.window.bridge.phase == "ready", "the model")
    driver.say("What shall I pack?")
    driver.replied()
    yield driver
    driver.close()


def reply(driver: Driver):
    transcript = driver.window.page.transcript
    return transcript.message_list().widget_of(transcript.messages()[1].message.id)


def edit(driver: Driver, text: str):
    widget = reply(driver)
    widget.edit()
    widget.editor().field().setPlainText(text)
    widget.editor()._save_button.click()
    driver.until(lambda: reply(driver).body.source() == text, "the edited reply in its place")
    return reply(driver)


def test_it_is_shown_rendered_copied_searched_exported_and_used_as_context(driver, answers, tmp_path):
    original = driver.window.chat.last_reply.text
    widget = edit(driver, MINE)
    assert "**" not in widget.body.spoken() and widget.body.last_code() is not None  # drawn, not raw
    widget.copy()
    assert QGuiApplication.clipboard().text() == MINE
    driver.say("And then?")
    driver.until(lambda: len(driver.shown) == 4 and not driver.window.chat.busy, "the next reply")
    assert [turn.text for turn in answers.asked[-1]["turns"]][-2:] == [MINE, "And then?"]
    with Store.open(driver.paths) as store:
        hits = [hit for hit in store.search("Zebulon") if hit.message_id]
        assert len(hits) == 1 and "Zebulon" in hits[0].snippet
        assert not any(hit.message_id == hits[0].message_id for hit in store.search("rather long answer"))
        store.export_document(tmp_path / "all.md", "markdown")
    text = (tmp_path / "all.md").read_text()
    assert "Zebulon" in text and original not in text


def test_it_is_still_the_reply_when_the_chat_is_opened_again_and_can_be_undone(driver):
    original = driver.window.chat.last_reply.text
    edit(driver, MINE)
    conversation = driver.window.chat.conversation_id
    driver.window.new_chat()
    driver.window.open_chat(conversation)
    driver.until(lambda: len(driver.shown) == 2 and reply(driver).body.source() == MINE, "the edit again")
    note = reply(driver).edited_note()
    assert note.isVisible() and reply(driver).changes() is None
    note.link.click()
    assert reply(driver).changes().isVisible() and note.link.text() == "Hide changes"
    note.original.click()
    driver.until(lambda: reply(driver).body.source() == original, "the original")
    assert not note.isVisible()
    with Store.open(driver.paths) as store:
        assert store.ratings() == []
