"""With five texts of an author, is a reply in the style closer to held-out texts of that author than the base's?

`python tests/evaluation/own_texts.py --models MODELS --model ID --out FOLDER AUTHOR.txt ...`

Each file holds texts of one author. Passages of it are drawn with a seed: five to learn from, the next ones held out. The request
inferred from each held-out passage is answered by the base model and, with the same seed, as the window does it after five
texts (style card where the model follows one, block-wise search, guidance; no update). Closeness is the cosine of the
frequencies of character 4-grams (3-grams of two signs in Chinese) with those of all other held-out passages: common in
authorship verification, and no feature of the head. A cell is a file, so a run that was stopped goes on.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant import prompt as prompts
from assistant.engine import jobs
from assistant.engine.protocol import Generate, Turn
from assistant.generation.decode_loop import run
from assistant.generation.guided_decoding import Steering
from assistant.learning import request, update_job
from assistant.learning.checks import answered
from assistant.learning.fitted_head import CurrentHead
from assistant.learning.training import demonstrations
from assistant.learning_records import SteeringRequest
from assistant.own_texts import prompts as own_prompts
from assistant.own_texts.reading import Found, Reading
from assistant.paths import DataPaths
from assistant.records import Sampling
from assistant.services.own_texts import OwnTextsService
from assistant.settings import Settings
from assistant.store import Store
from models import loader

LEARNED, TOKENS = 5, 160
LEAST_WORDS = 120.0


@dataclass(frozen=True, slots=True)
class Author:
    name: str
    learned: tuple[str, ...]
    held_out: tuple[str, ...]


def author_of(path: Path, held_out: int, seed: int) -> Author:
    text = path.read_text(encoding="utf-8", errors="replace").replace("\r\n", "\n")
    text = re.sub(r"(?<![.!?。！？”\"\n])\n(?=\S)", " ", text)  # lines that were wrapped
    found: list[str] = []
    for start in range(len(text) // 10, len(text) * 9 // 10, 3000):  # neither titles nor licences
        piece = text[start : start + 2500]
        whole = own_prompts.parts(piece[piece.find("\n") + 1 :].strip())[0]
        if answered.words(whole) >= LEAST_WORDS:
            found.append(whole)
    random.Random(seed).shuffle(found)
    return Author(path.stem, tuple(found[:LEARNED]), tuple(found[LEARNED : LEARNED + held_out]))


def closeness(text: str, others: Sequence[str]) -> float:
    size = 3 if answered.is_chinese(text) else 4
    one, many = _grams(text, size), _grams(" ".join(others), size)
    dot = sum(count * many[gram] for gram, count in one.items())
    return dot / (math.hypot(*one.values()) * math.hypot(*many.values()) or 1.0)


def _grams(text: str, size: int) -> Counter[str]:
    plain = " ".join(text.lower().split())
    return Counter(plain[at : at + size] for at in range(len(plain) - size + 1))


def steering_after(author: Author, model: Any, seed: int) -> SteeringRequest | None:
    """What a chat is written with after the author's five texts, each beside the base model's own reply."""
    with tempfile.TemporaryDirectory() as folder:
        paths = DataPaths(Path(folder)).ensure()
        with Store.open(paths) as store:
            found = [
                Found(f"{n}", t, "", own_prompts.prompt_of(t, "", part=True))
                for n, t in enumerate(author.learned)
            ]
            OwnTextsService(store, paths).add(Reading(tuple(found)))
            steps = demonstrations.beside_base(model, update_job.collect(store, model.id), 96, seed)
            while True:
                try:
                    next(steps)
                except StopIteration as end:
                    for signal in end.value:
                        if signal.other is not None:
                            store.set_own_text_reply(signal.id, signal.other.text, model.id)
                    break
            return CurrentHead(store).steering(model.id, Settings())


def answer(model: Any, writer: Steering, prompt: str, steering: SteeringRequest | None, seed: int) -> str:
    turns = (Turn("user", prompt),)
    sampling = Sampling(seed=seed, max_tokens=TOKENS)
    card = jobs.style_card(Generate(0, turns, sampling, steering=steering), model)
    _, inputs = prompts.inputs_of(prompts.with_card(turns, card, model), model, TOKENS)
    reply = run(
        writer.write(
            inputs, sampling, steering, caches=None, style=None, cancelled=lambda: False,
            started=time.monotonic(), asked=request.read(prompt),
        )
    )  # fmt: skip
    return str(reply.text)


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("authors", nargs="+", type=Path)
    parser.add_argument("--models", type=Path, required=True, help="a models folder")
    parser.add_argument("--model", required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--held-out", type=int, default=12)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--minutes", type=float, default=math.inf)
    given = parser.parse_args(argv)
    until = time.monotonic() + 60.0 * given.minutes
    model = loader.load(given.models / given.model, model_id=given.model)
    writer, told = Steering(model), []
    for path in given.authors:
        author = author_of(path, given.held_out, given.seed)
        folder = given.out / given.model / author.name
        folder.mkdir(parents=True, exist_ok=True)
        steering: SteeringRequest | None = None
        for number, passage in enumerate(author.held_out):
            cell = folder / f"{given.seed}-{number}.json"
            if cell.exists() or time.monotonic() > until:
                continue
            steering = steering or steering_after(author, model, given.seed)
            prompt = own_prompts.prompt_of(passage, "", part=True)
            others = [*author.held_out[:number], *author.held_out[number + 1 :]]
            replies = [answer(model, writer, prompt, s, 100 + number) for s in (None, steering)]
            cell.write_text(
                json.dumps(
                    {"prompt": prompt, "replies": replies, "close": [closeness(r, others) for r in replies]},
                    ensure_ascii=False,
                ),
                encoding="utf-8",
            )
        close = [json.loads(c.read_text(encoding="utf-8"))["close"] for c in sorted(folder.glob("*.json"))]
        wins = sum(styled > base for base, styled in close)
        told.append(
            f"| {author.name} | {wins} of {len(close)} | {_mean(close, 0):.3f} | {_mean(close, 1):.3f} |"
        )
    print("| author | style closer | closeness of the base | of the style |\n| --- | --- | --- | --- |")
    print("\n".join(told))
    return 0


def _mean(close: Sequence[Sequence[float]], at: int) -> float:
    return sum(pair[at] for pair in close) / len(close) if close else float("nan")


if __name__ == "__main__":
    sys.exit(main())
