"""The arithmetic of the yardsticks: what TRL is given, what a reason is worth, what tells relevance."""

from __future__ import annotations

import random
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

sys.path.insert(0, str(Path(__file__).parent))
import cells
import interacting
import prompts
import relevance
import trl_baselines
import users
import why

from assistant.generation.batch_decoding import Rollout
from assistant.learning import feedback_reasons
from assistant.learning.reward_head import reward


class WordPool:
    """Sixteen made-up replies to each prompt, of 4 to 60 words."""

    def texts(self, prompt: str) -> list[str]:
        rng = random.Random(prompt)
        return [
            " ".join(rng.choices(("tree", "road", "sun"), k=rng.randrange(4, 60))) + "." for _ in range(16)
        ]

    def replies(self, prompt: str) -> list[Rollout]:
        return [Rollout((1,), (-1.0,), True)] * 16


TRAIN, TEST = prompts.DEVELOP_TRAIN[:12], prompts.DEVELOP_TEST[:4]
SHORT = next(u for u in users.USERS if u.name == "short")


@pytest.mark.parametrize("count", [8, 50])
def test_every_thumb_is_in_one_pair_and_on_its_own_side(count):
    rated = cells.rate(SHORT, count, 0, TRAIN, WordPool())
    found = trl_baselines.pairs(rated, WordPool(), 0)
    liked = {(s.asked, s.reply.text) for s in rated if s.value > 0}
    disliked = {(s.asked, s.reply.text) for s in rated if s.value < 0}
    assert all((p, better) in liked or (p, worse) in disliked for p, better, worse in found)
    both = sum((p, better) in liked and (p, worse) in disliked for p, better, worse in found)
    assert len(found) + both >= count and all(better != worse for _, better, worse in found)
    assert both > 0 or count == 8


def test_what_the_simulated_users_say_is_read_as_their_taste():
    assert set(why.SAID) <= set(trl_baselines.NAMES)
    for said, mistaken in why.SAID.values():
        assert len(feedback_reasons.read(said)) == len(feedback_reasons.read(mistaken)) == 1


def test_accuracy_is_a_share_of_pairs():
    pool = WordPool()
    assert why.accuracy(reward.empty_head(), SHORT, pool, TEST) == 0.5
    head = reward.fit([], corrections={"length": -2.0})
    assert why.accuracy(head, SHORT, pool, TEST) > 0.9
    assert "| short |" in why.table(pool, TRAIN, TEST, [5], 1)


def test_area_under_the_curve():
    assert relevance.auc([2.0, 3.0], [0.0, 1.0]) == 1.0
    assert relevance.auc([1.0], [1.0]) == 0.5


def test_a_cell_of_the_yardstick_is_judged_as_one_of_ours(monkeypatch, tmp_path):
    """All but TRL itself, which is not among the test packages."""

    class Model:
        tokenizer = SimpleNamespace(decode=lambda ids: "A tree. " * len(ids))
        decoder = SimpleNamespace(set_style=lambda folder: None)

        def release_module(self) -> None: ...

    monkeypatch.setattr(trl_baselines, "train", lambda *rest: {"steps": 3, "tokens": 50})
    monkeypatch.setattr(trl_baselines, "draw", lambda *rest: [Rollout((1,), (-1.0,), True)] * cells.GROUP)
    monkeypatch.setattr(trl_baselines, "own_kl", lambda *rest: 0.05)
    asked = (TRAIN, TEST)
    line = trl_baselines.run(
        Model(), WordPool(), SHORT, 8, 0, "TRL KTO", 1e-3, 2, asked, tmp_path / "scratch"
    )
    assert line["win"] == 1.0 and line["kl_own"] == 0.05 and line["steps"] == 3 and line["rate"] == 1e-3


def test_ratings_in_use_are_thumbs_and_pairs_on_the_users_side():
    rated = interacting.rate(SHORT, 40, 0, TRAIN, WordPool())
    assert {s.kind for s in rated} == {"thumb", "pair"} and len(rated) == 40
    pairs = [
        s for s in rated if s.kind == "pair" and SHORT.liking(s.reply.text) != SHORT.liking(s.other.text)
    ]
    right = [SHORT.liking(s.reply.text) > SHORT.liking(s.other.text) for s in pairs]
    assert sum(right) > 0.6 * len(right)
    assert reward.fit(rated).weights()["length"][0] < -0.3
    plain = interacting.rate(SHORT, 40, 0, TRAIN, WordPool(), explore=False)
    assert {s.kind for s in plain} == {"thumb"}
    late = [len(s.reply.text) for s in plain[20:]]
    assert sum(late) / len(late) < sum(len(t) for p in TRAIN for t in WordPool().texts(p)) / (16 * len(TRAIN))
