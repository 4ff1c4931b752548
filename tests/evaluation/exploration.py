"""What exploration is worth to the reward head: ratings of replies drawn evenly, and as the program collects them.

    python tests/evaluation/exploration.py --out FOLDER --model DATA/models/starter --set report

Nothing is trained or drawn: FOLDER is that of ``run.py``, whose base replies are rated. Prints a Markdown table: over all
users with a taste, the share of pairs of base replies to one unseen prompt that the head puts in the user's order, and how
often the head sees no pattern yet. "In use" is as in ``interacting.py``: the best of eight by the head so far is rated.
"""

from __future__ import annotations

import argparse
import functools
import sys
from pathlib import Path
from types import SimpleNamespace

import cells
import interacting
import numpy as np
import run
import users
from replies import Pool
from transformers import AutoTokenizer
from why import accuracy

from assistant.learning import gate, reward

WAYS = {
    "drawn evenly": cells.rate,
    "in use, never a pair": functools.partial(interacting.rate, explore=False),
    "in use, with pairs": interacting.rate,
}


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
    parser.add_argument("--seeds", type=int, default=3)
    arguments = parser.parse_args(argv)
    tokenizer = AutoTokenizer.from_pretrained(arguments.model)
    pool = Pool(SimpleNamespace(tokenizer=tokenizer), arguments.out / f"replies-{arguments.set}.jsonl")
    train, test = run.SETS[arguments.set]
    who = [u for u in users.USERS if not u.random and u.later is None]
    print("| ratings | " + " | ".join(f"{way}: in order / no pattern" for way in WAYS) + " |")
    print("|" + " --- |" * (len(WAYS) + 1))
    for n in arguments.ratings:
        found = []
        for rate in WAYS.values():
            heads = [
                (user, reward.fit(rate(user, n, seed, train[: arguments.prompts], pool)))
                for user in who
                for seed in range(arguments.seeds)
            ]
            right = [accuracy(head, user, pool, test[: arguments.test_prompts]) for user, head in heads]
            # Of the users' means: seeds of one user are no new users.
            error = np.std(np.reshape(right, (len(who), -1)).mean(1), ddof=1) / len(who) ** 0.5
            unsure = np.mean([head.nothing >= gate.NO_PATTERN for _, head in heads])
            found.append(f"{100 * np.mean(right):.1f} % ± {100 * error:.1f} / {100 * unsure:.0f} %")
        print(f"| {n} | " + " | ".join(found) + " |", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
