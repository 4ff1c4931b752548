"""Texts of the user's own in an update: the base model's own replies are their other side, and are given back."""

from __future__ import annotations

from assistant.engine.protocol import Turn
from assistant.learning import feedback, update
from assistant.learning.feedback import Reply, Signal
from assistant.learning.reward_head import reward, style_features
from assistant.learning.training import demonstrations, training_examples
from assistant.learning.training.policy import Hyper
from assistant.learning_records import UpdateJob


def drain(steps):
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value


def text(number: int, other: str = "", prompt: str = "Tell me of fox number {0}.") -> Signal:
    said = f"Foxes run. Foxes jump! Fox {number} is red. It naps. It wakes! I saw it run."
    turns = (Turn("user", prompt.format(number)),)
    reply = Reply(other) if other else None
    return Signal(f"t{number}", "text", 1, f"{number:03d}", turns, Reply(said), reply, f"t{number}")


def test_each_text_without_one_gets_a_reply_of_the_base_model(tiny):
    signals = [text(0), text(1, "Known."), text(2)]
    made = drain(demonstrations.beside_base(tiny, signals, 8, 0))
    assert [s.id for s in made] == ["t0", "t1", "t2"] and made[1].other == Reply("Known.")
    assert made[0].other is not None and made[0].other.ids
    assert made == drain(demonstrations.beside_base(tiny, signals, 8, 0))


def test_the_text_is_compared_and_learned_from_by_itself(tiny):
    weighted = feedback.weighted([text(0, "The model's own words.")])
    better, worse = training_examples.of_ratings(weighted, tiny, Hyper())
    assert better.pair == worse.pair >= 0 and better.alone and not worse.alone
    assert all(better.mask)


def test_an_update_gives_the_replies_back(tiny, tmp_path):
    signals = tuple(text(n) for n in range(3))
    job = UpdateJob("v1", "m", str(tmp_path), signals, hyper={"reply_tokens": 8})
    report = drain(update.run(job, tiny))
    assert set(report.own_text_replies) == {"t0", "t1", "t2"} and "needed" in report.reason


def test_an_inferred_request_does_not_hide_what_its_kind_usually_has():
    signals = [
        text(n, "A dull line, as long as it is, and nothing else at all.", "Write an e-mail about fox {0}.")
        for n in range(6)
    ]
    weights = reward.fit(signals).weights()
    assert weights["sentence_length"][0] < -0.05  # a rating of an e-mail says nothing of that
    assert style_features.NAMES[0] in weights
