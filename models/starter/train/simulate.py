"""Facts about pictures that need no picture, and what the connector would think of them (noisily).

The connector hands the language model mixtures of words, so a mixture drawn here teaches it as well as a photo would:
a true name, a few of its likes, and what the low-level branch says of a photo (nothing clear) or a drawing.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch

from models.perception import concepts, labels, scene_words
from models.perception.evidence import (
    CLAIMED,
    GUESSED,
    PLAIN_SHAPES,
    Evidence,
    by_category,
    claim,
    main_colours,
    mixture,
    possible,
)
from models.perception.scene_words import COLOURS, COUNTS, HEADS, PLACES, RELATIONS, SHAPES
from models.starter.train.facts import Facts, Thing
from models.starter.train.scene_pictures import Scene, held_out, place_of

_NAMES = concepts.names()
_DETAILS: dict[str, list[str]] = {}
for _label in labels.load():
    if _label.name != _label.kind:
        _DETAILS.setdefault(_label.kind, []).append(_label.name)


def noisy(random: np.random.Generator, index: int, size: int, most: float = 0.5) -> np.ndarray:
    """(size,) probabilities, most of them on ``index``."""
    doubt = float(random.beta(1, 6)) * most
    found = random.dirichlet(np.full(size, 0.3)) * doubt
    found[index] += 1 - doubt
    return found


def vague(random: np.random.Generator, size: int) -> np.ndarray:
    return random.dirichlet(np.full(size, 0.4))


def best_names(
    random: np.random.Generator, name: str, low: float, high: float, alike: float = 0.3
) -> np.ndarray:
    """(concepts,) probabilities of a picture that is taken for ``name`` with a probability from ``low`` to ``high``,
    ``alike`` of what is left (and may be given) going to names of its category."""
    table = concepts.load()
    index = _NAMES.index(name)
    top = float(random.uniform(low, high))
    found = np.zeros(len(_NAMES))
    kin = [i for i, n in enumerate(_NAMES) if table[n] == table[name] and i != index]
    most = top * float(random.uniform(0.4, 0.9))
    for pool, share in ((kin, alike), (range(len(_NAMES)), 1 - alike)):
        some = random.choice(pool, min(12, len(pool)), replace=False)
        found[some] += random.dirichlet(np.full(len(some), 0.4)) * (1 - top) * share
    found = np.minimum(found, most)
    found[index] = top
    return found


def light_of(value: float) -> str:
    """The word for a share of "light"; "" where it is neither."""
    return "light" if value > 0.85 else "dark" if value < 0.15 else ""


def named(random: np.random.Generator, name: str, sure: bool = True) -> tuple[Facts, Evidence]:
    """A photo or a drawing of ``name``: the low-level branch finds no plain shapes in it. Not ``sure``: a picture whose
    name, or whose category, may only be guessed."""
    heads = {head: vague(random, size) for head, size in HEADS}
    heads["shape1"] = noisy(random, SHAPES.index("unclear"), len(SHAPES), 0.3)
    light = float(
        random.choice([random.uniform(0, 0.15), random.uniform(0.15, 0.85), random.uniform(0.85, 1)])
    )
    palette = random.dirichlet(np.full(len(COLOURS), 0.25))
    about = Facts(light=light_of(light), colours=colours_of(palette))
    if sure:
        best = best_names(random, name, CLAIMED[0], 1.0)
        detail = ""
        if name in _DETAILS and random.random() < 0.4:
            options = _DETAILS[name]
            detail = options[int(random.integers(len(options)))]
        about = replace(about, name=name, category=concepts.load()[name], detail=detail)
    else:
        only_category = random.random() < 0.3
        while True:
            if only_category:
                best = best_names(random, name, 0.04, CLAIMED[0] / 2, alike=float(random.uniform(0.6, 1.0)))
            else:
                best = best_names(random, name, GUESSED[0], CLAIMED[0])
            said = said_of(best)
            if said and (said[0] == said[1]) == only_category:
                break
            name = _NAMES[int(random.integers(len(_NAMES)))]
        about = replace(about, name=said[0], category=said[1], hedged=True)
    found = evidence(best, heads, light, palette)
    return replace(about, others=others_of(found)), found


def others_of(found: Evidence) -> tuple[str, ...]:
    """The further names that the connector tells as possible."""
    return tuple(_NAMES[int(index)] for index in found.others[0] if int(index) >= 0)


def said_of(best: np.ndarray) -> tuple[str, str] | None:
    """Name and category that the connector would tell of a photo; the category twice where only that is told."""
    one = torch.from_numpy(best).float()[None]
    sure, guess, coarse = claim(one, torch.zeros(1, 1))
    if bool(coarse):
        kind = concepts.categories()[int(by_category(one).argmax())]
        return kind, kind
    name = _NAMES[int(best.argmax())]
    return (name, concepts.load()[name]) if bool(sure | guess) else None


def colours_of(palette: np.ndarray) -> tuple[str, ...]:
    """The main colours in words."""
    found = main_colours(torch.from_numpy(palette)[None])
    return tuple(COLOURS[int(index)] for index in found if int(index) >= 0)


def nothing(random: np.random.Generator) -> tuple[Facts, Evidence]:
    """A picture of nothing that can be named."""
    light = float(random.random())
    palette = random.dirichlet(np.full(len(COLOURS), 0.3))
    heads = {head: vague(random, size) for head, size in HEADS}
    heads["shape1"] = noisy(random, SHAPES.index("unclear"), len(SHAPES), 0.5)
    while True:
        best = best_names(random, _NAMES[int(random.integers(len(_NAMES)))], 0.02, GUESSED[0])
        if said_of(best) is None:
            break
    found = evidence(best, heads, light, palette)
    return Facts(light=light_of(light), colours=colours_of(palette), others=others_of(found)), found


def things_of(scene: Scene) -> tuple[Thing, ...]:
    return tuple(
        Thing(g.count, g.colour, g.shape, place_of(*g.centre(), sure=g.count == 1)) for g in scene.groups
    )


def alike(random: np.random.Generator) -> tuple[tuple[Facts, Evidence], tuple[Facts, Evidence]]:
    """Two scenes of one group each that often agree in colour, shape or count."""
    first = drawn_scene(random, pair=False)
    thing = first[0].things[0]
    wanted = [field for field in ("colour", "shape", "count") if random.random() < 0.5]
    for _ in range(300):
        second = drawn_scene(random, pair=False)
        if all(getattr(second[0].things[0], field) == getattr(thing, field) for field in wanted):
            break
    return first, second


def drawn_scene(random: np.random.Generator, pair: bool | None = None) -> tuple[Facts, Evidence]:
    """Plain shapes, without drawing them; ``pair``: two groups of them."""
    if pair is None:
        pair = bool(random.random() < 0.6)
    relation = str(random.choice(["beside", "above"])) if pair else "alone"
    ground = int(random.integers(len(COLOURS)))
    things: list[Thing] = []
    for number in range(1 + pair):
        while True:
            shape, colour = (
                SHAPES[int(random.integers(PLAIN_SHAPES))],
                COLOURS[int(random.integers(len(COLOURS)))],
            )
            taken = [(t.shape, t.colour) for t in things]
            if (
                not held_out(colour, shape)
                and (shape, colour) not in taken
                and COLOURS.index(colour) != ground
            ):
                break
        count = 1 if random.random() < (0.7 if pair else 0.4) else int(random.integers(2, 4 if pair else 6))
        place = ""
        if count == 1:
            rows, columns = ["top", "", "bottom"], ["left", "", "right"]
            if relation == "beside":
                columns = columns[:2] if number == 0 else columns[1:]
                columns = [columns[0]] if number == 0 and random.random() < 0.8 else [columns[-1]]
            elif relation == "above":
                rows = [rows[0]] if number == 0 else [rows[2]]
            name = f"{rows[int(random.integers(len(rows)))]} {columns[int(random.integers(len(columns)))]}".strip()
            place = name or "middle"
        things.append(Thing(count, colour, shape, place))
    heads = {head: vague(random, size) for head, size in HEADS}
    heads["relation"] = noisy(random, RELATIONS.index(relation), len(RELATIONS), 0.3)
    heads["background"] = noisy(random, ground, len(COLOURS))
    heads["count2"] = noisy(random, 0, len(COUNTS))
    for number, thing in enumerate(things, 1):
        heads[f"count{number}"] = noisy(random, thing.count, len(COUNTS))
        heads[f"colour{number}"] = noisy(random, COLOURS.index(thing.colour), len(COLOURS))
        heads[f"shape{number}"] = noisy(random, SHAPES.index(thing.shape), len(SHAPES))
        if thing.place:
            heads[f"place{number}"] = noisy(random, PLACES.index(thing.place), len(PLACES))
    light = float(
        random.choice([random.uniform(0, 0.15), random.uniform(0.15, 0.85), random.uniform(0.85, 1)])
    )
    palette = 0.4 * random.dirichlet(np.full(len(COLOURS), 0.3))
    palette[ground] += 0.6
    low, high = (CLAIMED[0], 1.0) if random.random() < 0.4 else (0.02, GUESSED[0])
    best = best_names(random, _NAMES[int(random.integers(len(_NAMES)))], low, high)
    facts = Facts(things=tuple(things), relation=relation, background=COLOURS[ground], light=light_of(light))
    return facts, evidence(best, heads, light, palette)


def evidence(best: np.ndarray, heads: dict[str, np.ndarray], light: float, palette: np.ndarray) -> Evidence:
    """One picture's evidence as tensors with a leading 1, put together as ``Connector.evidence`` does."""
    one = torch.from_numpy(best).float()[None]
    shape = heads["shape1"]
    none_drawn = torch.zeros(1, 1)
    plain = torch.tensor([[min(1.0, max(0.0, (float(shape[:PLAIN_SHAPES].sum()) - 0.5) / 0.4))]])
    return Evidence(
        *mixture(one, plain, none_drawn),
        {name: torch.from_numpy(p).float()[None] for name, p in heads.items()},
        torch.tensor([[1 - light, light]]),
        torch.from_numpy(palette).float()[None],
        one,
        possible(one, plain, none_drawn),
    )


assert scene_words.HEADS == HEADS
