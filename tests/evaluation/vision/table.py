"""What the starter sees, as one table: tasks by arms, with 95 % Wilson intervals.

    python -m tests.evaluation.vision.table --models DIR --drawings DIR --wheels DIR [--questions N] [--write FILE.md]

DIR of drawings: where ``models.starter.train`` keeps the fetched packages; of wheels: those of scikit-image,
scikit-learn and matplotlib (``pip download --no-deps``). Replies are written greedily by the default (int4) decoder
through the program's own prompt. Arms: the encoder and the low-level branch alone (no language model); the recognised
line only; the image tokens only; both; both of a blank picture; both of another picture of the task. The encoder alone is
asked about all drawings, the other arms about ten times N of them.
"""

from __future__ import annotations

import argparse
import json
import math
import tempfile
import time
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from PIL import Image

from assistant import prompt
from assistant.engine.protocol import Turn
from assistant.records import Recognition
from models import loader
from models.loaded_model import LoadedModel
from models.perception import concepts, scenes
from models.perception.ocr import read_text
from models.perception.pixels import pixels
from models.starter import prepare
from tests.benchmarks.docs_section import write_section
from tests.evaluation.vision import pictures
from tests.evaluation.vision.pictures import Item

# Arm -> every how many-th question it is asked.
ARMS = {"line only": 4, "tokens only": 2, "both": 1, "blank": 6, "shuffled": 6}
NOTHING_TASK = "nothing there"  # its pictures are blank already: only two arms ask it
MOST_TOKENS = 40
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

    read: dict[Path, Recognition] = field(default_factory=dict)

    def recognised(self, picture: Image.Image) -> Recognition:
        path = self.saved(picture)
        if path not in self.read:
            found = self.model.classify(prompt.open_picture(str(path))) or ()
            self.read[path] = Recognition(found, read_text(path))
        return self.read[path]

    def saved(self, picture: Image.Image) -> Path:
        path = self.folder / f"{abs(hash(picture.tobytes()))}.png"
        if not path.is_file():
            picture.save(path)
        return path

    def reply(self, item: Item, lines_of: Pictures | None, tokens_of: Pictures) -> str:
        """The last reply; a question ``before`` is answered first, about the same pictures."""
        seen = tuple(map(self.recognised, lines_of)) if lines_of is not None else (None,) * len(tokens_of)
        shown = tuple(str(self.saved(one)) for one in tokens_of)
        turns = [Turn("user", item.before or item.question, shown, seen)]
        if item.before:
            turns += [Turn("assistant", self._answer(turns)), Turn("user", item.question)]
        return self._answer(turns)

    def _answer(self, turns: list[Turn]) -> str:
        built = prompt.build(tuple(turns), self.model, MOST_TOKENS)
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
            seen = vision.look(**pixels([item.picture], model.config.image_size))
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


Pictures = tuple[Image.Image, ...]


def _pictures(item: Item) -> Pictures:
    return (item.picture, *item.more)


def guesses(found: list[tuple[Item, str, bool, bool]]) -> str:
    """How many replies only guess ("I'm not sure, but ..."), and how many of those are right."""
    unsure = [right for _, reply, right, _ in found if "not sure" in reply and "may" in reply]
    return f"{len(unsure)}, {sum(unsure)} right" if unsure else "-"


def examine(examiner: Examiner, items: list[Item], arm: str, log: Any) -> list[tuple[Item, str, bool, bool]]:
    found = []
    for index, item in enumerate(items):
        mine = _pictures(item)
        blank = (BLANK,) * len(mine)
        other = _pictures(items[(index + len(items) // 2) % len(items)])
        shown = {"blank": blank, "shuffled": other}.get(arm, mine)
        lines = None if arm == "tokens only" else shown
        tokens = blank if arm == "line only" else shown
        reply = examiner.reply(item, lines, tokens)
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
    parser.add_argument(
        "--questions", type=int, default=24, help="of nothing there; others have two to ten times as many"
    )
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--arms", nargs="+", choices=ARMS, default=list(ARMS))
    parser.add_argument(
        "--development", action="store_true", help="pictures for choosing between weights instead"
    )
    parser.add_argument("--log", type=Path, default=Path("vision-replies.jsonl"))
    parser.add_argument("--write", type=Path, help="a page whose part between the table's marks is replaced")
    args = parser.parse_args()
    folder = prepare(args.models, lambda phase, done, total: None)
    model = loader.load(folder, model_id="starter", threads=args.threads)
    n = args.questions
    pool = pictures.DEVELOPMENT if args.development else pictures.REPORTED
    outside = (
        []
        if args.development
        else [
            *pictures.photo_items(args.wheels),
            *pictures.drawing_items(args.drawings, pool, unseen_style=True),
        ]
    )
    items = [
        *outside,
        *pictures.drawing_items(args.drawings, pool, unseen_style=False),
        *pictures.scene_items(2 * n, pool),
        *pictures.mixed(pictures.presence_items(args.drawings, args.wheels, 8 * n, pool), pool),
        *pictures.second_turn_items(2 * n, pool),
        *pictures.mixed(pictures.two_picture_items(2 * n, pool), pool),
        *pictures.three_picture_items(n, pool),
        *pictures.nothing_items(n, pool),
        *pictures.text_items(25, pool),
    ]
    by_task: dict[str, list[Item]] = defaultdict(list)
    for item in items:
        by_task[item.task].append(item)
    lines = [
        f"| task | encoder alone | {' | '.join(args.arms)} | guesses of both |",
        "|---" * (len(args.arms) + 3) + "|",
    ]
    with tempfile.TemporaryDirectory() as scratch, args.log.open("w") as log:
        examiner = Examiner(model, Path(scratch))
        for task, asked in by_task.items():
            known = [value for value in map(examiner.alone, asked) if value is not None]
            row, coarse_row = [cell(sum(known), len(known)) if known else "-"], ["-"]
            guessed = "-"
            for arm in args.arms:
                if task == NOTHING_TASK and arm not in ("tokens only", "both"):
                    row.append("-")
                    continue
                found = examine(examiner, asked[: 10 * n : ARMS[arm]], arm, log)
                row.append(cell(sum(one[2] for one in found), len(found)))
                coarse_row.append(cell(sum(one[3] for one in found), len(found)))
                guessed = guesses(found) if arm == "both" else guessed
            lines.append(f"| {task} | {' | '.join(row)} | {guessed} |")
            print(lines[-1], flush=True)
            if asked[0].coarse:
                lines.append(f"| {task}, category | {' | '.join(coarse_row)} | - |")
                print(lines[-1], flush=True)
        lines += ["", delay(examiner)]
    table = "\n".join(lines)
    print(table)
    if args.write:
        write_section(args.write, "what the starter sees", table)


if __name__ == "__main__":
    main()
