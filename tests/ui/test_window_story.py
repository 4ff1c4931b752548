"""The whole promise in one sitting: the real window, the real engine process, the real starter model."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from window_driver import Driver

from assistant.records import Sampling
from assistant.settings import Settings

CAT = Path(__file__).parents[1] / "data" / "cat.jpg"
ALT = Qt.KeyboardModifier.AltModifier
SETTINGS = Settings(sampling=Sampling(temperature=0.0, max_tokens=96), first_run_done=True)


@pytest.fixture
def open_window(home_with_starter):
    drivers: list[Driver] = []

    def make() -> Driver:
        from assistant import settings as settings_file
        from assistant.paths import DataPaths

        path = DataPaths(home_with_starter).settings
        drivers.append(Driver(home_with_starter, settings_file.load(path) if path.exists() else SETTINGS))
        return drivers[-1]

    yield make
    for driver in drivers:
        driver.close()


def test_a_picture_of_a_cat_is_seen_rated_and_found_again(open_window):
    driver = open_window()
    composer = driver.window.page.composer
    pieces: list[str] = []
    driver.window.chat.text_came.connect(lambda _id, text: pieces.append(text))
    composer.add_file(str(CAT))
    driver.until(lambda: composer.pictures.files(), "the picture in the composer", 60)
    driver.say("What animal is in this picture?")
    driver.until(lambda: driver.shown[:1] == ["What animal is in this picture?"], "the message", 60)
    reply = driver.replied(240)
    assert reply.error == ""
    assert "cat" in reply.text.lower()
    assert len(pieces) > 1 and "".join(pieces).strip() == reply.text.strip()  # it came bit by bit
    asked = driver.window.page.transcript.messages()[0]
    assert any("cat" in name for name, _p in asked.message.attachments[0].recognition.objects)
    driver.key(Qt.Key.Key_Up, ALT)
    driver.until(lambda: driver.window.page.transcript.messages()[1].rating == 1, "the thumb")
    assert driver.window.status.noted == "1 rating so far."
    assert driver.window.status.texts()[0].startswith("Starter")
    driver.close()

    again = open_window()
    title = "What animal is in this picture?"
    there = again.window.header
    again.until(lambda: again.titles == [title] and there.title == title, "the conversation", 60)
    asked, answered = again.window.page.transcript.messages()
    assert answered.message.text == reply.text
    assert answered.rating == 1
    assert Path(asked.image_paths[0]).is_file()
    assert asked.message.attachments[0].name == "cat.jpg"


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="killing a process is a signal")
def test_an_engine_killed_in_mid_reply_is_recovered_in_the_window(open_window):
    driver = open_window()
    bridge = driver.window.bridge
    driver.say("Tell me a long story about a lighthouse keeper.")
    driver.until(lambda: len(driver.shown) == 2 and len(driver.shown[1]) > 20, "the beginning", 240)
    killed = bridge.engine_pid
    assert killed is not None
    os.kill(killed, signal.SIGKILL)
    driver.until(lambda: "started again" in driver.banner, "the sentence about it", 60)
    cut = driver.replied(60)
    assert len(cut.text) > 20 and cut.error  # what was written is kept, and it says why it ends
    driver.until(lambda: bridge.phase == "ready", "the engine back", 120)
    assert bridge.engine_pid not in (None, killed)
    assert driver.banner == ""
    driver.say("What is the capital of France?")
    driver.until(lambda: len(driver.shown) == 4, "the next message", 60)
    answer = driver.replied(120)
    assert answer.error == "" and "Paris" in answer.text
    assert driver.shown[1] == cut.text
