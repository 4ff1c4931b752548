"""Attune beside llama.cpp (and OpenVINO GenAI) on the same GGUF files: same prompts, in turn.

    python tests/benchmarks/compare_engines.py MODEL_FOLDER... [--rounds 3] [--threads N] [--write docs/performance.md]

Each folder holds ``source.gguf``. Each engine runs in a process of its own, one after the other, the whole row several
times; the ratios are medians over the rounds of (Attune / other) within a round, so that a machine that is busy for a while
spoils one round and no ratio. What is done behind 4,000 tokens is measured in the first round only: it takes longest.
Engines that are not installed (dependency group "benchmark") are left out.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.benchmarks.docs_section import write_section
from tests.benchmarks.engine_tasks import ENGINES, measure

Row = dict[str, dict[str, float]]  # engine -> figure -> value
FIGURES = {  # name -> (label, unit, whether less is better)
    "decode": ("decode", "tokens/s", False),
    "prefill": ("prefill, some 500 tokens", "tokens/s", False),
    "rewrite": ("repeating a text", "tokens/s", False),
    "edit": ("editing a text", "tokens/s", False),
    "decode, long": ("decode behind 4,000 tokens", "tokens/s", False),
    "prefill, long": ("prefill of 4,000 tokens", "tokens/s", False),
    "decode, busy": ("decode, a core kept busy", "tokens/s", False),
    "prefill, busy": ("prefill, a core kept busy", "tokens/s", False),
    "eight": ("eight replies at once, all together", "tokens/s", False),
    "eight over one": ("eight replies at once over one", "times", False),
    "load": ("load, file in the system's cache", "s", True),
    "memory": ("memory at its peak", "MB", True),
}


def in_own_process(engine: str, folder: Path, threads: int, long: bool) -> dict[str, float] | None:
    """One engine; None (and the reason on standard error) when it cannot run."""
    command = [sys.executable, __file__, str(folder), "--threads", str(threads), "--engine", engine]
    done = subprocess.run(
        [*command, "--long"] if long else command,
        capture_output=True, text=True, env=os.environ | {"HF_HUB_OFFLINE": "1"}, check=False,
    )  # fmt: skip
    if done.returncode:
        print(f"{engine}: {done.stderr.strip().splitlines()[-1:]}", file=sys.stderr)
        return None
    found: dict[str, float] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def table(rounds: list[Row], name: str, threads: int) -> str:
    """Medians and ratios as Markdown."""
    engines = [engine for engine in ENGINES if all(engine in row for row in rounds)]
    others = engines[1:]
    heads = [*engines, *(f"attune / {other}" for other in others)]
    lines = [f"**{name}**", "", f"| what | {' | '.join(heads)} |", "|---|" + "---|" * len(heads)]
    for figure, (label, unit, less) in FIGURES.items():
        cells = [_middle(rounds, engine, figure, unit) for engine in engines]
        cells += [_ratio(rounds, other, figure) for other in others]
        if any(cell != "" for cell in cells):
            lines.append(f"| {label}, {unit}{' (less is better)' if less else ''} | {' | '.join(cells)} |")
    load = f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"
    lines += [
        "",
        f"{len(rounds)} rounds, {threads} threads, {processor()}, load average at the end {load} "
        "(all programs on the machine, the benchmark included; above the number of cores the figures are noisy).",
    ]
    return "\n".join(lines)


def _middle(rounds: list[Row], engine: str, figure: str, unit: str) -> str:
    values = [row[engine][figure] for row in rounds if figure in row[engine]]
    if not values:
        return ""
    value = statistics.median(values)
    if unit == "MB":
        return f"{value / 1e6:.0f}"
    return f"{value:.1f}" if value < 100 else f"{value:.0f}"


def _ratio(rounds: list[Row], other: str, figure: str) -> str:
    ratios = [
        row["attune"][figure] / row[other][figure]
        for row in rounds
        if figure in row["attune"] and figure in row[other]
    ]
    if not ratios:
        return ""
    between = f" ({min(ratios):.2f} to {max(ratios):.2f})" if len(ratios) > 1 else ""
    return f"{statistics.median(ratios):.2f}{between}"


def processor() -> str:
    """Its name, where the system tells, and the vector instructions that matter here."""
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return platform.processor() or platform.machine()
    name = next((line.split(":")[1].strip() for line in text.splitlines() if "model name" in line), "unknown")
    flags = [flag for flag in ("avx2", "avx512f", "avx512_vnni") if f" {flag}" in text]
    return f"{name} ({', '.join(flags)})"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, nargs="+")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--engines", nargs="+", choices=tuple(ENGINES), default=["attune", "llama.cpp"])
    parser.add_argument("--engine", choices=tuple(ENGINES), help=argparse.SUPPRESS)
    parser.add_argument("--long", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--write", type=Path)
    arguments = parser.parse_args()
    from models.thread_count import physical_cores

    threads = arguments.threads or physical_cores()
    if arguments.engine:
        print(json.dumps(measure(arguments.engine, arguments.folder[0], threads, arguments.long)))
        return 0
    rounds: dict[Path, list[Row]] = {folder: [] for folder in arguments.folder}
    for number in range(arguments.rounds):
        for folder in arguments.folder:
            row = {e: in_own_process(e, folder, threads, number == 0) for e in arguments.engines}
            rounds[folder].append({name: found for name, found in row.items() if found is not None})
            print(folder.name, rounds[folder][-1], file=sys.stderr, flush=True)
    if any("attune" not in row for rows in rounds.values() for row in rows):
        return 1
    text = "\n\n".join(table(rows, folder.name, threads) for folder, rows in rounds.items())
    print(text)
    if arguments.write:
        write_section(arguments.write, "engines", text)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
