"""What the window shows on a model that follows instructions, beside its style card alone and beside other ways.

`python tests/evaluation/shown.py --model DATA/models/NAME --out FOLDER [--users short lists] [--rows base card streamed]`

Simulated users (``users.py``) rate base replies, drawn through the program's own prompt; unseen prompts are then answered, and
each reply is compared with every base reply to the same prompt (a tie counts half). Rows:

- ``base``: the base replies among themselves;
- ``card``: nothing is trained; the style card stands in the system prompt, single replies;
- ``few-shot``: three liked replies before the prompt; ``told``: the taste itself in the system prompt;
- ``streamed``: nothing is trained; what the window shows by default: the card and the block-wise search;
- ``update, single``: after a quick update with its gate: the style and the card, single replies;
- ``update, streamed``: after it, as the window shows it by default. A refused update counts as it is without one.

Each cell is a file (user, ratings, seed, row), so a run that was stopped goes on; ``--minutes`` stops it by itself. Prints a
Markdown table with 95 % intervals (bootstrap over users and seeds); ``--write PAGE`` puts it into the page's section.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cells
import numpy as np
import prompts
import report
import torch
import users
from replies import Pool, drain

sys.path.insert(0, str(Path(__file__).parents[2]))

from assistant import prompt as prompt_builder
from assistant.engine import jobs
from assistant.engine.protocol import Generate, Turn
from assistant.generation import batch_decoding
from assistant.generation.decode_loop import run
from assistant.generation.guided_decoding import Steering
from assistant.learning import feedback, guidance, request, update, update_job
from assistant.learning.reward_head import reward
from assistant.learning_records import UpdateJob
from assistant.records import Sampling
from models import loader
from tests.benchmarks.docs_section import write_section

SETS = {
    "develop": (prompts.DEVELOP_TRAIN, prompts.DEVELOP_TEST),
    "report": (prompts.REPORT_TRAIN, prompts.REPORT_TEST),
}
ROWS = ("base", "card", "few-shot", "told", "streamed", "update, single", "update, streamed")
NAMES = tuple(user.name for user in users.USERS)
EACH = 8  # base replies to a prompt
SINGLE = 2  # replies to a test prompt in the rows of single replies
TOKENS = 160  # of a reply at most


def main(argv: list[str] | None = None) -> int:
    arguments = _parser().parse_args(argv)
    folder: Path = arguments.out / f"{arguments.model.name}-{arguments.set}"
    folder.mkdir(parents=True, exist_ok=True)
    train, test = SETS[arguments.set]
    train, test = train[: arguments.prompts], test[: arguments.test_prompts]
    wanted = [
        (name, seed, row)
        for seed in range(arguments.seeds)
        for name in arguments.users
        for row in arguments.rows
    ]
    missing = [cell for cell in wanted if not _file(folder, arguments.ratings, *cell).exists()]
    if missing and not arguments.print:
        until = time.monotonic() + 60 * arguments.minutes
        model = loader.load(arguments.model, model_id=arguments.model.name, threads=arguments.threads)
        pool = Pool(model, folder / "replies.jsonl", EACH, _base)
        for prompt in (*test, *train):
            if time.monotonic() > until:
                return 1
            pool.fill([prompt], lambda _: None)
        asker = _Asker(model, pool, train, test, folder / "scratch")
        for name, seed, row in missing:
            if time.monotonic() > until:
                break
            user = next(u for u in users.USERS if u.name == name)
            made = asker.cell(user, arguments.ratings, seed, row)
            _file(folder, arguments.ratings, name, seed, row).write_text(json.dumps(made), "utf-8")
            print(name, seed, row, made["win"], made["words"], made["seconds"], flush=True)
    text = table(folder, arguments.ratings, wanted)
    print(text)
    if arguments.write:
        write_section(arguments.write, f"shown on {arguments.model.name}", text)
    return 0


def _inputs(model: Any, turns: Sequence[Turn], card: str) -> Any:
    return prompt_builder.inputs_of(prompt_builder.with_card(tuple(turns), card, model), model, TOKENS)[1]


def _draw(model: Any, inputs: Any, count: int, seed: int) -> list[Any]:
    generator = torch.Generator().manual_seed(seed)
    return list(drain(batch_decoding.sample(model, inputs, count, Sampling(max_tokens=TOKENS), generator)))


def _base(model: Any, asked: Sequence[dict[str, str]], count: int, seed: int) -> list[Any]:
    """Base replies through the program's own prompt: the model's default system prompt included."""
    return _draw(model, _inputs(model, [Turn("user", asked[-1]["content"])], ""), count, seed)


class _Asker:
    """Answers the test prompts as each row does."""

    def __init__(
        self, model: Any, pool: Pool, train: tuple[str, ...], test: tuple[str, ...], scratch: Path
    ) -> None:
        self._model, self._pool, self._train, self._test = model, pool, train, test
        self._steering, self._scratch = Steering(model), scratch
        self._updated: tuple[str, int, int] | None = None  # whose update lies in ``scratch``
        self._line: dict[str, Any] = {}

    def cell(self, user: users.User, count: int, seed: int, row: str) -> dict[str, Any]:
        """Wins and words of one row, and what its update reported."""
        rated = cells.rate(user, count, seed, self._train, self._pool)
        head = reward.fit(rated)
        line: dict[str, Any] = {"user": user.name, "row": row, "ratings": count, "seed": seed}
        style: Path | None = None
        if row.startswith("update"):
            style, of_update = self._update(user, count, seed, rated)
            line |= of_update
        wins, lengths, texts = [], [], {}
        began = time.monotonic()
        for number, prompt in enumerate(self._test):
            place = 90_000 + 1000 * seed + number
            own = self._answers(row, user, rated, guidance.to_request(head), style, prompt, place)
            against = self._pool.texts(prompt)
            for index, text in enumerate(own):
                others = against[:index] + against[index + 1 :] if row == "base" else against
                wins += [users.win(user, text, base, count) for base in others]
                lengths.append(len(text.split()))
            texts[prompt] = own[:SINGLE]
        line["win"] = round(float(np.mean(wins)), 4)
        line["words"] = round(float(np.mean(lengths)), 1)
        line["seconds"] = round((time.monotonic() - began) / len(self._test), 2)
        return line | {"texts": texts}

    def _answers(
        self, row: str, user: users.User, rated: list[feedback.Signal], steering: dict[str, Any],
        style: Path | None, prompt: str, seed: int,
    ) -> list[str]:  # fmt: skip
        model = self._model
        if row == "base":
            return self._pool.texts(prompt)
        turns: list[Turn] = [Turn("user", prompt)]
        if row == "few-shot":
            liked = [signal for signal in rated if signal.value > 0][-3:]
            shown = [turn for s in liked for turn in (Turn("user", s.asked), Turn("assistant", s.reply.text))]
            turns = [*shown, *turns]
        sampling = Sampling(seed=seed, max_tokens=TOKENS)
        given = Generate(
            0, tuple(turns), sampling, str(style) if style else None, style and "style", steering
        )
        given = jobs.as_asked(given)
        card = users.TOLD[user.name] if row == "told" else ""
        if row not in ("told", "few-shot"):
            card = jobs.style_card(given, model)
        inputs = _inputs(model, turns, card)
        model.decoder.set_style(Path(given.style) if given.style else None)
        try:
            if not row.endswith("streamed"):
                drawn = _draw(model, inputs, SINGLE, seed)
                return [model.tokenizer.decode(r.ids, skip_special_tokens=True) for r in drawn]
            reply = run(
                self._steering.write(
                    inputs, sampling, steering, caches=None, style=given.style, cancelled=lambda: False,
                    started=time.monotonic(), asked=request.read(prompt),
                )
            )  # fmt: skip
            return [reply.text]
        finally:
            model.decoder.set_style(None)

    def _update(
        self, user: users.User, count: int, seed: int, rated: list[feedback.Signal]
    ) -> tuple[Path | None, dict[str, Any]]:
        """The product's quick update, gate included; both rows of one user share it."""
        if self._updated != (user.name, count, seed):
            shutil.rmtree(self._scratch, ignore_errors=True)
            job = UpdateJob(
                "v1",
                self._model.id,
                str(self._scratch),
                tuple(rated),
                seed=seed,
                kl_share=update_job.KL_SHARE["normal"],
            )
            began = time.monotonic()
            done = drain(update.run(job, self._model))
            self._line = {
                "accepted": done.accepted, "reason": done.reason, "update_seconds": round(time.monotonic() - began),
                "kl": done.kl_per_token, "perplexity": None if done.gate is None else done.gate.perplexity_ratio,
            }  # fmt: skip
            self._updated = (user.name, count, seed)
        return (self._scratch / "v1" if self._line["accepted"] else None), self._line


