"""Whether a thing that a question names is in a picture: told beside the facts, so that no guess is needed. Torch-free."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from itertools import islice
from typing import Literal

from models.perception import chinese, concepts, scene_words
from models.perception.english import plural, with_article
from models.perception.facts import Facts

There = Literal["yes", "maybe", "no", "unknown"]

_MOST = 3  # things of a question that are answered for
# Names that are kinds of others, as far as people ask for them by the wider word.
_WIDER = {
    "bird": "eagle owl parrot duck goose swan penguin turkey chicken chick dove dodo flamingo peacock phoenix",
    "insect": "beetle fly bee ant grasshopper cockroach dragonfly butterfly ladybug cricket mosquito bug",
    "fish": "shark ray blowfish",
    "flower": "rose tulip sunflower daisy hibiscus lotus",
    "fruit": "grapes melon watermelon orange lemon lime banana pineapple mango apple pear peach cherries strawberry",
    "vegetable": "eggplant potato carrot cucumber lettuce broccoli garlic onion corn",
    "dog": "wolf dingo dhole fox",  # not dogs, but too near to be denied
    "boat": "ship",
    "ship": "boat",
}
# Words that questions use for something else than the thing; and what the encoder has never learned to see.
_OTHERWISE = {
    *scene_words.COLOURS,
    "light",
    "face",
    "thing",
    "line",
    "screen",
    "page",
    "key",
    "sign",
    "letter",
    "nature",
    "book",
}
_IRREGULAR = {"people": "person"}
_WHETHER = re.compile(
    r"^\W*(is|are|was|were|do|does|did|can|could|has|have)\b|吗|有没有|是不是", re.IGNORECASE
)
_UNSEEN = ("person", "face", "body part")


@cache
def _pattern() -> re.Pattern[str]:
    words = {*concepts.names(), *concepts.categories(), *scene_words.SHAPES[:-2]} - _OTHERWISE
    forms = {form for word in words for form in (word, plural(word))} | set(_IRREGULAR)
    return re.compile(
        rf"\b({'|'.join(sorted(map(re.escape, forms), key=len, reverse=True))})\b", re.IGNORECASE
    )


@cache
def _singular() -> dict[str, str]:
    words = {*concepts.names(), *concepts.categories(), *scene_words.SHAPES[:-2]}
    return {form: word for word in words for form in (plural(word), word)} | _IRREGULAR


def things(question: str) -> dict[str, str]:
    """The things that a question names, at most a few, with what they are called there."""
    if chinese.is_chinese(question):
        return dict(islice(chinese.things(question).items(), _MOST))
    found = (
        _singular()[match.lower()] for match in _pattern().findall(question) if match.lower() in _singular()
    )
    return {thing: thing for thing in islice(dict.fromkeys(found), _MOST)}


def there(thing: str, facts: Facts, possible: list[str]) -> There:
    """``possible``: names that are told as possible beside the best one."""
    if facts.groups:
        return "yes" if thing == "shape" or any(group.shape == thing for group in facts.groups) else "no"
    if not facts.drawing and concepts.load().get(thing, thing) in _UNSEEN:
        return "unknown"
    if facts.nothing and not possible:
        return "unknown"
    if facts.name and thing in _called(facts.name):
        return "yes" if facts.certainty == "sure" else "maybe"
    if any(thing in _called(name) for name in possible) or thing == facts.category:
        return "maybe"
    return "no"


def _called(name: str) -> set[str]:
    """A name, its category, and the wider words for it."""
    return {name, concepts.load()[name], *(wide for wide, narrow in _WIDER.items() if name in narrow.split())}


def answers(question: str, pictures: Sequence[tuple[Facts, list[str]]]) -> str:
    """What there is to say of each thing that the question names, in its language; "" if that is nothing.

    A question whether something is there is answered; one that takes for granted what is not there is set right.
    ``pictures``: those it is about, each with the names that are told as possible.
    """
    say = _in_chinese if chinese.is_chinese(question) else _in_english
    whether = bool(_WHETHER.search(question))
    said = []
    for thing, called in things(question).items():
        found = {there(thing, facts, possible) for facts, possible in pictures}
        value = next(one for one in ("yes", "maybe", "unknown", "no") if one in found)
        shown = [facts.name for facts, _ in pictures if facts.certainty == "sure"]
        only = shown[0] if len(shown) == len(pictures) == 1 else ""
        plain = any(facts.groups for facts, _ in pictures)
        if value == "no" or (whether and not plain and value != "unknown"):
            said.append(say(called, value, only, whether))
    return " ".join(said)


def _in_english(thing: str, value: str, only: str, whether: bool) -> str:
    if value == "no":
        if (
            only and not whether
        ):  # what it shows comes first: a small model answers with what it has read last
            return f"But the picture shows {with_article(only)}, not {with_article(thing)}."
        absent = f"there is no {thing} in the picture{f', only {with_article(only)}' if only else ''}."
        return f"No, {absent}" if whether else f"But {absent}"
    return "Yes." if value == "yes" else f"Yes, it may be {with_article(thing)}, but I'm not sure."


def _in_chinese(called: str, value: str, only: str, whether: bool) -> str:
    if value == "no":
        absent = f"图中没有{called}{f'，只有{chinese.called(only)}' if only else ''}"
        # Without its last part a small model tells the colour of what is there as that of what is not.
        return f"没有，{absent}。" if whether else f"应回答：{absent}，说不出{called}是什么样的。"
    return f"有{called}。" if value == "yes" else f"可能有{called}，但我不确定。"
