"""The message tree's pure functions."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant import conversation as tree
from assistant.records import Attachment, Message, Recognition


def message(id: str, parent: str | None, role: str = "user", text: str = "text", **fields) -> Message:
    return Message(id, "c", parent, role, text, "2026-01-01T00:00:00+00:00", **fields)


TREE = [
    message("u1", None),
    message("a1", "u1", "assistant"),
    message("a2", "u1", "assistant"),
    message("u2", "a1"),
    message("u1b", None),
]


def test_a_branch_goes_from_the_first_message_to_the_leaf():
    assert [m.id for m in tree.path(TREE, "u2")] == ["u1", "a1", "u2"]
    assert tree.path(TREE, None) == [] and tree.path(TREE, "missing") == []


def test_a_tree_with_a_loop_gives_what_can_be_reached():
    loop = [message("a", "b"), message("b", "a")]
    assert {m.id for m in tree.path(loop, "a")} == {"a", "b"}


def test_children_and_the_newest_leaf():
    assert [m.id for m in tree.children(TREE, "u1")] == ["a1", "a2"]
    assert [m.id for m in tree.children(TREE, None)] == ["u1", "u1b"]
    assert tree.newest_leaf(TREE) == "u1b"
    assert tree.newest_leaf(TREE, "u1") == "u2" and tree.newest_leaf(TREE, "a2") == "a2"
    assert tree.newest_leaf([]) is None


def test_going_to_the_branch_beside_stops_at_the_ends():
    assert tree.neighbour(["a", "b", "c"], "b", 1) == "c"
    assert tree.neighbour(["a", "b", "c"], "c", 1) == "c"
    assert tree.neighbour(["a", "b", "c"], "a", -5) == "a"


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("Trip to Kyoto", "Trip to Kyoto"),
        ("\n\n## **bold** start\nmore", "bold** start"),
        ("- a list", "a list"),
        ("word " * 30, "word word word word word word word word word…"),
        ("你" * 100, "你" * 47 + "…"),
        ("tab\there\x07", "tab here"),
        ("   ", "cat.png"),
    ],
)
def test_titles(text, title):
    assert tree.title_from(text, "cat.png") == title


@given(st.text())
def test_a_title_is_one_short_line(text):
    title = tree.title_from(text)
    assert len(title) <= tree.TITLE_CHARACTERS and "\n" not in title and title == title.strip()


def test_turns_carry_pictures_and_what_was_seen_in_them():
    seen = Recognition((("cat", 0.9),))
    photo = Attachment("s1", "image", "image/png", "a.png", 3, recognition=seen)
    dull = Attachment("s2", "image", "image/png", "b.png", 3, recognition=Recognition())
    turns = tree.turns(
        [message("u", None, attachments=(photo, dull))], " ", lambda sha: Path("/pictures") / sha
    )
    assert len(turns) == 1
    assert turns[0].images == (str(Path("/pictures/s1")), str(Path("/pictures/s2")))
    assert turns[0].recognitions == (seen, None)


def test_roles_always_alternate_after_the_system_prompt():
    branch = [
        message("u1", None, text="one"),
        message("a1", "u1", "assistant", text=""),
        message("u2", "a1", text="two"),
        message("a2", "u2", "assistant", text="answer"),
        message("u3", "a2", text="three"),
    ]
    turns = tree.turns(branch, "Be kind.", Path)
    assert [(t.role, t.text) for t in turns] == [
        ("system", "Be kind."),
        ("user", "one\n\ntwo"),
        ("assistant", "answer"),
        ("user", "three"),
    ]
