"""What the starter sees, as one table: tasks by arms, with 95 % Wilson intervals.

    python -m tests.evaluation.vision.table --models DIR --drawings DIR --wheels DIR [--questions N] [--write FILE.md]

DIR of drawings: where ``models.starter.train`` keeps the fetched packages; of wheels: those of scikit-image,
scikit-learn and matplotlib (``pip download --no-deps``). Replies are written greedily by the default (int4) decoder
through the program's own prompt. Arms: the encoder and the low-level branch alone (no language model); the recognised
line only; the image tokens only; both; both of a blank picture; both of another picture of the task.
"""

from __future__ import annotations

import argparse
import json
import math
import tempfile
import time
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from PIL import Image

from assistant import prompt
from assistant.engine.protocol import Turn
from assistant.records import Recognition
from assistant.vision.ocr import read_text
from models import loader
from models.loaded_model import LoadedModel
from models.starter import concepts, prepare, scenes
from tests.benchmarks.docs_section import write_section
from tests.evaluation.vision import pictures
from tests.evaluation.vision.pictures import Item

# Arm -> every how many-th question it is asked.
ARMS = {"line only": 2, "tokens only": 1, "both": 1, "blank": 3, "shuffled": 3}
MOST_TOKENS = 28
BLANK = Image.new("RGB", (320, 240), (128, 128, 128))


def wilson(right: int, count: int, z: float = 1.96) -> tuple[float, float]:
    """95 % interval of a share (Wilson 1927)."""
    if count == 0:
        return 0.0, 1.0
    p = right / count
    middle = (p + z * z / (2 * count)) / (1 + z * z / count)
    half = z * math.sqrt(p * (1 - p) / count + z * z / (4 * count * count)) / (1 + z * z / count)
    return max(0.0, middle - half), min(1.0, middle + half)


@dataclass
class Examiner:
    """Asks one loaded starter; ``folder`` holds pictures as files for the prompt to open."""

    model: LoadedModel
    folder: Path

    def recognised(self, picture: Image.Image) -> Recognition:
        path = self.saved(picture)
        return Recognition(self.model.classify(prompt.open_picture(str(path))) or (), read_text(path))

    def saved(self, picture: Image.Image) -> Path:
        path = self.folder / f"{abs(hash(picture.tobytes()))}.png"
        if not path.is_file():
            picture.save(path)
        return path

    def reply(self, question: str, line_of: Image.Image | None, tokens_of: Image.Image) -> str:
        seen = (self.recognised(line_of),) if line_of is not None else (None,)
        turn = Turn("user", question, (str(self.saved(tokens_of)),), seen)
        built = prompt.build((turn,), self.model, MOST_TOKENS)
        inputs = self.model.prepare(built.messages, built.images)
        cache = self.model.decoder.new_cache()
        logits = self.model.decoder.forward(cache, inputs.ids, inputs.embeds)
        written: list[int] = []
        while len(written) < MOST_TOKENS and (token := int(logits.argmax())) not in self.model.eos_ids:
            written.append(token)
            logits = self.model.decoder.forward(cache, torch.tensor([[token]]))
        return str(self.model.tokenizer.decode(written))

    def alone(self, item: Item) -> bool | None:
        """Does the encoder with the connector's own heads know it, without a language model?"""
        kind, accepted = item.alone
        if not kind:
            return None
        model: Any = self.model
        vision = model._open_vision()
        with torch.inference_mode():
            seen = vision.look(**self.model.processor.image_processor(item.picture))
            evidence = vision.connector.evidence(seen)
        if kind in ("name", "has", "lacks"):
            name = concepts.names()[int(evidence.best[0].argmax())]
            return (name in accepted) != (kind == "lacks")
        table = {
            "colour": scenes.COLOURS,
            "shape": scenes.SHAPES,
            "place": scenes.PLACES,
            "count": scenes.COUNTS,
        }
        words = table.get(kind[:-1], scenes.RELATIONS)
        return words[int(evidence.heads[kind][0].argmax())] in accepted


