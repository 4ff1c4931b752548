"""The tries of the stress command in parts, each run in a process of its own and kept as a file."""

from __future__ import annotations

import contextlib
import json
import multiprocessing
import os
import random
import re
import shutil
import sys
import time
import traceback
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
for where in ("tests", "tests/store", "tests/imports", "tests/engine", "tests/models", "tests/ui"):
    sys.path.insert(1, str(ROOT / where))

from models import memory  # noqa: E402
from tests.stress.checks import CHECKS, Check, folder_for, seed_of  # noqa: E402

MEMORY_BYTES = 4_000_000_000  # of this process and of each that it starts
PART = {"kill": 5, "disk": 20, "hostile": 50, "erase": 5}  # tries in one part


@dataclass(slots=True)
class Result:
    """Of a check, or of a part of its tries."""

    name: str
    kind: str
    tried: int = 0
    seconds: float = 0.0
    broken: list[str] = field(default_factory=list)  # a line for each try that did not hold

    def add(self, other: Result) -> None:
        self.tried += other.tried
        self.seconds += other.seconds
        self.broken += other.broken


def run(check: Check, tries: int, seed: int, first: int = 0) -> Result:
    """The tries ``first`` to ``first + tries - 1`` of a check."""
    result, began = Result(check.name, check.kind), time.monotonic()
    with folder_for(check) as folder:
        session = check.start(Path(folder))
        try:
            attempt = next(session)
            for number in range(first, first + tries):
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
                shutil.rmtree(place, ignore_errors=True)
        finally:
            session.close()  # type: ignore[attr-defined] # a generator
    result.seconds = time.monotonic() - began
    return result


# --- parts ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Part:
    name: str  # of its check
    first: int
    tries: int
    file: Path


def parts(checks: list[Check], quick: bool, folder: Path) -> list[Part]:
    """The parts of all checks, those that take long first, so that the last ones are short."""
    found = []
    for check in checks:
        tries, size = (check.quick if quick else check.full), PART[check.kind]
        slug = re.sub(r"[^a-z]+", "-", check.name.lower())
        found += [
            Part(check.name, first, min(size, tries - first), folder / f"{slug}-{first}.json")
            for first in range(0, tries, size)
        ]
    return found


def run_part(part: Part, seed: int) -> Result:
    """In a process of its own; leaves its file. Its words go nowhere: what the tried commands print is not the report."""
    memory.limit(MEMORY_BYTES)
    check = next(check for check in CHECKS if check.name == part.name)
    with open(os.devnull, "w") as nowhere, contextlib.redirect_stdout(nowhere):
        result = run(check, part.tries, seed, part.first)
    aside = part.file.with_suffix(".tmp")
    aside.write_text(json.dumps(asdict(result)))
    aside.replace(part.file)
    return result


def run_all(todo: list[Part], seed: int, jobs: int) -> None:
    began = time.monotonic()
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs, mp_context=context, max_tasks_per_child=1) as pool:
        running = {pool.submit(run_part, part, seed): part for part in todo}
        for done, future in enumerate(as_completed(running), 1):
            result = future.result()
            held = result.tried - len(result.broken)
            spent = time.monotonic() - began
            print(
                f"{done} of {len(todo)} parts, {spent / 60:.1f} min: {result.name}: {held} of {result.tried} held",
                file=sys.stderr,
                flush=True,
            )


def gathered(checks: list[Check], everything: list[Part]) -> list[Result]:
    """What the files of the parts say, added up for each check."""
    results = {check.name: Result(check.name, check.kind) for check in checks}
    for part in everything:
        if part.file.exists():
            results[part.name].add(Result(**json.loads(part.file.read_text())))
    return list(results.values())