def table(folder: Path, ratings: int, wanted: Sequence[tuple[str, int, str]]) -> str:
    """Markdown: a line per row of the cells that are there, then the users."""
    found = [
        json.loads(_file(folder, ratings, *cell).read_text("utf-8"))
        for cell in wanted
        if _file(folder, ratings, *cell).exists()
    ]
    lines = [
        "| row | cells | liked better than the base | 95 % | words | s per reply | accepted | update, s | KL, nats per token |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    each = []
    for row in ROWS:
        own = [cell for cell in found if cell["row"] == row and cell["user"] != "random"]
        if not own:
            continue
        wins = [cell["win"] for cell in own]
        low, high = report.interval(wins)
        trained = [cell for cell in own if "accepted" in cell]
        kl = [cell["kl"] for cell in trained if cell["accepted"] and cell["kl"] is not None]
        lines.append(
            f"| {row} | {len(own)} | {np.mean(wins):.0%} | {low:.0%} to {high:.0%} | "
            f"{np.mean([cell['words'] for cell in own]):.0f} | {np.mean([cell['seconds'] for cell in own]):.1f} | "
            + (f"{sum(cell['accepted'] for cell in trained)} of {len(trained)} | "
               f"{np.median([cell['update_seconds'] for cell in trained]):.0f} | {max(kl, default=0):.3f} at most |"
               if trained else " | | |")
        )  # fmt: skip
        by_user = {name: [c["win"] for c in found if c["row"] == row and c["user"] == name] for name in NAMES}
        each.append(
            f"{row}: "
            + ", ".join(f"{name} {np.mean(wins):.0%}" for name, wins in by_user.items() if wins)
            + "."
        )
    return "\n".join([*lines, "", f"{ratings} ratings by simulated users.", "", *each])


def _file(folder: Path, ratings: int, name: str, seed: int, row: str) -> Path:
    return folder / f"{ratings}-{seed}-{name}-{row}.json"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--set", choices=SETS, default="report", help="develop: for choosing between ways")
    parser.add_argument("--users", nargs="+", choices=NAMES, default=list(NAMES), metavar="NAME")
    parser.add_argument("--rows", nargs="+", choices=ROWS, default=list(ROWS), metavar="ROW")
    parser.add_argument("--ratings", type=int, default=50)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--prompts", type=int, default=25, help="rated prompts")
    parser.add_argument("--test-prompts", type=int, default=8)
    parser.add_argument("--threads", type=int)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument(
        "--print", action="store_true", help="only make the table of the cells that are there"
    )
    parser.add_argument("--write", type=Path, metavar="PAGE")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
