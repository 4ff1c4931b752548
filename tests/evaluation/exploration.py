"""What exploration is worth to the reward head: ratings of replies drawn evenly, and as the program collects them.

    python tests/evaluation/exploration.py --out FOLDER --model DATA/models/starter --set report

Nothing is trained or drawn: FOLDER is that of ``run.py``, whose base replies are rated. Prints a Markdown table: over all
users with a taste, the share of pairs of base replies to one unseen prompt that the head puts in the user's order, and how
often the head sees no pattern yet. "In use" is as in ``interacting.py``: the best of eight by the head so far is rated.
"""

from __future__ import annotations

import functools
import sys

import cells
import heads
import interacting
import numpy as np
import users
from why import accuracy

from assistant.learning.checks import gate
from assistant.learning.reward_head import reward

WAYS = {
    "drawn evenly": cells.rate,
    "in use, never a pair": functools.partial(interacting.rate, explore=False),
    "in use, with pairs": interacting.rate,
}


def main(argv: list[str] | None = None) -> int:
    arguments = heads.parser(__doc__, ratings=[20, 50], prompts=40, seeds=3).parse_args(argv)
    pool, train, test = heads.opened(arguments)
    who = [u for u in users.USERS if not u.random and u.later is None]
    print(heads.header("ratings", [f"{way}: in order / no pattern" for way in WAYS]))
    for n in arguments.ratings:
        found = []
        for rate in WAYS.values():
            fitted = [
                (user, reward.fit(rate(user, n, seed, train, pool)))
                for user in who
                for seed in range(arguments.seeds)
            ]
            right = [accuracy(head, user, pool, test) for user, head in fitted]
            # Of the users' means: seeds of one user are no new users.
            error = np.std(np.reshape(right, (len(who), -1)).mean(1), ddof=1) / len(who) ** 0.5
            unsure = np.mean([head.nothing >= gate.NO_PATTERN for _, head in fitted])
            found.append(f"{100 * np.mean(right):.1f} % ± {100 * error:.1f} / {100 * unsure:.0f} %")
        print(f"| {n} | " + " | ".join(found) + " |", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
