"""What the second phase teaches: questions fit the facts, branches are kept apart, the line is the program's own."""

from __future__ import annotations

import re

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from assistant.prompt import recognised_line
from assistant.records import Recognition
from models.starter import concepts, connector, roles
from models.starter.scenes import COLOURS, HEADS
from models.starter.train import drawings, lessons, questions, scene_pictures, simulate
from models.starter.train.facts import Facts, Thing, is_, plural, with_article

SEEDS = st.integers(0, 2**32 - 1)


def characters(text: str) -> list[int]:
    return [ord(character) for character in text]


TEACHER = lessons.Teacher(characters, image_id=0)


@given(SEEDS)
def test_the_line_is_what_the_program_writes(seed: int) -> None:
    random = np.random.default_rng(seed)
    facts, _ = simulate.named(random, concepts.names()[seed % len(concepts.names())])
    facts = lessons.with_line(random, facts)
    said = Recognition(facts.line_objects, facts.line_text.replace(" / ", "\n"))
    assert lessons.line_of(facts) == recognised_line(said)


@given(SEEDS)
def test_evidence_is_made_of_probabilities(seed: int) -> None:
    random = np.random.default_rng(seed)
    facts, evidence = TEACHER.seen(random)
    for name, size in HEADS:
        assert evidence.heads[name].shape == (1, size)
        assert float(evidence.heads[name].sum()) == pytest.approx(1, abs=1e-4)
    assert float(evidence.names.sum()) == pytest.approx(1, abs=1e-4)
    assert float(evidence.categories.sum()) == pytest.approx(1, abs=1e-4)
    name = concepts.names()[int(evidence.names[0, :-2].argmax())]
    unclear = float(evidence.names[0, -1])
    if facts.hedged and facts.name == facts.category:  # only the category is told
        assert concepts.categories()[int(evidence.categories[0].argmax())] == facts.name
        assert unclear > 0.7
    elif facts.name:
        assert name == facts.name
        assert (0.3 < unclear < 0.7) if facts.hedged else unclear < 0.2
    elif not facts.things:
        assert unclear > 0.7


@given(SEEDS)
def test_a_branch_looks_at_the_beginning_and_itself_only(seed: int) -> None:
    lesson = TEACHER.lesson(np.random.default_rng(seed), branches=4)
    data = lessons.batch([lesson])
    mask, branch = data["mask"][0, 0], torch.tensor(lesson.branch)
    rows, columns = mask.nonzero(as_tuple=True)
    assert bool((columns <= rows).all())
    assert bool(((branch[columns] == 0) | (branch[columns] == branch[rows])).all())
    begun = int((branch == 0).sum())
    for number in range(1, int(branch.max()) + 1):
        at = (branch == number).nonzero().flatten()
        assert data["positions"][0, at].tolist() == list(range(begun, begun + len(at)))
    learned = [i for i, target in enumerate(lesson.targets) if target != lessons.IGNORE]
    assert learned
    assert all(lesson.ids[i] == lesson.targets[i] and lesson.branch[i] > 0 for i in learned)
    assert lesson.ids.count(0) == roles.TOKENS * len(lesson.pictures)


@given(SEEDS)
def test_yes_and_no_agree_with_the_facts(seed: int) -> None:
    random = np.random.default_rng(seed)
    facts = Facts("cat", "animal")
    question, answer = questions.present(random, facts)
    asked_for_it = bool(re.search(r"\b(cat|animal)\b", question))
    assert answer.startswith("Yes" if asked_for_it else "No")
    first, second = Thing(1, "red", "circle", "left"), Thing(2, "blue", "square")
    scene = Facts(things=(first, second), relation="beside")
    found = questions.scene_relation(random, scene)
    assert found is not None
    if "?" in found[0] and " or " in found[0]:
        asked = found[0].split("the ")[1].split()[0]
        assert ("left of" in found[1]) == (asked == "circle")


