"""What is found in a chat, without a window: counts agree with what is shown, and changes are noticed."""

from __future__ import annotations

import time

import pytest

from assistant.records import Message
from ui.transcript.find_in_chat import ChatSearch, pattern_of, shown_text
from ui.transcript.message_view import MessageView


def view(id: str, text: str, role: str = "assistant") -> MessageView:
    return MessageView(Message(id, "c", None, role, text, "2026-01-01T00:00:00+00:00"))


def counted(query: str, *views: MessageView) -> ChatSearch:
    search = ChatSearch()
    search.look_for(query, views)
    search.go_on(time.perf_counter() + 60)
    assert search.complete
    return search


@pytest.mark.parametrize(
    ("query", "source", "times"),
    [
        ("bold", "a **bo**ld word, BOLD", 2),
        ("two words", "**two** _words_ and `two words`", 2),
        ("here now", "look [here](https://example.org/now) now", 1),
        ("example.org", "look [here](https://example.org)", 0),  # the address is not shown
        ("α", "the angle $\\alpha$", 1),
        ("cell", "| cell | b |\n|---|---|\n| c | cell |", 2),
        ("x = 1", "```python\nx = 1\ny = x = 1\n```", 2),
        ("1.", "1. one\n2. two", 1),
        ("世界", "你好,世界。世界", 2),
        ("a.c", "abc a.c", 1),  # no pattern of the user's is run
        ("straße", "Straße STRASSE", 1),
        ("😀x", "😀x 😀X", 2),
        ("   ", "a   b", 0),
        ("", "abc", 0),
    ],
)
def test_it_counts_what_is_shown(query, source, times):
    assert counted(query, view("1", source)).total == times


def test_the_users_own_text_is_taken_as_it_is():
    assert counted("**", view("1", "a **b**", role="user")).total == 2
    assert counted("**", view("1", "a **b**")).total == 0


def test_steps_go_round_over_messages_without_a_place():
    search = counted("cat", view("1", "cat"), view("2", "dog"), view("3", "cat, cat"))
    seen = [(0, 0)]
    for _ in range(3):
        seen.append(search.step(*seen[-1], 1))
    assert seen == [(0, 0), (2, 0), (2, 1), (0, 0)]
    assert search.step(0, 0, -1) == (2, 1) and search.number(2, 1) == 3
    assert counted("bird", view("1", "cat")).step(0, -1, 1) is None
    assert counted("bird").step(0, -1, 1) is None


def test_a_message_that_grows_is_counted_anew():
    first, second = view("1", "cat"), view("2", "a cat")
    search = counted("cat", first, second)
    assert not search.take((first, second)) and search.total == 2
    assert search.take((first, view("2", "a cat and a cat")))
    search.go_on(time.perf_counter() + 60)
    assert search.total == 3
    assert search.take((first,)) and search.total == 1


def test_a_pattern_is_never_longer_than_can_be_typed():
    assert pattern_of("a" * 100_000) is not None
    assert len(pattern_of("a" * 100_000).pattern) == 200


def test_huge_and_hostile_texts_are_read():
    text = "*" * 5_000 + "[" * 5_000 + "needle"
    assert "needle" in shown_text(view("1", text))
    assert counted("needle", view("1", text), view("2", "\x00needle\u202e")).total == 2
