"""What habits of wording are worth to the reward head: the same ratings with the readable traits alone, and with habits.

    python tests/evaluation/wording.py --out FOLDER --model DATA/models/starter --set report

Nothing is trained or drawn: FOLDER is that of ``run.py``, whose base replies are rated (thumbs, drawn evenly, one in ten
wrong). Prints a Markdown table: the share of pairs of base replies to one unseen prompt that the head puts in the user's
order, and how often it sees no pattern yet.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from types import SimpleNamespace

import cells
import numpy as np
import run
import users
from replies import Pool
from transformers import AutoTokenizer
from why import accuracy

from assistant.learning import gate, reward

WITH = reward.HABITS


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--set", choices=tuple(run.SETS), default="develop")
    parser.add_argument("--ratings", nargs="+", type=int, default=[20, 50])
    parser.add_argument("--prompts", type=int, default=40)
    parser.add_argument("--test-prompts", type=int, default=12)
    parser.add_argument("--seeds", type=int, default=4)
    arguments = parser.parse_args(argv)
    tokenizer = AutoTokenizer.from_pretrained(arguments.model)
    pool = Pool(SimpleNamespace(tokenizer=tokenizer), arguments.out / f"replies-{arguments.set}.jsonl")
    train, test = (part[:n] for part, n in zip(
        run.SETS[arguments.set], (arguments.prompts, arguments.test_prompts), strict=True))  # fmt: skip
    heads = [f"{n}: {kind}" for n in arguments.ratings for kind in ("traits", "and habits")]
    print("| user | " + " | ".join(heads) + " |")
    print("|" + " --- |" * (len(heads) + 1))
    rows = []
    for user in (u for u in users.USERS if u.later is None):
        found = []
        for n in arguments.ratings:
            rated = [cells.rate(user, n, seed, train, pool) for seed in range(arguments.seeds)]
            for habits in (0, WITH):
                reward.HABITS = habits
                fitted = [reward.fit(some) for some in rated]
                right = np.mean([accuracy(head, user, pool, test) for head in fitted])
                unsure = np.mean([head.nothing >= gate.NO_PATTERN for head in fitted])
                found.append((right, unsure))
        if not user.random:
            rows.append(found)
        print(f"| {user.name} | {_row(found)} |", flush=True)
    print(f"| mean of all but random | {_row(np.mean(rows, 0))} |")
    return 0


def _row(found: object) -> str:
    return " | ".join(f"{100 * right:.0f} % / {100 * unsure:.0f} %" for right, unsure in found)  # type: ignore[attr-defined]


if __name__ == "__main__":
    sys.exit(main())
