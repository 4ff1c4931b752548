"""The promises of docs/store.md under stress: ``python -m tests.stress --quick|--full [--report FILE] [--seed N]``.

Processes are killed at their work, hostile files are taken in, and what is erased is looked for. Prints a Markdown report
with the sizes that were run; exit code 1 if anything did not hold. A failed try is told with its seed.
"""

from __future__ import annotations

import argparse
import os
import platform
import random
import sys
import time
import traceback
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
for where in ("tests", "tests/store", "tests/imports", "tests/engine", "tests/models"):
    sys.path.insert(1, str(ROOT / where))

from models import memory  # noqa: E402
from tests.stress.checks import CHECKS, Check, folder_for, seed_of  # noqa: E402

MEMORY_BYTES = 4_000_000_000  # of this process and of each that it starts
MOST_TOLD = 20


@dataclass(slots=True)
class Result:
    check: Check
    tried: int = 0
    seconds: float = 0.0
    broken: list[str] = field(default_factory=list)  # a line for each try that did not hold


def run(check: Check, tries: int, seed: int) -> Result:
    result, began = Result(check), time.monotonic()
    with folder_for(check) as folder:
        session = check.start(Path(folder))
        try:
            attempt = next(session)
            for number in range(tries):
                place = Path(folder) / f"try-{number}"
                place.mkdir()
                result.tried += 1
                try:
                    attempt(place, random.Random(seed_of(check, number, seed)))
                except Exception as error:  # noqa: BLE001 - whatever it was, it did not hold; told in the report
                    where = traceback.extract_tb(error.__traceback__)[-1]
                    said = (str(error).splitlines() or [""])[0][:150]
                    result.broken.append(
                        f"{check.name}, try {number}: {type(error).__name__}: {said} ({where.name}:{where.lineno})"
                    )
        finally:
            session.close()  # type: ignore[attr-defined] # a generator
    result.seconds = time.monotonic() - began
    return result


def report(results: list[Result], size: str, seed: int) -> str:
    import sqlite_utils.utils

    sqlite = sqlite_utils.utils.sqlite3.sqlite_version
    lines = [
        f"`python -m tests.stress --{size} --seed {seed}`, {time.strftime('%Y-%m-%d')}, Python {platform.python_version()}, "
        f"SQLite {sqlite}, {os.cpu_count()} cores, {platform.system()}, {MEMORY_BYTES // 10**9} GB of memory per process.",
        "",
    ]
    headings = {
        "kill": "Killed with SIGKILL at a random moment: nothing acknowledged is lost, the next start works",
        "hostile": "Hostile inputs: right, or refused in one sentence; never a traceback",
        "erase": "Erased: 0 bytes of it are found in any file of the data folder",
    }
    for kind, heading in headings.items():
        of_kind = [result for result in results if result.check.kind == kind]
        if not of_kind:
            continue
        tried, held = sum(r.tried for r in of_kind), sum(r.tried - len(r.broken) for r in of_kind)
        lines += [
            f"**{heading}** ({held} of {tried} held)",
            "",
            "| what | tried | held | seconds |",
            "|---|---|---|---|",
        ]
        lines += [
            f"| {r.check.name} | {r.tried} | {r.tried - len(r.broken)} | {r.seconds:.0f} |" for r in of_kind
        ]
        lines.append("")
    broken = [line for result in results for line in result.broken]
    lines += [f"- {line}" for line in broken[:MOST_TOLD]] or ["Everything held."]
    return "\n".join(lines) + "\n"


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.stress", description=__doc__.split("\n\n")[0])
    size = parser.add_mutually_exclusive_group(required=True)
    size.add_argument("--quick", action="store_true", help="a few of each: minutes")
    size.add_argument(
        "--full", action="store_true", help="200 kills and 3,000 hostile inputs: an hour or more"
    )
    parser.add_argument("--report", type=Path, help="write the report to this file, too")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--only", default="", help="checks of this kind (kill, hostile, erase), or whose name holds it"
    )
    options = parser.parse_args(arguments)
    memory.limit(MEMORY_BYTES)
    results = []
    for check in CHECKS:
        if options.only == check.kind or options.only in check.name:
            results.append(run(check, check.quick if options.quick else check.full, options.seed))
            last = results[-1]
            print(
                f"{check.name}: {last.tried - len(last.broken)} of {last.tried} held",
                file=sys.stderr,
                flush=True,
            )
    told = report(results, "quick" if options.quick else "full", options.seed)
    print(told)
    if options.report is not None:
        options.report.write_text(told, encoding="utf-8")
    return int(any(result.broken for result in results))


if __name__ == "__main__":
    raise SystemExit(main())
