"""Exploration pairs: how often, which other reply, and how it becomes a reply of its own."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.learning import feedback, guidance, preference_queries
from assistant.learning.reward_head import reward, style_features
from assistant.records import Generation, OtherReply, ReplyDetails, Turn

SHORT = "Take a jacket."
LONG = (
    "You should take a jacket, and an umbrella as well, since it rains there in spring and the evenings are cold. "
    "Besides, comfortable shoes would be sensible, because most temples are reached on foot along gravel paths. "
    "Finally, leave some room for what you may want to bring home, such as tea, pottery or printed cloth."
)
EMOJI = "Take a jacket 🎉 🎉 🎉 🧥"


@given(st.integers(0, 10_000))
def test_it_falls_with_experience_and_never_ends(n):
    assert preference_queries.chance(n) == pytest.approx(max(0.05, 0.5 * math.exp(-n / 60)))
    assert (
        preference_queries.chance(n + 1)
        <= preference_queries.chance(n)
        <= preference_queries.chance(0)
        == 0.5
    )


def test_the_lot_falls_as_often_as_it_should(monkeypatch):
    drawn = iter(np.linspace(0, 1, 1000, endpoint=False))
    monkeypatch.setattr("random.random", lambda: float(next(drawn)))
    assert sum(preference_queries.drawn(60, 5) for _ in range(1000)) == 184  # 0.5 / e
    assert not any(preference_queries.drawn(0, since) for since in range(5))


def rated(count: int) -> reward.Head:
    """A head that has learned of length only."""
    given = [
        feedback.Signal(
            f"r{i}", "thumb", 1 if i % 2 else -1, f"2026-01-01T00:{i:02d}:00Z",
            (Turn("user", f"Q{i}"),), feedback.Reply((SHORT if i % 2 else LONG) + f" {i}"),
        )
        for i in range(count)
    ]  # fmt: skip
    return reward.fit(given)


def test_the_other_reply_is_the_one_the_head_knows_least_about():
    head = rated(24)
    texts = [SHORT, LONG, EMOJI, SHORT]
    variance = preference_queries.spread(head, texts, 0)
    d = head.features([EMOJI])[0] - head.features([SHORT])[0]
    assert variance[2] == pytest.approx(float(d @ head.covariance @ d)) and variance[0] == variance[3] == 0.0
    assert preference_queries.least_known(head, texts, [True] * 4, 0) == int(variance.argmax())
    assert preference_queries.least_known(head, [SHORT, EMOJI], [True, True], 1) == 0


def test_without_ratings_it_is_the_most_different_one():
    head = reward.empty_head()
    assert preference_queries.least_known(head, [SHORT, SHORT + " Now.", EMOJI], [True] * 3, 0) == 2


@pytest.mark.parametrize(
    ("texts", "finished"),
    [
        ([SHORT, SHORT, f" {SHORT}\n"], [True] * 3),  # nothing to choose between
        ([SHORT, ""], [True, True]),
        ([SHORT, "the cat sat on the mat and " * 20], [True, True]),  # it only loops
        ([SHORT, LONG], [True, False]),  # cut off
    ],
)
def test_no_pair_is_made_where_the_other_reply_is_none_to_show(texts, finished):
    assert preference_queries.least_known(reward.empty_head(), texts, finished, 0) is None


MADE = Generation(
    "starter", "v1", 12, 3, 0.2, 55.0, "stop", 7, prompt_ids=(1, 2), reply_ids=(5, 6, 7), logprobs=(-0.1,) * 3
)


def test_the_other_arm_becomes_a_reply_of_its_own_and_leaves_the_first():
    arm = OtherReply("Other", (8, 9), (-0.12346, -0.2), "length", 11)
    details = ReplyDetails(reused_tokens=4, guided_steps=2)
    first, other = preference_queries.apart(replace(MADE, details=replace(details, arm_b=arm)))
    assert first.details == replace(details, explored="a") and first.reply_ids == (5, 6, 7)
    assert other is not None and other.text == "Other"
    assert (other.made.reply_ids, other.made.logprobs) == ((8, 9), (-0.12346, -0.2))
    assert (other.made.finish, other.made.seed, other.made.completion_tokens) == ("length", 11, 2)
    assert (other.made.prompt_ids, other.made.style) == ((1, 2), "v1")
    assert other.made.details == ReplyDetails(reused_tokens=4, explored="b")
    assert preference_queries.apart(MADE) == (MADE, None)


def test_before_there_are_ratings_the_request_explores_without_steering():
    head = reward.empty_head()
    assert guidance.to_request(head) is None
    made = guidance.to_request(head, explore=True)
    assert (made.explore, made.guide, made.best_of) == (True, False, False)
    assert not guidance.to_request(rated(6)).explore and guidance.to_request(rated(6), explore=True).best_of
    assert len(made.head.mean) == len(style_features.NAMES)
