"""A reply that came while another chat was open marks its chat until it is looked at."""

from __future__ import annotations

import threading

import pytest
from answering_engine import AnsweringClient
from PySide6.QtCore import Qt
from window_driver import Driver

from assistant.paths import DataPaths
from assistant.settings import Settings


@pytest.fixture
def held(monkeypatch):
    """Replies wait until it is set."""
    gate = threading.Event()
    made = AnsweringClient.generate

    def generate(self, *args, id=None, **more):
        id = self.new_id() if id is None else id

        def later():
            gate.wait(60)
            made(self, *args, id=id, **more)

        threading.Thread(target=later, daemon=True).start()
        return id

    monkeypatch.setattr(AnsweringClient, "generate", generate)
    yield gate
    gate.set()


def test_an_unseen_reply_is_marked_kept_over_a_restart_and_gone_when_it_is_seen(tmp_path, answers, held):
    settings = Settings(learn_when="off", first_run_done=True, model="starter", show_style_panel=False)
    home = DataPaths(tmp_path / "home").ensure().root
    driver = Driver(home, settings)
    try:
        driver.until(lambda: driver.window.bridge.phase == "ready", "the model")
        driver.say("A long question")
        driver.until(lambda: driver.window.chat.conversation_id and driver.titles, "the chat")
        first = driver.window.chat.conversation_id
        driver.window.new_chat()
        driver.settle()
        held.set()
        model = driver.window.sidebar.model
        driver.until(lambda: first in model.unread, "the mark")
        spoken = model.data(model.index_of(first), Qt.ItemDataRole.AccessibleTextRole)
        assert spoken == "A long question, unread"
        driver.window.sidebar.grab()  # it is painted
    finally:
        driver.close()
    again = Driver(home, settings)
    try:
        again.until(lambda: first in again.window.sidebar.model.unread, "the mark again")
        again.window.open_chat(first)
        again.until(lambda: not again.window.sidebar.model.unread, "no mark")
        again.settle()
    finally:
        again.close()
