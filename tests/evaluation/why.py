"""What a reason is worth: the head of a user who says why, and of the same user with the same thumbs alone.

    python tests/evaluation/why.py --out FOLDER --model DATA/models/starter [--set report]

Only the reward head is fitted, nothing is trained, so this takes a minute once the base replies are drawn. Accuracy is
the share of pairs of base replies to one unseen prompt that the head puts in the user's order (its ties count half).
A user says why under replies they do not like, in the words of the window's reasons or of a short note, and says the
opposite in one of ten. Writes a Markdown table.
"""

from __future__ import annotations

import argparse
import itertools
import random
import sys
from dataclasses import replace
from pathlib import Path

import cells
import numpy as np
import prompts
import users
from replies import Pool

from assistant.learning import feedback_reasons
from assistant.learning.feedback import Signal
from assistant.learning.reward_head import reward

SAID = {
    "short": ("too long", "too short"), "long": ("too short", "too long"), "formal": ("too casual", "too formal"),
    "casual": ("too formal", "too casual"), "lists": ("use lists", "no lists"), "prose": ("no lists", "use lists"),
    "simple words": ("simpler words, please", "more formal"), "asks back": ("ask me questions", "too many questions"),
    "short sentences": ("shorter sentences please", "longer sentences"),
}  # fmt: skip
"""User -> (what they say of a reply they do not like, what they say by mistake)."""
SETS = {
    "develop": (prompts.DEVELOP_TRAIN, prompts.DEVELOP_TEST),
    "report": (prompts.REPORT_TRAIN, prompts.REPORT_TEST),
}


def explained(rated: list[Signal], name: str, seed: int, wrong: float = 0.1) -> list[Signal]:
    """The same ratings, each thumb down with a reason."""
    rng = random.Random(f"why {name} {seed}")
    return [
        replace(s, reasons=feedback_reasons.read(SAID[name][rng.random() < wrong])) if s.value < 0 else s
        for s in rated
    ]


def accuracy(head: reward.Head, user: users.User, pool: Pool, test: tuple[str, ...]) -> float:
    """Share of pairs of replies to the same prompt that the head has in the user's order."""
    right = []
    for prompt in test:
        texts = pool.texts(prompt)
        scores = head.score(head.features(texts))
        likes = [user.liking(text) for text in texts]
        for a, b in itertools.combinations(range(len(texts)), 2):
            if likes[a] != likes[b]:
                right.append(
                    0.5 if scores[a] == scores[b] else float((scores[a] > scores[b]) == (likes[a] > likes[b]))
                )
    return float(np.mean(right)) if right else 0.5


def table(pool: Pool, train: tuple[str, ...], test: tuple[str, ...], counts: list[int], seeds: int) -> str:
    """Rows: user; columns: thumbs alone and thumbs with reasons, at each number of ratings."""
    rows = [["user", *(f"{n} {kind}" for n in counts for kind in ("thumbs", "with reasons"))]]
    rows.append(["---"] * len(rows[0]))
    sums = []
    for user in (u for u in users.USERS if u.name in SAID):
        found = []
        for n in counts:
            both = np.zeros(2)
            for seed in range(seeds):
                rated = cells.rate(user, n, seed, train, pool)
                for k, some in enumerate((rated, explained(rated, user.name, seed))):
                    both[k] += accuracy(reward.fit(some), user, pool, test) / seeds
            found += both.tolist()
        sums.append(found)
        rows.append([user.name, *(f"{100 * x:.0f} %" for x in found)])
    rows.append(["mean", *(f"{100 * x:.1f} %" for x in np.mean(sums, 0))])
    return "\n".join("| " + " | ".join(row) + " |" for row in rows) + "\n"


def main(argv: list[str] | None = None) -> int:
    from models import loader

    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, required=True, help="folder for base replies and the table")
    parser.add_argument("--model", type=Path, required=True, help="the starter's folder")
    parser.add_argument("--set", choices=tuple(SETS), default="develop")
    parser.add_argument("--ratings", nargs="+", type=int, default=[5, 10, 20], metavar="N")
    parser.add_argument("--seeds", type=int, default=8, metavar="N")
    parser.add_argument("--prompts", type=int, default=40, metavar="N")
    parser.add_argument("--test-prompts", type=int, default=12, metavar="N")
    parser.add_argument("--threads", type=int, default=None, metavar="N")
    arguments = parser.parse_args(argv)
    train, test = SETS[arguments.set]
    train, test = train[: arguments.prompts], test[: arguments.test_prompts]
    model = loader.load(arguments.model, model_id="starter", threads=arguments.threads)
    arguments.out.mkdir(parents=True, exist_ok=True)
    pool = Pool(model, arguments.out / f"replies-{arguments.set}.jsonl")
    pool.fill([*test, *train], lambda text: print(text, file=sys.stderr, flush=True))
    text = table(pool, train, test, arguments.ratings, arguments.seeds)
    (arguments.out / "why.md").write_text(text, encoding="utf-8")
    print(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
