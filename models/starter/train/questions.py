"""Questions about a picture with their right answers, for the second phase. None of them is used in an evaluation
word for word with its picture; the evaluation has its own pictures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from models.perception import concepts
from models.perception.english import NUMBERS, is_, plural, with_article
from models.perception.scene_words import COLOURS, PLACES
from models.starter.train.facts import Facts, Thing

Pair = tuple[str, str]
Maker = tuple[
    float, Callable[[np.random.Generator, Facts], Pair | None]
]  # how often, and what makes the question
NOT_SURE = "I'm not sure what the picture shows."
CANNOT_TELL = "I can't tell that from the picture."
NO_TEXT = "I can't read any text in the picture."

WHAT = (
    "What is this?", "What's this?", "What is it?", "Can you tell me what this is?", "Identify this.",
    "what is this", "Do you know what this is?", "What am I looking at?",
)  # fmt: skip
SHOWS = (
    "What is in this picture?", "What do you see?", "What does the picture show?", "Describe this image.",
    "What's in the image?", "Describe the picture.", "What can you see in this photo?", "Tell me what you see.",
    "What is shown here?", "What is in these pictures?", "Please describe this picture.", "What is in the photo?",
)  # fmt: skip
UNKNOWABLE = (
    "What is its name?", "Who took this picture?", "Where was this taken?", "How old is it?", "How much does it cost?",
    "When was this taken?", "Who made this?", "What is the weather like there?", "Who owns it?", "How heavy is it?",
)  # fmt: skip
THANKS = (("Thanks!", "You're welcome!"), ("Thank you.", "You're welcome!"), ("Great, thanks.", "You're welcome!"),
          ("Hello", "Hello! How can I help you with this picture?"))  # fmt: skip
_AT = {"middle": "in the middle", "left": "on the left", "right": "on the right", "top": "at the top",
       "bottom": "at the bottom"}  # fmt: skip


def at(place: str) -> str:
    """ "on the left", "in the top right corner" """
    return _AT.get(place) or f"in the {place} corner"


def one_of(random: np.random.Generator, options: tuple[str, ...]) -> str:
    return options[int(random.integers(len(options)))]


def some(random: np.random.Generator, facts: Facts, count: int) -> list[Pair]:
    """``count`` questions of different sorts about one picture."""
    makers: list[Maker]
    if facts.things:
        makers = [(2, scene_what), (2, scene_colour), (1.6, scene_shape), (2, scene_count), (2.8, scene_place),
                  (2.4, scene_relation), (1.6, scene_present), (0.8, scene_bound), (0.5, background),
                  (0.5, light), (0.3, unknowable), (0.3, text)]  # fmt: skip
    elif facts.hedged:
        makers = [(2, guess), (1.2, guess_misled), (2.4, guess_present), (0.6, guess_choice), (0.5, guess_category),
                  (0.8, colour), (0.4, light), (0.3, unknowable), (0.3, text)]  # fmt: skip
    elif facts.name:
        makers = [(1.6, what), (1.6, shows), (2.6, misleading), (3.2, present), (0.9, category), (0.8, choice),
                  (1.2, colour), (0.4, number), (0.5, light), (0.5, unknowable), (0.4, detail),
                  (0.25, thanks), (0.3, text)]  # fmt: skip
    else:
        makers = [(1.5, unsure), (0.5, unsure_misled), (1.4, unsure_present), (0.6, colour), (0.6, light), (0.5, text),
                  (0.3, unknowable), (0.3, background)]  # fmt: skip
    if facts.line_text:
        makers = [*makers, (4, text), (1.5, text), (1, any_text)]
    return _drawn(random, facts, makers, count)


def some_places(random: np.random.Generator, facts: Facts, count: int) -> list[Pair]:
    """``count`` questions where plain things are and how they stand to each other, and a few of how many there are."""
    return _drawn(random, facts, [(3, scene_place), (3, scene_relation), (0.5, scene_count)], count)


def _drawn(random: np.random.Generator, facts: Facts, makers: list[Maker], count: int) -> list[Pair]:
    weights = np.array([weight for weight, _ in makers])
    pairs: list[Pair] = []
    asked: set[str] = set()
    for _ in range(count * 4):
        if len(pairs) == count:
            break
        made = makers[int(random.choice(len(makers), p=weights / weights.sum()))][1](random, facts)
        if made and made[0] not in asked:
            asked.add(made[0])
            pairs.append(made)
    return pairs


# --- named things ---------------------------------------------------------------------------------------


def what(random: np.random.Generator, facts: Facts) -> Pair:
    return one_of(random, WHAT), is_(facts.name)


def shows(random: np.random.Generator, facts: Facts) -> Pair:
    answer = f"The picture shows {with_article(facts.name)}."
    if facts.detail:
        answer = f"The picture shows {with_article(facts.name)}, probably {with_article(facts.detail)}."
    return one_of(random, SHOWS), answer


def other(random: np.random.Generator, facts: Facts) -> str:
    """Another name, half the time of the same category."""
    shown = (facts.name, facts.detail, *facts.others)
    pool = tuple(name for name in concepts.names() if name not in shown)
    if random.random() < 0.5:
        pool = tuple(name for name in pool if concepts.load()[name] == facts.category) or pool
    return one_of(random, pool)


_COMMON = ("dog", "cat", "bird", "car", "flower", "fruit", "animal", "food", "fish", "tree", "building", "vehicle",
           "person", "guitar", "horse", "house", "phone", "ball", "book", "insect")  # fmt: skip


def stranger(random: np.random.Generator, facts: Facts) -> str:
    """A name or category that the picture does not show."""
    if random.random() < 0.4:
        wrong = one_of(random, _COMMON)
        shown = (facts.name, facts.category, facts.detail, *facts.others)
        if wrong not in shown and not any(_within(name, wrong) for name in (facts.name, *facts.others)):
            return wrong
    return other(random, facts)


_KINDS = {
    "bird": frozenset(
        "eagle owl parrot duck goose swan penguin chicken chick dove dodo flamingo peacock turkey phoenix".split()
    ),
    "insect": frozenset(
        "beetle fly bee ant grasshopper cockroach dragonfly butterfly ladybug cricket mosquito bug".split()
    ),
    "fruit": frozenset(
        "grapes melon watermelon orange lemon lime banana pineapple mango apple pear peach cherries strawberry "
        "blueberries tomato coconut avocado".split()
    ),
    "fish": frozenset(("shark", "ray", "blowfish")),
}
# What may well be a kind: anything of the category.
_PERHAPS = {
    "tree": "plant",
    "flower": "plant",
    "house": "building",
    "ball": "sport",
    "car": "vehicle",
    "book": "stationery",
}


def _within(name: str, kind: str) -> bool:
    """Is ``name`` certainly, or perhaps, a ``kind``?"""
    category = concepts.load().get(name)
    return (
        name in _KINDS.get(kind, ())
        or category == kind
        or kind in name.split()
        or category == _PERHAPS.get(kind, "")
        or (kind, name) in (("animal", "person"), ("guitar", "banjo"))
    )


def misleading(random: np.random.Generator, facts: Facts) -> Pair:
    wrong = stranger(random, facts)
    if random.random() < 0.3:
        right = one_of(random, (f"What {facts.category} is this?", f"Which {facts.category} is shown?",
                                f"What kind of {facts.category} is this?"))  # fmt: skip
        return right, is_(facts.name)
    question = one_of(
        random,
        (
            f"What {wrong} is this?", f"What kind of {wrong} is this?", f"Which {wrong} is this?",
            f"What is the {wrong} doing?", f"What colour is the {wrong}?", f"Tell me about this {wrong}.",
            f"What breed of {wrong} is this?", f"What sort of {wrong} do you see?", f"Describe the {wrong}.",
            f"What {wrong} do you see?", f"What {wrong} is in the picture?",
        ),
    )  # fmt: skip
    if question.split()[:3] in (["What", "is", "the"], ["What", "colour", "is"]) or question[0] in "DT":
        return question, f"I don't see {with_article(wrong)}. The picture shows {with_article(facts.name)}."
    return question, f"It's not {with_article(wrong)}, it's {with_article(facts.name)}."


def present(random: np.random.Generator, facts: Facts) -> Pair:
    if random.random() < 0.5:
        if facts.category in _ASKABLE and random.random() < 0.2:
            noun = facts.category
            return (
                f"Is there {with_article(noun)} in the picture?",
                f"Yes, there is {with_article(facts.name)}.",
            )
        return _ask(random, facts.name), f"Yes, there is {with_article(facts.name)}."
    if facts.others and random.random() < 0.3:
        return possible(random, facts)
    wrong = stranger(random, facts)
    return _ask(random, wrong), f"No, it shows {with_article(facts.name)}."


def possible(random: np.random.Generator, facts: Facts) -> Pair:
    """Asked for a name that is not the likeliest, but possible."""
    name = one_of(random, facts.others)
    return _ask(random, name), f"Yes, it may be {with_article(name)}, but I'm not sure."


_ASKABLE = ("animal", "vehicle", "building", "plant", "musical instrument")


def _ask(random: np.random.Generator, noun: str) -> str:
    a = with_article(noun)
    return one_of(
        random,
        (
            f"Is there {a} in the picture?", f"Is there {a} in this picture?", f"Is this {a}?", f"Do you see {a}?",
            f"Can you see {a}?", f"Is it {a}?", f"Does the picture show {a}?", f"Is {a} visible?",
            f"Is there {a}?", f"Is there {a} here?", f"Does this image contain {a}?",
        ),
    )  # fmt: skip


def category(random: np.random.Generator, facts: Facts) -> Pair:
    kinds = concepts.categories()
    if random.random() < 0.4:
        wrong = one_of(random, tuple(k for k in kinds if k != facts.category))
        two = [facts.category, wrong]
        random.shuffle(two)
        question = f"Is this {with_article(two[0])} or {with_article(two[1])}?"
    else:
        question = one_of(random, ("What kind of thing is this?", "What category does it belong to?",
                                   "What type of thing is this?", "What sort of thing is it?"))  # fmt: skip
    return question, f"It's {_category(facts.category)}."


def _category(name: str) -> str:
    return (
        name
        if name in ("food", "clothing", "furniture", "nature", "sport", "stationery")
        else with_article(name)
    )


def choice(random: np.random.Generator, facts: Facts) -> Pair:
    two = [facts.name, other(random, facts)]
    random.shuffle(two)
    a, b = map(with_article, two)
    return one_of(random, (f"Is it {a} or {b}?", f"Is this {a} or {b}?", f"Do you see {a} or {b}?")), is_(
        facts.name
    )


def colour(random: np.random.Generator, facts: Facts) -> Pair | None:
    if not facts.colours:
        return None
    if facts.name and random.random() < 0.6:
        question = one_of(random, (f"What colour is the {facts.name}?", "What colour is it?", "What color is it?",
                                   f"What color is the {facts.name}?"))  # fmt: skip
    else:
        question = one_of(random, ("What colours are in the picture?", "What is the main colour?",
                                   "Which colours do you see?", "What colors do you see?"))  # fmt: skip
    if len(facts.colours) > 1:
        return question, f"Mostly {facts.colours[0]} and {facts.colours[1]}."
    return question, f"It's {facts.colours[0]}." if facts.name else f"Mostly {facts.colours[0]}."


def number(random: np.random.Generator, facts: Facts) -> Pair:
    if random.random() < 0.5:
        return f"How many {plural(facts.name)} are there?", "There is one."
    wrong = stranger(random, facts)
    return f"How many {plural(wrong)} are there?", f"There is no {wrong}."


def detail(random: np.random.Generator, facts: Facts) -> Pair | None:
    if not facts.detail:
        return None
    question = one_of(random, (f"What {facts.name} is this?", f"What kind of {facts.name} is this?",
                               f"What breed of {facts.name} is it?", f"Which {facts.name} is it?"))  # fmt: skip
    return question, f"It's probably {with_article(facts.detail)}."


def thanks(random: np.random.Generator, facts: Facts) -> Pair:
    return THANKS[int(random.integers(len(THANKS)))]


def unknowable(random: np.random.Generator, facts: Facts) -> Pair:
    return one_of(random, UNKNOWABLE), CANNOT_TELL


# --- a guess: a name that is only likelier than the rest, or a category where no name is -----------------


def may_be(facts: Facts) -> str:
    return f"it may be {_category(facts.name) if facts.name == facts.category else with_article(facts.name)}"


def guess(random: np.random.Generator, facts: Facts) -> Pair:
    return one_of(random, WHAT + SHOWS), f"I'm not sure, but {may_be(facts)}."


def _elsewhere(random: np.random.Generator, facts: Facts) -> str:
    """A name or category that the picture likely doesn't show: never one of a guessed category."""
    while True:
        wrong = stranger(random, facts)
        if facts.name != facts.category or (
            concepts.load().get(wrong) != facts.category and not _within(wrong, facts.category)
        ):
            return wrong


