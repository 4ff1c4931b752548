"""What habits of wording are worth to the reward head: the same ratings with the readable traits alone, and with habits.

    python tests/evaluation/wording.py --out FOLDER --model DATA/models/starter --set report

Nothing is trained or drawn: FOLDER is that of ``run.py``, whose base replies are rated (thumbs, drawn evenly, one in ten
wrong). Prints a Markdown table: the share of pairs of base replies to one unseen prompt that the head puts in the user's
order, and how often it sees no pattern yet.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence

import cells
import heads
import numpy as np
import users
from why import accuracy

from assistant.learning.checks import gate
from assistant.learning.reward_head import reward

WITH = reward.HABITS


def main(argv: list[str] | None = None) -> int:
    arguments = heads.parser(__doc__, ratings=[20, 50], prompts=40, seeds=4).parse_args(argv)
    pool, train, test = heads.opened(arguments)
    columns = [f"{n}: {kind}" for n in arguments.ratings for kind in ("traits", "and habits")]
    print(heads.header("user", columns))
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


def _row(found: Iterable[Sequence[float]]) -> str:
    return " | ".join(f"{100 * right:.0f} % / {100 * unsure:.0f} %" for right, unsure in found)


if __name__ == "__main__":
    sys.exit(main())
