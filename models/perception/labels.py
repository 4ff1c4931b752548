"""Plain names of the encoder's 1000 classes, and what kind of thing each one is."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True, slots=True)
class Label:
    """``name``: "tabby cat"; ``kind``: the everyday word for it, "cat"; ``synset``: its WordNet id."""

    synset: str
    name: str
    kind: str


@cache
def load() -> tuple[Label, ...]:
    """The classes in the order of the encoder's logits."""
    text = Path(__file__).with_name("labels.tsv").read_text(encoding="utf-8")
    rows = (line.split("\t") for line in text.splitlines() if not line.startswith("#"))
    return tuple(Label(synset, name, kind) for synset, name, kind in rows)


@cache
def kinds() -> tuple[str, ...]:
    """Every kind once, in the order of its first class."""
    return tuple(dict.fromkeys(label.kind for label in load()))


def membership() -> np.ndarray:
    """(kinds, classes) float32: 1 where a class is of a kind."""
    import numpy as np

    table = np.zeros((len(kinds()), len(load())), dtype=np.float32)
    for index, label in enumerate(load()):
        table[kinds().index(label.kind), index] = 1.0
    return table
