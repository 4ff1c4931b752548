"""Questions about two pictures of one message, or three, with their right answers."""

from __future__ import annotations

import numpy as np

from models.perception.english import NUMBERS, with_article
from models.starter.train import questions
from models.starter.train.facts import Facts


def about(facts: Facts) -> str:
    if facts.things:
        return questions.caption(facts, places=False)
    if facts.hedged:
        return f"perhaps {questions.may_be(facts).removeprefix('it may be ')}"
    return with_article(facts.name) if facts.name else "something I'm not sure about"


_ALIKE = ("colour", "shape", "count", "more")


def alike(random: np.random.Generator, first: Facts, second: Facts, what: str) -> questions.Pair | None:
    """Two scenes, or their single things, compared in one respect. What each shows is said first and the verdict last:
    a small model that must begin with it guesses."""
    if not first.things or not second.things:
        return None
    a, b = first.things[0], second.things[0]
    if what in ("count", "more"):
        one, two = (sum(thing.count for thing in facts.things) for facts in (first, second))
        said = f"The first one shows {NUMBERS[one]}, the second one {NUMBERS[two]}"
        if what == "count":
            question = questions.one_of(random, ("Do both pictures show the same number of shapes?",
                                       "Are there as many shapes in both pictures?",
                                       "Is the number of shapes the same?"))  # fmt: skip
            return question, verdict(said, one == two)
        question = questions.one_of(random, ("Which picture shows more shapes?", "Which picture has more shapes?",
                                   "In which picture are there more shapes?"))  # fmt: skip
        more = "neither" if one == two else "the first one" if one > two else "the second one"
        return question, f"{said}, so {more}."
    if len(first.things) != 1 or len(second.things) != 1:
        return None
    if what == "colour":
        c = questions.one_of(random, ("colour", "color"))
        question = questions.one_of(random, (f"Do they have the same {c}?", f"Are they the same {c}?",
                                   f"Is the {c} the same in both pictures?"))  # fmt: skip
        return question, verdict(
            f"The first one is {a.colour}, the second one {b.colour}", a.colour == b.colour
        )
    question = questions.one_of(random, ("Do they have the same shape?", "Is the shape the same in both pictures?",
                               "Do both pictures show the same shape?"))  # fmt: skip
    one_, two_ = (with_article(thing.shape) for thing in (a, b))
    return question, verdict(f"The first one shows {one_}, the second one {two_}", a.shape == b.shape)


def verdict(said: str, same: bool | None) -> str:
    """``same`` None: it can't be told."""
    return f"{said}, so {'I cannot tell' if same is None else 'yes' if same else 'no'}."


def _clear(facts: Facts) -> bool:
    """Is a thing told, if only as a guess, and not merely a category?"""
    return bool(facts.things or (facts.name and not (facts.hedged and facts.name == facts.category)))


def _looks(facts: Facts) -> list[tuple[int, str, str]]:
    return [(thing.count, thing.colour, thing.shape) for thing in facts.things]


def compare(random: np.random.Generator, shown: list[Facts], count: int) -> list[questions.Pair]:
    """Questions about two pictures."""
    first, second = shown
    a, b = about(first), about(second)
    pairs: list[questions.Pair] = []
    same = (first.name, _looks(first)) == (second.name, _looks(second))
    for question in random.permutation(len(_ALIKE))[: max(1, count // 2)]:
        found = alike(random, first, second, _ALIKE[int(question)])
        if found:
            pairs.append(found)
    for kind in random.permutation(6)[: count - len(pairs)]:
        if kind == 0:
            pairs.append((questions.one_of(random, ("What is in these pictures?", "What do the pictures show?",
                                          "Describe both pictures.", "What do you see?", "Compare the two pictures.")),
                          f"The first picture shows {a}, the second one {b}."))  # fmt: skip
        elif kind == 1:
            q = questions.one_of(random, ("What is the difference between the pictures?", "How do the two pictures differ?",
                                "What is different?"))  # fmt: skip
            pairs.append((q, f"Both show {a}." if same else f"The first one shows {a}, the second one {b}."))
        elif kind == 2:
            q = questions.one_of(random, ("Do both pictures show the same thing?", "Are the two pictures the same?",
                                "Is it the same thing in both pictures?"))  # fmt: skip
            told = same if _clear(first) and _clear(second) else None
            pairs.append((q, verdict(f"The first one shows {a}, the second one {b}", told)))
        elif kind == 3:
            pairs.append((questions.one_of(random, ("What is in the first picture?", "What does the first picture show?",
                                          "What is picture 1?")), f"The first picture shows {a}."))  # fmt: skip
        elif kind == 4:
            pairs.append((questions.one_of(random, ("What is in the second picture?", "What does the second picture show?",
                                          "What is picture 2?")), f"The second picture shows {b}."))  # fmt: skip
        elif not same and not first.hedged and not second.hedged:
            asked, word = (a, "first") if random.random() < 0.5 else (b, "second")
            if not asked.startswith("something"):
                pairs.append((f"Which picture shows {asked}?", f"The {word} one shows {asked}."))
    return pairs


_ORDINALS = ("first", "second", "third")


def several(random: np.random.Generator, shown: list[Facts], count: int) -> list[questions.Pair]:
    """Questions about three pictures: what they show in order, one of them, which one shows something."""
    said = [about(facts) for facts in shown]
    listed = ", ".join(
        f"the {which} {'picture shows' if which == 'first' else 'one'} {what}"
        for which, what in zip(_ORDINALS, said, strict=True)
    )
    asked = ("What is in these pictures?", "What do the pictures show?", "Describe the pictures.", "What do you see?",
             "What do the three pictures show?", "Describe all three pictures.")  # fmt: skip
    pairs = [(str(one), f"{listed[0].upper()}{listed[1:]}.") for one in random.permutation(asked)[:2]]
    for place in random.permutation(len(said)).tolist():
        which, what = _ORDINALS[place], said[place]
        if random.random() < 0.6:
            one = questions.one_of(random, (f"What is in the {which} picture?", f"What does the {which} picture show?",
                                  f"What is picture {place + 1}?"))  # fmt: skip
            pairs.append((one, f"The {which} picture shows {what}."))
        elif said.count(what) == 1 and not shown[place].hedged and (shown[place].things or shown[place].name):
            pairs.append((f"Which picture shows {what}?", f"The {which} one shows {what}."))
    pairs.append((questions.one_of(random, ("How many pictures are there?", "How many pictures do you see?")),
                  f"There are {NUMBERS[len(said)]}."))  # fmt: skip
    return [pairs[int(place)] for place in random.permutation(len(pairs))[:count]]
