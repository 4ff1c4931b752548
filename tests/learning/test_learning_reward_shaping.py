"""The quality prior of practice: to the point of its prompt, fluent; bounded, so that the user's taste decides."""

from __future__ import annotations

import copy

import numpy as np
import pytest
import torch
from exhausting import drain
from hypothesis import given
from hypothesis import strategies as st

from assistant.generation.batch_decoding import Rollout
from assistant.learning.reward_head import reward, reward_shaping
from assistant.learning.training import rollouts
from assistant.learning.training.rollouts import Scored
from models.decoders.transformers_decoder import TransformersDecoder


def given_prompt(model, asked, ids):
    """Log-probabilities of a reply's tokens after a prompt, by the whole transformers model."""
    prompt = model.prepare([{"role": "user", "content": asked}]).ids
    with torch.no_grad():
        logits = model.module()(input_ids=torch.cat([prompt, torch.tensor([ids])], 1)).logits[0]
    log = logits[prompt.shape[1] - 1 : -1].log_softmax(-1)
    return tuple(log.gather(-1, torch.tensor(ids)[:, None])[:, 0].tolist())


REPLIES = (
    (7, 8, 9, 10),
    (30,),
    tuple(range(40, 80)),
    (),
    *(tuple(range(n, n + n % 7 + 2)) for n in range(90, 99)),
)


def test_mutual_information_is_what_the_whole_model_says(tiny_float):
    model = tiny_float
    drawn = [
        Rollout(ids, given_prompt(model, "Tell me about the fox.", ids) if ids else (), True)
        for ids in REPLIES
    ]
    found = drain(reward_shaping.relevance(model, drawn))
    for ids, value in zip(REPLIES, found, strict=True):
        begin = ids[: reward_shaping.BEGINNING]
        if not begin:
            assert value == float("inf")
            continue
        known, alone = (
            np.mean(given_prompt(model, asked, begin)) for asked in ("Tell me about the fox.", "")
        )
        assert value == pytest.approx(known - alone, abs=2e-3)


def test_a_reply_drawn_with_help_is_read_under_the_prompt_it_is_to_suit(tiny_float):
    model, asked = tiny_float, "Tell me about the fox."
    own = model.prepare([{"role": "user", "content": asked}])
    ids = (7, 8, 9, 10)
    helped = Rollout(ids, given_prompt(model, f"{asked} Answer briefly.", ids), True)
    plain = Rollout(ids, given_prompt(model, asked, ids), True)
    found = drain(reward_shaping.relevance(model, [helped, plain, helped], [own, None, None]))
    assert found[0] == pytest.approx(found[1], abs=2e-3)
    assert found[0] != pytest.approx(found[2], abs=1e-2)


def test_a_decoder_of_any_family_says_the_same(tiny_float):
    other = copy.copy(tiny_float)
    other.decoder = TransformersDecoder(tiny_float.module(), tiny_float.decoder.vocab_size, 512)
    drawn = [Rollout(ids, (-1.0,) * len(ids), True) for ids in REPLIES if ids]
    mine, theirs = (drain(reward_shaping.relevance(model, drawn)) for model in (tiny_float, other))
    assert mine == pytest.approx(theirs, abs=2e-3)


def test_points_are_lost_within_bounds_only_for_what_is_off_or_odd():
    assert reward_shaping.digression(
        [2.0, reward_shaping.ABOUT, 0.0, -0.3, -9.0, float("inf")]
    ).tolist() == pytest.approx(
        [0.0, 0.0, reward_shaping.RELEVANCE / 2, reward_shaping.RELEVANCE, reward_shaping.RELEVANCE, 0.0]
    )
    usual = [Rollout((1, 2), (-2.0, -2.1 - 0.05 * k), True) for k in range(7)]
    odd, empty = Rollout((1, 2), (-4.0, -5.0), True), Rollout((), (), True)
    lost = reward_shaping.disfluency([*usual, odd, empty])
    assert lost[:7].max() == 0.0 and lost[7] == reward_shaping.FLUENCY and lost[8] == 0.0
    assert reward_shaping.disfluency([empty]).tolist() == [0.0]


@given(st.lists(st.lists(st.floats(-30, 0), max_size=6), min_size=1, max_size=12))
def test_fluency_stays_bounded_whatever_the_log_probabilities(logprobs):
    lost = reward_shaping.disfluency([Rollout(tuple(range(len(x))), tuple(x), True) for x in logprobs])
    assert (lost >= 0).all() and (lost <= reward_shaping.FLUENCY).all()


def test_only_the_best_are_looked_at_and_what_strays_falls_behind(tiny, monkeypatch):
    def group(rewards):
        return [Scored(Rollout((i,), (-1.0,), True), r) for i, r in enumerate(rewards)]

    groups = [group([3.0, 2.9, 0.0, -3.0]), group([0.0, 0.1, 0.0, -0.1])]
    asked = []

    def pretend(model, drawn, helped):
        asked.extend(drawn)
        assert helped == [None, None]  # drawn under their own prompt
        yield
        return [-5.0 if r.ids == (0,) else 1.0 for r in drawn]

    monkeypatch.setattr(reward_shaping, "relevance", pretend)
    drain(rollouts.keep_to_the_point(tiny, groups, [None, None], 2))
    assert [r.ids for r in asked] == [(0,), (1,)]
    assert [s.reward for s in groups[0]] == [3.0 - reward_shaping.RELEVANCE, 2.9, 0.0, -3.0]
    assert [s.reward for s in groups[1]] == [0.0, 0.1, 0.0, -0.1]


def test_taste_outweighs_fluency():
    """Two replies that differ by what three deviations of a clear taste are worth: the odder one still wins."""
    head = reward.fit([], corrections={"length": -1.0})
    short, long = "Yes.", "It is a long reply with many words in it. " * 12
    drawn = [Rollout((1, 2), (-6.0, -6.0), True), Rollout((3, 4), (-1.0, -1.0), True)]
    odd, plain = rollouts.score(head, "p", [short, long], drawn)
    assert odd.reward > plain.reward
