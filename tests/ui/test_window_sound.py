"""A sound in the window: attached, heard by a model that can, played back, and refused by one that can't."""

from __future__ import annotations

from pathlib import Path

import pytest
from generated_sounds import file_of, voice
from models_families import make as make_family
from PySide6.QtCore import QMimeData, QUrl
from window_driver import Driver

from assistant.paths import DataPaths
from assistant.records import Sampling
from assistant.settings import Settings
from assistant.store import Store
from models import catalog
from ui import sounds


@pytest.fixture
def voice_file(tmp_path: Path) -> Path:
    path = tmp_path / "voice.mp3"
    path.write_bytes(file_of("MP3", voice(2.0)))
    return path


@pytest.fixture
def open_window(tmp_path, tmp_path_factory):
    drivers = []

    def make(family: str) -> Driver:
        paths = DataPaths(tmp_path / "home").ensure()
        folder = make_family(family, tmp_path_factory.mktemp("families") / family)
        catalog.add(folder, paths.models, family.replace("_", "-"))
        settings = Settings(
            model=family.replace("_", "-"), sampling=Sampling(temperature=0.0, max_tokens=6), first_run_done=True,
            learn_when="off", best_of_on=False,
        )  # fmt: skip
        drivers.append(Driver(paths.root, settings))
        drivers[-1].until(lambda: drivers[-1].window.bridge.phase == "ready", "the model", 120)
        return drivers[-1]

    yield make
    for driver in drivers:
        driver.close()


def dropped(driver: Driver, path: Path) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path))])
    driver.window.page.composer.edit.insertFromMimeData(mime)


def test_a_dropped_sound_is_sent_heard_kept_and_can_be_played(open_window, voice_file, monkeypatch):
    driver = open_window("gemma4")
    composer = driver.window.page.composer
    assert composer.attach.accessibleName() == "Attach a picture or a sound"
    dropped(driver, voice_file)
    driver.until(lambda: composer.pictures.files(), "the sound in the composer", 60)
    driver.say("What is said?")
    reply = driver.replied(120)
    assert reply.error == "" and reply.generation is not None
    assert reply.generation.prompt_tokens > 30  # the sound has its places in the prompt
    asked = driver.window.page.transcript.messages()[0]
    (kept,) = asked.message.attachments
    assert (kept.kind, kept.name, kept.mime) == ("audio", "voice.mp3", "audio/wav")
    question = driver.window.page.transcript.message_list().widget_of(asked.message.id)
    (chip,) = question.chips()
    assert chip.isVisible() and chip.text() == "voice.mp3 · 0:02" and "voice.mp3" in question.spoken()
    # Without Qt's multimedia module the system's player is given a copy with an ending that it knows.
    opened: list[QUrl] = []
    monkeypatch.setattr(sounds, "has_multimedia", lambda: False)
    monkeypatch.setattr(sounds.QDesktopServices, "openUrl", lambda url: opened.append(url) or True)
    chip.click()
    copy = Path(opened[0].toLocalFile())
    assert copy.suffix == ".wav" and copy.read_bytes() == Path(asked.image_paths[0]).read_bytes()


def test_a_model_that_cannot_hear_says_so_and_the_draft_stays(open_window, voice_file):
    driver = open_window("qwen3_vl")
    composer = driver.window.page.composer
    composer.set_text("typed with care")
    assert composer.attach.accessibleName() == "Attach a picture" and not composer.record.isVisible()
    dropped(driver, voice_file)
    assert composer.error.endswith("cannot hear.") and not composer.pictures.checking
    assert composer.text() == "typed with care" and composer.pictures.files() == []


def test_a_damaged_sound_is_refused_in_one_sentence(open_window, tmp_path):
    driver = open_window("gemma4")
    composer = driver.window.page.composer
    bad = tmp_path / "bad.mp3"
    bad.write_bytes(b"ID3 not a sound")
    composer.set_text("kept")
    composer.add_file(bad)
    driver.until(lambda: composer.error, "the sentence", 60)
    assert "bad.mp3" in composer.error and composer.error.endswith(".") and composer.text() == "kept"


def test_a_sound_is_exported_and_imported_with_its_conversation(open_window, voice_file, tmp_path):
    driver = open_window("gemma4")
    dropped(driver, voice_file)
    driver.until(lambda: driver.window.page.composer.pictures.files(), "the sound", 60)
    driver.say("What is said?")
    driver.replied(120)
    driver.close()
    with Store.open(DataPaths(tmp_path / "home")) as store:
        (conversation,) = store.conversations()
        archive = tmp_path / "all.attune"
        store.backup_to(archive)
    from assistant.store.archive import restore

    restore(DataPaths(tmp_path / "other"), archive)
    with Store.open(DataPaths(tmp_path / "other")) as store:
        message = store.branch(store.conversation(conversation.id).leaf_id)[0]
        (sound,) = message.attachments
        assert sound.kind == "audio" and store.attachment_path(sound.sha256).read_bytes()[:4] == b"RIFF"
        store.purge_conversation(conversation.id)
        assert store.collect_garbage(older_than_s=-1) > 0
        assert not store.attachment_path(sound.sha256).exists()


def test_what_was_recorded_is_a_sound_file():
    from assistant.sound.intake import intake

    samples = (voice(1.0, sounds.RATE, 1)[:, 0] * 32767).astype("<i2").tobytes()
    sound = intake(sounds.wav_of(samples), "recording.wav")
    assert abs(sound.seconds - 1.0) < 0.01
