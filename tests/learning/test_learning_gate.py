"""The gate lets a better version through and refuses each kind of harm in a sentence."""

from __future__ import annotations

from dataclasses import replace

import pytest

from assistant.learning import gate
from assistant.learning.feedback import Reply, Signal
from assistant.records import Turn

GOOD = gate.Measures(0.5, 0.8, 0.0, 0.5, 0.03, 1.01, 0.02, 0.02, 0.5, 0.7, 60, 40, 0.12, 0.2, 0.1)


def test_a_better_version_passes():
    assert gate.judge(GOOD).accepted


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"kl_per_token": 0.2}, "too far"), ({"kl_per_token": float("nan")}, "too far"),
        ({"perplexity_ratio": 1.06}, "perplexity"), ({"nothing": 0.9, "heldout_after": 0.55}, "no pattern"),
        ({"heldout_after": 0.35}, "agrees less"),
        ({"heldout_after": 0.25, "nothing": 0.01}, "agrees less"), ({"reward_after": -0.3}, "score lower"),
        ({"repetition_after": 0.3}, "repeats"), ({"ended_after": 0.1}, "come to an end"), ({"words_after": 2}, "too short"),
        ({"asked_before": 0.9, "asked_after": 0.6}, "asked for"),
    ],
)  # fmt: skip
def test_each_harm_is_refused_with_its_reason(change, word):
    verdict = gate.judge(replace(GOOD, **change))
    assert not verdict.accepted and word in verdict.reason


def test_held_out_ratings_are_whole_conversations_and_stay_held_out():
    def make(i):
        return Signal(
            str(i),
            "thumb",
            1,
            str(i),
            (Turn("user", "p"),),
            Reply("x"),
            conversation=f"c{i // 3}",
        )

    train, held = gate.hold_out([make(i) for i in range(60)])
    assert 2 <= len(held) <= 24
    assert not {s.conversation for s in train} & {s.conversation for s in held}
    _, later = gate.hold_out([make(i) for i in range(90)])
    assert {s.id for s in held} <= {s.id for s in later}
    assert gate.hold_out([make(i) for i in range(9)])[1] == []


def test_ranking_agreement():
    assert gate.ranking_agreement([1, -1, 1], [0.2, -0.5, 0.1]) == 1
    assert gate.ranking_agreement([1, -1], [0, 0]) == 0.5
    assert gate.ranking_agreement([1, 1], [0, 1]) != gate.ranking_agreement([1, 1], [0, 1])  # NaN


def test_a_sure_head_is_overruled_only_by_more_than_chance():
    few_against = gate.judge(replace(GOOD, heldout_after=0.4, nothing=0.01))
    assert few_against.accepted
    assert few_against.reason == gate.PASSED != gate.judge(GOOD).reason  # it must not claim their agreement
    assert gate.agreement_error([1] * 5 + [-1] * 5) == pytest.approx(0.19, abs=0.01)
    assert gate.agreement_error([1, 1]) == 0.5
