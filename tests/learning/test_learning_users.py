"""Simulated users' ratings and the head: tastes are found, chance is not, a change of mind is followed.

The replies are made here, not drawn from a model, so this runs in seconds. Win rates on the real starter are measured
by tests/evaluation/run.py.
"""

from __future__ import annotations

import random
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "evaluation"))
import users

from assistant.learning import guidance
from assistant.learning.checks import gate
from assistant.learning.feedback import Reply, Signal
from assistant.learning.reward_head import reward
from assistant.learning.training import training_examples
from assistant.records import Turn

PIECES = (
    "You can try a warm bath.", "It is essential to ensure adequate preparation.", "That's really fun!",
    "Do you like it?", "\n- First, mix it.\n- Then, wait.", "The procedure requires significant consideration, however.",
    "It rains.", "Keep the lid on, and stir it now and then, so that nothing burns at the bottom.", "**Note** the time.",
)  # fmt: skip


def reply(rng: random.Random) -> str:
    return " ".join(rng.choice(PIECES) for _ in range(rng.randrange(1, 9)))


def rate(name: str, count: int, seed: int) -> list[Signal]:
    user = next(u for u in users.USERS if u.name == name)
    rng = random.Random(seed)
    texts = [reply(rng) for _ in range(200)]
    found = []
    for i in range(count):
        text = reply(rng)
        value = users.thumb(user, text, [user.liking(t, i) for t in texts], rng, i)
        prompt = (Turn("user", f"p{i}"),)
        found.append(Signal(str(i), "thumb", value, f"{i:04d}", prompt, Reply(text), conversation=str(i)))
    return found


def wins(name: str, head: reward.Head, at: int) -> float:
    """Of the best of eight by the head, over a reply taken blindly."""
    user = next(u for u in users.USERS if u.name == name)
    rng = random.Random(99)
    found = []
    for _ in range(150):
        group = [reply(rng) for _ in range(8)]
        found.append(users.win(user, group[guidance.choose(head, group).index], reply(rng), at))
    return sum(found) / len(found)


@pytest.mark.parametrize("name", ["short", "long", "lists", "formal", "casual", "asks back", "addresses me"])
def test_a_taste_is_found_in_fifty_ratings_with_one_in_ten_wrong(name):
    assert wins(name, reward.fit(rate(name, 50, 1)), 50) > 0.65


def test_ratings_at_random_are_refused_before_anything_is_trained():
    refused = [
        bool(gate.no_pattern(reward.fit(gate.hold_out(rate("random", n, seed))[0]).nothing, 0))
        for n in (20, 30)
        for seed in range(8)
    ]
    assert sum(refused) >= 13  # of 16: chance can look like a taste now and then
    steady = [bool(gate.no_pattern(reward.fit(rate("short", 50, seed)).nothing, 0)) for seed in range(4)]
    assert sum(steady) <= 1


def test_a_change_of_mind_is_followed_within_fifty_ratings():
    before = reward.fit(rate("changes mind", 100, 3))
    after = reward.fit(rate("changes mind", 150, 3))
    assert before.weights()["length"][0] < -0.3
    assert wins("changes mind", after, 150) > 0.6 > wins("changes mind", before, 150)


def test_four_edits_say_what_the_user_wants():
    rng = random.Random(4)
    edits = []
    for i in range(4):
        text = reply(rng) + " " + reply(rng)
        prompt = (Turn("user", f"p{i}"),)
        edits.append(Signal(str(i), "edit", 1, str(i), prompt, Reply(text.split(".")[0] + "."), Reply(text)))
    head = reward.fit(edits)
    assert not gate.no_pattern(head.nothing, 0)
    assert wins("short", head, 4) > 0.75


def test_replay_takes_the_newest_and_both_signs_of_the_older():
    found = rate("short", 100, 5)
    chosen = training_examples.replay(found, 32, random.Random(0))
    assert len(chosen) == 32 and chosen[-16:] == found[-16:]
    older = [s.value for s in chosen[:16]]
    assert older.count(1) == older.count(-1) == 8
    assert training_examples.replay(found[:20], 32, random.Random(0)) == found[:20]
