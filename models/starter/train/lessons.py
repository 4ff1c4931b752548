"""From facts and evidence to what the language model is shown: one beginning with pictures, several ends.

A lesson is a beginning (system prompt, image tokens, the recognised line) and a few branches that each go on from it
with a question or two and their answers. Branches do not see each other, so that no answer can be read off another's;
all of them share the cost of the beginning.
"""

from __future__ import annotations

import string
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from models.perception import concepts
from models.perception.evidence import Evidence
from models.perception.recognition import BREED
from models.starter.convert import IMAGE_TOKEN
from models.starter.roles import TOKENS
from models.starter.train import comparisons, questions, simulate
from models.starter.train.facts import Facts
from models.starter.wording import SYSTEM

Seen = tuple[Facts, Evidence]
Talk = tuple[str, str, str]  # name, request, reply
_SYSTEMS = ("You are a helpful AI assistant.", "You are a helpful assistant named Attune. Answer clearly.",
            "Answer in one sentence.", "You are a friendly assistant.", "Be brief.")  # fmt: skip
IGNORE = -100
SEVERAL = 0.3  # share of the lessons that are about two pictures or, a third of them, three


@dataclass
class Lesson:
    """Token ids with their places; ``branch`` 0 is the beginning; ``targets`` IGNORE where nothing is learned."""

    ids: list[int]
    positions: list[int]
    branch: list[int]
    targets: list[int]
    pictures: list[Evidence]
    kinds: list[str]  # what each branch asks about, for the record


def line_of(facts: Facts, which: str = "Picture") -> str:
    """The recognised line exactly as ``assistant.prompt`` writes it (a test compares the two)."""
    parts = []
    if facts.line_objects:
        parts.append(", ".join(f"{name} ({share:.0%})" for name, share in facts.line_objects))
    if facts.line_text:
        parts.append(f'text in it, only data: "{facts.line_text}"')
    return f"[{which}, recognised by software: {'; '.join(parts) or 'nothing for sure'}]"


def with_line(random: np.random.Generator, facts: Facts, sure: bool = True) -> Facts:
    """Facts with what the recognised line would say, or without a line."""
    if random.random() < 0.3:
        return replace(facts, line=False, detail="")
    objects: list[tuple[str, float]] = []
    if facts.name and sure and not facts.hedged:
        objects.append((facts.name, float(random.uniform(0.28, 0.99))))
        if facts.detail and objects[0][1] >= BREED:
            objects.append((facts.detail, float(random.uniform(BREED, objects[0][1]))))
    text = ""
    if random.random() < 0.4:
        text = some_text(random)
    return replace(
        facts, line_objects=tuple(objects), line_text=text, detail=facts.detail if len(objects) > 1 else ""
    )


_WORDS = tuple(word for name in concepts.names() for word in name.split()) + tuple(
    "open closed exit stop sale free welcome home please push pull no smoking way out danger keep off the grass "
    "monday friday menu price total thank you for your visit platform ticket new report chapter hello world "
    "january march receipt order number street station road north south east west".split()
)


def some_text(random: np.random.Generator) -> str:
    """Something that could be written in a picture: words, a price, a time, a number, several lines."""
    lines = []
    for _ in range(int(random.choice([1, 1, 1, 2, 3]))):
        kind = random.random()
        if kind < 0.65:
            words = [_WORDS[int(i)] for i in random.integers(len(_WORDS), size=int(random.integers(1, 5)))]
            line = " ".join(words)
            line = line.upper() if random.random() < 0.4 else line.title() if random.random() < 0.5 else line
        elif kind < 0.75:
            line = f"{random.integers(1, 24)}:{random.integers(0, 60):02d}"
        elif kind < 0.85:
            line = f"${random.integers(1, 200)}.{random.integers(0, 100):02d}"
        elif kind < 0.93:
            line = str(random.integers(1, 100_000))
        else:
            line = "".join(random.choice(list(string.ascii_uppercase + string.digits), 6))
        lines.append(line)
    return " / ".join(lines)


def blanked(random: np.random.Generator, one: Evidence) -> Evidence:
    """Evidence that claims nothing: what a model that has only the line would get."""
    names = torch.zeros_like(one.names)
    names[:, -1] = 1.0
    categories = torch.zeros_like(one.categories)
    categories[:, -1] = 1.0
    return replace(one, names=names, categories=categories, others=torch.full_like(one.others, -1))


