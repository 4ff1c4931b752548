"""Kinds of text as forms, and whether the computer is plugged in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
    with pytest.raises(BadInput, match="Subject"):
        email.fill({})


def test_the_model_is_asked_in_the_language_of_the_form():
    forms = {preset.id: preset for preset in presets.BUILT_IN}
    email = forms["email"]
    text = email.fill(
        {"to": "Klein 先生", "about": "暖气从周一起就不热了", "wish": "本周内修好", "sender": "Ada"}
    )
    assert text.startswith("请写一封电子邮件") and "事由：暖气从周一起就不热了" in text and "语气" not in text
    assert email.fill({"about": "the heating is cold", "sender": "李娜"}).startswith("Write an e-mail")
    assert email.fill({"about": "暖房が寒い、修理してほしい"}).startswith("Write an e-mail")  # Japanese
    assert not presets.make("m", "{topic}", id="1").fill({"topic": "会议"}).startswith("请")


def test_a_translation_is_asked_for_in_the_language_of_its_target_and_a_reply_in_that_of_the_customer():
    forms = {preset.id: preset for preset in presets.BUILT_IN}
    good_morning = {"text": "Good morning, everyone. How are you?", "language": "中文"}
    assert forms["translation"].fill(good_morning).startswith("请把下面的文字翻译成中文。")
    assert (
        forms["translation"]
        .fill({"text": "早上好", "language": "English"})
        .startswith("Translate into English")
    )
    complaint = {
        "message": "我的包裹还没有到。",
        "answer": "will arrive on Friday, we are sorry about the delay",
    }
    assert forms["customer"].fill(complaint).startswith("请代表公司写一封回信")


@given(st.data())
def test_both_templates_of_a_built_in_preset_say_everything_that_was_filled_in(data):
    preset = data.draw(st.sampled_from(presets.BUILT_IN))
    script = data.draw(st.sampled_from(("今天天气很好", "the weather is fine")))
    values = {f.name: f"{script} {f.name}" for f in preset.fields if f.needed or data.draw(st.booleans())}
    text = preset.fill(values)
    assert all(value in text for value in values.values())
    assert presets.is_chinese(text.split("\n")[0]) == (script == "今天天气很好")


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
