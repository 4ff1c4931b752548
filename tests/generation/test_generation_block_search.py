"""Block-wise search streams, keeps what plain decoding promises, and is plain decoding where there is nothing to choose by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from assistant.generation.block_search import MOST_ROWS, Plan, StepTimes, search
from assistant.generation.decode_loop import generate, run
from assistant.generation.guided_decoding import Steering
from assistant.generation.prefix_cache import PrefixCaches
from assistant.generation.reply import Piece, Reply
from assistant.learning import guidance
from assistant.learning.reward_head import reward, style_features
from assistant.records import Sampling

DRAWN = Sampling(temperature=1.2, seed=5, max_tokens=60)
PLAN = Plan(rows=4, first=4, block=8)
OPTIONS: dict[str, Any] = {"caches": None, "style": None, "cancelled": lambda: False, "started": 0.0}


def ask(tiny: Any, text: str = "Tell me of the fox.") -> Any:
    return tiny.prepare([{"role": "user", "content": text}])


def most_letters(texts: Sequence[str], _ended: Sequence[bool]) -> int:
    return max(range(len(texts)), key=lambda at: texts[at].count("e"))


def first(_texts: Sequence[str], _ended: Sequence[bool]) -> int:
    return 0


def all_pieces(steps: Any) -> tuple[list[Piece], Reply]:
    found = []
    while True:
        try:
            found.append(next(steps))
        except StopIteration as end:
            return found, end.value


def likes(**weights: float) -> reward.Head:
    empty = reward.empty_head()
    mean, inclusion = empty.mean.copy(), empty.inclusion.copy()
    for name, weight in weights.items():
        at = style_features.NAMES.index(name)
        mean[at], inclusion[at] = weight, 1.0
    return replace(
        empty, mean=mean, covariance=0.0 * empty.covariance, inclusion=inclusion, ratings=20, nothing=0.0
    )


def test_text_streams_block_by_block(tiny: Any) -> None:
    pieces, reply = all_pieces(search(tiny, ask(tiny), DRAWN, PLAN, most_letters))
    assert "".join(piece.text for piece in pieces) == reply.text != ""
    with_text = [at for at, piece in enumerate(pieces) if piece.text]
    assert with_text[0] <= len(pieces) // 3  # long before the end
    assert all(len(piece.text) < 0.2 * len(reply.text) for piece in pieces)  # a word or so at a time
    assert [piece.count for piece in pieces] == sorted(piece.count for piece in pieces)
    assert reply.details.blocks > 3 and reply.details.blocks_changed > 0


@pytest.mark.parametrize(
    "sampling", [DRAWN, replace(DRAWN, repetition_penalty=1.3), replace(DRAWN, stop=("e",))]
)
def test_where_nothing_is_better_it_is_plain_decoding(tiny: Any, sampling: Sampling) -> None:
    plain = run(generate(tiny, ask(tiny), sampling, speculate=False))
    for plan, choose in ((PLAN, first), (replace(PLAN, rows=1), most_letters)):
        reply = run(search(tiny, ask(tiny), sampling, plan, choose))
        assert reply.ids == plain.ids and reply.text == plain.text and reply.finish == plain.finish
        assert reply.logprobs == pytest.approx(plain.logprobs, abs=1e-3)


def test_without_ratings_a_reply_is_exactly_the_plain_one(tiny: Any) -> None:
    plain = run(generate(tiny, ask(tiny), DRAWN))
    for steering in (None, guidance.to_request(reward.empty_head())):
        reply = run(Steering(tiny).write(ask(tiny), DRAWN, steering, **OPTIONS))
        assert reply.ids == plain.ids and reply.text == plain.text and not reply.details.blocks


def test_under_a_head_it_searches_and_a_seed_reproduces(tiny: Any) -> None:
    steering = guidance.to_request(likes(exclamations=2.0, long_words=1.0), guide=False)
    one = run(Steering(tiny).write(ask(tiny), DRAWN, steering, **OPTIONS))
    two = run(Steering(tiny).write(ask(tiny), DRAWN, steering, **OPTIONS))
    assert one.details.rows == 4 and one.ids == two.ids and one.text == two.text
    other = run(Steering(tiny).write(ask(tiny), replace(DRAWN, seed=6), steering, **OPTIONS))
    assert other.ids != one.ids
    whole = run(
        Steering(tiny).write(ask(tiny), DRAWN, replace(steering, blocks=False, budget_s=1e3), **OPTIONS)
    )
    assert whole.details.best_of is not None and not whole.details.blocks  # whole replies remain an option


def test_what_was_kept_is_what_the_model_goes_on_from(tiny: Any) -> None:
    inputs, caches = ask(tiny), PrefixCaches()
    reply = run(search(tiny, inputs, DRAWN, PLAN, most_letters, caches=caches))
    ids = torch.tensor([[*inputs.ids[0].tolist(), *reply.ids]])
    cache = tiny.decoder.new_cache(1, ids.shape[1])
    logits = tiny.decoder.forward(cache, ids, all_logits=True)[0].float().log_softmax(-1)
    start = len(inputs.keys) - 1
    fresh = [float(logits[start + n, id]) for n, id in enumerate(reply.ids)]
    assert reply.logprobs == pytest.approx(fresh, abs=2e-2)
    # The cache that is given back serves the next turn.
    longer = tiny.prepare(
        [
            {"role": "user", "content": "Tell me of the fox."},
            {"role": "assistant", "content": reply.text},
            {"role": "user", "content": "More."},
        ]
    )
    again = run(generate(tiny, longer, DRAWN, caches=caches))
    assert again.details.reused_tokens >= len(inputs.keys) - 1
    assert again.ids == run(generate(tiny, longer, DRAWN)).ids


def test_stopping_keeps_what_was_shown_and_the_limit_holds(tiny: Any) -> None:
    asked = []

    def stop() -> bool:
        asked.append(1)
        return len(asked) > 20

    pieces, reply = all_pieces(search(tiny, ask(tiny), DRAWN, PLAN, most_letters, cancelled=stop))
    assert reply.finish == "cancelled" and 0 < len(reply.ids) < 40
    assert "".join(piece.text for piece in pieces) == reply.text
    short = run(search(tiny, ask(tiny), replace(DRAWN, max_tokens=10), PLAN, most_letters))
    assert len(short.ids) <= 10
    stopped = run(search(tiny, ask(tiny), replace(DRAWN, stop=("th",)), PLAN, most_letters))
    assert "th" not in stopped.text


@given(st.floats(0.005, 2.0), st.floats(0.0, 1.0))
def test_a_step_of_all_rows_is_never_half_as_fast_as_a_plain_one(plain: float, each: float) -> None:
    plan = Plan.of({1: plain, 4: plain + 3 * each * plain})
    assert 1 <= plan.rows <= MOST_ROWS and plain * (1 + (plan.rows - 1) * each) < 2 * plain
    assert plan.first == 2 or plan.first * plain * (1 + (plan.rows - 1) * each) <= 0.61


def test_the_plan_follows_the_machines_speed(tiny: Any) -> None:
    times = StepTimes()
    assert times.plan() == Plan(2, 4)  # careful at first
    run(search(tiny, ask(tiny), DRAWN, times.plan(), first, times=times))
    learned = times.plan()
    assert 1 <= learned.rows <= MOST_ROWS and learned != Plan(2, 4)
    slow = StepTimes()
    for _ in range(9):
        slow.add(1, 0.1)
        slow.add(2, 0.2)
    assert slow.plan().rows == 1  # each row costs a whole step: plain decoding


def test_a_beginning_is_not_preferred_for_being_short() -> None:
    head = likes(length=-2.0)
    short, longer = "The fox is red.", "The fox is red. It lives in a den in the wood and it hunts by night."
    assert guidance.choose_beginning(head, [longer, short], [False, False]) == 0  # alike: the first
    assert guidance.choose_beginning(head, [longer, short], [False, True]) == 1  # an end is liked
    late = " ".join(f"The fox has {n} cubs." for n in range(15))  # what goes on will be longer still
    assert guidance.choose_beginning(head, [late, late + " They play."], [False, True]) == 1
    assert guidance.choose_beginning(likes(length=2.0), [late, late + " They play."], [False, True]) == 0
    from assistant.learning.request import read

    on = head.on(read("Write a long essay about the fox."))
    assert guidance.choose_beginning(on, [longer, short], [False, True]) == 0
    refuses = "I'm sorry, but I can't help with that."
    liked = likes(first_person=3.0).on(read("Tell me something about the fox."))
    assert guidance.choose_beginning(liked, [longer, refuses, short], [False, True, False]) != 1
