"""A reply read with and without its style gives the log-probabilities that transformers and peft give."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from style_folder import make_style

from assistant.errors import BadInput
from assistant.generation import scoring
from assistant.generation.decode_loop import generate, run
from assistant.records import Sampling
from models.decoders.transformers_decoder import TransformersDecoder


@pytest.fixture(scope="module")
def style(tiny: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_style(tiny.folder, tmp_path_factory.mktemp("style") / "v1")


def by_transformers(tiny: Any) -> Any:
    """The same model, read by transformers itself."""
    decoder = TransformersDecoder(tiny.module(), tiny.decoder.vocab_size, tiny.context_length)
    return SimpleNamespace(
        decoder=decoder,
        tokenizer=tiny.tokenizer,
        eos_ids=tiny.eos_ids,
        context_length=tiny.context_length,
        prepare=tiny.prepare,
    )


def wanted(tiny: Any, prompt: list[int], reply: list[int], style: Path | None) -> tuple[list[float], float]:
    """Teacher forcing by transformers and peft: log-probabilities of the reply, and of ending after it."""
    import peft
    from transformers import AutoModelForCausalLM

    module: Any = AutoModelForCausalLM.from_pretrained(str(tiny.folder), dtype=torch.float32).eval()
    if style is not None:
        module = peft.PeftModel.from_pretrained(module, str(style)).eval()
    with torch.inference_mode():
        logs = module(torch.tensor([prompt + reply])).logits[0].float().log_softmax(-1)
    at = len(prompt) - 1
    ends = torch.logsumexp(logs[at + len(reply), list(tiny.eos_ids)], -1)
    return [float(logs[at + i, id]) for i, id in enumerate(reply)], float(ends)


@pytest.mark.parametrize("kind", ["native", "transformers"])
def test_both_readings_are_those_of_transformers_and_peft(tiny: Any, style: Path, kind: str) -> None:
    model = tiny if kind == "native" else by_transformers(tiny)
    inputs = tiny.prepare([{"role": "user", "content": "Tell me of the fox."}])
    reply = tiny.tokenizer("The quick brown fox 你好 jumps. " * 9)["input_ids"]  # more than is read at once
    assert len(reply) > 70
    model.decoder.set_style(None)
    found = run(scoring.read_twice(model, inputs, reply, True, model.decoder.set_style, style))
    assert "".join(found.pieces) == tiny.tokenizer.decode(reply)
    for got, ended, folder in ((found.styled, found.end[0], style), (found.base, found.end[1], None)):
        right, end = wanted(tiny, inputs.ids[0].tolist(), reply, folder)
        assert got == pytest.approx(right, abs=0.02) and ended == pytest.approx(end, abs=0.02)
    assert max(abs(a - b) for a, b in zip(found.styled, found.base, strict=True)) > 0.5


def test_the_styled_reading_is_what_was_noted_while_the_reply_was_written(tiny: Any, style: Path) -> None:
    inputs = tiny.prepare([{"role": "user", "content": "What is this?"}])
    tiny.decoder.set_style(style)
    reply = run(generate(tiny, inputs, Sampling(temperature=0.0, max_tokens=20), style=str(style)))
    found = run(scoring.read_twice(tiny, inputs, reply.ids, False, tiny.decoder.set_style, style))
    tiny.decoder.set_style(None)
    assert found.styled == pytest.approx(reply.logprobs, abs=0.01)
    assert "".join(found.pieces) == reply.text and found.end == ()


def test_an_empty_reply_and_one_that_no_longer_fits_are_refused_in_a_sentence(tiny: Any, style: Path) -> None:
    inputs = tiny.prepare([{"role": "user", "content": "Hi"}])
    for ids, word in (([], "no words"), ([5] * tiny.context_length, "longer")):
        with pytest.raises(BadInput, match=word):
            run(scoring.read_twice(tiny, inputs, ids, False, tiny.decoder.set_style, style))
