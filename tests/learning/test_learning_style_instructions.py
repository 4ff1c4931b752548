"""A taste the head is sure of becomes a wish, in the prompt's language; practice draws with it and learns without it."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
import torch
from exhausting import drain

from assistant.learning import guidance, style_instructions
from assistant.learning.feedback import Reply, Signal
from assistant.learning.reward_head import reward, style_features
from assistant.learning.training import rollouts
from assistant.learning.training.policy import Hyper
from assistant.records import Turn

PROMPT = "Tell me about the fox."


def head_that_likes(sign: int = 1, trait: str = "questions") -> reward.Head:
    """A head that is sure of one trait."""
    place = style_features.NAMES.index(trait)
    empty = reward.empty_head()
    mean, inclusion = empty.mean.copy(), empty.inclusion.copy()
    mean[place], inclusion[place] = 1.5 * sign, 0.99
    return replace(empty, mean=mean, inclusion=inclusion, ratings=20, nothing=0.0)


def test_a_wish_is_said_in_the_language_of_the_prompt_and_in_both_directions():
    assert style_instructions.wish(head_that_likes(), "What is tea?") == "Ask me a question back."
    assert style_instructions.wish(head_that_likes(), "茶是什么?") == "请反问我一个问题。"
    assert style_instructions.wish(head_that_likes(-1, "length"), "What is tea?") == "Answer very briefly."


def test_what_the_head_is_not_sure_of_is_not_wished_for():
    assert style_instructions.wish(reward.empty_head(), "What is tea?") == ""
    assert style_instructions.wish(head_that_likes(1, "quotes"), "What is tea?") == ""  # no sentence says it


def test_every_trait_is_in_the_table():
    assert set(style_instructions.WISHES) == set(style_features.NAMES)


def test_steered_replies_are_learned_from_without_the_wish_and_never_as_bad_examples(tiny, monkeypatch):
    asked: list[str] = []
    prepare = tiny.prepare

    def noting(messages, *rest):
        asked.append(str(messages[-1]["content"]))
        return prepare(messages, *rest)

    monkeypatch.setattr(tiny, "prepare", noting)
    signal = Signal("1", "thumb", 1, "1", (Turn("user", PROMPT),), Reply("A reply."))
    head = head_that_likes(1, "length")
    hyper = Hyper(rollouts=6, steered=6, reply_tokens=16, best=9, worst=9)
    steps = rollouts.practise(tiny, head, [signal], hyper, torch.Generator().manual_seed(1), 1.0, True)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            made = end.value
            break
    assert f"{PROMPT} Answer at length." in asked
    prompt = tuple(prepare([{"role": "user", "content": PROMPT}]).ids[0].tolist())
    assert made and all(e.row.prompt == prompt for e in made)
    steered = [e for e in made if e.written != e.written]  # NaN: drawn by another policy
    assert steered and all(e.advantage >= 0 for e in steered)
    followed = [e for e in steered if e.row.taught is not None]
    assert len(followed) == hyper.taught
    assert all(len(e.row.taught.ids) == len(e.row.reply) for e in followed)


def test_practice_without_steering_draws_no_more_than_the_policy_itself(tiny):
    rng = random.Random(0)
    signals = [
        Signal(str(i), "thumb", 1, f"{i}", (Turn("user", PROMPT),), Reply(str(rng.random())))
        for i in range(3)
    ]
    hyper = Hyper(rollouts=4, steered=0, reply_tokens=8)
    steps = rollouts.practise(
        tiny, head_that_likes(), signals[:1], hyper, torch.Generator().manual_seed(1), 1.0, False
    )
    while True:
        try:
            next(steps)
        except StopIteration as end:
            assert all(e.written == e.written for e in end.value)
            break


def test_stronger_guidance_for_practice_reaches_further_than_what_a_user_sees(tiny):
    shown = guidance.Guidance(head_that_likes(), tiny.tokenizer, tiny.eos_ids)
    practised = guidance.Guidance(head_that_likes(), tiny.tokenizer, tiny.eos_ids, 2.0)
    assert float(shown.bonus.max()) <= guidance.STRONGEST < float(practised.bonus.max())


@pytest.mark.parametrize(("seconds", "answered", "helped"), [(0.0, 6, 6), (0.9, 6, 3), (30.0, 3, 3)])
def test_a_slow_machine_practises_on_fewer_prompts(tiny, monkeypatch, seconds, answered, helped):
    """Eight seconds of a clock that every prompt moves: the first half for own answers, the second for the teacher's."""
    now, drawn = [0.0], []
    sample = rollouts.batch_decoding.sample_together

    def slow(model, several, counts, *rest):
        now[0] += seconds * len(several)
        drawn.extend(
            tuple(inputs.keys) if len(rest) > 2 else None for inputs in several
        )  # None: without help
        return sample(model, several, counts, *rest)

    monkeypatch.setattr(rollouts.batch_decoding, "sample_together", slow)
    signals = [
        Signal(str(i), "thumb", 1, f"{i}", (Turn("user", f"{PROMPT} {i}"),), Reply("A reply."))
        for i in range(6)
    ]
    hyper = Hyper(rollouts=2, steered=2, reply_tokens=4, best=4, worst=2, fewest_prompts=3)
    steps = rollouts.practise(
        tiny, head_that_likes(1, "length"), signals, hyper, torch.Generator().manual_seed(1), 1.0, False,
        lambda: now[0], 8.0,
    )  # fmt: skip
    drain(steps)
    assert drawn.count(None) == answered and len(set(drawn) - {None}) == helped
