"""Practice: what the head likes among many answers to the user's own prompts becomes advantages."""

from __future__ import annotations

import random

import numpy as np
import torch

from assistant.generation.batch_decoding import Rollout
from assistant.learning.feedback import Reply, Signal
from assistant.learning.reward_head import reward
from assistant.learning.training import rollouts
from assistant.learning.training.rollouts import Scored
from assistant.records import Turn


def scored(rewards):
    return [Scored(Rollout((i,), (-1.0,), True), r) for i, r in enumerate(rewards)]


def signal(i, prompt, value=1, text="A reply."):
    return Signal(str(i), "thumb", value, f"{i:03d}", (Turn("user", prompt),), Reply(text))


def test_advantages_are_against_the_other_replies_to_the_same_prompt():
    easy, hard = rollouts.advantages([scored([0.0, 2.0, 1.0]), scored([9.0, 9.0, 9.0])])
    assert easy[1] > 0 > easy[0] and abs(easy.sum()) < 1e-9
    assert np.allclose(hard, 0)  # all replies are as good: nothing to learn, however good they are
    assert np.abs(np.concatenate(rollouts.advantages([scored([0] * 50 + [1000])]))).max() <= rollouts.CLIP
    assert rollouts.advantages([scored([3.0])])[0].tolist() == [0.0]


def test_the_ends_are_learned_from_and_no_prompt_rules_them():
    groups = [scored(range(12)), scored([0.0] * 11 + [1.0])]
    chosen = rollouts.ends(groups, best=6, worst=3)
    ups = [(prompt, s.reward) for prompt, s, a in chosen if a > 0]
    assert ups.count((0, 11)) == 1 and (1, 1.0) in ups
    assert sum(prompt == 0 for prompt, _ in ups) <= 4 and sum(a < 0 for _, _, a in chosen) == 3


def test_faults_cost_more_than_any_style_gains():
    assert rollouts.fault("", Rollout((), (), True)) >= rollouts.EMPTY
    loop = Rollout(tuple([1, 2, 3, 4] * 12), (), False)
    assert rollouts.fault("a b c d " * 12, loop) > 3.0 + rollouts.NO_END - 0.5
    assert rollouts.fault("Fine.", Rollout((1, 2), (), True)) == 0.0


def test_prompts_are_the_newest_and_some_older_ones_each_once():
    found = [signal(i, f"p{i % 30}") for i in range(60)]
    chosen = rollouts.prompts_of(found, 8, random.Random(0))
    prompts = [s.prompt[0].text for s in chosen]
    assert len(set(prompts)) == 8 and prompts[:4] == ["p26", "p27", "p28", "p29"]
    assert len(rollouts.prompts_of(found[:3], 8, random.Random(0))) == 3


def test_practice_prefers_what_the_head_likes(tiny):
    from assistant.learning.training.policy import Hyper

    rng = random.Random(1)
    rated = [
        signal(
            i,
            "Tell me about the fox.",
            1 if short else -1,
            "a b c " * (2 if short else rng.randrange(20, 40)),
        )
        for i, short in enumerate([True, False] * 10)
    ]
    head = reward.fit(rated)
    assert head.weights()["length"][0] < -0.3
    hyper = Hyper(rollouts=12, reply_tokens=24, best=3, worst=3)
    steps = rollouts.practise(tiny, head, rated[:1], hyper, torch.Generator().manual_seed(1), 1.0, True)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            made = end.value
            break

    def words(example):
        return len(tiny.tokenizer.decode(example.row.reply, skip_special_tokens=True).split())

    ups, downs = ([words(e) for e in made if sign * e.advantage > 0] for sign in (1, -1))
    assert ups and downs and np.mean(ups) < np.mean(downs)
    assert rollouts.base_cache(tiny)  # the next update need not draw them again