def guess_misled(random: np.random.Generator, facts: Facts) -> Pair:
    wrong = _elsewhere(random, facts)
    question = one_of(random, (f"What {wrong} is this?", f"What kind of {wrong} is this?", f"What {wrong} do you see?",
                               f"Tell me about this {wrong}.", f"What is the {wrong} doing?"))  # fmt: skip
    return question, f"I don't see {with_article(wrong)}. I'm not sure, but {may_be(facts)}."


def guess_present(random: np.random.Generator, facts: Facts) -> Pair:
    if facts.others and random.random() < 0.35:
        return possible(random, facts)
    if random.random() < 0.4:
        return _ask(random, facts.name), f"Yes, {may_be(facts)}, but I'm not sure."
    if facts.name == facts.category and random.random() < 0.3:
        pool = tuple(
            name
            for name, kind in concepts.load().items()
            if kind == facts.category != name and name not in facts.others
        )
        return _ask(random, one_of(random, pool)), f"I'm not sure, but {may_be(facts)}."
    return _ask(random, _elsewhere(random, facts)), f"No, {may_be(facts)}, but I'm not sure."


def guess_choice(random: np.random.Generator, facts: Facts) -> Pair:
    return choice(random, replace(facts, hedged=False))[0], f"I'm not sure, but {may_be(facts)}."


