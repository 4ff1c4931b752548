"""What a message asks for is read from it, and goes before what was learned."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from assistant.engine.protocol import Turn
from assistant.learning import guidance, request
from assistant.learning.checks import answered, conflict_prompts
from assistant.learning.feedback import Reply, Signal
from assistant.learning.request import read
from assistant.learning.reward_head import reward, style_features

LONG = "Rome was founded on seven hills. " * 40
SHORT = "Rome was an empire."


def sure_of(**weights: float) -> reward.Head:
    empty = reward.empty_head()
    mean, inclusion = empty.mean.copy(), np.full_like(empty.inclusion, 0.05)
    for name, weight in weights.items():
        at = style_features.NAMES.index(name)
        mean[at], inclusion[at] = weight, 1.0
    return replace(empty, mean=mean, inclusion=inclusion, ratings=20, nothing=0.0)


@pytest.mark.parametrize(
    ("message", "asks"),
    [
        ("Write a long essay about the history of Rome.", {"size": "long", "genre": "essay"}),
        ("Tell me a long story about a dragon with many chapters", {"size": "long", "genre": "story"}),
        ("请详细介绍一下长城。", {"size": "long"}), ("写一篇长文章", {"size": "long", "genre": "article"}),
        ("Explain briefly what a loan is.", {"size": "short"}), ("简短地说说天气", {"size": "short"}),
        ("Write a short story about a cat.", {"size": "", "genre": "story"}),
        ("How long does it take to boil an egg?", {"size": "", "genre": ""}), ("长城有多长？", {"size": ""}),
        ("Give me ten tips.", {"items": 10}), ("给我三个建议", {"items": 3}), ("给我一个建议", {"items": 0}),
        ("I have two dogs. How do I feed them?", {"items": 0, "amount": None}),
        ("Write an e-mail to my boss.", {"form": "email"}), ("写一封邮件向老板请假", {"form": "email"}),
        ("Compare tea and coffee in a table.", {"form": "table"}), ("用表格比较猫和狗", {"form": "table"}),
        ("Write a Python function that adds.", {"form": "code"}), ("写一个排序函数", {"form": "code"}),
        ("Make a bulleted list of fruit.", {"form": "list"}), ("列出三种水果", {"form": "list", "items": 3}),
        ("Without a list, tell me what to pack.", {"form": "prose"}), ("不要用列表回答", {"form": "prose"}),
        ("Answer in Chinese: what is tea?", {"language": "zh"}), ("请用英文回答：什么是茶？", {"language": "en"}),
        ("What is an essay?", {"genre": ""}), ("Hello!", {"task": False}), ("你好", {"task": False}),
    ],
)  # fmt: skip
def test_a_message_is_read(message, asks):
    found = read(message)
    assert {name: getattr(found, name) for name in asks} == asks


@pytest.mark.parametrize(
    ("message", "unit", "low", "high"),
    [
        ("Write a 300 word story.", "words", 223, 402), ("in one sentence, what is gravity?", "sentences", 1, 1),
        ("no more than 50 words on bees", "words", 0, 55), ("at least 200 words on trees", "words", 180, float("inf")),
        ("between two and four paragraphs", "paragraphs", 2, 4), ("用两句话介绍北京。", "sentences", 2, 2),
        ("不超过五十字", "words", 0, 32), ("写一篇800字的作文", "words", 351, 630), ("至少三百字", "words", 158, float("inf")),
    ],
)  # fmt: skip
def test_a_length_in_numbers(message, unit, low, high):
    amount = read(message).amount
    assert amount is not None and amount.unit == unit
    assert amount.low == pytest.approx(low, abs=1.0) and amount.high == pytest.approx(high, abs=1.0)


@pytest.mark.parametrize("written", ["三百五十", "350", "3百5十"])
def test_numbers_in_words(written):
    assert request.number(written) == 350 and request.number("a dozen") == 12 and request.number("?") == 0


def test_a_learned_taste_has_no_weight_where_the_request_says_otherwise():
    head = sure_of(length=-2.0, formality=1.0)
    on = head.on(read("Write a long essay about the history of Rome."))
    assert on.weights()["length"][0] == 0.0 and on.weights()["formality"][0] == 1.0
    assert (
        head.on(read("Say briefly what Rome was.")).weights()["length"][0] == -2.0
    )  # the same way: it stays
    assert head.on(read("How do I boil an egg?")).weights()["length"][0] == -2.0
    assert not head.on(read("Write a Python function that adds.")).mean.any()
    assert head.contradicts(read("Write a long essay about Rome.")) > 0.5 > head.contradicts(read("Hi there"))


def test_the_candidate_that_does_what_was_asked_is_chosen_over_the_liked_style():
    head = sure_of(length=-2.0)
    asked = read("Write a long essay about the history of Rome.")
    varied = " ".join(f"In the year {n} the people of Rome built road number {n}." for n in range(30))
    assert guidance.choose(head, [varied, SHORT]).index == 1  # without a request the taste alone decides
    assert guidance.choose(head.on(asked), [varied, SHORT]).index == 0


def test_nothing_ends_an_essay_early_for_the_users_taste():
    import torch
    from characters import Characters

    tokenizer = Characters("the", "<end>")
    flat = torch.zeros(1, 2)
    written = [[0] * 100]
    plain = guidance.Guidance(sure_of(length=-2.0), tokenizer, [1])
    assert plain(flat, written)[0, 1] > 1.0
    genre = guidance.Guidance(sure_of(length=-2.0).on(read("Write an essay about Rome.")), tokenizer, [1])
    assert genre(flat, written)[0, 1] == 0.0 < genre(flat, [[0] * 300])[0, 1] < plain(flat, written)[0, 1]
    long = guidance.Guidance(sure_of(length=-2.0).on(read("Write a long essay about Rome.")), tokenizer, [1])
    assert long(flat, [[0] * 300])[0, 1] == 0.0


@pytest.mark.parametrize(
    "reply",
    [
        "I'm sorry, but I can't assist with that request.",
        "Sure, I'd be happy to provide a thorough comparison of tea and coffee.",
        "Certainly! Here is a long story about a dragon.", "What would you like to know about Rome?",
        "很抱歉，我无法完成这个请求。", "好的，我很乐意为您提供一篇文章。", "您想了解罗马的哪个方面？",
    ],
)  # fmt: skip
def test_a_reply_that_is_no_answer_never_wins_by_its_style(reply):
    asked = read("Give me a comparison of tea and coffee.")
    assert answered.evasion(reply, asked)
    good = "Tea has less caffeine than coffee. It is gentler, and it is brewed from leaves, not from beans."
    head = sure_of(length=-3.0, questions=3.0, you=3.0)
    assert guidance.choose(head.on(asked), [good, reply, good + " Both are good."]).index != 1
    # Where the model refuses nearly always, that is its answer, and no style.
    assert not answered.evasions([reply, reply, good], asked).any()


@pytest.mark.parametrize(
    "reply", ["Paris.", "Sure! It is Paris.", "I can see why you ask: it is Paris, on the Seine.", ""]
)
def test_an_answer_is_no_evasion(reply):
    assert not answered.evasion(reply, read("What is the capital of France?"))


def test_a_question_back_is_an_answer_where_it_was_asked_for():
    assert not answered.evasion(
        "What is the capital of Peru?", read("Quiz me: ask me a question about capitals.")
    )


@pytest.mark.parametrize(
    ("prompt", "reply", "missed"),
    [
        ("Give me three ideas.", "1. Swim\n2. Read\n3. Cook", 0.0),
        ("Give me three ideas.", "1. Swim\n2. Read\n3. Cook\n4. Sing\n5. Run\n6. Rest", 1.0),
        ("Give me three good ideas.", "Swimming, reading and cooking.", 0.0),
        ("Give me four tips.", "Rest.", 0.75),
        ("Say it in one sentence.", "It is a loan.", 0.0),
        ("Say it in two sentences.", "It is a loan. It costs. It ends. Yes.", 1.0),
        ("用两句话介绍北京。", "北京是首都。它很大。", 0.0),
        ("给我三个建议。", "- 早睡\n- 多走\n- 少糖", 0.0),
        ("What is a tide?", "", 0.0),
        ("Write an e-mail to Ann.", "Subject: Meeting", 1.0),
        ("Write an e-mail to Ann.", "Dear Ann,\n\nplease come to our meeting on Friday, so that we can talk about the plan of "
         "next year.\n\nBest regards,\nTom", 0.0),
        ("Compare them in a table.", "| a | b |\n|---|---|\n| 1 | 2 |", 0.0), ("Compare them in a table.", "a is b.", 1.0),
        ("Make a list of what I need.", "You need tea and time.", 1.0),
        ("Answer in Chinese: what is tea?", "Tea is a warm drink", 1.0),
        ("Write a Python function that adds.", "def add(a, b):\n    return a + b", 0.0),
    ],
)  # fmt: skip
def test_what_a_reply_lacks_of_its_request(prompt, reply, missed):
    assert answered.missing(read(prompt), reply) == pytest.approx(missed)


def test_a_beginning_lacks_only_what_cannot_come_any_more():
    asked = read("Write a long essay about Rome.")
    assert answered.missing(asked, SHORT) > 0.5 and answered.missing(asked, SHORT, ended=False) == 0.0
    short = read("Describe Rome in at most 20 words.")
    assert answered.missing(short, LONG, ended=False) == 1.0


def test_a_rating_says_nothing_of_what_its_request_fixed():
    def rated(prompt: str) -> reward.Head:
        signals = [
            Signal(f"{i}", "thumb", v, f"{i:03d}", (Turn("user", prompt),), Reply(text + f" Number {i}."))
            for i in range(12)
            for v, text in [(1, SHORT) if i % 2 else (-1, LONG)]
        ]  # fmt: skip
        return reward.fit(signals)

    free, fixed = rated("Tell me of Rome."), rated("Tell me of Rome in one sentence.")
    assert free.weights()["length"][0] < -0.3 and abs(fixed.weights()["length"][0]) < 0.05


def test_conflict_prompts_are_many_in_both_languages_and_go_against_the_taste():
    conflicts = conflict_prompts.CONFLICTS
    chinese = [c for c in conflicts if read(c.prompt).chinese]
    assert (
        len(conflicts) >= 40 and len({c.prompt for c in conflicts}) == len(conflicts) and len(chinese) >= 20
    )
    for c in conflicts:  # what decides how they are answered takes each of them for a request of its own
        name, weight = c.against[:-1], 1.5 if c.against[-1] == "+" else -1.5
        on = sure_of(**{name: weight}).on(read(c.prompt))
        assert abs(on.weights()[name][0]) <= 0.5 * abs(weight), c.prompt
    short = conflict_prompts.some(sure_of(length=-1.0), 8)
    assert len(short) == 8 and all(c.against == "length-" for c in short)
    assert len(conflict_prompts.some(reward.empty_head(), 4)) == 4


def test_conflict_prompts_are_checked():
    by_check = {c.check: c for c in conflict_prompts.CONFLICTS}
    assert conflict_prompts.done(by_check["long"], LONG, 250) and not conflict_prompts.done(
        by_check["long"], SHORT, 250
    )
    assert not conflict_prompts.done(by_check["long"], "", 0)
    promise = "Sure, I'd be happy to provide a thorough comparison of tea and coffee."
    assert not conflict_prompts.done(by_check["long"], promise, 5)
    assert conflict_prompts.done(by_check["questions"], "Who was Caesar?", 10)
    assert conflict_prompts.done(by_check["english"], "It is Paris.", 10)


def test_a_message_that_contradicts_the_style_is_answered_without_its_adapter():
    from assistant.engine.jobs import as_asked
    from assistant.engine.protocol import Generate
    from assistant.records import Sampling

    def asked(message: str, comparing: str = "") -> str | None:
        turns = (Turn("user", "Hello"), Turn("assistant", "Hi"), Turn("user", message))
        steering = guidance.to_request(sure_of(length=-2.0), guide=False, best_of=False)
        return as_asked(Generate(1, turns, Sampling(), "folder", "v1", steering, comparing)).style_name  # type: ignore[arg-type]

    assert asked("Write a long essay about Rome.") is None
    assert asked("What is Rome?") == "v1" and asked("Write a long essay about Rome.", "side") == "v1"


def test_a_reply_gets_no_more_credit_for_being_short_than_a_third_of_the_usual_earns():
    head = sure_of(length=-2.0).on(read("Tell me something about the sea."))
    third, word = "The sea is deep and wide and full of fish and salt and light.", "Water."
    long = third * 8
    short, shorter, usual = head.score(head.features([third, word, long]))
    assert short == shorter > usual


def test_how_short_the_liked_replies_were_is_learned_whole():
    """Replies of a few words and of forty: the fit sees how far apart they are, only the judging stops at a third."""
    short, long = (
        "It is a loan.",
        "It is a loan that you take to buy a house and then pay back over many years. " * 2,
    )
    signals = [
        Signal(
            f"{i}",
            "thumb",
            v,
            f"{i:03d}",
            (Turn("user", "Please tell me what a mortgage is."),),
            Reply(f"{text} {i}"),
        )
        for i in range(12)
        for v, text in [(1, short) if i % 2 else (-1, long)]
    ]
    rows = reward._rows(signals, reward.Habits())
    at = style_features.NAMES.index("length")
    assert rows.x[:, at].min() < reward.SHORTEST


def test_a_style_steps_aside_where_a_request_says_the_opposite_and_only_there():
    """The gate measures a version as the program writes: without the adapter for these."""
    head = sure_of(length=-0.6)
    for conflict in conflict_prompts.CONFLICTS:
        if conflict.against == "length-" and conflict.check == "long":
            assert head.leaves_out_style(read(conflict.prompt)), conflict.prompt
    for plain in ("How do I boil an egg?", "What is a mortgage?", "为什么天空是蓝色的？"):
        assert not head.leaves_out_style(read(plain)), plain
