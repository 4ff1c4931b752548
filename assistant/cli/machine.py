"""`attune doctor` and `attune bench`: what this machine has, and how fast it is."""

from __future__ import annotations

import argparse
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from assistant.cli.output import note, print_json, say, size, table
from assistant.cli.session import Session
from assistant.engine.protocol import Benched
from assistant.errors import AttuneError
from assistant.paths import DataPaths, data_dir


def doctor(arguments: argparse.Namespace) -> int:
    """Exit code 1 if something is wrong; the first problem is said on standard error."""
    from assistant.doctor import examine

    if arguments.offline_proof:
        return offline_proof(arguments)
    if arguments.report:
        return problem_report(arguments)
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


def offline_proof(arguments: argparse.Namespace) -> int:
    """Exit code 1 if something did not work without a network, or tried to use it."""
    from assistant.offline_proof import Step, prove
    from models.starter import STARTER_ID, is_prepared

    models = DataPaths(data_dir(arguments.data_dir)).models
    if not is_prepared(models):
        raise AttuneError("The starter model is needed for this: attune models get starter.")
    # A bundled program is its own interpreter.
    program = [sys.executable] if getattr(sys, "frozen", False) else [sys.executable, "-m", "ui.launch"]

    def tell(step: Step) -> None:
        worked = "worked" if step.worked else "failed"
        note(
            f"{step.name}: {worked}, {step.seconds:.0f} s, {len(step.tries) + step.counted} connections tried"
        )

    proof = prove(program, models, STARTER_ID, tell)
    if arguments.json:
        print_json({**asdict(proof), "noticed": proof.noticed, "holds": proof.holds})
        return 0 if proof.holds else 1
    for sentence in proof.left_out:
        note(sentence)
    for step in proof.steps:
        for call in step.tries:
            say(f"{step.name}: {call}")
        if not step.worked:
            say(f"{step.name} failed: {step.said}")
    if proof.control is not None and not proof.noticed:
        say("A download asked for on purpose was not noticed, so this shows nothing.")
    ways = [
        *(["with the network cut off"] if proof.cut else []),
        *(["listed by strace"] if proof.traced else []),
    ]
    names = ", ".join(step.name for step in proof.steps)
    say(
        f"{names}: {'worked, and nothing tried to connect' if proof.holds else 'see above'} ({', '.join(ways)})."
    )
    return 0 if proof.holds else 1


def problem_report(arguments: argparse.Namespace) -> int:
    from assistant.services.reports import compose, save

    target = Path(arguments.report)
    size_bytes = save(compose(DataPaths(data_dir(arguments.data_dir))), target)
    if arguments.json:
        print_json({"file": str(target), "size_bytes": size_bytes})
    else:
        say(f"{target} is written ({size(size_bytes)}). Read it before you send it; Attune sends nothing.")
    return 0


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
