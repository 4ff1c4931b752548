"""The words of facts: what is there, what is not, what is unsure, what two pictures have in common; text stays data."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.perception import described_messages, description_answers, fact_wording, scene_answers
from models.perception.facts import MANY, Facts, Group, compare
from models.perception.presence_answers import answers
from models.perception.untrusted import LONGEST_READ_TEXT

CAT = Facts(
    certainty="sure",
    name="cat",
    category="animal",
    detail="Egyptian cat",
    names=(("cat", 0.95),),
    colours=("brown",),
)
UNSURE = Facts(
    certainty="guess",
    name="flower",
    category="plant",
    names=(("flower", 0.24), ("bee", 0.1), ("corn", 0.005)),
    colours=("red", "green"),
)
CIRCLES = Facts(drawing=True, groups=(Group(3, "blue", "circle", "left"),), background="white")


def scene(*groups: Group, relation: str = "alone") -> Facts:
    return Facts(drawing=True, groups=groups, relation=relation, background="white")  # type: ignore[arg-type]


def test_a_sure_name_is_told_as_it_is_with_its_kind() -> None:
    line = fact_wording.note(CAT, 1)
    assert line.startswith("[Picture 1: ") and line.endswith("]")
    assert "a cat" in line and "Egyptian cat" in line and "photo" in line
    assert "may be" not in line


def test_a_guess_is_told_as_one_and_what_is_unlikely_is_not_told() -> None:
    line = fact_wording.note(UNSURE, 1)
    assert "not sure" in line and "may be a flower" in line and "a bee" in line
    assert "corn" not in line


def test_only_a_category_and_nothing_at_all_are_told_as_that() -> None:
    kind = fact_wording.note(
        Facts(drawing=True, certainty="category", category="food", names=(("corn", 0.1),)), 1
    )
    assert "may be" in kind and "food" in kind
    none = fact_wording.note(Facts(), 1)
    assert "may be" not in none and "not sure" in none and "nothing" in none.lower()


def test_counts_places_and_how_two_groups_stand() -> None:
    assert "three blue circles" in fact_wording.note(CIRCLES, 1)
    pair = scene(Group(1, "red", "star", "left"), Group(2, "green", "square", "right"), relation="beside")
    line = fact_wording.note(pair, 1)
    assert "one red star and two green squares" in line
    assert "The red star is left of the green squares; the green squares are right of the red star" in line
    assert "or more" in fact_wording.note(scene(Group(MANY, "red", "star", "top")), 1)


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
    line = fact_wording.note(scene(second), 2, CIRCLES)
    for word, verdict in (("number", count), ("colour", colour), ("shape", shape)):
        assert f"{verdict} " in line and word in line


def test_things_are_compared_by_name_and_what_is_unknown_is_not() -> None:
    assert compare(CAT, CAT).whole == "same"
    assert compare(CAT, UNSURE).whole == "different"
    assert compare(CAT, Facts()).whole == "unknown"
    assert compare(CAT, CIRCLES).colour == "unknown"
    assert "same" not in fact_wording.note(Facts(), 2, CAT)


@given(text=st.text(max_size=2000))
def test_text_in_a_picture_cannot_leave_its_line_quotes_or_brackets(text: str) -> None:
    line = fact_wording.note(replace(CAT, text=text), 1)
    assert "\n" not in line and line.count("[") == line.count("]") == 1 and line.endswith("]")
    assert line.count('"') == (2 if '"' in line else 0)
    assert not any(mark in line for mark in "<>|\0\u202e\u200b")
    assert len(line) < LONGEST_READ_TEXT + 400


def test_the_longest_note_is_as_long_as_any_of_these() -> None:
    others = [CAT, UNSURE, CIRCLES, Facts()]
    longest = max(len(fact_wording.note(one, 2, CIRCLES)) for one in others)
    assert len(fact_wording.LONGEST_NOTE) >= longest


def test_messages_without_pictures_stay_as_they_are_and_others_get_one_sentence() -> None:
    plain = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hello"}]
    assert described_messages.with_lines(plain, []) == plain
    asked = {"role": "user", "content": [{"type": "image"}, {"type": "text", "text": "What?"}]}
    told = described_messages.with_lines([plain[0], asked], ["[Picture 1: a cat]"])
    assert told[0]["content"].startswith("Be brief.") and told[0]["content"].endswith(fact_wording.SENTENCE)
    assert told[1] == {"role": "user", "content": "[Picture 1: a cat]\nWhat?"}
    assert described_messages.with_lines([asked], ["x"])[0] == {
        "role": "system",
        "content": fact_wording.SENTENCE,
    }


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("What breed is this dog?", "But the picture shows a cat, not a dog."),
        ("Is there a hot dog?", "No, there is no hot dog in the picture, only a cat."),
        ("Are there any animals?", "Yes."),
        ("Is this a cat?", "Yes."),
        ("What is orange here?", ""),
        ("Write a poem about it.", ""),
        ("这艘船是什么颜色的？", "图中没有船，只有猫，说不出船是什么样的。"),
        ("图片里有猫吗？", "有猫。"),
    ],
)
def test_what_a_question_takes_for_granted_is_answered_or_set_right(question: str, said: str) -> None:
    found = answers(question, [(CAT, [])])
    assert found.endswith(said) and bool(found) == bool(said)


def test_what_may_be_there_is_not_denied_and_people_in_photos_neither() -> None:
    assert "may be a bee" in answers("Do you see a bee?", [(UNSURE, ["bee"])])
    assert answers("How old is this person?", [(CAT, [])]) == ""
    assert (
        answers("Is there a cat?", [(CIRCLES, []), (CAT, [])]) == ""
    )  # beside plain things nothing is affirmed
    assert answers("Is there a star?", [(CIRCLES, [])]).startswith("No, there is no star")


def test_a_later_question_is_answered_of_the_pictures_last_shown() -> None:
    asked = {"role": "user", "content": [{"type": "image"}, {"type": "text", "text": "What?"}]}
    later = [
        asked,
        {"role": "assistant", "content": "A cat."},
        {"role": "user", "content": "Is there a dog?"},
    ]
    told = described_messages.with_lines(later, described_messages.lines(later, [CAT]), [CAT])
    assert told[-1]["content"] == "Is there a dog?\n[No, there is no dog in the picture, only a cat.]"
    assert told[-2]["content"] == "A cat."


def test_a_chinese_question_is_told_in_chinese() -> None:
    assert "图中是猫" in fact_wording.note(CAT, 1, None, "这是什么？")
    guess = fact_wording.note(UNSURE, 1, None, "这是什么？")
    assert "不确定" in guess and "花" in guess and "红色和绿色" in guess and "flower" not in guess
    line = fact_wording.note(CIRCLES, 1, None, "有几个圆形？")
    assert "三个蓝色圆形" in line and "左边" in line and "白色" in line


BOTH = scene(Group(1, "black", "oval", "top"), Group(2, "pink", "square", "bottom"), relation="above")


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("What colour is the oval?", "The oval is black."),
        ("what color are the squares", "The squares are pink."),
        ("What shape is black?", "The black one is an oval."),
        ("Which shape is pink?", "The pink ones are squares."),
        ("What colour is the background?", ""),
        ("What colour is the star?", ""),  # that there is none is told by another sentence
        ("Where is the oval?", ""),
        ("椭圆形是什么颜色？", "椭圆形是黑色的。"),
        ("粉色的是什么形状？", "粉色的是正方形。"),
    ],
)
def test_colour_and_shape_of_plain_things_are_answered(question: str, said: str) -> None:
    assert scene_answers.answers(question, [BOTH]) == said


def test_a_question_back_to_one_thing_is_answered_from_the_picture_shown_before() -> None:
    assert scene_answers.answers("And which shape is it?", [CIRCLES]) == "The blue ones are circles."
    assert scene_answers.answers("What colour are they?", [CAT]) == ""


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("Do both pictures show the same number of shapes?", "No, the numbers are different."),
        ("Do both pictures show the same shape?", "No, the shapes are different."),
        ("Are the shapes different?", "Yes, the shapes are different."),
        ("Are they the same colour?", "Yes, the colours are the same."),
        ("两张图的颜色一样吗？", "是的，颜色相同。"),
    ],
)
def test_whether_two_pictures_are_alike_is_answered_in_the_respect_asked_for(
    question: str, said: str
) -> None:
    other = scene(Group(1, "blue", "cross", "top"))
    assert scene_answers.answers(question, [CIRCLES, other]) == said


def test_one_character_read_beside_plain_shapes_is_a_shape_and_no_text() -> None:
    assert "No text" in fact_wording.note(CIRCLES.with_text("0"), 1)
    assert '"OK"' in fact_wording.note(CIRCLES.with_text("OK"), 1)


def test_signs_alone_are_no_text() -> None:
    assert "No text" in fact_wording.note(CAT.with_text("★ / ●"), 1)


@pytest.mark.parametrize(
    ("question", "answered"), [("图片上写着什么？", True), ("把图上的文字翻译成中文。", False)]
)
def test_a_chinese_question_about_text_gets_it_as_it_is_written(question: str, answered: bool) -> None:
    message = {"role": "user", "content": [{"type": "image"}, {"type": "text", "text": question}]}
    sign = CAT.with_text("NO PARKING")
    told = described_messages.with_lines([message], described_messages.lines([message], [sign]), [sign])
    assert ("图上写着：“NO PARKING”。" in told[-1]["content"]) is answered


PADLOCK = Facts(
    drawing=True, certainty="sure", name="padlock", category="tool", kind="tool",
    names=(("padlock", 0.45), ("bag", 0.2)), colours=("orange",),
)  # fmt: skip
DRINK = Facts(
    drawing=True, certainty="guess", name="cocktail", category="drink", kind="drink",
    names=(("cocktail", 0.3), ("champagne", 0.2)),
)  # fmt: skip


@pytest.mark.parametrize(
    ("question", "facts", "said"),
    [
        ("What is this?", PADLOCK, "It is probably a padlock, but it may be a bag."),
        ("What do you see?", DRINK, "I'm not sure, but it may be a cocktail or champagne, some drink."),
        ("这是什么？", DRINK, "不确定，可能是鸡尾酒或香槟，总之是一种饮料。"),
        ("What is this?", CAT, ""),
        ("你看到了什么？", CAT, "图中是猫。"),
        ("What is in this picture?", CIRCLES, ""),
        ("What colour is it?", PADLOCK, ""),
        (
            "Describe it in two sentences.",
            CAT,
            "In two sentences: The picture shows a cat. Its colour is brown.",
        ),
        (
            "Write three short sentences about what you see.",
            CIRCLES,
            "In three sentences: The picture shows three blue circles. The background is white. There is nothing else in it.",
        ),
        ("请用两句话描述这张图片。", CIRCLES, "用两句话：图中有三个蓝色圆形。背景是白色的。"),
        ("Describe it in two sentences.", Facts(), ""),
    ],
)
def test_a_request_to_name_or_describe_is_answered_as_surely_as_the_picture_allows(
    question: str, facts: Facts, said: str
) -> None:
    assert description_answers.answers(question, [facts]) == said


def test_one_character_read_beside_plain_shapes_is_no_text() -> None:
    assert 'written in it: "0"' not in fact_wording.note(replace(CIRCLES, drawing=False, text="0"), 1)
    assert 'written in it: "A1"' in fact_wording.note(replace(CIRCLES, text="A1"), 1)


def test_each_of_several_pictures_is_told() -> None:
    pair = [CIRCLES, scene(Group(1, "red", "star", "left"))]
    told = description_answers.answers("What do the two pictures show?", pair)
    assert told == "The first picture shows three blue circles. The second picture shows one red star."
    assert description_answers.answers("这两张图里有什么？", pair).startswith("第一张：图中有三个蓝色圆形。")
    unsure = description_answers.answers("What is in these pictures?", [CIRCLES, DRINK])
    assert unsure == "" or "second picture: I'm not sure" in unsure
    assert description_answers.answers("What do the pictures show?", [CIRCLES] * 4) == ""
    assert description_answers.answers("What do the two pictures show?", [CIRCLES, Facts()]) == ""
