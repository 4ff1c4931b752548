"""What each help is worth to the teacher that practice follows: how often one reply of it is liked better than a base reply.

    python tests/evaluation/teacher.py --out FOLDER --model DATA/models/starter [--users NAME ...]

Development prompts only; simulated users, 50 thumbs with one in ten wrong. Nothing is trained: the same model writes under
guidance, with the wish said after the prompt, and with good replies to other prompts shown before it, as
``assistant.learning.training.distillation`` has it. Base replies are drawn into FOLDER once.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

import cells
import numpy as np
import torch
import users
from prompts import DEVELOP_TEST, DEVELOP_TRAIN
from replies import REPLY_TOKENS, Pool, drain

from assistant import prompt as prompts
from assistant.generation import batch_decoding
from assistant.learning import guidance, style_instructions
from assistant.learning.feedback import Reply, Signal
from assistant.learning.reward_head import reward
from assistant.learning.training import distillation
from assistant.learning.training.distillation import Shot
from assistant.records import Sampling, Turn
from models import loader

RATINGS, SEED, EACH = 50, 1, 8
NAMES = tuple(u.name for u in users.USERS if not u.random and u.later is None)
HELPS = ("guidance", "wish", "wish and guidance", "shown, wish and guidance")


def shots_of(head: reward.Head, rated: list[Signal], pool: Pool, prompts: tuple[str, ...]) -> list[Shot]:
    """What would be shown after practice on these prompts."""
    practised = []
    for prompt in prompts:
        texts = pool.texts(prompt)
        scores = head.score(head.features(texts)) - np.array([guidance.fault(text) for text in texts])
        best = int(np.argmax(scores))
        practised.append(Shot(prompt, texts[best], float(scores[best])))
    return distillation.worth_showing(head, rated, practised)


def wins(
    model: Any, user: users.User, head: reward.Head, help: str, shots: list[Shot], pool: Pool, test: tuple[str, ...]
) -> float | None:  # fmt: skip
    """Share of comparisons with base replies that the helped replies win; None where there is no such help."""
    strength = distillation.Hyper().steer_strength
    guided = guidance.Guidance(head, model.tokenizer, model.eos_ids, strength) if "guidance" in help else None
    found = []
    for number, prompt in enumerate(test):
        wish = style_instructions.wish(head, prompt) if "wish" in help else ""
        shown = [s for s in shots if s.prompt != prompt][: distillation.SHOWN] if "shown" in help else []
        if not (wish or shown or (guided is not None and guided.active)):
            return None
        signal = Signal("", "thumb", 1, "", (Turn("user", prompt),), Reply(""))
        _, inputs = prompts.inputs_of(distillation.helped(signal, wish, shown), model, REPLY_TOKENS)
        draw = Sampling(max_tokens=REPLY_TOKENS)
        generator = torch.Generator().manual_seed(7_000 + number)
        for one in drain(batch_decoding.sample(model, inputs, EACH, draw, generator, guided)):
            text = model.tokenizer.decode(one.ids)
            found += [users.win(user, text, base) for base in pool.texts(prompt)]
    return float(np.mean(found))


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--users", nargs="+", choices=NAMES, default=NAMES, metavar="NAME")
    parser.add_argument("--test-prompts", type=int, default=8, metavar="N")
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args(argv)
    args.out.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(args.threads)
    model = loader.load(args.model, model_id="starter", threads=args.threads)
    pool = Pool(model, args.out / "replies-develop.jsonl")
    test = DEVELOP_TEST[: args.test_prompts]
    pool.fill([*test, *DEVELOP_TRAIN])
    print("| user | " + " | ".join(HELPS) + " |")
    print("| --- |" + " --- |" * len(HELPS), flush=True)
    for name in args.users:
        user = next(u for u in users.USERS if u.name == name)
        rated = cells.rate(user, RATINGS, SEED, DEVELOP_TRAIN, pool)
        head = reward.fit(rated)
        shots = shots_of(head, rated, pool, DEVELOP_TRAIN[:8])
        row = [wins(model, user, head, help, shots, pool, test) for help in HELPS]
        shown = " | ".join("" if value is None else f"{100 * value:.0f} %" for value in row)
        print(f"| {name} | {shown} |", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
