"""Kinds of text as forms, and whether the computer is plugged in."""

from __future__ import annotations

import pytest

from assistant import power, presets
from assistant.errors import BadInput
from assistant.paths import DataPaths
from assistant.store import Store


@pytest.fixture
def store(tmp_path):
    with Store.open(DataPaths(tmp_path / "home")) as opened:
        yield opened


def test_a_preset_leaves_out_what_was_not_filled_in():
    email = presets.BUILT_IN[0]
    text = email.fill({"about": "the {roof} leaks", "tone": " "})
    assert "About: the {roof} leaks" in text and "Tone" not in text and "To:" not in text
    with pytest.raises(BadInput, match="What it is about"):
        email.fill({})


def test_a_preset_may_be_written_in_a_style_of_its_own(store):
    work = store.add_line("Work")
    presets.set_style(store, "email", "work")
    presets.save(store, presets.make("Minutes", "{topic}", id="1"))
    presets.set_style(store, "1", work)
    assert presets.styles(store) == {"email": "Work", "1": "Work"}
    presets.delete(store, "1")
    assert presets.styles(store) == {"email": "Work"}
    presets.set_style(store, "email", "")
    assert presets.styles(store) == {} and store.value(presets.STYLES) is None
    presets.set_style(store, "story", work)
    store.remove_line(work)
    assert presets.styles(store) == {}
    store.set_value(presets.STYLES, ["damaged"])
    assert presets.styles(store) == {}


def test_own_presets_are_kept_replaced_and_deleted(store):
    made = presets.make(" Minutes ", "About {topic}, {topic} and {people}", id="1")
    assert [f.name for f in made.fields] == ["topic", "people"]
    presets.save(store, made)
    presets.save(store, presets.make("Minutes 2", "{topic}", id="1"))
    assert [p.title for p in presets.own(store)] == ["Minutes 2"]
    store.set_value(presets.KEPT, [{"title": "no id"}, *store.value(presets.KEPT)])
    assert [p.title for p in presets.own(store)] == ["Minutes 2"]
    presets.delete(store, "1")
    assert presets.own(store) == ()
    for title, template in (("", "x"), ("x", " ")):
        with pytest.raises(BadInput):
            presets.make(title, template, id="2")


def test_power_is_read_from_the_supplies(tmp_path, monkeypatch):
    monkeypatch.setattr("sys.platform", "linux")

    def supply(name, **files):
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)
        for file, text in files.items():
            (folder / file).write_text(text + "\n")

    assert power.on_mains(tmp_path)  # no supplies at all: a desktop
    supply("BAT0", type="Battery", status="Discharging")
    assert not power.on_mains(tmp_path)
    supply("AC", type="Mains", online="1")
    assert power.on_mains(tmp_path)
    supply("AC", type="Mains", online="0")
    assert not power.on_mains(tmp_path)
    supply("hidpp", type="Battery", status="Discharging", scope="Device")
    supply("AC", type="Mains", online="1")
    assert power.on_mains(tmp_path)