@given(SEEDS)
def test_a_guess_is_said_as_one(seed: int) -> None:
    """Whatever is asked about what the picture shows: no bare claim, and yes and no fit the guess."""
    random = np.random.default_rng(seed)
    for facts in (Facts("daisy", "plant", hedged=True), Facts("animal", "animal", hedged=True)):
        for make in (
            questions.guess,
            questions.guess_misled,
            questions.guess_choice,
            questions.guess_category,
        ):
            _, answer = make(random, facts)
            assert "I'm not sure, but it may be a" in answer
        question, answer = questions.guess_present(random, facts)
        assert "not sure" in answer
        assert ("Yes" in answer) == bool(re.search(rf"\b{facts.name}\b", question))
        assert questions.about(facts) == f"perhaps {with_article(facts.name)}"
    drawn = lessons.with_line(random, Facts("daisy", "plant", hedged=True))
    assert drawn.line_objects == ()  # the line claims nothing


def test_claims_guesses_and_categories_are_told_apart() -> None:
    names, kinds = concepts.names(), list(concepts.load().values())
    first = names.index("cat")
    kin = [i for i, kind in enumerate(kinds) if kind == kinds[first] and i != first][:8]
    for share, of_kin, expected in ((0.5, 0.05, 0), (0.2, 0.01, 1), (0.1, 0.08, 2), (0.05, 0.01, None)):
        best = torch.zeros(1, len(names))
        best[0, first] = share
        best[0, kin] = of_kin
        said = connector.claim(best, torch.zeros(1, 1))
        assert [bool(one) for one in said] == [number == expected for number in range(3)]
        told, categories = connector.mixture(best, torch.zeros(1, 1), torch.zeros(1, 1))
        wanted = {0: 1.0, 1: connector.HALF}.get(expected, 0.0) if expected is not None else 0.0
        assert float(told[0, :-2].sum()) == pytest.approx(wanted)
        assert float(categories[0, -1]) == pytest.approx({0: 0.0, 1: 0.5, 2: 0.0}.get(expected, 1.0))


@given(SEEDS)
def test_two_pictures_are_compared_rightly(seed: int) -> None:
    random = np.random.default_rng(seed)
    one = Facts(things=(Thing(int(random.integers(1, 4)), "red", "circle"),))
    two = Facts(things=(Thing(int(random.integers(1, 4)), str(random.choice(["red", "blue"])), "circle"),))
    for what, field in (("colour", "colour"), ("shape", "shape"), ("count", "count")):
        found = questions.alike(random, one, two, what)
        assert found is not None
        same = getattr(one.things[0], field) == getattr(two.things[0], field)
        assert found[1].endswith("so yes." if same else "so no.")
    assert questions.alike(random, one, Facts("cat", "animal"), "colour") is None


def test_what_is_held_out_is_never_taught() -> None:
    for seed in range(400):
        random = np.random.default_rng(seed)
        facts, _ = simulate.drawn_scene(random)
        assert not any(scene_pictures.held_out(thing.colour, thing.shape) for thing in facts.things)
        scene = scene_pictures.scene(random)
        assert not any(scene_pictures.held_out(g.colour, g.shape) for g in scene.groups if g.colour)
        tested = scene_pictures.scene(random, test=True, kind="pair")
        assert any(scene_pictures.held_out(g.colour, g.shape) for g in tested.groups)
    out = [(c, s) for c in COLOURS for s in scene_pictures.PLAIN if scene_pictures.held_out(c, s)]
    assert 10 < len(out) < 25
    assert drawings.part_of("guitar", drawings.UNSEEN_STYLE) == "test"
    parts = [drawings.part_of(name, "noto") for name in concepts.names()]
    assert parts.count("test") == pytest.approx(0.2 * len(parts), rel=0.2)


def test_words_are_english() -> None:
    assert [with_article(name) for name in ("apple", "cat", "grapes", "unicorn", "hourglass", "rice")] == [
        "an apple", "a cat", "grapes", "a unicorn", "an hourglass", "rice",
    ]  # fmt: skip
    assert [plural(name) for name in ("bus", "cherry", "cat", "cross", "scissors")] == [
        "buses", "cherries", "cats", "crosses", "scissors",
    ]  # fmt: skip
    assert is_("glasses") == "They are glasses."
    assert Thing(3, "red", "circle").words() == "three red circles"
