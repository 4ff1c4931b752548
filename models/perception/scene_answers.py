"""What a question asks of plain shapes (their colour, shape, or whether two pictures are alike), answered beside the facts.

A small language model mixes up a thing with its ground and one thing with another; perception knows. Torch-free.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from models.perception import chinese, scene_words
from models.perception.english import plural, with_article
from models.perception.facts import Comparison, Facts, Group, compare

_COLOUR = re.compile(r"\b(?:what|which) colou?rs?\b|什么颜色|哪种颜色|颜色是", re.IGNORECASE)
_SHAPE = re.compile(r"\b(?:what|which)(?: kind of)? shapes?\b|什么形状|什么图形|哪种形状", re.IGNORECASE)
_ALIKE = re.compile(r"\b(?:same|alike|differ\w*|equal)\b|一样|相同|不同", re.IGNORECASE)
_DIFFERENT = re.compile(r"\bdiffer\w*|不同", re.IGNORECASE)
_GROUND = re.compile(r"\bbackground\b|背景", re.IGNORECASE)
_ABOUT = {
    "count": re.compile(r"\b(?:number|many|count)\b|数量|几个|多少", re.IGNORECASE),
    "colour": re.compile(r"\bcolou?rs?\b|颜色", re.IGNORECASE),
    "shape": re.compile(r"\bshapes?\b|形状|图形", re.IGNORECASE),
}
_PLURAL = {"count": "numbers", "colour": "colours", "shape": "shapes"}
_IN_CHINESE = {"count": "数量", "colour": "颜色", "shape": "形状"}


def answers(question: str, shown: Sequence[Facts]) -> str:
    """A sentence in the question's language; "" where it asks none of these things or there are no plain shapes.

    ``shown``: the pictures that the question is about.
    """
    if not shown or any(not facts.groups for facts in shown):
        return ""
    in_chinese = chinese.is_chinese(question)
    if len(shown) == 2 and _ALIKE.search(question):
        return _alike(question, compare(shown[0], shown[1]), in_chinese)
    if len(shown) > 1 or _GROUND.search(question):
        return ""
    meant = _meant(question, shown[0].groups)
    if _COLOUR.search(question):
        return " ".join(_colour(group, in_chinese) for group in meant)
    if _SHAPE.search(question):
        return " ".join(_shape(group, in_chinese) for group in meant)
    return ""


def _meant(question: str, groups: tuple[Group, ...]) -> tuple[Group, ...]:
    text = question.lower()

    def named(english: str, in_chinese: str) -> bool:
        return bool(re.search(rf"\b(?:{english}|{plural(english)})\b", text)) or in_chinese in text

    by_shape = tuple(g for g in groups if named(g.shape, chinese.SHAPES[g.shape]))
    by_colour = tuple(g for g in groups if named(g.colour, chinese.COLOURS[g.colour]))
    colours = any(named(colour, chinese.COLOURS.get(colour, "\0")) for colour in scene_words.COLOURS)
    shapes = any(named(shape, chinese.SHAPES.get(shape, "\0")) for shape in scene_words.SHAPES[:-2])
    if (colours and not by_colour) or (shapes and not by_shape):
        return ()  # it asks for what is not there, which is told elsewhere
    return by_shape or by_colour or groups


def _colour(group: Group, in_chinese: bool) -> str:
    if in_chinese:
        return f"{chinese.SHAPES[group.shape]}是{chinese.COLOURS[group.colour]}的。"
    return f"The {_noun(group.shape, group)} {_are(group)} {group.colour}."


def _shape(group: Group, in_chinese: bool) -> str:
    if in_chinese:
        return f"{chinese.COLOURS[group.colour]}的是{chinese.SHAPES[group.shape]}。"
    things = "ones" if group.count > 1 else "one"
    return f"The {group.colour} {things} {_are(group)} {_article(group.shape, group)}."


def _alike(question: str, told: Comparison, in_chinese: bool) -> str:
    values = {"count": told.count, "colour": told.colour, "shape": told.shape}
    wanted = [part for part, pattern in _ABOUT.items() if pattern.search(question)] or list(values)
    if "shape" in wanted and "count" in wanted and re.search(r"number of shapes", question, re.IGNORECASE):
        wanted.remove("shape")
    said = [(part, values[part]) for part in wanted if values[part] != "unknown"]
    if not said:
        return ""
    yes = all(value == "same" for _, value in said) != bool(_DIFFERENT.search(question))
    if in_chinese:
        parts = "，".join(f"{_IN_CHINESE[p]}{'相同' if value == 'same' else '不同'}" for p, value in said)
        return f"{'是的' if yes else '不是'}，{parts}。"
    parts = " and ".join(
        f"the {_PLURAL[p]} are {'the same' if v == 'same' else 'different'}" for p, v in said
    )
    return f"{'Yes' if yes else 'No'}, {parts}."


def _are(group: Group) -> str:
    return "are" if group.count > 1 else "is"


def _noun(word: str, group: Group) -> str:
    return plural(word) if group.count > 1 else word


def _article(word: str, group: Group) -> str:
    return plural(word) if group.count > 1 else with_article(word)
