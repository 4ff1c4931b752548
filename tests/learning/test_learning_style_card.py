"""The style card says in short sentences what was learned, and leaves out what the message itself says otherwise."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from assistant import prompt as prompts
from assistant.engine import jobs
from assistant.engine.protocol import Generate, Turn
from assistant.learning import guidance, style_card
from assistant.learning.request import read
from assistant.learning.reward_head import reward, style_features
from assistant.records import Sampling
from models.reply_defaults import ReplyDefaults, defaults_of


def sure_of(ratings: int = 20, **weights: float) -> reward.Head:
    empty = reward.empty_head()
    mean, inclusion = empty.mean.copy(), np.full_like(empty.inclusion, 0.05)
    for name, weight in weights.items():
        at = style_features.NAMES.index(name)
        mean[at], inclusion[at] = weight, 0.9
    return replace(empty, mean=mean, inclusion=inclusion, ratings=ratings, nothing=0.0)


def card(head: reward.Head, message: str = "How do I boil an egg?") -> str:
    return style_card.compose(style_card.learned(head), read(message))


def test_it_says_what_was_learned_in_the_messages_language():
    head = sure_of(length=-1.5, lists=-1.0)
    assert card(head).startswith(
        "Keep replies shorter than usual, about half. Do not use a list. Follow this unless"
    )
    assert "一半" in card(head, "怎样煮鸡蛋才好吃呢？") and "除非" in card(head, "怎样煮鸡蛋才好吃呢？")
    assert "a little shorter" in card(sure_of(length=-0.4)) and "twice" in card(sure_of(length=1.5))


def test_what_the_message_says_otherwise_is_left_out():
    head = sure_of(length=-1.5, formality=-1.0)
    assert "shorter" not in card(head, "Write a long essay about Rome.") and "casual" in card(
        head, "Write a long essay about Rome."
    )
    assert card(sure_of(length=-1.5), "Write a long essay about Rome.") == ""
    assert card(head, "Write a Python function that adds.") == ""


def test_before_the_third_rating_there_is_none():
    assert card(sure_of(2, length=-1.5)) == "" != card(sure_of(3, length=-1.5))
    assert card(reward.empty_head()) == ""


def test_it_stands_after_the_users_own_system_prompt_or_the_models():
    model = SimpleNamespace(defaults=ReplyDefaults(system_prompt="You are Q."))
    turns = (Turn("user", "Hi"),)
    assert prompts.with_card(turns, "", model) == turns
    assert prompts.with_card(turns, "Short.", model)[0] == Turn("system", "You are Q.\n\nShort.")
    own = prompts.with_card((Turn("system", "Be kind."), *turns), "Short.", model)
    assert [turn.text for turn in own] == ["Be kind.\n\nShort.", "Hi"]


@pytest.mark.parametrize("why_not", ["", "another model", "switched off", "a picture", "no ratings"])
def test_it_is_for_models_that_follow_instructions(why_not, tmp_path: Path):
    model = SimpleNamespace(
        defaults=defaults_of("m", "llama" if why_not == "another model" else "qwen2", tmp_path)
    )
    head = sure_of(length=-1.5)
    steering = guidance.to_request(head, card=() if why_not == "switched off" else style_card.learned(head))
    turns = (Turn("user", "How do I boil an egg?", ("cat.png",) if why_not == "a picture" else ()),)
    given = Generate(1, turns, Sampling(), steering=None if why_not == "no ratings" else steering)
    assert bool(jobs.style_card(given, model)) == (why_not == "")
