"""The base side of a blind comparison is refused unless it is the base model."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from style_folder import make_style

from assistant.generation.decode_loop import generate, run
from assistant.generation.prefix_cache import PrefixCaches
from assistant.generation.scoring import PROMPT_TOLERANCE, BaseCheck, probe
from assistant.records import Sampling
from models.decoders.transformers_decoder import TransformersDecoder
from models.errors import ModelError

SHORT = Sampling(temperature=0.0, max_tokens=4)


@pytest.fixture(scope="module")
def style(tiny: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    # So weak that the words hardly change: only the logits can tell.
    return make_style(tiny.folder, tmp_path_factory.mktemp("weak") / "v1", strength=0.02)


def ask(tiny: Any, text: str) -> Any:
    return tiny.prepare([{"role": "user", "content": text}])


def write(
    tiny: Any, stored: torch.Tensor, inputs: Any, caches: PrefixCaches, style: str | None = None
) -> Any:
    check = BaseCheck(tiny.decoder, stored)
    run(check.prepare(inputs, lambda: False))
    reply = run(generate(tiny, inputs, SHORT, caches=caches, style=style, hook=check.hook, speculate=False))
    return reply, check


def test_the_base_passes_with_a_fresh_and_with_a_kept_beginning(tiny: Any) -> None:
    stored, caches = probe(tiny.decoder), PrefixCaches()
    inputs = ask(tiny, "What is the quick brown fox doing today?")
    fresh, check = write(tiny, stored, inputs, caches)
    assert check.difference == 0.0  # read alike: bit for bit the same
    again, check = write(tiny, stored, inputs, caches)
    assert again.details.reused_tokens > 0 and again.text == fresh.text
    assert check.difference is not None and check.difference <= PROMPT_TOLERANCE
    assert check.result().tolerance == PROMPT_TOLERANCE


def test_a_style_that_was_left_on_is_found(tiny: Any, style: Path) -> None:
    stored, inputs = probe(tiny.decoder), ask(tiny, "Hi")
    tiny.decoder.set_style(style)
    try:
        with pytest.raises(ModelError, match="a style is still on"):
            write(tiny, stored, inputs, PrefixCaches())
    finally:
        tiny.decoder.set_style(None)


def test_weights_that_have_changed_since_they_were_loaded_are_found(tiny: Any, style: Path) -> None:
    tiny.decoder.set_style(style)
    other = probe(tiny.decoder)
    tiny.decoder.set_style(None)
    with pytest.raises(ModelError, match="from when it was loaded"):
        write(tiny, other, ask(tiny, "Hi"), PrefixCaches())


def test_a_beginning_that_was_read_under_a_style_is_found_before_the_first_word(
    tiny: Any, style: Path
) -> None:
    stored, inputs, caches = (
        probe(tiny.decoder),
        ask(tiny, "Tell me about the quick brown fox."),
        PrefixCaches(),
    )
    tiny.decoder.set_style(style)
    run(generate(tiny, inputs, SHORT, caches=caches, style=None))  # kept under the wrong name
    tiny.decoder.set_style(None)
    with pytest.raises(ModelError, match="no fair comparison"):
        write(tiny, stored, inputs, caches)


def test_a_model_read_by_transformers_is_checked_alike(tiny: Any, style: Path) -> None:
    decoder = TransformersDecoder(tiny.module(), tiny.decoder.vocab_size, tiny.context_length)
    model = SimpleNamespace(
        decoder=decoder, tokenizer=tiny.tokenizer, eos_ids=tiny.eos_ids, context_length=tiny.context_length
    )
    stored, caches, inputs = (
        probe(decoder),
        PrefixCaches(),
        ask(tiny, "What is the quick brown fox doing today?"),
    )
    for _ in range(2):  # a fresh beginning, and a kept one after a style was on and off again
        _reply, check = write(model, stored, inputs, caches)
        assert check.difference is not None and check.difference <= PROMPT_TOLERANCE
        decoder.set_style(style)
        decoder.set_style(None)
    decoder.set_style(style)
    try:
        with pytest.raises(ModelError, match="a style is still on"):
            write(model, stored, inputs, caches)
    finally:
        decoder.set_style(None)


@pytest.mark.slow
def test_the_starter_passes_its_own_check_whatever_is_kept(starter_models: Path) -> None:
    from models.loader import load

    starter = load(starter_models / "starter", model_id="starter", device="cpu")
    stored, caches = probe(starter.decoder), PrefixCaches()
    for text in (
        "What is a good breakfast?",
        "What is a good breakfast for a long day of walking in the hills?",
    ):
        for _ in range(2):
            _reply, check = write(starter, stored, ask(starter, text), caches)
            assert check.difference is not None and check.difference <= PROMPT_TOLERANCE
