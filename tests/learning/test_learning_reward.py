"""The reward head finds what a few noisy ratings say, knows when they say nothing, and can be corrected."""

from __future__ import annotations

import random

import numpy as np
import pytest

from assistant.learning import guidance
from assistant.learning.feedback import Reply, Signal
from assistant.learning.reward_head import reward, style_features
from assistant.records import Turn

WORDS = ["river", "stone", "bread", "window", "garden", "music", "paper", "summer", "train", "morning"]


def reply(rng, length, marks=0):
    text = " ".join(rng.choice(WORDS) for _ in range(length)) + "."
    return text + " Oh!" * marks


def thumbs(n, like, seed=0, wrong=0.1):
    rng = random.Random(seed)
    found = []
    for i in range(n):
        length, marks = rng.randint(8, 90), rng.randint(0, 2)
        up = like(length, marks) != (rng.random() < wrong)
        found.append(
            Signal(str(i), "thumb", 1 if up else -1, f"{i:04d}", (Turn("user", "p"),),
                   Reply(reply(rng, length, marks)))
        )  # fmt: skip
    return found


def test_twenty_noisy_thumbs_show_the_trait():
    head = reward.fit(thumbs(20, lambda length, marks: length < 45))
    weights = head.weights()
    assert weights["length"][0] < -0.3
    assert max(weights, key=lambda name: abs(weights[name][0])) == "length"


def test_no_ratings_is_the_prior_and_scores_nothing():
    head = reward.fit([])
    assert np.allclose(head.score(head.features(["a", "b c d"])), 0)
    assert guidance.to_request(head) is None


def test_random_ratings_show_no_pattern_more_often_than_not():
    rng = random.Random(5)
    nothing = [reward.fit(thumbs(40, lambda a, b: rng.random() < 0.5, seed)).nothing for seed in range(6)]
    clear = [reward.fit(thumbs(40, lambda a, b: a < 45, seed)).nothing for seed in range(6)]
    assert max(clear) < 0.05 < np.median(nothing)


def test_contradicting_thumbs_cancel():
    text = Reply("A reply of some words here.")
    pair = [Signal(str(i), "thumb", v, str(i), (Turn("user", "p"),), text) for i, v in enumerate((1, -1))]
    head = reward.fit(pair * 5)
    assert np.abs(head.mean).max() < 0.1


def test_a_correction_holds_until_ratings_move_it():
    few = thumbs(6, lambda length, marks: length < 45, wrong=0.0)
    many = thumbs(150, lambda length, marks: length < 45, wrong=0.0)
    assert reward.fit([], corrections={"length": 1.0}).weights()["length"][0] == pytest.approx(1.0, abs=0.01)
    assert reward.fit(few, corrections={"length": 1.0}).weights()["length"][0] > 0
    assert reward.fit(many, corrections={"length": 1.0}).weights()["length"][0] < 0
    with pytest.raises(KeyError):
        reward.fit([], corrections={"no such trait": 1.0})


def test_a_change_of_mind_is_followed():
    before = thumbs(100, lambda length, marks: length < 45, seed=1)
    after = thumbs(50, lambda length, marks: length >= 45, seed=2)
    after = [Signal(f"b{s.id}", s.kind, s.value, "9" + s.at, s.prompt, s.reply) for s in after]
    assert reward.fit(before + after).weights()["length"][0] > 0.3


def test_an_unchanged_taste_is_not_taken_for_a_change_of_mind():
    for seed in range(12):
        steady = thumbs(60, lambda length, marks: length < 45, seed=seed)
        assert reward.fit(steady).since == 60


def test_stars_and_pairs_teach_the_same_thing():
    rng = random.Random(3)
    prompt = (Turn("user", "p"),)
    stars = [
        Signal(str(n), "stars", 5 if n < 40 else 1, str(n), prompt, Reply(reply(rng, n)))
        for n in range(10, 80, 5)
    ]
    pairs = [
        Signal(str(n), "pair", 1, str(n), prompt, Reply(reply(rng, n)), Reply(reply(rng, n + 40)))
        for n in range(8, 20)
    ]
    assert reward.fit(stars).weights()["length"][0] < -0.3
    assert reward.fit(pairs).weights()["length"][0] < -0.3


def test_json_round_trip():
    head = reward.fit(thumbs(12, lambda length, marks: marks == 0))
    again = reward.Head.of_state(head.state())
    phi = head.features(["One. Two!", "Three"])
    assert np.allclose(again.lower_bound(phi), head.lower_bound(phi))


def test_best_of_n_takes_the_liked_kind_and_never_an_empty_or_looping_one():
    head = reward.fit(thumbs(20, lambda length, marks: length < 45))
    rng = random.Random(9)
    texts = [reply(rng, 80), "Boil it for seven minutes in salted water.", "", "again and again " * 12]
    assert guidance.choose(head, texts).index == 1


@pytest.mark.parametrize(
    "text", ["", "\n\n", "🙂" * 50, "a" * 200_000, "你好,我们可以去公园吗?", "```\n1. x\n"]
)
def test_traits_of_any_text_are_finite(text):
    assert np.isfinite(style_features.standardise(style_features.measure(text))).all()


def test_traits_see_what_their_names_say():
    def trait(name, text):
        return style_features.measure(text)[style_features.NAMES.index(name)]

    assert trait("lists", "- a\n- b") > trait("lists", "a and b")
    assert trait("formality", "Furthermore, kindly ensure this.") > trait("formality", "hey it's cool stuff")
    assert trait("chinese", "我们去公园。") > 0.9
    assert trait("exclamations", "好\uff01") == trait("exclamations", "Good!") > 0
    assert trait("questions", "好吗\uff1f") == trait("questions", "Good?") > 0
    assert trait("sentence_length", "天很好\uff01去公园吗\uff1f") < trait("sentence_length", "天很好去公园吗")
    assert trait("length", "我们去公园散步,天气很好。") > trait("length", "好。")