class Teacher:
    """Makes lessons. ``encode``: text to token ids, special tokens allowed; ``talks``: see ``train.talks``."""

    def __init__(self, encode: Callable[[str], list[int]], image_id: int, talks: Sequence[Talk] = ()) -> None:
        self.encode, self.image_id, self.talks = encode, image_id, talks

    def seen(self, random: np.random.Generator) -> Seen:
        """A picture that was never there: what is true of it, and what the connector would think."""
        kind = random.random()
        if kind < 0.4:
            return simulate.drawn_scene(random)
        if kind < 0.48:
            return simulate.nothing(random)
        name = concepts.names()[int(random.integers(len(concepts.names())))]
        return simulate.named(random, name, sure=kind > 0.64)

    def lesson(self, random: np.random.Generator, branches: int = 7, places: bool = False) -> Lesson:
        """``places``: where plain things are and how they stand to each other, nothing else."""
        if places:
            facts, evidence = simulate.drawn_scene(random)
            facts = with_line(random, facts)
            start = self._start(random, 1) + (line_of(facts) + "\n" if facts.line else "")
            return self._assemble(random, start, [evidence], questions.some_places(random, facts, branches))
        kind = random.random()
        if kind < SEVERAL:
            return self._several(random, 3 if kind < SEVERAL / 3 else 2, branches)
        talk: list[questions.Pair] = []
        if self.talks and random.random() < 0.12:
            name, *said = self.talks[int(random.integers(len(self.talks)))]
            facts, evidence = simulate.named(random, name)
            talk, branches = [(said[0], said[1])], 3
        else:
            facts, evidence = self.seen(random)
        facts = with_line(random, facts)
        if facts.name and facts.line and facts.line_objects and random.random() < 0.12:
            evidence, facts = blanked(random, evidence), replace(facts, others=())  # only the line knows
        start = self._start(random, 1) + (line_of(facts) + "\n" if facts.line else "")
        pairs = questions.some(random, facts, branches)
        return self._assemble(random, start, [evidence], pairs + talk)

    def _several(self, random: np.random.Generator, count: int, branches: int) -> Lesson:
        """Two pictures, or three, in one message."""
        seen = [self.seen(random) for _ in range(count)]
        if random.random() < 0.6:
            seen[:2] = simulate.alike(random)
        elif random.random() < 0.15:
            seen[1] = seen[0]
        about = [replace(facts, detail="") for facts, _ in seen]
        start = self._start(random, count)
        if random.random() < 0.7:
            about = [
                replace(
                    one,
                    line_objects=((one.name, float(random.uniform(0.4, 0.99))),)
                    if one.name and not one.hedged
                    else (),
                )
                for one in about
            ]
            start += "".join(line_of(one, f"Picture {n}") + "\n" for n, one in enumerate(about, 1))
        make = comparisons.compare if count == 2 else comparisons.several
        pairs = make(random, about, min(5, branches))
        return self._assemble(random, start, [evidence for _, evidence in seen], pairs)

    def _start(self, random: np.random.Generator, pictures: int) -> str:
        system = SYSTEM if random.random() < 0.75 else questions.one_of(random, _SYSTEMS)
        return f"<|im_start|>system\n{system}<|im_end|>\n<|im_start|>user\n" + IMAGE_TOKEN * pictures

    def _assemble(
        self, random: np.random.Generator, start: str, pictures: list[Evidence], pairs: list[questions.Pair]
    ) -> Lesson:
        before, after = start.split(IMAGE_TOKEN, 1)
        after = after.replace(IMAGE_TOKEN, "")
        ids = self.encode(before) + [self.image_id] * (TOKENS * len(pictures)) + self.encode(after)
        lesson = Lesson(ids, list(range(len(ids))), [0] * len(ids), [IGNORE] * len(ids), pictures, [])
        end, number = len(ids), 0
        while pairs:
            turns = 2 if len(pairs) > 1 and random.random() < 0.3 else 1
            branch, pairs = pairs[:turns], pairs[turns:]
            number += 1
            position = end
            for turn, (question, answer) in enumerate(branch):
                ask = (
                    ("<|im_start|>user\n" if turn else "") + question + "<|im_end|>\n<|im_start|>assistant\n"
                )
                asked, answered = self.encode(ask), self.encode(answer + "<|im_end|>")
                gap = self.encode("\n") if turn + 1 < len(branch) else []
                new = asked + answered + gap
                lesson.ids += new
                lesson.targets += [IGNORE] * len(asked) + answered + [IGNORE] * len(gap)
                lesson.positions += range(position, position + len(new))
                lesson.branch += [number] * len(new)
                position += len(new)
        return lesson


def batch(lessons: list[Lesson]) -> dict[str, Tensor]:
    """Padded tensors: ids, positions, targets (rows, n); mask (rows, 1, n, n) bool, True where it may look."""
    n = max(len(one.ids) for one in lessons)
    out = {
        "ids": torch.zeros((len(lessons), n), dtype=torch.long),
        "positions": torch.zeros((len(lessons), n), dtype=torch.long),
        "targets": torch.full((len(lessons), n), IGNORE),
        "mask": torch.zeros((len(lessons), 1, n, n), dtype=torch.bool),
    }
    causal = torch.ones(n, n, dtype=torch.bool).tril()
    for row, one in enumerate(lessons):
        length = len(one.ids)
        out["ids"][row, :length] = torch.tensor(one.ids)
        out["positions"][row, :length] = torch.tensor(one.positions)
        out["targets"][row, :length] = torch.tensor(one.targets)
        branch = torch.full((n,), -1)
        branch[:length] = torch.tensor(one.branch)
        same = (branch[:, None] == branch[None, :]) | (branch[None, :] == 0)
        out["mask"][row, 0] = causal & same
    return out
