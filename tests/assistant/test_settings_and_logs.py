"""Settings are forgiving when read and whole when written; logs hold no secrets; the data folder is found."""

from __future__ import annotations

import json
import logging
import os

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from assistant import logs, paths, settings
from assistant.errors import StoreError
from assistant.paths import DataPaths
from assistant.records import Sampling
from assistant.settings import Settings


def test_settings_come_back_as_they_were(tmp_path):
    file = tmp_path / "settings.json"
    assert settings.load(file) == Settings()
    chosen = Settings(
        theme="dark",
        zoom=1.5,
        threads=3,
        sampling=Sampling(temperature=0.0, seed=7, stop=("\n", "结束")),
        window={"size": [1024, 640]},
        extra={"from a newer version": {"kept": True}},
    )
    settings.save(file, chosen)
    assert settings.load(file) == chosen
    assert [path.name for path in tmp_path.iterdir()] == ["settings.json"]


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "\x00\xff", '{"theme": "da', "[" * 100_000])
def test_damaged_settings_are_kept_aside(tmp_path, text):
    file = tmp_path / "settings.json"
    file.write_text(text, encoding="latin-1")
    assert settings.load(file) == Settings()
    (aside,) = tmp_path.iterdir()
    assert aside.name.startswith("settings.json.damaged-") and aside.read_text("latin-1") == text


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("theme", "purple"),
        ("zoom", 99),
        ("zoom", "big"),
        ("enter_sends", 1),
        ("threads", 0),
        ("threads", 2.5),
        ("learn_after", True),
        ("window", []),
        ("sampling", 3),
        ("sampling", {"temperature": -1, "top_k": 1.5, "stop": "x", "max_tokens": 0, "new": 1}),
    ],
)
def test_a_value_that_does_not_fit_gives_way_to_its_default(tmp_path, key, value):
    file = tmp_path / "settings.json"
    file.write_text(json.dumps({"language": "zh", key: value}))
    assert settings.load(file) == Settings(language="zh")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@hypothesis_settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.dictionaries(st.sampled_from([*settings._KEYS, "sampling", "else"]), json_values, max_size=6))
def test_any_json_object_gives_usable_settings_and_loses_no_unknown_key(tmp_path, data):
    file = tmp_path / "settings.json"
    file.write_text(json.dumps(data))
    loaded = settings.load(file)
    settings.save(file, loaded)
    assert settings.load(file) == loaded
    assert ("else" in json.loads(file.read_text("utf-8"))) == ("else" in data)


def test_settings_that_cannot_be_saved(tmp_path):
    with pytest.raises(StoreError, match="could not be saved"):
        settings.save(tmp_path / "missing" / "settings.json", Settings())


def test_the_data_folder_is_chosen_in_order(monkeypatch, tmp_path):
    monkeypatch.setenv("ATTUNE_HOME", str(tmp_path / "environment"))
    assert paths.data_dir(str(tmp_path / "said")) == tmp_path / "said"
    assert paths.data_dir() == tmp_path / "environment"
    monkeypatch.delenv("ATTUNE_HOME")
    assert paths.data_dir().name == "Attune" and "cache" not in str(paths.data_dir()).lower()


def test_the_data_folder_is_private_and_may_have_any_name(tmp_path):
    folder = DataPaths(tmp_path / "with space" / "数据 🎉").ensure()
    assert folder.attachments.is_dir() and folder.ensure() == folder
    if os.name == "posix":
        assert folder.root.stat().st_mode & 0o777 == 0o700


@pytest.fixture
def fresh_logging():
    root = logging.getLogger()
    level = root.level
    yield root
    for handler in list(root.handlers):
        if getattr(handler, "_attune", False):
            root.removeHandler(handler)
            handler.close()
    root.setLevel(level)


def test_logs_rotate_and_hold_no_secrets(tmp_path, monkeypatch, fresh_logging):
    monkeypatch.setattr(logs, "MAX_BYTES", 2000)
    file = logs.start(tmp_path, "test")
    logs.start(tmp_path, "test")  # again: no line twice
    log = logging.getLogger("somewhere")
    log.info("key sk-abcdefghijklmnop, Authorization: Bearer abc.def, token=%s", "s3cret")
    log.error("in %s", os.path.expanduser("~/private"))
    text = file.read_text("utf-8")
    for secret in ("abcdefgh", "abc.def", "s3cret", os.path.expanduser("~")):
        assert secret not in text
    assert text.count("somewhere") == 2
    for n in range(200):
        log.info("line %d of many", n)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "test.log",
        "test.log.1",
        "test.log.2",
        "test.log.3",
    ]


def test_a_folder_that_cannot_be_logged_to_is_no_error(tmp_path, fresh_logging):
    (tmp_path / "file").write_text("")
    assert logs.start(tmp_path / "file", "test") is None
    logging.getLogger("somewhere").info("nowhere to go")


def test_what_the_user_chose_wins_over_the_models_advice_and_the_rest_follows_it() -> None:
    advice = Sampling(temperature=0.7, top_k=20, repetition_penalty=1.05)
    assert Settings().sampling_for(advice) == advice
    own = Settings(
        sampling=Sampling(temperature=0.6, max_tokens=99, seed=4), sampling_chosen=("temperature",)
    )
    drawn = own.sampling_for(advice)
    assert (drawn.temperature, drawn.top_k) == (0.6, 20)  # 0.6 was chosen, though it is the program's default
    assert (drawn.max_tokens, drawn.seed) == (99, 4)


def test_settings_of_before_models_gave_advice_keep_what_was_changed_in_them(tmp_path) -> None:
    path = tmp_path / "settings.json"
    old = settings.to_dict(Settings(sampling=Sampling(temperature=0.2, top_p=0.5)))
    del old["sampling_chosen"]
    path.write_text(json.dumps(old))
    read = settings.load(path)
    assert read.sampling_chosen == ("temperature", "top_p")
    settings.save(path, read)
    assert settings.load(path) == read
    path.write_text(json.dumps({"sampling_chosen": ["top_k", "seed", 5]}))
    assert settings.load(path).sampling_chosen == ("top_k",)