def guess_category(random: np.random.Generator, facts: Facts) -> Pair:
    return category(random, facts)[0], f"I'm not sure, but it may be {_category(facts.category)}."


# --- nothing that can be named --------------------------------------------------------------------------


def unsure(random: np.random.Generator, facts: Facts) -> Pair:
    return one_of(random, WHAT + SHOWS), NOT_SURE


def unsure_misled(random: np.random.Generator, facts: Facts) -> Pair:
    return misleading(random, Facts(name="?", category="thing"))[0], NOT_SURE


def unsure_present(random: np.random.Generator, facts: Facts) -> Pair:
    if facts.others and random.random() < 0.5:
        return possible(random, facts)
    noun = stranger(random, facts)
    return _ask(random, noun), f"No, I don't see {with_article(noun)}, but I'm not sure what it is."


# --- plain shapes ---------------------------------------------------------------------------------------


def caption(facts: Facts, places: bool = True) -> str:
    words = [
        thing.words() + (f" {at(thing.place)}" if places and thing.place else "") for thing in facts.things
    ]
    return " and ".join(words)


def scene_what(random: np.random.Generator, facts: Facts) -> Pair:
    if random.random() < 0.4:
        first = facts.things[0]
        start = "There are " if first.count > 1 else "It's " if len(facts.things) == 1 else "There is "
        return one_of(random, WHAT), f"{start}{caption(facts, places=False)}."
    return one_of(random, SHOWS), f"The picture shows {caption(facts)}."


