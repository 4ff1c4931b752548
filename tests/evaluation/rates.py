"""Learning rate, layers and epochs of a quick update for a model, on the development prompts.

    python tests/evaluation/rates.py --model DATA/models/NAME --out FOLDER [--users short lists] [--cells ...]

A simulated user rates base replies to development prompts; practice is drawn once for each user, and every cell trains on the
same batches. The gate's own measurement then weakens the adapter until it keeps to the bounds, and what comes of it answers
development prompts that nobody rated. Each cell is a line of ``rates.jsonl``: what is there is not run again.

A cell is written as name=value pairs of ``policy.Hyper``: "learning_rate=0.001,top_layers=2".
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import sys
import time
from collections.abc import Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import cells
import numpy as np
import torch
import users
from prompts import DEVELOP_TEST, DEVELOP_TRAIN
from replies import Pool, drain, draw

from assistant.learning import feedback, update
from assistant.learning.checks import gate, gate_metrics
from assistant.learning.reward_head import reward
from assistant.learning.training import policy, rollouts, training_examples
from assistant.learning.training.lora import Adapter
from assistant.learning.training.packed_layers import trunk_of
from models import loader, memory

CELLS = (
    "learning_rate=0.0003", "learning_rate=0.001", "learning_rate=0.003",
    "learning_rate=0.001,top_layers=2", "learning_rate=0.002,top_layers=2", "learning_rate=0.001,top_layers=8",
)  # fmt: skip
RATINGS, SEED = 24, 1
PROMPTS, EACH = 12, 6  # rated prompts, base replies to each
GROUP = 3  # replies to a test prompt


def hyper_of(text: str, base: policy.Hyper) -> policy.Hyper:
    """``base`` with the values of a cell. Raises ValueError for an unknown name."""
    kinds = {field.name: type(getattr(base, field.name)) for field in fields(base)}
    values: dict[str, Any] = {}
    for part in text.split(","):
        name, _, value = part.partition("=")
        if name not in kinds:
            raise ValueError(f"{name} is no hyperparameter")
        values[name] = kinds[name](value)
    return replace(base, **values)


def run_cell(
    model: Any, hyper: policy.Hyper, batches: Sequence[Sequence[policy.Example]], head: reward.Head,
    nothing: float, held: Sequence[feedback.Signal], user: users.User, pool: Pool, test: Sequence[str], scratch: Path,
) -> dict[str, Any]:  # fmt: skip
    """Train on ``batches`` as an update does, measure as its gate does, and answer ``test``."""
    began = time.monotonic()
    trunk = trunk_of(model, hyper.top_layers)
    adapter = Adapter(trunk.module, top=hyper.top_layers, rank=hyper.rank, alpha=hyper.alpha, seed=SEED)
    try:
        training = policy.Training(trunk, adapter, hyper, seed=SEED, extra_ids=model.eos_ids)
        for batch in batches:
            drain(training.add(batch))
        recorded = time.monotonic()
        drain(training.run(hyper.epochs))
        trained = time.monotonic()
        measures = drain(
            gate_metrics.measure(
                gate_metrics.Trained(model, adapter, trunk, hyper, head, nothing, held, scratch, None)
            )
        )
        checked = time.monotonic()
        wins: list[float] = []
        with rollouts.drawing_as(model, trunk.module, adapter, scratch):
            for number, prompt in enumerate(test):
                drawn = draw(model, [{"role": "user", "content": prompt}], GROUP, 90_000 + number)
                own = [model.tokenizer.decode(r.ids) for r in drawn]
                wins += [users.win(user, mine, base) for mine in own for base in pool.texts(prompt)]
    finally:
        adapter.detach()
        trunk.close()
        model.release_module()
        memory.give_back()
        shutil.rmtree(scratch, ignore_errors=True)
    return {
        "accepted": gate.judge(measures).accepted, "win": round(float(np.mean(wins)), 3),
        "reward_before": round(measures.reward_before, 3), "reward_after": round(measures.reward_after, 3),
        "kl": round(measures.kl_per_token, 4), "perplexity": round(measures.perplexity_ratio, 3),
        "strength": round(measures.strength, 2), "words": [measures.words_before, measures.words_after],
        "stopped": training.outcome.stopped, "steps": training.outcome.steps,
        "seconds": {"reading": round(recorded - began, 1), "training": round(trained - recorded, 1),
                    "checking": round(checked - trained, 1)},
    }  # fmt: skip


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    names = [user.name for user in users.USERS]
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--users", nargs="+", choices=names, default=["short", "lists"], metavar="NAME")
    parser.add_argument("--cells", nargs="+", default=CELLS, metavar="NAME=VALUE,...")
    parser.add_argument("--test-prompts", type=int, default=6, metavar="N")
    args = parser.parse_args(argv)
    args.out.mkdir(parents=True, exist_ok=True)
    model = loader.load(args.model, model_id=args.model.name)
    pool = Pool(model, args.out / f"replies-{model.id}.jsonl", EACH)
    train, test = DEVELOP_TRAIN[:PROMPTS], DEVELOP_TEST[: args.test_prompts]
    pool.fill([*test, *train])
    found = args.out / "rates.jsonl"
    known = [json.loads(line) for line in found.read_text().splitlines()] if found.exists() else []
    base = replace(update.hyper_of({}, int(model.parameters)), minute=0.0)
    for name in args.users:
        wanted = [
            cell
            for cell in args.cells
            if not any((row["model"], row["user"], row["cell"]) == (model.id, name, cell) for row in known)
        ]
        if not wanted:
            continue
        user = next(u for u in users.USERS if u.name == name)
        usable, _ = feedback.usable(cells.rate(user, RATINGS, SEED, train, pool))
        kept, held = gate.hold_out(usable)
        head, nothing = reward.fit(kept), reward.fit(usable).nothing
        rated = list(training_examples.of_ratings(feedback.weighted(kept), model, base))
        prompts = rollouts.prompts_of(kept, base.fewest_prompts, random.Random(SEED))
        drawn = drain(
            rollouts.practise(
                model,
                head,
                prompts,
                base,
                torch.Generator().manual_seed(SEED),
                rollouts.certainty(head),
                True,
            )
        )
        for cell in wanted:
            line = {"model": model.id, "user": name, "cell": cell}
            line |= run_cell(
                model, hyper_of(cell, base), (rated, drawn), head, nothing, held, user, pool, test,
                args.out / "scratch",
            )  # fmt: skip
            with found.open("a", encoding="utf-8") as file:
                file.write(json.dumps(line) + "\n")
            print(json.dumps(line), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
