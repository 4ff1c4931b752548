"""Snapshots in the window: one deleted chat comes back, everything comes back, and it is said what changed."""

from __future__ import annotations

import re

import pytest
from window_driver import Driver

from assistant.paths import DataPaths
from assistant.settings import Settings
from assistant.store import Store
from assistant.store.snapshots import snapshot


@pytest.fixture
def driver(tmp_path, answers):
    paths = DataPaths(tmp_path / "home").ensure()
    with Store.open(paths) as store:
        for number in range(3):
            conversation = store.create_conversation(title=f"Chat {number}")
            user = store.add_message(conversation.id, None, "user", "Where is it?")
            reply = store.add_message(conversation.id, user.id, "assistant", "There.")
            store.add_rating("thumb", 1, reply.id)
        snapshot.take(paths, "asked")
        store.purge_conversation(store.conversations()[0].id)
        store.delete_conversation(store.conversations()[0].id)
    driver = Driver(paths.root, Settings(learn_when="off", first_run_done=True))
    driver.until(lambda: driver.window.bridge.phase == "ready" and driver.titles, "the model")
    yield driver
    driver.close()


def open_page(driver: Driver):
    driver.window.pages.show_privacy()
    privacy = driver.window.stack.currentWidget()
    driver.until(lambda: "snapshots" in privacy.facts("snapshots"), "the size")
    privacy.snapshots_wanted.emit()
    page = driver.window.stack.currentWidget()
    driver.until(lambda: button(page, "Show what changed"), "the list")
    return page


def button(page, name: str):
    found = [part for part in page.findChildren(type(page.take)) if part.accessibleName().startswith(name)]
    return found[-1] if found else None


def said(page) -> str:
    return " | ".join(part.text() for part in page.findChildren(type(page.note)) if not part.isHidden())


def test_a_chat_and_then_all_of_it_comes_back(driver):
    page = open_page(driver)
    assert driver.titles == ["Chat 0"]
    button(page, "Show what changed").click()
    driver.until(lambda: page.compared, "what changed")
    driver.settle()
    assert re.search("−2 chat.* · −4 message.* · −2 rating", said(page))
    button(page, "Restore: Chat 2").click()
    driver.until(lambda: len(driver.titles) == 2, "the chat")
    assert "2 message" in page.note.text() and "came back" in page.note.text()
    driver.until(lambda: "came back" in page.note.text() and page.changes.isHidden(), "the end of it")
    button(page, "Show what changed").click()
    driver.until(lambda: page.compared, "what changed")
    button(page, "Restore: Chat 1").click()
    driver.until(lambda: len(driver.titles) == 3, "the deleted chat")
    with Store.open(driver.paths) as store:
        store.purge_conversation(store.conversations()[0].id)
        store.purge_conversation(store.conversations()[0].id)
    button(page, "Show what changed").click()
    driver.until(lambda: page.compared, "what changed")
    driver.confirm(page.restore_all)
    driver.until(lambda: "4 message" in page.note.text(), "everything")
    with Store.open(driver.paths) as store:
        assert store.conversation_count() == 3 and store.rating_count() == 3


def test_a_snapshot_is_taken_once_and_erasing_takes_them_all(driver):
    page = open_page(driver)
    before = len(snapshot.ids(driver.paths))
    page.take.click()
    driver.until(lambda: page.note.text(), "the snapshot")
    driver.until(page.take.isEnabled, "the button")
    page.take.click()
    driver.until(lambda: "Nothing changed" in page.note.text(), "the second one")
    assert before <= len(snapshot.ids(driver.paths)) <= before + 1
    driver.window.pages.show_privacy()
    privacy = driver.window.stack.currentWidget()
    privacy.erase["database"].click()
    dialog = driver.dialog()
    assert dialog is not None
    assert any("Snapshots" in part.text() for part in dialog.findChildren(type(page.note)))
    dialog.reject()
    driver.confirm(privacy.erase["snapshots"])
    driver.until(lambda: privacy.note.text() == "Erased.", "the end of it")
    assert snapshot.ids(driver.paths) == [] and driver.titles == ["Chat 0"]
