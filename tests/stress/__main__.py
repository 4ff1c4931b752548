"""The promises of docs/store.md under stress: ``python -m tests.stress --quick|--full [--write docs/reliability.md]``.

Processes are killed at their work, disks are full, hostile files are taken in, and what is erased is looked for. The tries are
run in parts, each of which leaves a file: what was interrupted goes on where it was. Prints a Markdown report with the sizes that
were run; exit code 1 if anything did not hold. A failed try is told with its number, and the seed makes it come again.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import tempfile
import time
from pathlib import Path

from tests.stress.checks import CHECKS
from tests.stress.parts import MEMORY_BYTES, Result, gathered, parts, run_all

MOST_TOLD = 20
HEADINGS = {
    "kill": "Killed with SIGKILL at a random moment: nothing acknowledged is lost, the next start works",
    "disk": "A full disk: one sentence, nothing lost or half written, and it works when there is room again",
    "hostile": "Hostile inputs: right, or refused in one sentence; never a traceback",
    "erase": "Erased: 0 bytes of it are found in any file of the data folder or of its snapshots",
}


# --- the report ------------------------------------------------------------------------------------------------


def report(results: list[Result], size: str, seed: int) -> str:
    import sqlite_utils.utils

    sqlite = sqlite_utils.utils.sqlite3.sqlite_version
    wanted = {check.name: check.quick if size == "quick" else check.full for check in CHECKS}
    lines = [
        f"`python -m tests.stress --{size} --seed {seed}`, {time.strftime('%Y-%m-%d')}, Python {platform.python_version()}, "
        f"SQLite {sqlite}, {os.cpu_count()} cores, {platform.system()}, {MEMORY_BYTES // 10**9} GB of memory per process.",
        "",
    ]
    for kind, heading in HEADINGS.items():
        of_kind = [result for result in results if result.kind == kind]
        if not of_kind:
            continue
        tried, held = sum(r.tried for r in of_kind), sum(r.tried - len(r.broken) for r in of_kind)
        lines += [
            f"**{heading}** ({held} of {tried} held)",
            "",
            "| what | tried | held | seconds |",
            "|---|---|---|---|",
        ]
        for r in of_kind:
            short = f" of {wanted[r.name]}" if r.tried < wanted.get(r.name, r.tried) else ""
            lines.append(f"| {r.name} | {r.tried}{short} | {r.tried - len(r.broken)} | {r.seconds:.0f} |")
        lines.append("")
    broken = [line for result in results for line in result.broken]
    incomplete = any(r.tried < wanted.get(r.name, r.tried) for r in results)
    lines += [f"- {line}" for line in broken[:MOST_TOLD]]
    if not broken:
        lines.append(
            "Everything that was run held; some tries are missing." if incomplete else "Everything held."
        )
    return "\n".join(lines) + "\n"


PAGE = """# Reliability, measured

The promises are in [store.md](store.md); this page is written by `python -m tests.stress --full --write docs/reliability.md`. The
tries are drawn from the seed, so a failed one comes again. "Seconds" are of the processes that did it, two at a time, and include
what other programs on the machine took.

A try of a kill starts the real thing (a window, an engine, an import, ...), waits for a random moment, sends SIGKILL and looks at
the data folder: what had been acknowledged, the database's integrity, checksums, left-overs, and whether the next start works.

"""


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.stress", description=__doc__.split("\n\n")[0])
    size = parser.add_mutually_exclusive_group(required=True)
    size.add_argument("--quick", action="store_true", help="a few of each: minutes")
    size.add_argument("--full", action="store_true", help="200 kills and 3,000 hostile inputs")
    parser.add_argument("--report", type=Path, help="write the report to this file, too")
    parser.add_argument("--write", type=Path, metavar="PAGE", help="write the page docs/reliability.md")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--only", default="", help="checks of this kind (kill, disk, hostile, erase), or whose name holds it"
    )
    parser.add_argument("--jobs", type=int, default=2, help="processes at a time (default: 2)")
    parser.add_argument(
        "--parts",
        type=Path,
        default=None,
        help="where the finished parts are kept (default: a temporary folder)",
    )
    parser.add_argument("--afresh", action="store_true", help="forget the parts that were finished before")
    options = parser.parse_args(arguments)
    name = "quick" if options.quick else "full"
    kept = options.parts or Path(tempfile.gettempdir()) / f"attune-stress-parts-{os.getuid()}"
    folder = kept / f"{name}-{options.seed}"
    if options.afresh:
        shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    checks = [check for check in CHECKS if options.only == check.kind or options.only in check.name]
    everything = parts(checks, options.quick, folder)
    run_all([part for part in everything if not part.file.exists()], options.seed, options.jobs)
    results = gathered(checks, everything)
    told = report(results, name, options.seed)
    print(told)
    if options.report is not None:
        options.report.write_text(told, encoding="utf-8")
    if options.write is not None:
        options.write.write_text(PAGE + told, encoding="utf-8")
    return int(any(result.broken for result in results))


if __name__ == "__main__":
    raise SystemExit(main())
