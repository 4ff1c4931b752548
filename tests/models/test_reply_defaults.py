"""What a model is told and how its words are drawn by default, and how much context the memory allows."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tiny_model import make_tiny_model

from models import memory
from models.loader import load
from models.reply_defaults import ReplyDefaults, SamplingAdvice, defaults_of


def test_qwen_has_a_system_prompt_and_its_publishers_sampling(tmp_path: Path) -> None:
    defaults = defaults_of("mine", "qwen2", tmp_path)
    assert "do not know" in defaults.system_prompt
    assert defaults.sampling.given()["top_k"] == 20 and defaults.sampling.temperature == 0.7


def test_a_folders_own_advice_comes_before_its_familys(tmp_path: Path) -> None:
    advice = {"do_sample": True, "temperature": 0.4, "top_k": 7, "repetition_penalty": "1.5", "top_p": 12}
    (tmp_path / "generation_config.json").write_text(json.dumps(advice))
    found = defaults_of("mine", "qwen2", tmp_path).sampling
    assert found == SamplingAdvice(temperature=0.4, top_k=7)  # what makes no sense is passed over


@pytest.mark.parametrize(
    "text", ["", "[]", '{"do_sample": false, "temperature": 0.1}', '{"temperature": 0.1}']
)
def test_a_folder_that_recommends_nothing_leaves_the_programs_defaults(tmp_path: Path, text: str) -> None:
    (tmp_path / "generation_config.json").write_text(text)
    assert defaults_of("mine", "llama", tmp_path).sampling.given() == {}


def test_the_system_prompt_is_in_the_prompt_unless_the_user_gives_another(tmp_path: Path) -> None:
    model = load(make_tiny_model(tmp_path / "tiny"), model_id="tiny", threads=1)
    ask = {"role": "user", "content": "hello"}
    assert model.render([ask]).count("<|im_start|>") == 2  # its family has no system prompt
    own = "Answer kindly."
    model.defaults = ReplyDefaults(own)
    assert own in model.render([ask])
    given_text = model.render([{"role": "system", "content": "Be brief."}, ask])
    assert "Be brief." in given_text and own not in given_text
    with_it = [{"role": "system", "content": own}, ask]
    assert model.count_tokens([ask]) == model.count_tokens(with_it)  # the context meter counts it


@given(whole=st.integers(1, 10**6), each=st.integers(1, 10**6), free=st.integers(0, 10**12))
def test_the_context_stays_within_its_share_of_memory(whole: int, each: int, free: int) -> None:
    used = memory.affordable_context(whole, each, free)
    assert 0 < used <= whole
    assert used <= memory.LEAST_TOKENS or used * each <= free * memory.CONTEXT_SHARE
    assert used == whole or used % memory.STEP == 0
    assert bool(memory.context_note(used, whole)) == (used < whole)


def test_a_machine_that_does_not_tell_gets_the_whole_context() -> None:
    assert memory.affordable_context(32_768, 28_672, None) == 32_768


def test_little_memory_shortens_the_context_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make_tiny_model(tmp_path / "tiny")
    config = json.loads((folder / "config.json").read_text())
    config["max_position_embeddings"] = 100_000
    (folder / "config.json").write_text(json.dumps(config))
    monkeypatch.setattr(memory, "available_bytes", lambda: 400_000_000)
    monkeypatch.setattr(memory, "CONTEXT_SHARE", 1e-3)
    model = load(folder, model_id="tiny", threads=1)
    assert model.context_length < 100_000 and "100,000" in model.info()["context_note"]
