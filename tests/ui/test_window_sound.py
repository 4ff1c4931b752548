"""A sound in the real window: heard by a model that hears, refused in a sentence by one that does not."""

from __future__ import annotations

import pytest
from generated_speech import file_of, speech
from models_families import make
from PySide6.QtCore import QMimeData, QUrl
from window_driver import Driver, unnamed

from assistant.paths import DataPaths
from assistant.records import Sampling
from assistant.settings import Settings
from models.fetch import catalog
from ui.sound.chip import SoundChip

SETTINGS = Settings(
    model="tiny-gemma4", style_on=False, first_run_done=True, sampling=Sampling(temperature=0.0, max_tokens=6)
)


@pytest.fixture
def driver(tmp_path):
    home = DataPaths(tmp_path / "home").ensure()
    for family in ("gemma4", "qwen3"):
        catalog.add(make(family, tmp_path / family), home.models, f"tiny-{family}")
    made = Driver(home.root, SETTINGS)
    yield made
    made.close()


@pytest.mark.slow
def test_a_dropped_sound_is_heard_kept_and_shown_and_a_deaf_model_says_so(driver, tmp_path):
    window, composer = driver.window, driver.window.page.composer
    driver.until(lambda: window.bridge.phase == "ready", "the model", 240)
    memo = tmp_path / "memo.mp3"
    memo.write_bytes(file_of("MP3", speech(1.2)))
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(memo))])
    composer.edit.insertFromMimeData(mime)
    driver.until(lambda: composer.pictures.files(), "the sound in the composer")
    assert not unnamed(composer)
    driver.say("What does she say?")
    reply = driver.replied(240)
    assert reply.error == "" and reply.generation.prompt_tokens > 30  # the sound is most of them
    asked = window.page.transcript.messages()[0]
    assert [a.kind for a in asked.message.attachments] == ["audio"]
    (chip,) = window.page.transcript.findChildren(SoundChip)
    assert "memo.mp3" in chip.accessibleName() and not unnamed(chip)
    window.change_settings(model="tiny-qwen3")
    driver.until(
        lambda: window.bridge.model is not None and window.bridge.model.id == "tiny-qwen3", "it", 240
    )
    composer.set_text("And this?")
    composer.edit.insertFromMimeData(mime)
    assert "cannot hear sounds" in composer.error and composer.text() == "And this?"