def _pick(random: np.random.Generator, facts: Facts) -> Thing:
    return facts.things[int(random.integers(len(facts.things)))]


def _be(thing: Thing) -> str:
    return "are" if thing.count > 1 else "is"


def _noun(thing: Thing, word: str) -> str:
    return plural(word) if thing.count > 1 else word


def _unique(facts: Facts, thing: Thing, field: str) -> bool:
    return sum(getattr(one, field) == getattr(thing, field) for one in facts.things) == 1


def scene_colour(random: np.random.Generator, facts: Facts) -> Pair | None:
    thing = _pick(random, facts)
    if not _unique(facts, thing, "shape"):
        return None
    c = one_of(random, ("colour", "color"))
    options = [
        f"What {c} {_be(thing)} the {_noun(thing, thing.shape)}?",
        f"Which {c} {_be(thing)} the {_noun(thing, thing.shape)}?",
    ]
    if len(facts.things) == 1:
        options += [
            f"What {c} is it?" if thing.count == 1 else f"What {c} are they?",
            f"What {c} is the shape?",
        ]
    answer = f"It's {thing.colour}." if thing.count == 1 else f"They are {thing.colour}."
    if random.random() < 0.25:
        asked = thing.colour
        if random.random() < 0.5:
            pool = [t.colour for t in facts.things if t != thing] or list(COLOURS)
            asked = one_of(random, tuple(pool)) if random.random() < 0.6 else one_of(random, COLOURS)
        right = asked == thing.colour
        pronoun = "it is" if thing.count == 1 else "they are"
        return (
            f"{_be(thing).capitalize()} the {_noun(thing, thing.shape)} {asked}?",
            f"{'Yes' if right else 'No'}, {pronoun} {thing.colour}.",
        )
    return one_of(random, tuple(options)), answer


