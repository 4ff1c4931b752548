"""Sounds in the composer: attached as pictures are, recorded where Qt can, and refused in one sentence."""

from __future__ import annotations

import numpy as np
import pytest
from generated_speech import file_of, speech
from PIL import Image
from PySide6.QtCore import QMimeData, QUrl
from PySide6.QtWidgets import QApplication, QLabel

from assistant.attachment_intake import take
from assistant.sound.intake import IntakeSound
from ui import theme
from ui.composer import composer as composer_module
from ui.composer.composer import Composer
from ui.sound import devices
from ui.sound.chip import SoundChip

DEAF = "Tiny cannot hear sounds."


@pytest.fixture
def composer(qtbot):
    if not QApplication.instance().styleSheet():
        theme.install(QApplication.instance(), "light")
    made = Composer()
    qtbot.addWidget(made)
    made.show()
    return made


@pytest.fixture
def memo(tmp_path):
    file = tmp_path / "memo.mp3"
    file.write_bytes(file_of("MP3", speech(2.0)))
    return file


def chips(composer):
    return [chip for chip in composer.pictures.findChildren(SoundChip) if not chip.isHidden()]


def wait_for_chips(composer, qtbot, count):
    qtbot.waitUntil(lambda: len(chips(composer)) == count and not composer.pictures.checking, timeout=30_000)


def test_dropped_sounds_become_chips_that_are_sent_or_removed(composer, qtbot, memo, tmp_path):
    nameless = tmp_path / "no suffix"
    nameless.write_bytes(file_of("OGG", speech(61.0, 8000, 1), 8000))
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(memo)), QUrl.fromLocalFile(str(nameless))])
    composer.edit.insertFromMimeData(mime)
    wait_for_chips(composer, qtbot, 2)
    said = {text.text() for chip in chips(composer) for text in chip.findChildren(QLabel)}
    assert {"memo.mp3", "0:02", "no suffix", "0:30", "the first 30 seconds of it"} <= said
    assert all(chip.accessibleName().startswith("Sound ") for chip in chips(composer))
    next(c for c in chips(composer) if "no suffix" in c.accessibleName()).remove.click()
    with qtbot.waitSignal(composer.submitted) as sent:
        composer.button.click()
    (file,) = sent.args[1]
    sound = take(file)
    assert file.endswith("memo.mp3") and isinstance(sound, IntakeSound) and abs(sound.seconds - 2.0) < 0.1


def test_many_long_names_do_not_make_the_window_wider(composer, qtbot, memo, tmp_path):
    narrow = composer.minimumSizeHint().width()
    for number in range(3):
        long = tmp_path / f"{number} {'a very long name of a recording ' * 4}.mp3"
        long.write_bytes(memo.read_bytes())
        composer.add_file(str(long))
    wait_for_chips(composer, qtbot, 3)
    assert composer.minimumSizeHint().width() <= max(narrow, 260)


def test_a_model_that_cannot_hear_says_so_and_the_draft_stays(composer, qtbot, memo, tmp_path):
    composer.set_can_hear(False, DEAF)
    composer.set_text("listen to this")
    composer.add_file(str(memo))
    assert composer.error == DEAF and not composer.pictures.checking and composer.text() == "listen to this"
    assert composer.record.isHidden()
    hidden = tmp_path / "picture.of.nothing"
    hidden.write_bytes(memo.read_bytes())
    composer.add_file(str(hidden))
    qtbot.waitUntil(lambda: not composer.pictures.checking, timeout=30_000)
    assert composer.error == DEAF and composer.pictures.files() == []


def test_a_sound_waiting_while_another_model_comes_is_not_sent_to_it(composer, qtbot, memo):
    composer.set_text("listen to this")
    composer.add_file(str(memo))
    wait_for_chips(composer, qtbot, 1)
    composer.set_can_hear(False, DEAF)
    with qtbot.assertNotEmitted(composer.submitted):
        composer.button.click()
    assert composer.error == DEAF and composer.text() == "listen to this" and len(chips(composer)) == 1


def test_a_picture_without_a_name_is_refused_by_what_it_holds(composer, qtbot, tmp_path):
    composer.set_can_see(False, "Tiny cannot see pictures.")
    assert composer.attach.isEnabled() and composer.attach.accessibleName() == "Attach files"
    photo = tmp_path / "photo"
    Image.new("RGB", (8, 8)).save(photo, "PNG")
    composer.add_file(str(photo))
    qtbot.waitUntil(lambda: bool(composer.error), timeout=30_000)
    assert composer.error == "Tiny cannot see pictures." and composer.pictures.files() == []


def test_a_damaged_sound_is_refused_and_the_text_stays(composer, qtbot, tmp_path):
    bad = tmp_path / "bad.flac"
    bad.write_bytes(b"fLaC" + bytes(300))
    composer.set_text("typed with care")
    composer.add_file(str(bad))
    qtbot.waitUntil(lambda: bool(composer.error), timeout=30_000)
    assert "bad.flac" in composer.error and composer.text() == "typed with care"


def test_what_was_recorded_is_attached_like_a_file(composer, qtbot):
    samples = (speech(1.0, 16_000, 1) * 32767).astype("<i2").tobytes()
    composer.recorder.recorded.emit(devices.wav(samples, 16_000, 1, 16))
    wait_for_chips(composer, qtbot, 1)
    assert composer.pictures.files()[0].endswith("recording.wav")


def test_a_microphone_that_fails_says_so(composer):
    composer.recorder.failed.emit("No microphone was found.")
    assert composer.error == "No microphone was found."


def test_without_qtmultimedia_the_button_says_what_is_missing(composer, monkeypatch):
    monkeypatch.setattr(devices, "_multimedia", lambda: None)
    composer.set_can_hear(True)
    assert not composer.record.isHidden() and not composer.record.isEnabled()
    assert "PySide6-Addons" in composer.record.toolTip()
    composer.recorder.start()
    assert "PySide6-Addons" in composer.error and not composer.recorder.running
    monkeypatch.setattr(composer_module, "why_not", lambda: "")
    composer.set_can_hear(True)
    assert composer.record.isEnabled() and composer.record.accessibleName() == "Record a sound"


@pytest.mark.parametrize(("bits", "is_float"), [(16, False), (32, False), (32, True)])
def test_every_form_a_microphone_gives_is_understood(bits, is_float):
    tone = speech(1.0, 48_000, 2)
    if is_float:
        raw = tone.astype("<f4").tobytes()
    else:
        raw = (tone.astype(np.float64) * (2 ** (bits - 1) - 1)).astype(f"<i{bits // 8}").tobytes()
    taken = take(devices.wav(raw, 48_000, 2, bits, is_float=is_float), "it")
    expected = take(file_of("WAV", tone, 48_000), "it")
    assert isinstance(taken, IntakeSound) and taken.seconds == 1.0
    heard, wanted = (np.frombuffer(sound.data[44:], "<i2").astype(float) for sound in (taken, expected))
    assert np.abs(heard - wanted).max() < 40  # of 32,768
