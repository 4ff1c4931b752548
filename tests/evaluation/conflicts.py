"""Is a message that contradicts the learned style answered as asked?

`python tests/evaluation/conflicts.py --out FOLDER --home HOME`

HOME is a data folder with a model, ratings and a style in use (`attune ratings import`, `attune learn`). Each request of
``assistant.learning.checks.conflict_prompts`` is answered by three sides:

- ``base``: the model without the style, two replies in a batch;
- ``default``: what the window shows, the layer of reply time included (the engine's own rule says whether the adapter is on);
- ``single``: the adapter alone, two replies in a batch;
- ``card``: no adapter and no search, the style card in the system prompt (models that follow one), two replies in a batch.

Beside them come twelve plain prompts (``assistant.learning.checks.evaluation``), which show what the style does where it may.

A cell is a file (side and request), so a run that was stopped goes on; ``--minutes`` stops it by itself. Prints a Markdown
table: the share of requests answered as asked (over all, and over those that contradict this very taste), that share over
the base's, and the words kept of the base's where a long reply was asked for.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

import torch
from replies import drain

from assistant import prompt as prompts
from assistant.engine import jobs
from assistant.engine.protocol import Generate, Turn
from assistant.generation import batch_decoding
from assistant.generation.decode_loop import run
from assistant.generation.guided_decoding import Steering
from assistant.learning import request
from assistant.learning.checks import answered, conflict_prompts, evaluation
from assistant.learning.checks.conflict_prompts import CONFLICTS, Conflict
from assistant.learning.fitted_head import CurrentHead
from assistant.learning.reward_head.reward import Head
from assistant.learning_records import SteeringRequest
from assistant.paths import DataPaths
from assistant.records import Sampling
from assistant.settings import Settings
from assistant.store import Store
from models import loader

SIDES = ("base", "default", "single", "card")
PLAIN = tuple(Conflict(prompt, "", "long") for prompt in evaluation.PROMPTS)
ALL = (*CONFLICTS, *PLAIN)
EACH = 2  # replies of the sides that are drawn in a batch
SEED = 9000


def main(argv: list[str] | None = None) -> int:
    arguments = _parser().parse_args(argv)
    paths = DataPaths(arguments.home)
    with Store.open(paths) as store:
        head = CurrentHead(store).head(arguments.model)
        steering = CurrentHead(store).steering(arguments.model, Settings())
        version = store.current_style(arguments.model, "")
    style = paths.styles / version if version else None
    first = conflict_prompts.against(head)
    wanted = [*first, *(c for c in CONFLICTS if c not in first)]
    wanted = wanted[: arguments.prompts] if arguments.prompts else wanted
    wanted += PLAIN[: arguments.plain]
    folder: Path = arguments.out / arguments.model
    folder.mkdir(parents=True, exist_ok=True)
    missing = [(side, c) for c in wanted for side in arguments.sides if not _file(folder, side, c).exists()]
    if missing:
        model = loader.load(paths.models / arguments.model, model_id=arguments.model)
        writer = _Writer(model, style, steering, arguments.tokens)
        until = time.monotonic() + 60 * arguments.minutes
        for number, (side, conflict) in enumerate(missing):
            if time.monotonic() > until:
                break
            _file(folder, side, conflict).write_text(
                json.dumps({"prompt": conflict.prompt, "replies": writer.write(side, conflict)}), "utf-8"
            )
            print(f"{number + 1} of {len(missing)}: {side}, {conflict.prompt}", file=sys.stderr, flush=True)
    print(table(folder, wanted, head, arguments.sides))
    return 0


class _Writer:
    """Answers requests as each side does."""

    def __init__(self, model: Any, style: Path | None, steering: SteeringRequest | None, tokens: int) -> None:
        self._model, self._style, self._given = model, style, steering
        self._steering, self._tokens = Steering(model), tokens

    def write(self, side: str, conflict: Conflict) -> list[str]:
        model, seed = self._model, SEED + ALL.index(conflict)
        turns = (Turn("user", conflict.prompt),)
        sampling = Sampling(seed=seed, max_tokens=self._tokens)
        style = str(self._style) if self._style else None
        given = Generate(0, turns, sampling, style, style and "style", self._given)
        card = jobs.style_card(given, model) if side in ("card", "default") else ""
        _, inputs = prompts.inputs_of(prompts.with_card(turns, card, model), model, self._tokens)
        if side != "default":
            model.decoder.set_style(self._style if side == "single" else None)
            draw = Sampling(max_tokens=self._tokens)
            generator = torch.Generator().manual_seed(seed)
            drawn = drain(batch_decoding.sample(model, inputs, EACH, draw, generator))
            model.decoder.set_style(None)
            return [model.tokenizer.decode(r.ids, skip_special_tokens=True) for r in drawn]
        asked = jobs.as_asked(given)
        model.decoder.set_style(Path(asked.style) if asked.style else None)
        reply = run(
            self._steering.write(
                inputs, sampling, self._given, caches=None, style=asked.style, cancelled=lambda: False,
                started=time.monotonic(), asked=request.read(conflict.prompt),
            )
        )  # fmt: skip
        model.decoder.set_style(None)
        return [reply.text]


def table(folder: Path, wanted: list[Conflict], head: Head, sides: list[str]) -> str:
    """Markdown, over the requests that every side has answered."""
    whole = [c for c in wanted if all(_file(folder, side, c).exists() for side in sides)]
    against = set(conflict_prompts.against(head))
    rows = [
        "| side | as asked | of the base's | against the taste | of the base's | words kept where long | of plain replies |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    base = {c: _replies(folder, "base", c) for c in whole}
    usual = {c: sum(map(answered.words, texts)) / len(texts) for c, texts in base.items()}
    shares: dict[str, tuple[float, float]] = {}
    for side in sides:
        done = {
            c: sum(conflict_prompts.done(c, text, usual[c]) for text in texts) / len(texts)
            for c, texts in ((c, _replies(folder, side, c)) for c in whole)
            if c.against
        }
        shares[side] = (_mean(list(done.values())), _mean([v for c, v in done.items() if c in against]))
        kept = {
            c: sum(map(answered.words, texts)) / len(texts) / max(usual[c], 1.0)
            for c, texts in ((c, _replies(folder, side, c)) for c in whole)
        }
        long = _mean([v for c, v in kept.items() if c.against and c.check in ("long", "words")])
        plain = _mean([v for c, v in kept.items() if not c.against])
        both = [
            f"{own:.0%} | {own / of:.0%}" if of else f"{own:.0%} | -"
            for own, of in zip(shares[side], shares["base"], strict=True)
        ]
        rows.append(f"| {side} | {both[0]} | {both[1]} | {long:.0%} | {plain:.0%} |")
    return (
        f"{sum(bool(c.against) for c in whole)} requests, {sum(c in against for c in whole)} against the taste\n\n"
        + "\n".join(rows)
    )


def _replies(folder: Path, side: str, conflict: Conflict) -> list[str]:
    return [str(text) for text in json.loads(_file(folder, side, conflict).read_text("utf-8"))["replies"]]


def _file(folder: Path, side: str, conflict: Conflict) -> Path:
    return folder / f"{side}-{ALL.index(conflict):02d}.json"


def _mean(values: list[float]) -> float:
    return sum(values) / len(values) if values else 0.0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument(
        "--home", type=Path, required=True, help="a data folder with ratings and a style in use"
    )
    parser.add_argument("--model", default="starter")
    parser.add_argument("--sides", nargs="+", default=["base", "default", "single"], choices=SIDES)
    parser.add_argument("--prompts", type=int, default=0, help="only so many, those against the taste first")
    parser.add_argument("--plain", type=int, default=len(PLAIN), help="plain prompts")
    parser.add_argument("--tokens", type=int, default=256)
    parser.add_argument("--minutes", type=float, default=60.0)
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
