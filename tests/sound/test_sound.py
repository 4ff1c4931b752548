"""Sounds: every kind on the list comes in alike, damaged ones are refused, and a model that hears is given them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from generated_speech import file_of, speech
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistant import prompt
from assistant.cli import main
from assistant.conversation import turns
from assistant.engine.protocol import Turn
from assistant.errors import BadInput
from assistant.paths import DataPaths
from assistant.sound import decoding
from assistant.sound.intake import intake, samples_of, seconds_of
from assistant.store import Store
from models.fetch import catalog


def voice(seconds: float = 1.5, rate: int = 44_100, channels: int = 2) -> np.ndarray:
    at = np.arange(int(seconds * rate)) / rate
    mono = 0.3 * np.sin(2 * np.pi * 440 * at) * (0.6 + 0.4 * np.sin(2 * np.pi * 3 * at))
    return np.stack([mono] * channels, axis=1).astype(np.float32)


@pytest.mark.parametrize("kind", ["WAV", "FLAC", "OGG", "MP3"])
def test_every_kind_comes_in_as_one_channel_at_16_khz(kind: str, tmp_path: Path) -> None:
    path = tmp_path / f"voice.{kind.lower()}"
    path.write_bytes(file_of(kind, voice()))
    sound = intake(path)
    assert sound.mime == "audio/wav" and sound.note == "" and abs(sound.seconds - 1.5) < 0.1
    kept = tmp_path / "kept"
    kept.write_bytes(sound.data)
    samples = samples_of(kept)
    spectrum = np.abs(np.fft.rfft(samples))
    assert abs(int(spectrum.argmax()) * 16_000 / len(samples) - 440) < 4  # still the same tone
    assert 0.2 < np.abs(samples).max() < 0.5


@pytest.mark.parametrize("rate", [8_000, 16_000, 22_050, 48_000])
def test_resampling_keeps_what_both_rates_can_hold(rate: int) -> None:
    samples = voice(1.0, rate, 1)[:, 0]
    expected = voice(1.0, 16_000, 1)[:, 0]
    assert np.abs(decoding.resample(samples, rate, 16_000) - expected)[200:-200].max() < 0.01


def test_a_kept_sound_taken_in_again_is_the_same_file() -> None:
    kept = intake(file_of("MP3", speech()), "memo.mp3").data
    assert intake(kept, "memo.wav").data == kept and abs(seconds_of(len(kept)) - 1.5) < 0.1


def test_long_sounds_are_cut_and_said_so() -> None:
    sound = intake(file_of("FLAC", voice(31.0, 16_000, 1), 16_000), "talk.flac")
    assert sound.seconds == 30.0 and "first 30 seconds" in sound.note


def test_what_is_no_sound_or_damaged_is_refused(tmp_path: Path) -> None:
    for data, reason in (
        (b"", "is empty"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "not a sound"),
        (b"RIFF\x00\x00\x00\x00WAVE" + bytes(50), "cut off or damaged|holds no sound"),
        (b"fLaC" + bytes(300), "cut off or damaged"),
        (file_of("WAV", np.zeros((0, 1), np.float32)), "holds no sound"),
    ):
        with pytest.raises(BadInput, match=reason):
            intake(data, "it")
    with pytest.raises(BadInput, match="not there"):
        intake(tmp_path / "gone.wav")
    (tmp_path / "torn").write_bytes(b"RIFF")
    with pytest.raises(BadInput, match="attach it again"):
        samples_of(tmp_path / "torn")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(["WAV", "FLAC", "OGG", "MP3"]), st.data())
def test_flipped_and_cut_files_come_in_or_are_refused(kind: str, data: st.DataObject) -> None:
    """In this process: the real door has limits of memory and time around this."""
    whole = bytearray(file_of(kind, voice(0.3, 16_000, 1), 16_000))
    for at in data.draw(st.lists(st.integers(0, len(whole) - 1), max_size=8)):
        whole[at] ^= data.draw(st.integers(1, 255))
    header, sound = decoding.answer(bytes(whole[: data.draw(st.integers(0, len(whole)))]))
    assert ("refused" in header) != bool(sound)
    if sound:
        assert len(sound) <= 44 + 2 * 16_000 * 30 and np.isfinite(header["seconds"])


class Hears:
    context_length, can_see, can_hear = 4096, True, True

    def count_tokens(self, messages: list, n_images: int) -> int:
        return 10


def test_a_prompt_has_a_place_for_each_sound(tmp_path: Path) -> None:
    path = tmp_path / "kept"
    path.write_bytes(intake(file_of("WAV", voice())).data)
    turn = Turn("user", "What does she say?", sounds=(str(path),))
    built = prompt.build([turn], Hears(), 100)
    assert built.messages[-1]["content"] == [
        {"type": "audio"},
        {"type": "text", "text": "What does she say?"},
    ]
    assert len(built.sounds) == 1 and built.sounds[0].dtype == np.float32
    deaf = Hears()
    deaf.can_hear = False
    built = prompt.build([turn], deaf, 100)
    assert built.sounds == [] and "you cannot hear" in built.messages[-1]["content"]
    with Store.open(DataPaths(tmp_path / "home")) as store:
        kept = store.add_sound(intake(file_of("MP3", voice()), "voice.mp3"))
        conversation = store.create_conversation()
        message = store.add_message(conversation.id, None, "user", "", [kept])
        told = turns([store.message(message.id)], "", store.attachment_path)
    assert kept.kind == "audio" and told[0].sounds == (str(store.attachment_path(kept.sha256)),)
    assert prompt.build(told, Hears(), 100).messages[-1]["content"][1]["text"] == "What is said here?"


def test_a_model_that_hears_replies_to_a_sound_and_others_say_they_cannot(
    attune_home: Path, family_folder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    models = DataPaths(attune_home).ensure().models
    for name in ("gemma4", "qwen3_vl"):
        catalog.add(family_folder(name), models, name.replace("_", "-"))
    path = tmp_path / "voice.ogg"
    path.write_bytes(file_of("OGG", speech()))
    words = ["chat", "What is it?", "--audio", str(path), "--json", "--max-tokens", "5", "--temperature", "0"]
    assert main([*words, "--model", "gemma4"], None) == 0
    reply = json.loads(capsys.readouterr().out)
    assert reply["completion_tokens"] > 0 and reply["prompt_tokens"] > 30
    assert main([*words, "--model", "qwen3-vl"], None) == 1
    assert "cannot hear" in capsys.readouterr().err
