"""A reply that was cut off goes on as if it had never been."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from assistant.generation.decode_loop import generate, run
from assistant.generation.prefix_cache import PrefixCaches
from assistant.records import Sampling

GREEDY = Sampling(temperature=0.0, repetition_penalty=1.1, max_tokens=40)
DRAWN = Sampling(temperature=0.8, seed=11, max_tokens=40)
PROMPTS = ("the quick brown fox jumps over the lazy dog " * 6, "你好,世界。" * 10)


@pytest.mark.parametrize("kept", [False, True], ids=["read anew", "from the cache"])
@pytest.mark.parametrize("sampling", [GREEDY, DRAWN], ids=["greedy", "drawn"])
@pytest.mark.parametrize("text", PROMPTS)
def test_both_parts_are_the_reply_that_was_not_cut(
    tiny: Any, text: str, sampling: Sampling, kept: bool
) -> None:
    inputs = tiny.prepare([{"role": "user", "content": text}])
    whole = run(generate(tiny, inputs, sampling))
    caches = PrefixCaches()
    for cut in (1, 7, 25):
        first = run(generate(tiny, inputs, replace(sampling, max_tokens=cut), caches=caches))
        assert first.finish == "length"
        rest = run(
            generate(
                tiny,
                inputs,
                replace(sampling, max_tokens=40 - cut),
                caches=caches if kept else None,
                begun=first.ids,
            )
        )
        assert first.ids + rest.ids == whole.ids and rest.finish == whole.finish
        assert first.logprobs + rest.logprobs == pytest.approx(whole.logprobs, abs=1e-3)
        assert rest.prompt_tokens == whole.prompt_tokens
        if kept:
            assert rest.details.reused_tokens >= len(inputs)
        # A character that was cut in two is shown when it is whole.
        assert whole.text.startswith(first.text) and whole.text.endswith(rest.text)
        assert "\ufffd" not in rest.text or "\ufffd" in whole.text


def test_a_long_beginning_is_read_in_chunks(tiny: Any) -> None:
    inputs = tiny.prepare([{"role": "user", "content": "hi"}])
    begun = tuple(tiny.tokenize("the quick brown fox jumps over the lazy dog. " * 40))
    assert len(begun) > 300
    one = run(generate(tiny, inputs, GREEDY, begun=begun))
    sampling = replace(GREEDY, max_tokens=min(40, tiny.context_length - len(inputs) - len(begun)))
    assert one.ids == run(generate(tiny, inputs, sampling, begun=begun, caches=PrefixCaches())).ids
