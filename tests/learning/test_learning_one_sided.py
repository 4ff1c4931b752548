"""Who only gives thumbs up teaches too: the base model's own replies are the other side."""

from __future__ import annotations

from dataclasses import replace

import pytest
from learning_jobs import update_job

from assistant.engine.protocol import Turn
from assistant.learning import feedback, update
from assistant.learning.checks import gate
from assistant.learning.feedback import Reply, Signal
from assistant.learning.reward_head import reward
from assistant.learning.training import one_sided


def drain(steps):
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value


def rated(number: int, value: int, text: str = "Yes!", kind: str = "thumb") -> Signal:
    turns = (Turn("user", f"Tell me of fox number {number}."),)
    return Signal(
        f"r{number}",
        kind,
        value,
        f"{number:03d}",
        turns,
        Reply(f"{text} It is {number}."),
        conversation=f"c{number}",
    )  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("signals", "one"),
    [
        ([rated(n, 1) for n in range(4)], True), ([rated(n, -1) for n in range(4)], True),
        ([rated(n, 5, kind="stars") for n in range(4)], True), ([rated(0, 1), rated(1, -1)], False), ([], False),
        ([rated(0, 1), replace(rated(1, 1), kind="edit", other=Reply("No."))], False),
    ],
)  # fmt: skip
def test_ratings_of_one_kind_are_told(signals, one):
    assert one_sided.one_sided(signals) == one


@pytest.mark.parametrize("value", [1, -1])
def test_the_base_models_replies_are_the_other_side(tiny, value):
    signals = [rated(n, value) for n in range(6)]
    made = drain(one_sided.against_base(tiny, signals, 8, 0))
    assert (
        len(made) >= 12
        and not any(map(one_sided.given_by_user, made))
        and all(map(one_sided.given_by_user, signals))
    )
    own = {s.reply.text for s in signals}
    for s in made:
        liked, base = (s.reply, s.other) if value > 0 else (s.other, s.reply)
        assert s.kind == "kept" and liked.text in own and base.text not in own and base.ids
    assert made == drain(one_sided.against_base(tiny, signals, 8, 0))
    sides = gate.hold_out([*signals, *made])
    for side in sides:  # a comparison is held out with its rating
        assert {s.conversation for s in side} == {s.conversation for s in side if one_sided.given_by_user(s)}
    assert len({w.advantage for w in feedback.weighted([*signals, *made])}) == 2
    assert reward.agreement(reward.fit([*signals, *made]), made) > 0.8


def test_an_update_from_thumbs_up_alone_is_not_refused_for_saying_the_same(tiny, tmp_path):
    signals = [rated(n, 1) for n in range(8)]
    job = {
        "version": "v1", "model": "tiny", "parent": None, "styles": str(tmp_path), "seed": 0, "hyper": {"reply_tokens": 8},
        "signals": signals,
    }  # fmt: skip
    report = drain(update.run(update_job(job), tiny))
    assert "say the same" not in report.reason
    assert set(report.used) | set(report.held_out) <= {s.id for s in signals}
