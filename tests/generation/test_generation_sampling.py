"""The next token: filters against their definitions, draws against the distribution."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from transformers import (
    LogitsProcessorList,
    MinPLogitsWarper,
    RepetitionPenaltyLogitsProcessor,
    TemperatureLogitsWarper,
    TopKLogitsWarper,
    TopPLogitsWarper,
)

from assistant.errors import BadInput
from assistant.generation.sampling import Sampler, candidates, check, logprob, penalise
from assistant.records import Sampling


def draw_logits(seed: int, vocab: int = 700, spread: float = 3.0) -> torch.Tensor:
    return torch.randn(vocab, generator=torch.Generator().manual_seed(seed)) * spread


@settings(max_examples=150, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    temperature=st.floats(0.2, 2.0),
    top_k=st.sampled_from([0, 1, 5, 50]),
    top_p=st.sampled_from([0.1, 0.5, 0.9, 0.99, 1.0]),
    min_p=st.sampled_from([0.0, 0.02, 0.2]),
    spread=st.sampled_from([0.3, 3.0]),
)
def test_candidates_are_those_of_transformers(
    seed: int, temperature: float, top_k: int, top_p: float, min_p: float, spread: float
) -> None:
    logits = draw_logits(seed, spread=spread)
    warpers = LogitsProcessorList([TemperatureLogitsWarper(temperature)])
    if top_k:
        warpers.append(TopKLogitsWarper(top_k))
    if top_p < 1:
        warpers.append(TopPLogitsWarper(top_p))
    if min_p and not (top_k and top_p < 1):
        warpers.append(MinPLogitsWarper(min_p))
    else:
        min_p = 0.0
    expected = torch.softmax(warpers(torch.zeros(1, 1, dtype=torch.long), logits[None])[0], -1)
    ids, probabilities = candidates(logits, Sampling(temperature, top_p, top_k, min_p))
    got = torch.zeros_like(expected).index_put((ids,), probabilities)
    # A token exactly on an edge may fall to either side in float32: compare mass, not membership.
    assert float((got - expected).abs().sum()) < 0.02
    assert torch.isclose(probabilities.sum(), torch.tensor(1.0), atol=1e-5)
    assert ids[0] == logits.argmax()


def test_the_penalty_is_that_of_transformers_on_the_written_ids() -> None:
    logits, written = draw_logits(3), [5, 9, 9, 600]
    expected = RepetitionPenaltyLogitsProcessor(1.3)(torch.tensor([written]), logits[None].clone())[0]
    assert torch.equal(penalise(logits[None], torch.tensor([written]), 1.3)[0], expected)
    assert penalise(logits, torch.zeros(0, dtype=torch.long), 1.3) is logits


def test_draws_follow_the_distribution() -> None:
    logits = torch.log(torch.tensor([0.5, 0.25, 0.15, 0.1]))
    sampler = Sampler(Sampling(1.0, 1.0, 0, 0.0, 1.0), [4])
    drawn = torch.cat([sampler.choose(logits[None]) for _ in range(4000)])
    counts = torch.bincount(drawn, minlength=4) / 4000
    assert torch.allclose(counts, torch.softmax(logits, -1), atol=0.03)


def test_greedy_is_the_likeliest_after_the_penalty() -> None:
    logits = torch.tensor([[2.0, 1.9, -1.0]])
    for penalty, after in ((1.0, 0), (1.2, 1)):
        sampler = Sampler(Sampling(0.0, repetition_penalty=penalty), [0])
        assert [int(sampler.choose(logits)) for _ in range(2)] == [0, after]


@pytest.mark.parametrize(
    "sampling", [Sampling(), Sampling(top_k=0), Sampling(top_k=0, top_p=1.0, min_p=0.05)]
)
def test_a_row_is_drawn_alike_alone_and_beside_others_whichever_of_them_leave(sampling: Sampling) -> None:
    steps = [torch.stack([draw_logits(10 * step + row) for row in range(4)]) for step in range(80)]
    together, rows = Sampler(sampling, [3, 5, 8, 13]), [0, 1, 2, 3]
    drawn: dict[int, list[int]] = {row: [] for row in rows}
    for step, logits in enumerate(steps):
        if step in (10, 30):
            together.keep([0, *range(2, len(rows))])
            rows = [rows[0], *rows[2:]]
        for row, id in zip(rows, together.choose(logits[rows]).tolist(), strict=True):
            drawn[row].append(id)
    for row, seed in enumerate([3, 5, 8, 13]):
        alone = Sampler(sampling, [seed])
        wanted = [int(alone.choose(logits[row : row + 1])) for logits in steps]
        assert drawn[row] == wanted[: len(drawn[row])]
    assert [len(drawn[row]) for row in range(4)] == [80, 10, 30, 80]


def test_the_numbers_of_a_seed_are_those_of_one_at_a_time() -> None:
    """Drawn ahead or not: an earlier version's reply comes again from its seed."""
    one = torch.Generator().manual_seed(9)
    wanted = [float(torch.rand((), generator=one, dtype=torch.float64)) for _ in range(150)]
    sampler = Sampler(Sampling(), [9])
    assert [float(sampler._next()) for _ in range(150)] == wanted


def test_the_logprob_is_of_the_model_itself() -> None:
    logits = torch.log(torch.tensor([0.5, 0.3, 0.2])) + 7
    found = float(logprob(logits[None], torch.tensor([1])))
    assert found == pytest.approx(math.log(0.3), abs=1e-5)


@pytest.mark.parametrize(
    "sampling",
    [
        Sampling(temperature=math.nan),
        Sampling(temperature=-0.1),
        Sampling(top_p=1.5),
        Sampling(top_k=-1),
        Sampling(min_p=2),
        Sampling(repetition_penalty=0),
        Sampling(max_tokens=0),
    ],
)
def test_values_that_make_no_sense_are_named(sampling: Sampling) -> None:
    with pytest.raises(BadInput, match=r"^The .* must be .*\.$"):
        check(sampling)
