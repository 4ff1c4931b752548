"""Every word that a picture may be named by, with the category it belongs to: ``concepts.tsv``, made by ``train``."""

from __future__ import annotations

from functools import cache
from pathlib import Path

OTHERS = 2  # further names that are told as possible, beside the best one


@cache
def load() -> dict[str, str]:
    """name -> category, in file order: the encoder's everyday kinds first, then what drawings add."""
    text = Path(__file__).with_name("concepts.tsv").read_text(encoding="utf-8")
    return dict(line.split("\t") for line in text.splitlines())


@cache
def names() -> tuple[str, ...]:
    return tuple(load())


@cache
def categories() -> tuple[str, ...]:
    """Every category once, in the order of its first name."""
    return tuple(dict.fromkeys(load().values()))
