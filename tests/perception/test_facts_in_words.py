"""The words of facts: what is there, what is not, what is unsure, what two pictures have in common; text stays data."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.perception import telling, wording
from models.perception.facts import MANY, Facts, Group, compare
from models.perception.untrusted import LONGEST_READ_TEXT

CAT = Facts(
    certainty="sure",
    name="cat",
    category="animal",
    detail="Egyptian cat",
    names=(("cat", 0.95),),
    colours=("brown",),
)
DAISY = Facts(
    certainty="guess",
    name="daisy",
    category="plant",
    names=(("daisy", 0.24), ("bee", 0.1), ("corn", 0.005)),
    colours=("red", "green"),
)
CIRCLES = Facts(drawing=True, groups=(Group(3, "blue", "circle", "left"),), background="white")


def scene(*groups: Group, relation: str = "alone") -> Facts:
    return Facts(drawing=True, groups=groups, relation=relation, background="white")  # type: ignore[arg-type]


def test_a_sure_name_is_told_as_it_is_with_its_kind() -> None:
    line = wording.note(CAT, 1)
    assert line.startswith("[Picture 1: ") and line.endswith("]")
    assert "a cat" in line and "animal" in line and "Egyptian cat" in line and "photo" in line
    assert "may be" not in line


def test_a_guess_is_told_as_one_and_what_is_unlikely_is_not_told() -> None:
    line = wording.note(DAISY, 1)
    assert "may be a daisy" in line and "a bee" in line
    assert "corn" not in line


def test_only_a_category_and_nothing_at_all_are_told_as_that() -> None:
    kind = wording.note(Facts(drawing=True, certainty="category", category="food", names=(("corn", 0.1),)), 1)
    assert "may be" in kind and "food" in kind
    none = wording.note(Facts(), 1)
    assert "may be" not in none and "nothing" in none.lower()


def test_counts_places_and_how_two_groups_stand() -> None:
    assert "three blue circles" in wording.note(CIRCLES, 1)
    pair = scene(Group(1, "red", "star", "left"), Group(2, "green", "square", "right"), relation="beside")
    line = wording.note(pair, 1)
    assert "one red star and two green squares" in line
    assert "The red star is left of the green squares; the green squares are right of the red star" in line
    assert "or more" in wording.note(scene(Group(MANY, "red", "star", "top")), 1)


@pytest.mark.parametrize(
    ("second", "count", "colour", "shape", "whole"),
    [
        (Group(3, "blue", "circle", "right"), "same", "same", "same", "same"),
        (Group(2, "blue", "star", "left"), "different", "same", "different", "different"),
        (Group(3, "red", "circle", "left"), "same", "different", "same", "different"),
    ],
)
def test_a_picture_is_compared_with_the_one_before(
    second: Group, count: str, colour: str, shape: str, whole: str
) -> None:
    told = compare(CIRCLES, scene(second))
    assert (told.count, told.colour, told.shape, told.whole) == (count, colour, shape, whole)
    line = wording.note(scene(second), 2, CIRCLES)
    for word, verdict in (("number", count), ("colour", colour), ("shape", shape)):
        assert f"{verdict} " in line and word in line


def test_things_are_compared_by_name_and_what_is_unknown_is_not() -> None:
    assert compare(CAT, CAT).whole == "same"
    assert compare(CAT, DAISY).whole == "different"
    assert compare(CAT, Facts()).whole == "unknown"
    assert compare(CAT, CIRCLES).colour == "unknown"
    assert "same" not in wording.note(Facts(), 2, CAT)


@given(text=st.text(max_size=2000))
def test_text_in_a_picture_cannot_leave_its_line_quotes_or_brackets(text: str) -> None:
    line = wording.note(replace(CAT, text=text), 1)
    assert "\n" not in line and line.count("[") == line.count("]") == 1 and line.endswith("]")
    assert line.count('"') == (2 if '"' in line else 0)
    assert not any(mark in line for mark in "<>|\0\u202e\u200b")
    assert len(line) < LONGEST_READ_TEXT + 400


def test_the_longest_note_is_as_long_as_any_of_these() -> None:
    others = [CAT, DAISY, CIRCLES, Facts()]
    longest = max(len(wording.note(one, 2, CIRCLES)) for one in others)
    assert len(wording.LONGEST_NOTE) >= longest


def test_messages_without_pictures_stay_as_they_are_and_others_get_one_sentence() -> None:
    plain = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hello"}]
    assert telling.with_lines(plain, []) == plain
    asked = {"role": "user", "content": [{"type": "image"}, {"type": "text", "text": "What?"}]}
    told = telling.with_lines([plain[0], asked], ["[Picture 1: a cat]"])
    assert told[0]["content"].startswith("Be brief.") and told[0]["content"].endswith(wording.SENTENCE)
    assert told[1] == {"role": "user", "content": "[Picture 1: a cat]\nWhat?"}
    assert telling.with_lines([asked], ["x"])[0] == {"role": "system", "content": wording.SENTENCE}