def scene_shape(random: np.random.Generator, facts: Facts) -> Pair | None:
    thing = _pick(random, facts)
    if len(facts.things) == 1 and thing.count == 1 and random.random() < 0.6:
        question = one_of(random, ("What shape is this?", "What shape is it?", "Which shape do you see?",
                                   "What shape is in the picture?", "What shape is shown?"))  # fmt: skip
        return question, f"It's {with_article(thing.shape)}."
    if not _unique(facts, thing, "colour"):
        return None
    question = one_of(random, (f"What shape is the {thing.colour} thing?", f"What is {thing.colour}?",
                               f"Which shape is {thing.colour}?", f"What {thing.colour} shape do you see?"))  # fmt: skip
    if thing.count > 1:
        return question, f"The {plural(thing.shape)} are {thing.colour}."
    return question, f"It's {with_article(thing.shape)}."


def scene_count(random: np.random.Generator, facts: Facts) -> Pair:
    kind = random.random()
    if kind < 0.15:
        shape = _absent_shape(random, facts)
        return f"How many {plural(shape)} are there?", f"There are no {plural(shape)}."
    thing = _pick(random, facts)
    if kind < 0.4 or not _unique(facts, thing, "shape"):
        total = sum(one.count for one in facts.things)
        question = one_of(random, ("How many shapes are there?", "How many things are in the picture?",
                                   "How many shapes do you see?", "How many objects are there?"))  # fmt: skip
        return question, f"There {'is' if total == 1 else 'are'} {NUMBERS[total]}."
    noun = plural(thing.shape) if random.random() < 0.7 else plural(f"{thing.colour} {thing.shape}")
    question = one_of(random, (f"How many {noun} are there?", f"How many {noun} do you see?",
                               f"Count the {noun}.", f"How many {noun} are in the picture?"))  # fmt: skip
    return question, f"There {_be(thing)} {NUMBERS[thing.count]}."


def scene_place(random: np.random.Generator, facts: Facts) -> Pair | None:
    thing = _pick(random, facts)
    if not thing.place or not _unique(facts, thing, "shape"):
        return None
    name = thing.shape if random.random() < 0.7 else f"{thing.colour} {thing.shape}"
    if random.random() < 0.3 and thing.place != "middle":
        word = thing.place.split()[-1] if random.random() < 0.5 else thing.place.split()[0]
        opposite = {"left": "right", "right": "left", "top": "bottom", "bottom": "top"}[word]
        first, second = (word, opposite) if random.random() < 0.5 else (opposite, word)
        return f"Is the {name} {at(first)} or {at(second)}?", f"It's {at(word)}."
    return one_of(random, (f"Where is the {name}?", f"Where in the picture is the {name}?",
                           f"Where do you see the {name}?")), f"It's {at(thing.place)}."  # fmt: skip


def scene_relation(random: np.random.Generator, facts: Facts) -> Pair | None:
    if facts.relation == "alone" or len(facts.things) != 2:
        return None
    first, second = facts.things
    if first.shape == second.shape:
        a, b = (f"{t.colour} {_noun(t, t.shape)}" for t in facts.things)
    else:
        a, b = (_noun(t, t.shape) for t in facts.things)
    if a == b:
        return None
    words = ("left of", "right of") if facts.relation == "beside" else ("above", "below")
    kind = random.random()
    if kind < 0.4:
        asked, other_, word = (a, b, words[0]) if random.random() < 0.5 else (b, a, words[1])
        one, two = words if random.random() < 0.5 else words[::-1]
        be = _be(first if asked == a else second)
        short = [w.removesuffix(" of") for w in (one, two)]
        to = f"{short[0]} or {short[1]} of" if facts.relation == "beside" else f"{one} or {two}"
        return f"{be.capitalize()} the {asked} {to} the {other_}?", f"The {asked} {be} {word} the {other_}."
    if kind < 0.7:
        if random.random() < 0.5:
            return f"What is {words[0]} the {b}?", f"{first.words().capitalize()}."
        return f"What is {words[1]} the {a}?", f"{second.words().capitalize()}."
    asked, other_, right = (a, b, words[0]) if random.random() < 0.5 else (b, a, words[1])
    be = _be(first if asked == a else second)
    said = words[int(random.integers(2))]
    yes = said == right
    return (
        f"{be.capitalize()} the {asked} {said} the {other_}?",
        f"{'Yes' if yes else 'No'}, the {asked} {be} {right} the {other_}.",
    )


