"""Block-wise search against the best of four whole replies, at equal computation.

`python tests/evaluation/search.py --out FOLDER --model DATA/models/starter`

Simulated users (``users.py``) rate base replies of the starter; the reward head is fitted to that, and nothing is trained. To
each unseen prompt both searches write replies with four rows and no guidance, and each is compared with every base reply
(ties half). A cell is a file (user, number of ratings, prompt), so a run that was stopped goes on; ``--minutes`` stops it by
itself. Prints a Markdown table with the win rates, the tokens drawn for each token shown, and the words.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

import cells
import prompts
import users
from replies import Pool

from assistant import prompt as prompt_builder
from assistant.generation.batch_decoding import generate_batch
from assistant.generation.block_search import SEEDED_ROWS, Plan, search
from assistant.generation.decode_loop import run
from assistant.learning import guidance, request
from assistant.learning.reward_head import reward
from assistant.records import Sampling
from models import loader

SETS = {
    "develop": (prompts.DEVELOP_TRAIN, prompts.DEVELOP_TEST),
    "report": (prompts.REPORT_TRAIN, prompts.REPORT_TEST),
}
TOKENS = 96


def main(argv: list[str] | None = None) -> int:
    arguments = _parser().parse_args(argv)
    out: Path = arguments.out
    out.mkdir(parents=True, exist_ok=True)
    train, test = SETS[arguments.set]
    train, test = train[: arguments.prompts], test[: arguments.test_prompts]
    chosen = [u for u in users.USERS if u.name in arguments.users]
    missing = [(u, p) for p in test for u in chosen if not _file(out, u, arguments.ratings, test, p).exists()]
    if missing:
        until = time.monotonic() + 60 * arguments.minutes
        model = loader.load(arguments.model, model_id="starter")
        pool = Pool(model, out / f"replies-{arguments.set}.jsonl")
        for prompt in (*train, *test):
            if time.monotonic() > until:
                return 1
            pool.fill([prompt], tell)
        heads = {u.name: reward.fit(cells.rate(u, arguments.ratings, 0, train, pool)) for u in chosen}
        for number, (user, prompt) in enumerate(missing):
            if time.monotonic() > until:
                break
            line = cell(model, user, heads[user.name], prompt, pool, 7000 + test.index(prompt))
            _file(out, user, arguments.ratings, test, prompt).write_text(json.dumps(line), "utf-8")
            tell(f"{number + 1} of {len(missing)}: {user.name}, {prompt}: {line['blocks']} {line['whole']}")
    found = [
        json.loads(file.read_text("utf-8"))
        for u in chosen
        for p in test
        if (file := _file(out, u, arguments.ratings, test, p)).exists()
    ]
    print(table(found))
    return 0


def cell(
    model: Any, user: users.User, head: reward.Head, prompt: str, pool: Pool, seed: int
) -> dict[str, Any]:
    """Win rate, words and tokens drawn for each token shown, of both searches."""
    on = head.on(request.read(prompt))
    inputs = prompt_builder.ask(prompt, "", model, TOKENS)
    sampling, line = Sampling(seed=seed, max_tokens=TOKENS), {"user": user.name, "prompt": prompt}
    blocks = run(
        search(model, inputs, sampling, Plan(SEEDED_ROWS), lambda t, e: guidance.choose_beginning(on, t, e))
    )
    whole = run(generate_batch(model, inputs, sampling, SEEDED_ROWS))
    best = guidance.choose(on, [r.text for r in whole], [r.finish == "stop" for r in whole]).index
    drawn = sum(len(r.ids) for r in whole) / max(len(whole[best].ids), 1)
    for name, text, cost in (
        ("blocks", blocks.text, float(SEEDED_ROWS)),
        ("whole", whole[best].text, drawn),
        ("plain", whole[0].text, 1.0),
    ):
        wins = [users.win(user, text, base, 0) for base in pool.texts(prompt)]
        line[name] = {"win": sum(wins) / len(wins), "words": len(text.split()), "drawn": round(cost, 2)}
    return line


def table(found: list[dict[str, Any]]) -> str:
    """Markdown: a row for each user, and one for all."""
    rows = [
        "| user | prompts | plain | best of 4 | block-wise | words plain / best / block-wise |",
        "|" + " --- |" * 6,
    ]
    names = list(dict.fromkeys(line["user"] for line in found))
    for name in [*names, "all"]:
        mine = [line for line in found if name in ("all", line["user"])]
        if not mine:
            continue

        def mean(side: str, what: str, lines: list[dict[str, Any]] = mine) -> float:
            return float(sum(line[side][what] for line in lines) / len(lines))

        wins = " | ".join(f"{mean(side, 'win'):.0%}" for side in ("plain", "whole", "blocks"))
        words = " / ".join(f"{mean(side, 'words'):.0f}" for side in ("plain", "whole", "blocks"))
        rows.append(f"| {name} | {len(mine)} | {wins} | {words} |")
    return "\n".join(rows)


def _file(out: Path, user: users.User, ratings: int, test: tuple[str, ...], prompt: str) -> Path:
    return out / f"{user.name.replace(' ', '-')}-{ratings}-{test.index(prompt):02d}.json"


def tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    names = [user.name for user in users.USERS]
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--model", type=Path, required=True, help="folder of the starter")
    parser.add_argument("--set", choices=sorted(SETS), default="develop")
    parser.add_argument("--users", nargs="+", default=names, choices=names)
    parser.add_argument("--ratings", type=int, default=50)
    parser.add_argument("--prompts", type=int, default=16, help="prompts of the rated replies")
    parser.add_argument("--test-prompts", type=int, default=12)
    parser.add_argument("--minutes", type=float, default=60.0)
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
