"""What the evaluations of the reward head alone have in common: nothing is trained or drawn, base replies are rated."""

from __future__ import annotations

import argparse
from pathlib import Path
from types import SimpleNamespace

import run
from replies import Pool
from transformers import AutoTokenizer


def parser(about: str | None, *, ratings: list[int], prompts: int, seeds: int) -> argparse.ArgumentParser:
    """Arguments, with these defaults."""
    found = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    found.add_argument("--out", type=Path, required=True, help="the folder of run.py, with its base replies")
    found.add_argument("--model", type=Path, required=True, help="the starter's folder")
    found.add_argument("--set", choices=tuple(run.SETS), default="develop")
    found.add_argument("--ratings", nargs="+", type=int, default=ratings, metavar="N")
    found.add_argument("--prompts", type=int, default=prompts, metavar="N")
    found.add_argument("--test-prompts", type=int, default=12, metavar="N")
    found.add_argument("--seeds", type=int, default=seeds, help="of each user with a taste")
    return found


def opened(arguments: argparse.Namespace) -> tuple[Pool, tuple[str, ...], tuple[str, ...]]:
    """(base replies, prompts that are rated, unseen prompts)."""
    tokenizer = AutoTokenizer.from_pretrained(arguments.model)
    pool = Pool(SimpleNamespace(tokenizer=tokenizer), arguments.out / f"replies-{arguments.set}.jsonl")
    train, test = run.SETS[arguments.set]
    return pool, train[: arguments.prompts], test[: arguments.test_prompts]


def header(first: str, columns: list[str]) -> str:
    """The first two lines of a Markdown table."""
    return f"| {first} | " + " | ".join(columns) + " |\n|" + " --- |" * (len(columns) + 1)
