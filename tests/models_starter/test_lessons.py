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
from models.perception import concepts, evidence
from models.perception.english import is_, plural, with_article
from models.perception.scene_words import COLOURS, HEADS
from models.starter import roles
from models.starter.train import comparisons, drawings, lessons, questions, scene_pictures, simulate, tune
from models.starter.train.facts import Facts, Thing

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
def test_the_finish_asks_only_about_plain_things(seed: int) -> None:
    lesson = TEACHER.lesson(np.random.default_rng(seed), places=True)
    answers = "".join(chr(target) for target in lesson.targets if target != lessons.IGNORE)
    assert len(lesson.pictures) == 1
    assert not re.search(r"sure|says|text|colour|light", answers)


def test_the_rate_falls_twice() -> None:
    rates = [tune.rate(step, 100) for step in range(115)]
    assert max(rates[:100]) <= 1.0
    assert rates[99] == pytest.approx(0.02, abs=0.01)
    assert rates[100] == tune.FINISH_RATE
    assert rates[100:] == sorted(rates[100:], reverse=True)
    assert rates[-1] >= 0.02


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
        assert comparisons.about(facts) == f"perhaps {with_article(facts.name)}"
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
        said = evidence.claim(best, torch.zeros(1, 1))
        assert [bool(one) for one in said] == [number == expected for number in range(3)]
        told, categories = evidence.mixture(best, torch.zeros(1, 1), torch.zeros(1, 1))
        wanted = {0: 1.0, 1: evidence.HALF}.get(expected, 0.0) if expected is not None else 0.0
        assert float(told[0, :-2].sum()) == pytest.approx(wanted)
        assert float(categories[0, -1]) == pytest.approx({0: 0.0, 1: 0.5, 2: 0.0}.get(expected, 1.0))


def test_what_is_possible_is_told_beside_the_name() -> None:
    """Up to two further names, and the best one itself where it isn't told; none beside a plain shape."""
    names = concepts.names()
    order = [names.index(name) for name in ("cat", "guitar", "car", "tree")]
    for shares, expected in (
        ((0.6, 0.2, 0.1, 0.05), order[1:3]),
        ((0.6, 0.2, 0.01, 0.01), [order[1], -1]),
        ((0.6, 0.05, 0.04, 0.03), [-1, -1]),
        ((0.06, 0.05, 0.04, 0.01), order[:2]),
        ((0.015, 0.01, 0.01, 0.01), [-1, -1]),
    ):
        best = torch.zeros(1, len(names))
        best[0, order] = torch.tensor(shares)
        assert evidence.possible(best, torch.zeros(1, 1), torch.zeros(1, 1))[0].tolist() == expected
        assert evidence.possible(best, torch.ones(1, 1), torch.zeros(1, 1))[0].tolist() == [-1, -1]


@given(SEEDS)
def test_a_possible_name_is_never_denied(seed: int) -> None:
    random = np.random.default_rng(seed)
    for facts in (
        Facts("cat", "animal", others=("guitar", "walrus")),
        Facts("cat", "animal", hedged=True, others=("guitar", "walrus")),
        Facts(others=("guitar", "walrus")),
    ):
        for question, answer in questions.some(random, facts, 7):
            if question.startswith(("Is ", "Do ", "Does ", "Can ")) and " or " not in question:
                asked = re.search(r"\ba (guitar|walrus)\b", question)
                if asked:
                    assert answer == f"Yes, it may be a {asked[1]}, but I'm not sure."


@given(SEEDS)
def test_three_pictures_are_told_in_order(seed: int) -> None:
    random = np.random.default_rng(seed)
    shown = [Facts("cat", "animal"), Facts(things=(Thing(2, "red", "circle"),)), Facts("car", "vehicle")]
    everything = "The first picture shows a cat, the second one two red circles, the third one a car."
    told = {"first": "a cat", "second": "two red circles", "third": "a car"}
    for _, answer in comparisons.several(random, shown, 6):
        found = re.fullmatch(r"The (first|second|third) (?:picture|one) shows ([^,]*)\.", answer)
        assert answer in (everything, "There are three.") or (found and told[found[1]] == found[2])


@given(SEEDS)
def test_two_pictures_are_compared_rightly(seed: int) -> None:
    random = np.random.default_rng(seed)
    one = Facts(things=(Thing(int(random.integers(1, 4)), "red", "circle"),))
    two = Facts(things=(Thing(int(random.integers(1, 4)), str(random.choice(["red", "blue"])), "circle"),))
    for what, field in (("colour", "colour"), ("shape", "shape"), ("count", "count")):
        found = comparisons.alike(random, one, two, what)
        assert found is not None
        same = getattr(one.things[0], field) == getattr(two.things[0], field)
        assert found[1].endswith("so yes." if same else "so no.")
    assert comparisons.alike(random, one, Facts("cat", "animal"), "colour") is None


@given(SEEDS)
def test_the_connectors_comparison_agrees_with_the_facts(seed: int) -> None:
    """Also of names: two pictures of one, of two, and of something unknown."""
    random = np.random.default_rng(seed)
    first, second = simulate.alike(random)
    found = evidence.compared(evidence.stack([first[1], second[1]]), torch.arange(2))
    assert found[0].tolist() == [0, 0, 0, 0]  # nothing comes before the first
    a, b = first[0].things[0], second[0].things[0]
    same = [a.count == b.count, a.colour == b.colour, a.shape == b.shape]
    assert found[1].tolist() == [1 if one else 2 for one in (*same, all(same))]
    cat, dog = (simulate.named(random, name)[1] for name in ("cat", "dog"))
    unknown = simulate.nothing(random)[1]
    row = evidence.compared(evidence.stack([cat, cat, dog, unknown, first[1], dog]), torch.arange(6))
    assert row[:, :3].tolist() == [[0, 0, 0]] * 6
    assert row[:, 3].tolist() == [0, 1, 2, 0, 0, 2]
    apart = evidence.compared(evidence.stack([cat, cat]), torch.zeros(2, dtype=torch.long))
    assert apart.tolist() == [[0, 0, 0, 0]] * 2  # two conversations


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