def _absent_shape(random: np.random.Generator, facts: Facts) -> str:
    from models.starter.train.scene_pictures import PLAIN

    return one_of(random, tuple(s for s in PLAIN if all(s != t.shape for t in facts.things)))


def scene_present(random: np.random.Generator, facts: Facts) -> Pair:
    thing = _pick(random, facts)
    if random.random() < 0.5:
        noun = thing.shape if random.random() < 0.6 else f"{thing.colour} {thing.shape}"
        be = "there are" if thing.count > 1 else "there is"
        return _ask_shape(random, noun), f"Yes, {be} {thing.words()}."
    shape = _absent_shape(random, facts)
    if random.random() < 0.2:
        noun = one_of(random, _COMMON)
    else:
        noun = shape if random.random() < 0.6 else f"{one_of(random, COLOURS)} {shape}"
    return _ask_shape(random, noun), f"No, it shows {caption(facts, places=False)}."


def _ask_shape(random: np.random.Generator, noun: str) -> str:
    a = with_article(noun)
    return one_of(random, (f"Is there {a}?", f"Is there {a} in the picture?", f"Do you see {a}?",
                           f"Does the picture show {a}?", f"Can you see {a}?"))  # fmt: skip


def scene_bound(random: np.random.Generator, facts: Facts) -> Pair | None:
    """Is there a red square, when the square is blue and the circle red?"""
    thing = _pick(random, facts)
    colours = [t.colour for t in facts.things if t.colour != thing.colour and t.shape != thing.shape]
    wrong = (
        one_of(random, tuple(colours))
        if colours
        else one_of(random, tuple(c for c in COLOURS if c != thing.colour))
    )
    if any(t.colour == wrong and t.shape == thing.shape for t in facts.things):
        return None
    if random.random() < 0.5:
        be = "there are" if thing.count > 1 else "there is"
        return _ask_shape(random, f"{thing.colour} {thing.shape}"), f"Yes, {be} {thing.words()}."
    return _ask_shape(random, f"{wrong} {thing.shape}"), f"No, it shows {caption(facts, places=False)}."


def background(random: np.random.Generator, facts: Facts) -> Pair | None:
    if not facts.background:
        return None
    return (
        one_of(random, ("What colour is the background?", "What is the background colour?", "What color is the background?")),
        f"The background is {facts.background}.",
    )  # fmt: skip


def light(random: np.random.Generator, facts: Facts) -> Pair | None:
    if not facts.light:
        return None
    question = one_of(random, ("Is the picture light or dark?", "Is it dark or light?", "Is the picture dark or light?",
                               "Is this a bright or a dark picture?"))  # fmt: skip
    word = "bright" if "bright" in question and facts.light == "light" else facts.light
    return question, f"It's {word}."


# --- text -----------------------------------------------------------------------------------------------


def text(random: np.random.Generator, facts: Facts) -> Pair:
    question = one_of(random, ("What does it say?", "Read the text.", "What is written there?", "What does the text say?",
                               "What is written in the picture?", "What text is in the picture?", "Can you read it?",
                               "What does the sign say?", "Read what is in the picture."))  # fmt: skip
    return question, f'It says "{facts.line_text}".' if facts.line_text else NO_TEXT


def any_text(random: np.random.Generator, facts: Facts) -> Pair:
    question = one_of(
        random, ("Is there any text in the picture?", "Is there text in it?", "Is anything written there?")
    )
    return question, f'Yes, it says "{facts.line_text}".' if facts.line_text else "No, I can't read any text."


assert len(PLACES) == 9
