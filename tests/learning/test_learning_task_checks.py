"""Task success that can be counted is counted; what cannot be is left alone."""

from __future__ import annotations

import pytest

from assistant.learning.task_checks import shortfall


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
        ("I have two dogs. How do I feed them?", "Twice a day.", 0.0),
        ("What is a tide?", "", 0.0),
    ],
)
def test_asked_for_a_number(prompt, reply, missed):
    assert shortfall(prompt, reply) == pytest.approx(missed)
