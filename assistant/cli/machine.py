"""`attune doctor` and `attune bench`: what this machine has, and how fast it is."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from typing import Any

from assistant.cli.output import note, print_json, say, size, table
from assistant.cli.session import Session
from assistant.engine.protocol import Benched
from assistant.paths import DataPaths, data_dir


def doctor(arguments: argparse.Namespace) -> int:
    """Exit code 1 if something is wrong; the first problem is said on standard error."""
    from assistant.doctor import examine

    report = examine(DataPaths(data_dir(arguments.data_dir)))
    if arguments.json:
        print_json({"ok": report.ok, "problems": report.problems, "hints": report.hints, **report.facts})
    else:
        say(
            table(
                [
                    (name.replace("_", " ").removesuffix(" bytes"), _shown(name, value))
                    for name, value in report.facts.items()
                ]
            )
        )
        for hint in report.hints:
            say(f"Note: {hint}")
        if report.ok:
            say("Nothing is wrong.")
    for problem in report.problems:
        note(problem)
    return 0 if report.ok else 1


def _shown(name: str, value: Any) -> str:
    if value is None:
        return "unknown"
    if name.endswith("_bytes"):
        return size(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(value) or "none"
    return str(value)


def bench(arguments: argparse.Namespace) -> int:
    with Session(arguments) as session:
        info = session.load_model(arguments.model)
        event = session.client.result(session.client.bench())
        assert isinstance(event, Benched)
        engine_bytes = session.client.rss_bytes
    report = {
        "model": info.id,
        "decoder": info.decoder,
        "quantization": info.quantization,
        "device": info.device,
        "load_s": round(info.load_s, 3),
        **{name: value for name, value in asdict(event.report).items() if value is not None},
    }
    if engine_bytes:
        report.setdefault("engine_bytes", engine_bytes)
    if arguments.json:
        print_json(report)
    else:
        say(table([(name, _shown(name, value)) for name, value in report.items()]))
    return 0
