"""Which measure of relevance tells a reply to this prompt from a reply to another, and what it costs.

    python tests/evaluation/relevance.py --out FOLDER --model DATA/models/starter

Base replies to the development prompts, each measured against its own prompt and against another one of the set. AUC:
how often a reply to its own prompt has the higher value (ties half), over all pairs of the two kinds. Seconds are of
the processor, on one thread, for what practice does not know already. Writes a Markdown table.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import prompts
import torch
import users
from replies import Pool, drain

from assistant.generation.batch_decoding import Rollout
from assistant.learning.reward_head import reward_shaping
from models import loader

Measure = Callable[[Sequence[str], Sequence[Rollout]], list[float]]
"""(prompt of each reply, replies) -> a value each."""


def auc(own: Sequence[float], other: Sequence[float]) -> float:
    a, b = np.array(own)[:, None], np.array(other)[None]
    return float((a > b).mean() + 0.5 * (a == b).mean())


class Measures:
    """The candidates on one model; ``spent`` notes the seconds of what would be paid for in practice."""

    def __init__(self, model: Any) -> None:
        self._model, self.spent = model, 0.0

    def information(self, tokens: int) -> Measure:
        def measure(asked: Sequence[str], replies: Sequence[Rollout]) -> list[float]:
            before, reward_shaping.BEGINNING = reward_shaping.BEGINNING, tokens
            given = [replace(r, logprobs=self._given(p, r)) for p, r in zip(asked, replies, strict=True)]
            started = time.process_time()
            found = list(drain(reward_shaping.relevance(self._model, given)))
            self.spent += time.process_time() - started
            reward_shaping.BEGINNING = before
            return found

        return measure

    def _given(self, prompt: str, reply: Rollout) -> tuple[float, ...]:
        """Log-probabilities of a reply's tokens after a prompt: known of its own prompt, made here for the other."""
        ids = self._model.prepare([{"role": "user", "content": prompt}]).ids
        cache = self._model.decoder.new_cache(1, ids.shape[1] + len(reply.ids))
        with torch.inference_mode():
            row = torch.tensor([reply.ids])
            logits = self._model.decoder.forward(cache, torch.cat([ids, row], 1), all_logits=True)[0]
            log = logits[ids.shape[1] - 1 : -1].float().log_softmax(-1)
        return tuple(log.gather(-1, row[0][:, None])[:, 0].tolist())

    def cosine(self, asked: Sequence[str], replies: Sequence[Rollout]) -> list[float]:
        """Of mean-pooled hidden states, each side less its mean over the set."""
        started = time.process_time()
        mine = np.stack([self._pooled(r.ids) for r in replies])
        self.spent += time.process_time() - started
        known = {p: self._pooled(self._model.tokenizer(p)["input_ids"]) for p in asked}
        theirs = np.stack([known[p] for p in asked])
        a, b = mine - mine.mean(0), theirs - np.mean(list(known.values()), 0)
        return list((a * b).sum(1) / np.linalg.norm(a, axis=1) / np.linalg.norm(b, axis=1))

    def _pooled(self, ids: Sequence[int]) -> Any:
        return self._model.decoder.hidden(torch.tensor([list(ids)])).mean(0).numpy()

    def shared_words(self, asked: Sequence[str], replies: Sequence[Rollout]) -> list[float]:
        """Share of the prompt's words of four letters or more, by their first five, that the reply takes up."""
        found = []
        for prompt, reply in zip(asked, replies, strict=True):
            wanted = {w[:5] for w in users.words(prompt) if len(w) >= 4}
            said = {w[:5] for w in users.words(self._model.tokenizer.decode(reply.ids))}
            found.append(len(wanted & said) / max(len(wanted), 1))
        return found


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, required=True, help="folder for base replies and the table")
    parser.add_argument("--model", type=Path, required=True, help="the starter's folder")
    parser.add_argument("--each", type=int, default=6, metavar="N", help="replies of a prompt at most")
    arguments = parser.parse_args(argv)
    torch.set_num_threads(1)
    model = loader.load(arguments.model, model_id="starter", threads=1)
    arguments.out.mkdir(parents=True, exist_ok=True)
    pool = Pool(model, arguments.out / "replies-develop.jsonl")
    asked = prompts.DEVELOP_TEST
    pool.fill(asked, lambda text: print(text, file=sys.stderr, flush=True))
    rng = random.Random(0)
    own, replies, other = [], [], []
    for number, prompt in enumerate(asked):
        another = asked[(number + rng.randrange(1, len(asked))) % len(asked)]
        for reply in pool.replies(prompt)[: arguments.each]:
            own.append(prompt)
            other.append(another)
            replies.append(reply)
    measures = Measures(model)
    candidates: dict[str, Measure] = {
        f"mutual information, first {n} tokens": measures.information(n) for n in (8, 16, 32, 96)
    }
    candidates |= {"cosine of hidden states": measures.cosine, "shared words": measures.shared_words}
    rows = ["| measure | AUC | seconds for 48 replies |", "| --- | --- | --- |"]
    for name, measure in candidates.items():
        measures.spent = 0.0
        area = auc(measure(own, replies), measure(other, replies))
        rows.append(f"| {name} | {area:.3f} | {measures.spent / (2 * len(replies)) * 48:.1f} |")
    text = "\n".join(rows) + "\n"
    (arguments.out / "quality.md").write_text(text, encoding="utf-8")
    print(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
