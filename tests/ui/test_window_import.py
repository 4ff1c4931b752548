"""The window takes in another program's export after saying what would come."""

from __future__ import annotations

import json

import pytest
from PySide6.QtWidgets import QAbstractButton, QFileDialog, QMessageBox
from silent_engine import SilentClient
from window_driver import Driver

from assistant.settings import Settings

CHATS = [
    {
        "uuid": "c-1",
        "name": "Shopping",
        "created_at": "2024-05-01T10:00:00Z",
        "chat_messages": [
            {
                "uuid": "m1",
                "sender": "human",
                "text": "What is on the list?",
                "files": [{"file_name": "x.png"}],
            },
            {"uuid": "m2", "sender": "assistant", "text": "Milk and eggs."},
        ],
    }
]


@pytest.fixture
def driver(tmp_path, monkeypatch):
    monkeypatch.setattr("ui.engine_bridge.Client", SilentClient)
    made = Driver(tmp_path / "home", Settings())
    yield made
    made.close()


def press(driver: Driver, name: str) -> QMessageBox:
    """Wait for the question, and answer it."""

    def asked() -> list[QMessageBox]:
        return [box for box in driver.window.findChildren(QMessageBox) if box.isVisible()]

    driver.until(asked, "the question")
    box = asked()[0]
    button = next(b for b in box.findChildren(QAbstractButton) if b.text().replace("&", "") == name)
    button.click()
    return box


@pytest.mark.parametrize("answer", ["Import", "Cancel"])
def test_an_export_is_previewed_and_taken_in(driver, tmp_path, monkeypatch, answer):
    file = tmp_path / "conversations.json"
    file.write_text(json.dumps(CHATS))
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_args: (str(file), ""))
    driver.window.pages._import()
    box = press(driver, answer)
    assert "From Claude: 1 new chats with 2 new messages" in box.text()
    assert "not in Claude's export" in box.detailedText()
    if answer == "Import":
        driver.until(lambda: "Shopping" in driver.titles, "the chat in the list")
        assert "2 messages were new" in driver.banner
    else:
        driver.settle()
        assert "Shopping" not in driver.titles


def test_a_file_that_is_nothing_known_is_a_sentence(driver, tmp_path, monkeypatch):
    (tmp_path / "x.json").write_text("[]")
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_args: (str(tmp_path / "x.json"), ""))
    driver.window.pages._import()
    driver.until(lambda: "Known are those of" in driver.banner, "the sentence")
