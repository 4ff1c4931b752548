"""How often chance passes for a taste, and a taste for chance: the first check of an update, on simulated ratings alone.

    python tests/evaluation/patterns.py --out FOLDER --model DATA/models/starter --set report

Nothing is trained or drawn: FOLDER is that of ``run.py``, whose base replies are rated. Prints a Markdown table of the
share of raters at random in whose ratings a pattern is seen (false alarms), and of users with a taste in whose ratings
none is (misses), for thresholds of the empty head's probability.
"""

from __future__ import annotations

import sys

import cells
import heads
import users
from replies import Pool

from assistant.learning.checks import gate
from assistant.learning.reward_head import reward

THRESHOLDS = (0.05, 0.1, 0.15, 0.2)


def main(argv: list[str] | None = None) -> int:
    parser = heads.parser(__doc__, ratings=[10, 20, 50], prompts=60, seeds=4)
    parser.add_argument("--random", type=int, default=100, help="raters at random")
    arguments = parser.parse_args(argv)
    pool, train, _ = heads.opened(arguments)
    print(heads.header("ratings", [f"{t:g}: false alarms / misses" for t in THRESHOLDS]))
    for n in arguments.ratings:
        chance = empty([u for u in users.USERS if u.random], n, arguments.random, train, pool)
        taste = empty([u for u in users.USERS if not u.random], n, arguments.seeds, train, pool)
        row = [f"{share(chance, t):.0f} % / {100 - share(taste, t):.0f} %" for t in THRESHOLDS]
        print(f"| {n} | " + " | ".join(row) + " |", flush=True)
    print(f"\nThe gate's threshold is {gate.NO_PATTERN:g}.")
    return 0


def empty(who: list[users.User], n: int, seeds: int, train: tuple[str, ...], pool: Pool) -> list[float]:
    """Probability of the empty head for ``n`` ratings of each of ``who`` with each seed."""
    return [reward.fit(cells.rate(u, n, seed, train, pool)).nothing for u in who for seed in range(seeds)]


def share(values: list[float], threshold: float) -> float:
    """Per cent below."""
    return 100.0 * sum(v < threshold for v in values) / len(values)


if __name__ == "__main__":
    sys.exit(main())
