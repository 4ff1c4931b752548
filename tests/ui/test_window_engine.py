"""The window over a real engine process with a tiny model: stop, branches, edits, thumbs."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from tiny_model import make_tiny_model
from window_driver import Driver

from assistant.paths import DataPaths
from assistant.records import Sampling
from assistant.settings import Settings
from assistant.store import Store

CTRL, ALT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.AltModifier


@pytest.fixture
def driver(tmp_path):
    paths = DataPaths(tmp_path / "home").ensure()
    # This seed writes on for 1,872 tokens: there is time to stop it.
    make_tiny_model(paths.models / "tiny", context_length=4096, seed=6)
    driver = Driver(paths.root, Settings(model="tiny", sampling=Sampling(temperature=0.0, max_tokens=2000)))
    yield driver
    driver.close()


def test_a_conversation_with_everything_one_does_to_it(driver):
    window, transcript = driver.window, driver.window.page.transcript
    driver.say("Hello, who are you?")
    driver.until(lambda: len(driver.shown) == 2 and len(driver.shown[1]) > 8, "the first words")
    driver.key(Qt.Key.Key_Escape)
    stopped = driver.replied()
    assert stopped.text and stopped.error == ""
    assert stopped.generation.finish == "cancelled"

    window.change_settings(sampling=Sampling(temperature=0.0, max_tokens=12))
    driver.key(Qt.Key.Key_R, CTRL)
    driver.until(lambda: driver.shown[1] != stopped.text, "another reply")
    second = driver.replied()
    assert second.id != stopped.id
    view = transcript.messages()[1]
    assert (view.sibling_index, view.sibling_count) == (1, 2)
    transcript.branch_requested.emit(second.id, -1)
    driver.until(lambda: driver.shown[1] == stopped.text, "the first version")

    question = transcript.messages()[0].message.id
    transcript.edit_requested.emit(question, "Hello, what are you?")
    driver.until(lambda: driver.shown[0] == "Hello, what are you?", "the edited question")
    third = driver.replied()
    assert transcript.messages()[0].sibling_count == 2

    driver.key(Qt.Key.Key_Up, ALT)
    driver.until(lambda: transcript.messages()[1].rating == 1, "thumb up")
    driver.key(Qt.Key.Key_Down, ALT)
    driver.until(lambda: transcript.messages()[1].rating == -1, "thumb down instead")
    assert window.status.noted == "1 rating so far."
    driver.key(Qt.Key.Key_Down, ALT)
    driver.until(lambda: transcript.messages()[1].rating is None, "the thumb taken back")
    assert window.status.noted == "0 ratings so far."
    transcript.edit_requested.emit(third.id, "I am Attune.")
    driver.until(lambda: window.status.noted == "1 rating so far.", "the edit as a rating")

    window.close()
    with Store.open(window.paths) as store:
        assert [(r.kind, r.text) for r in store.ratings()] == [("edit", "I am Attune.")]
        assert {m.text for m in store.siblings(second.id)} == {stopped.text, second.text}
