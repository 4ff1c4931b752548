"""Does learning from ratings work? Simulated users on the real starter: `python tests/evaluation/run.py --out FOLDER`.

Writes results.jsonl (a line a cell; a second run goes on where the first was stopped), table.md and wins.png into the
folder. The whole protocol takes hours on two cores; name fewer users, ratings or methods for a part of it. Tuning is
done with --set develop; figures in the docs are of --set report.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import sys
import time
from pathlib import Path

import cells
import prompts
import report
import users
from replies import Pool

from models import loader

SETS = {
    "develop": (prompts.DEVELOP_TRAIN, prompts.DEVELOP_TEST),
    "report": (prompts.REPORT_TRAIN, prompts.REPORT_TEST),
}
NAMES = tuple(user.name for user in users.USERS)


def main(argv: list[str] | None = None) -> int:
    arguments = _parser().parse_args(argv)
    out: Path = arguments.out
    out.mkdir(parents=True, exist_ok=True)
    results = out / "results.jsonl"
    lines = [json.loads(line) for line in results.read_text("utf-8").splitlines()] if results.exists() else []
    done = {(c["user"], c["n"], c["seed"], c["method"]) for c in lines}
    wanted = [
        (name, n, seed, method)
        for n in arguments.ratings
        for seed in range(arguments.seeds)
        for method in arguments.methods
        for name in arguments.users
        if (name, n, seed, method) not in done and (method != "update, edits" or name in users.EDITS)
    ]
    train, test = SETS[arguments.set]
    train, test = train[: arguments.prompts], test[: arguments.test_prompts]
    if wanted:
        model = loader.load(arguments.model, model_id="starter", threads=arguments.threads)
        pool = Pool(model, out / f"replies-{arguments.set}.jsonl")
        pool.fill([*test, *train], tell)
    started = time.monotonic()
    for number, (name, n, seed, method) in enumerate(wanted):
        user = next(u for u in users.USERS if u.name == name)
        same = (
            (c["user"], c["n"], c["seed"]) == (name, n, seed) and c["method"] == "guidance" for c in lines
        )
        untrained = next(itertools.compress(lines, same), None)
        scratch = out / f"scratch-{os.getpid()}"
        line = cells.run(model, pool, user, n, seed, method, train, test, scratch, untrained)
        lines.append(line)
        with results.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
        spent = time.monotonic() - started
        refused = "" if line.get("accepted", True) else f"(refused: {line['reason']}) "
        tell(
            f"{number + 1} of {len(wanted)}: {name}, {n} ratings, {method}: {line['win']:.2f}, best of 4 "
            f"{line['win_best']:.2f}, by default {line.get('win_default') or 0:.2f} {refused}({spent / (number + 1):.0f} s each)"
        )
    text = report.table(lines)
    (out / "table.md").write_text(text, encoding="utf-8")
    report.plot(lines, out / "wins.png")
    print(text)
    return 0


def tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, required=True, help="folder for results; made if need be")
    parser.add_argument(
        "--model", type=Path, required=True, help="the starter's folder (in models/ of a data folder)"
    )
    parser.add_argument("--set", choices=tuple(SETS), default="develop", help="prompts (default: develop)")
    parser.add_argument(
        "--users", nargs="+", choices=NAMES, default=NAMES, metavar="NAME", help="default: all"
    )
    parser.add_argument("--ratings", nargs="+", type=int, default=[5, 10, 20, 50, 100, 200], metavar="N")
    parser.add_argument("--seeds", type=int, default=3, metavar="N")
    parser.add_argument(
        "--methods", nargs="+", choices=cells.METHODS, default=cells.METHODS, metavar="METHOD"
    )
    parser.add_argument("--prompts", type=int, default=60, metavar="N", help="training prompts at most")
    parser.add_argument("--test-prompts", type=int, default=24, metavar="N", help="unseen prompts at most")
    parser.add_argument("--threads", type=int, default=None, metavar="N")
    return parser


if __name__ == "__main__":
    sys.exit(main())
