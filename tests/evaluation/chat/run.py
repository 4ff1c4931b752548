"""How well a model answers short requests, in Attune and in llama.cpp on the same file; greedy.

    python -m tests.evaluation.chat.run --home DATA --out FOLDER --model starter qwen2.5-coder-1.5b-instruct \\
        --llama-cpp FILE.gguf --write docs/models.md

Each engine runs in a process of its own, one after the other, and keeps every reply in a file of FOLDER as it comes; a
second run asks only what is missing. The checks are applied to the kept replies, so a corrected check needs no new reply.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from assistant.paths import data_dir
from models.thread_count import physical_cores
from tests.benchmarks.docs_section import write_section
from tests.evaluation.chat import engines, report
from tests.evaluation.chat.chinese import CHINESE
from tests.evaluation.chat.develop import DEVELOP
from tests.evaluation.chat.engines import Answer
from tests.evaluation.chat.english import ENGLISH
from tests.evaluation.chat.request import Request

SETS: dict[str, tuple[Request, ...]] = {"report": (*ENGLISH, *CHINESE), "develop": DEVELOP}


def named(what: str) -> str:
    """A model's id as it is, a file's name without its ending."""
    return Path(what).name.removesuffix(".gguf")


class Replies:
    """The kept replies of one engine, a file each."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def keep(self, request: Request, answer: Answer) -> None:
        text = json.dumps({**asdict(answer), "asked": _mark(request)}, ensure_ascii=False)
        aside = self._folder / f"{request.id}.tmp"
        aside.write_text(text, encoding="utf-8")
        aside.replace(self._folder / f"{request.id}.json")
        print(
            f"{self._folder.name} {request.id}: {request.check(answer.text) or 'right'}",
            file=sys.stderr,
            flush=True,
        )

    def get(self, request: Request) -> Answer | None:
        """None where it was not asked yet, or in other words."""
        try:
            kept = json.loads((self._folder / f"{request.id}.json").read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        return Answer(**kept) if kept.pop("asked") == _mark(request) else None

    def missing(self, requests: Sequence[Request]) -> list[Request]:
        return [request for request in requests if self.get(request) is None]


def _mark(request: Request) -> str:
    asked = json.dumps([request.before, request.text, request.max_tokens], ensure_ascii=False)
    return hashlib.sha256(asked.encode()).hexdigest()[:16]


def main(argv: list[str] | None = None) -> int:
    arguments = _parser().parse_args(argv)
    requests = SETS[arguments.set]
    if arguments.engine:
        _answer(arguments, requests)
        return 0
    wanted = [("attune", model) for model in arguments.model] + [
        ("llama.cpp", f) for f in arguments.llama_cpp
    ]
    found = {}
    for engine, what in wanted:
        replies = Replies(_folder(arguments, engine, what))
        if replies.missing(requests):
            given = list(argv or sys.argv[1:])
            command = [sys.executable, "-m", "tests.evaluation.chat.run", *given, "--engine", engine, what]
            if subprocess.run(command, check=False).returncode:
                print(f"{engine} did not answer every request.", file=sys.stderr)
                return 1
        answers = {request.id: replies.get(request) for request in requests}
        found[f"{engine}, {named(what)}"] = {id: answer for id, answer in answers.items() if answer}
    text = report.table(requests, found)
    print(text)
    if arguments.write:
        write_section(arguments.write, "chat", text)
    return 0


def _answer(arguments: argparse.Namespace, requests: Sequence[Request]) -> None:
    engine, what = arguments.engine
    replies = Replies(_folder(arguments, engine, what))
    missing = replies.missing(requests)
    if engine == "attune":
        engines.attune(what, arguments.home, missing, replies.keep, arguments.penalty)
    else:
        engines.llama_cpp(Path(what), missing, replies.keep, arguments.threads or physical_cores())


def _folder(arguments: argparse.Namespace, engine: str, what: str) -> Path:
    penalty = (
        f" penalty {arguments.penalty:g}" if arguments.penalty is not None and engine == "attune" else ""
    )
    return Path(arguments.out) / arguments.set / f"{engine} {named(what)}{penalty}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--home", type=Path, default=data_dir(None), help="data folder that has the models")
    parser.add_argument("--model", nargs="*", default=[], help="ids or folders of models in Attune")
    parser.add_argument("--llama-cpp", nargs="*", default=[], metavar="FILE.gguf")
    parser.add_argument("--out", type=Path, required=True, help="folder of kept replies")
    parser.add_argument(
        "--set", choices=tuple(SETS), default="report", help="what is tuned is tuned on develop"
    )
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--penalty", type=float, help="another repetition penalty than the model's default")
    parser.add_argument("--write", type=Path, help="document that the table goes into")
    parser.add_argument("--engine", nargs=2, metavar=("ENGINE", "WHAT"), help=argparse.SUPPRESS)
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
