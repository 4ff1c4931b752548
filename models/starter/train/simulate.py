"""Facts about pictures that need no picture, and what the connector would think of them (noisily).

The connector hands the language model mixtures of words, so a mixture drawn here teaches it as well as a photo would:
a true name, a few of its likes, and what the low-level branch says of a photo (nothing clear) or a drawing.
"""

from __future__ import annotations

import numpy as np
import torch

from models.starter import concepts, labels, scenes
from models.starter.connector import PLAIN_SHAPES, Evidence, main_colours, mixture
from models.starter.scenes import COLOURS, COUNTS, HEADS, PLACES, RELATIONS, SHAPES
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


def best_names(random: np.random.Generator, name: str, sure: bool) -> np.ndarray:
    """(concepts,) probabilities of a picture of ``name``; not ``sure``: below what the connector may claim."""
    table = concepts.load()
    found = np.zeros(len(_NAMES))
    top = float(random.uniform(0.42, 1.0) if sure else random.uniform(0.02, 0.24))
    alike = [i for i, n in enumerate(_NAMES) if table[n] == table[name] and n != name]
    others = random.permutation(alike)[:4].astype(int)
    index = _NAMES.index(name)
    found[index] = top
    rest = 1 - top
    shares = random.dirichlet(np.full(12, 0.4)) * rest
    spread = [*others, *random.choice(len(_NAMES), 12, replace=False)][:12]
    for place, share in zip(spread, shares, strict=True):
        if place != index:
            found[place] += min(float(share), top * 0.6 if sure else 0.2)
    return found


def light_of(value: float) -> str:
    """The word for a share of "light"; "" where it is neither."""
    return "light" if value > 0.85 else "dark" if value < 0.15 else ""


def named(random: np.random.Generator, name: str) -> tuple[Facts, Evidence]:
    """A photo or a drawing of ``name``: the low-level branch finds no plain shapes in it."""
    heads = {head: vague(random, size) for head, size in HEADS}
    heads["shape1"] = noisy(random, SHAPES.index("unclear"), len(SHAPES), 0.3)
    light = float(
        random.choice([random.uniform(0, 0.15), random.uniform(0.15, 0.85), random.uniform(0.85, 1)])
    )
    palette = random.dirichlet(np.full(len(COLOURS), 0.25))
    detail = ""
    if name in _DETAILS and random.random() < 0.4:
        options = _DETAILS[name]
        detail = options[int(random.integers(len(options)))]
    facts = Facts(name, concepts.load()[name], detail, light=light_of(light), colours=colours_of(palette))
    return facts, evidence(best_names(random, name, sure=True), heads, light, palette)


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
    best = best_names(random, _NAMES[int(random.integers(len(_NAMES)))], sure=False)
    facts = Facts(light=light_of(light), colours=colours_of(palette))
    return facts, evidence(best, heads, light, palette)


def things_of(scene: Scene) -> tuple[Thing, ...]:
    return tuple(
        Thing(g.count, g.colour, g.shape, place_of(*g.centre(), sure=g.count == 1)) for g in scene.groups
    )


def drawn_scene(random: np.random.Generator) -> tuple[Facts, Evidence]:
    """Plain shapes, without drawing them."""
    pair = random.random() < 0.6
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
    best = best_names(random, _NAMES[int(random.integers(len(_NAMES)))], sure=bool(random.random() < 0.4))
    facts = Facts(things=tuple(things), relation=relation, background=COLOURS[ground], light=light_of(light))
    return facts, evidence(best, heads, light, palette)


def evidence(best: np.ndarray, heads: dict[str, np.ndarray], light: float, palette: np.ndarray) -> Evidence:
    """One picture's evidence as tensors with a leading 1, put together as ``Connector.evidence`` does."""
    one = torch.from_numpy(best).float()[None]
    shape = heads["shape1"]
    plain = torch.tensor([[min(1.0, max(0.0, (float(shape[:PLAIN_SHAPES].sum()) - 0.5) / 0.4))]])
    return Evidence(
        mixture(one, plain, torch.zeros(1, 1)),
        {name: torch.from_numpy(p).float()[None] for name, p in heads.items()},
        torch.tensor([[1 - light, light]]),
        torch.from_numpy(palette).float()[None],
        one,
    )


assert scenes.HEADS == HEADS