def examine(examiner: Examiner, items: list[Item], arm: str, log: Any) -> list[tuple[Item, str, bool, bool]]:
    found = []
    for index, item in enumerate(items):
        other = items[(index + len(items) // 2) % len(items)].picture
        shown = {"blank": BLANK, "shuffled": other}.get(arm, item.picture)
        line = None if arm == "tokens only" else shown
        tokens = BLANK if arm == "line only" else shown
        reply = examiner.reply(item.question, line, tokens)
        right = item.right(reply)
        coarse = item.coarse(reply) if item.coarse else right
        found.append((item, reply, right, coarse))
        log.write(
            json.dumps(
                {"arm": arm, "task": item.task, "question": item.question, "reply": reply, "right": right}
            )
            + "\n"
        )
    return found


def cell(right: int, count: int) -> str:
    low, high = wilson(right, count)
    return f"{right}/{count} = {right / count:.0%} ({low:.0%} to {high:.0%})"


def delay(examiner: Examiner) -> str:
    """Seconds that a picture adds to the first token: looking at it, and reading the longer prompt."""
    picture = Image.effect_noise((1024, 768), 60).convert("RGB")
    model = examiner.model
    ask = [{"role": "user", "content": "What is this?"}]
    seen = [{"role": "user", "content": [{"type": "image"}, {"type": "text", "text": "What is this?"}]}]

    def first(messages: list[Any], images: list[Any]) -> float:
        began = time.perf_counter()
        inputs = model.prepare(messages, images)
        model.decoder.forward(model.decoder.new_cache(), inputs.ids, inputs.embeds)
        return time.perf_counter() - began

    first(seen, [BLANK])
    plain = min(first(ask, []) for _ in range(5))
    fresh = [first(seen, [picture.rotate(turn)]) for turn in (1, 2, 3, 4, 5)]
    again = min(first(seen, [picture.rotate(5)]) for _ in range(3))
    return (
        f'First token of "What is this?": {plain:.3f} s without a picture, {sorted(fresh)[2]:.3f} s with a new one '
        f"(median of 5), {again:.3f} s with one seen before ({torch.get_num_threads()} threads)."
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    for name in ("--models", "--drawings", "--wheels"):
        parser.add_argument(name, type=Path, required=True)
    parser.add_argument("--questions", type=int, default=60, help="a task (photos have as many as there are)")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--log", type=Path, default=Path("vision-replies.jsonl"))
    parser.add_argument("--write", type=Path, help="a page whose part between the table's marks is replaced")
    args = parser.parse_args()
    folder = prepare(args.models, lambda phase, done, total: None)
    model = loader.load(folder, model_id="starter", threads=args.threads)
    n = args.questions
    items = [
        *pictures.photo_items(args.wheels),
        *pictures.drawing_items(args.drawings, n, unseen_style=False),
        *pictures.drawing_items(args.drawings, n, unseen_style=True),
        *pictures.scene_items(n),
        *pictures.presence_items(args.drawings, args.wheels, 2 * n),
        *pictures.text_items(25),
    ]
    by_task: dict[str, list[Item]] = defaultdict(list)
    for item in items:
        by_task[item.task].append(item)
    lines = [f"| task | encoder alone | {' | '.join(ARMS)} |", "|---" * (len(ARMS) + 2) + "|"]
    with tempfile.TemporaryDirectory() as scratch, args.log.open("w") as log:
        examiner = Examiner(model, Path(scratch))
        for task, asked in by_task.items():
            known = [value for value in map(examiner.alone, asked) if value is not None]
            row, coarse_row = [cell(sum(known), len(known)) if known else "-"], ["-"]
            for arm in ARMS:
                found = examine(examiner, asked[:: ARMS[arm]], arm, log)
                row.append(cell(sum(one[2] for one in found), len(found)))
                coarse_row.append(cell(sum(one[3] for one in found), len(found)))
            lines.append(f"| {task} | {' | '.join(row)} |")
            if asked[0].coarse:
                lines.append(f"| {task}, category | {' | '.join(coarse_row)} |")
            print(lines[-1], flush=True)
        lines += ["", delay(examiner)]
    table = "\n".join(lines)
    print(table)
    if args.write:
        write_section(args.write, "what the starter sees", table)


if __name__ == "__main__":
    main()
