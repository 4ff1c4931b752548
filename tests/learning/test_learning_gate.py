"""The gate lets a better version through and refuses each kind of harm in a sentence."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from assistant.learning.checks import gate
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


def test_ratings_that_were_trained_on_are_never_held_out():
    def make(i):
        return Signal(str(i), "thumb", 1, str(i), (Turn("user", "p"),), Reply("x"), conversation=f"c{i // 2}")

    first = [make(i) for i in range(9)]
    train, held = gate.hold_out(first)
    assert len(train) == 9 and not held
    trained_on = {s.id for s in train}
    later = [make(i) for i in range(60)]
    _, held = gate.hold_out(later, trained_on=trained_on)
    assert held and not trained_on & {s.id for s in held}
    assert "9" not in {s.id for s in held}  # of a conversation that was trained on
    assert trained_on & {s.id for s in gate.hold_out(later)[1]}  # by its place alone some would have been


def test_agreement_is_compared_on_the_same_ratings():
    """What no version agrees with says nothing of either; what was agreed with and is no more, does."""
    advantages, ratings = [1.0, 1.0, 1.0, -1.0, -1.0, -1.0] * 3, [str(i) for i in range(18)]
    rng = np.random.default_rng(0)
    before = rng.normal(size=18)
    same = gate.agreement_change_error(advantages, before, before + 1e-9, ratings)
    assert same == 0.0  # the same order: any drop would be real
    shaken = gate.agreement_change_error(advantages, before, before + 0.3 * rng.normal(size=18), ratings)
    other = gate.agreement_change_error(advantages, before, rng.normal(size=18), ratings)
    assert 0.0 < shaken < other and shaken < gate.agreement_error(advantages)
    assert gate.agreement_change_error([1.0, -1.0], [0.0, 0.0], [1.0, 0.0], ["a", "b"]) == 0.5


def test_two_ratings_of_each_sign_can_refuse_a_version_that_turned_them_round():
    """With a tolerance of 0.65 nothing could: agreement fell from 1 to 0.5 and passed."""
    advantages, ratings = [1.0, 1.0, -1.0, -1.0], ["a", "b", "c", "d"]
    before, after = [0.4, 0.3, -0.3, -0.4], [-0.4, 0.3, -0.3, 0.4]
    error = gate.agreement_change_error(advantages, before, before[::-1], ratings)
    turned = replace(
        GOOD, nothing=0.01, heldout_before=1.0, heldout_after=gate.ranking_agreement(advantages, before[::-1]),
        heldout_error=error, heldout_ratings=4, heldout_chance=gate.agreement_error(advantages),
    )  # fmt: skip
    verdict = gate.judge(turned)
    assert not verdict.accepted and "agrees less" in verdict.reason
    assert verdict.report().heldout_power == pytest.approx(turned.heldout_power)
    half = gate.agreement_change_error(advantages, before, after, ratings)
    assert half > 0.2  # one rating decides: such a drop may be chance, and the power says so


def test_the_power_is_a_larger_drop_than_what_is_noticed():
    measures = replace(GOOD, heldout_error=0.1, heldout_ratings=10)
    assert 0.18 < measures.heldout_noticed < 0.19 and measures.heldout_power > measures.heldout_noticed + 0.08
    assert gate.student(3) == pytest.approx(2.353, rel=0.03) and gate.student(1000) == pytest.approx(
        1.645, abs=0.01
    )
