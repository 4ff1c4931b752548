"""English around the names that perception knows: articles, plurals, numbers in words."""

from __future__ import annotations

NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_PLURALS = frozenset(
    "glasses trousers scissors french fries grapes cherries blueberries peanuts beans pancakes binoculars chopsticks "
    "briefs shorts ballet shoes prayer beads maracas film frames goggles sunglasses lungs lips chains parallel bars "
    "nest with eggs".split()
) | {"french fries", "ballet shoes", "prayer beads", "film frames", "parallel bars"}
_MASS = frozenset(
    "rice bread spaghetti meat bacon butter salt canned-food popcorn soup coffee tea wine beer milk champagne whiskey "
    "sake fire ice corn lightning clothing brass coral guacamole hay dough fruit wool velvet soap tennis badminton "
    "bowling lacrosse broccoli garlic lettuce sushi face powder perfume sunscreen lotion toilet tissue paper".split()
) | {
    "food",
    "furniture",
    "nature",
    "sport",
    "stationery",
    "canned food",
    "bubble tea",
    "field hockey",
    "ice hockey",
    "face powder",
    "toilet tissue",
    "dna",
    "mate",
}


def with_article(name: str) -> str:
    """ "a cat", "an apple", "grapes", "rice" """
    if name in _PLURALS or name in _MASS:
        return name
    if name.startswith(("iPod", "hour", "x-ray")):
        return f"an {name}"
    starts_like_you = name.startswith(("uni", "ukulele", "utensil", "euro"))
    return f"{'an' if name[0].lower() in 'aeiou' and not starts_like_you else 'a'} {name}"


def plural(name: str) -> str:
    if name in _PLURALS or name in _MASS:
        return name
    if name.endswith(("s", "x", "ch", "sh")):
        return f"{name}es"
    if name.endswith("y") and name[-2] not in "aeiou":
        return f"{name[:-1]}ies"
    return f"{name}s"


def is_(name: str) -> str:
    """ "It's a cat." but "They are grapes." """
    return f"They are {name}." if name in _PLURALS else f"It's {with_article(name)}."
