"""What a model sees, as one table: tasks by arms, with 95 % Wilson intervals.

    python -m tests.evaluation.vision.table --model FOLDER --out DIR --drawings DIR --wheels DIR \\
        [--limit N] [--arms ...] [--tasks ...] [--print] [--write FILE.md --section NAME]

FOLDER is any model's folder: the starter's (``models/starter`` in the data folder) or a text model's. DIR of drawings: where
``models.starter.train`` keeps the fetched packages; of wheels: those of scikit-image, scikit-learn and matplotlib (``pip
download --no-deps``). Replies are written greedily through the program's own prompt and kept in --out, a file per model, arm
and task: what is there already is not asked again, so a run may be stopped and given again, with a larger --limit too.
--print only makes the table of what is there.

Arms of the starter: the recognised line only; the image tokens only; both. Of a text model: the facts in words; image tokens
of its own word embeddings; both. Of each: blank and shuffled, which show a blank picture and another one of the task. The
first column is perception alone, without a language model.
"""

from __future__ import annotations

import argparse
import json
import math
import re
import tempfile
import time
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import torch
from PIL import Image

from models import loader
from models.loaded_model import LoadedModel
from tests.benchmarks.docs_section import write_section
from tests.evaluation.vision import pictures, questions
from tests.evaluation.vision.examiner import BLANK, STARTER_ARMS, TELLER_ARMS, Examiner
from tests.evaluation.vision.pictures import Item, Pool

NOTHING_TASK = "nothing there"  # its pictures are blank already: blank and shuffled are not asked
# Chinese, descriptions, misleading questions over drawings, follow-ups: what only a model larger than the starter is asked.
_SPREAD = (*STARTER_ARMS, *TELLER_ARMS)


def wilson(right: int, count: int, z: float = 1.96) -> tuple[float, float]:
    """95 % interval of a share (Wilson 1927)."""
    if count == 0:
        return 0.0, 1.0
    p = right / count
    middle = (p + z * z / (2 * count)) / (1 + z * z / count)
    half = z * math.sqrt(p * (1 - p) / count + z * z / (4 * count * count)) / (1 + z * z / count)
    return max(0.0, middle - half), min(1.0, middle + half)


def cell(found: list[bool]) -> str:
    if not found:
        return "-"
    right, count = sum(found), len(found)
    low, high = wilson(right, count)
    return f"{right}/{count} = {right / count:.0%} ({low:.0%} to {high:.0%})"


def guesses(items: list[Item], replies: dict[int, str]) -> str:
    """How many replies only guess ("I'm not sure, but ..."), and how many of those are right."""
    unsure = [items[index].right(one) for index, one in replies.items() if "not sure" in one and "may" in one]
    return f"{len(unsure)}, {sum(unsure)} right" if unsure else "-"


@dataclass
class Replies:
    """The replies of one model in one arm to one task, kept in a file as they come."""

    path: Path

    def read(self) -> dict[int, str]:
        """By the number of the question."""
        if not self.path.is_file():
            return {}
        rows = (json.loads(line) for line in self.path.read_text(encoding="utf-8").splitlines())
        return {row["number"]: row["reply"] for row in rows}

    def add(self, number: int, question: str, reply: str) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a", encoding="utf-8") as file:
            file.write(
                json.dumps({"number": number, "question": question, "reply": reply}, ensure_ascii=False)
                + "\n"
            )


def tasks(drawings: Path, wheels: Path, n: int, pool: Pool) -> dict[str, list[Item]]:
    """Every question by its task. ``n``: of nothing there; most tasks have twice as many."""
    outside = (
        []
        if pool is pictures.DEVELOPMENT
        else [*pictures.photo_items(wheels), *pictures.drawing_items(drawings, pool, unseen_style=True)]
    )
    items = [
        *outside,
        *pictures.drawing_items(drawings, pool, unseen_style=False),
        *pictures.scene_items(2 * n, pool),
        *pictures.mixed(pictures.presence_items(drawings, wheels, 8 * n, pool), pool),
        *pictures.second_turn_items(2 * n, pool),
        *pictures.mixed(pictures.two_picture_items(2 * n, pool), pool),
        *pictures.three_picture_items(n, pool),
        *pictures.nothing_items(n, pool),
        *pictures.text_items(25, pool),
        *questions.misled_items(drawings, 2 * n, pool),
        *questions.follow_up_items(drawings, 2 * n, pool),
        *questions.description_items(drawings, 2 * n, pool),
        *questions.chinese_items(drawings, 2 * n, pool),
        *questions.misled_items(drawings, n, pool, chinese=True),
    ]
    by_task: dict[str, list[Item]] = defaultdict(list)
    for item in items:
        by_task[item.task].append(item)
    return {task: asked[: 10 * n] for task, asked in by_task.items()}


def numbers(task: str, arm: str, arms: dict[str, int], count: int, limit: int) -> range:
    """Which of a task's questions an arm is asked."""
    if task == NOTHING_TASK and arm in ("blank", "shuffled"):
        return range(0)
    most = min(count, limit) if limit else count
    return range(0, most, arms[arm])


def ask(
    examiner: Examiner, asked: dict[str, list[Item]], arms: dict[str, int], limit: int, out: Path
) -> None:
    for task, items in asked.items():
        for arm in arms:
            kept = Replies(_path(out, arm, task))
            known = kept.read()
            began, made = time.monotonic(), 0
            for number in numbers(task, arm, examiner.arms, len(items), limit):
                if number not in known:
                    item, other = items[number], items[(number + len(items) // 2) % len(items)]
                    kept.add(number, item.question, examiner.ask(item, other, arm))
                    made += 1
            if made:
                print(
                    f"{task}, {arm}: {made} replies, {(time.monotonic() - began) / made:.2f} s each",
                    flush=True,
                )


def _path(out: Path, arm: str, task: str) -> Path:
    return out / arm.replace(" ", "-") / f"{re.sub('[^a-z]+', '-', task.lower())}.jsonl"


def table(asked: dict[str, list[Item]], arms: list[str], out: Path, alone: Alone) -> str:
    main = next(arm for arm in ("both", "words", arms[0]) if arm in arms) if "line only" in arms else arms[0]
    lines = [
        f"| task | perception alone | {' | '.join(arms)} | guesses of {main} |",
        "|---" * (len(arms) + 3) + "|",
    ]
    for task, items in asked.items():
        row, coarse, guessed = [alone(task)], ["-"], "-"
        for arm in arms:
            replies = Replies(_path(out, arm, task)).read()
            row.append(cell([items[n].right(reply) for n, reply in replies.items()]))
            coarse.append(
                cell([bool((items[n].coarse or items[n].right)(reply)) for n, reply in replies.items()])
            )
            guessed = guesses(items, replies) if arm == main else guessed
        if set(row[1:]) == {"-"}:
            continue
        lines.append(f"| {task} | {' | '.join(row)} | {guessed} |")
        if items[0].coarse:
            lines.append(f"| {task}, category | {' | '.join(coarse)} | - |")
    return "\n".join(lines)


@dataclass
class Alone:
    """What perception alone knows of each task, kept in a file."""

    path: Path

    def __call__(self, task: str) -> str:
        return str(self.read().get(task, "-"))

    def read(self) -> dict[str, str]:
        found: dict[str, str] = (
            json.loads(self.path.read_text(encoding="utf-8")) if self.path.is_file() else {}
        )
        return found

    def measure(self, examiner: Examiner, asked: dict[str, list[Item]]) -> None:
        found = self.read()
        for task, items in asked.items():
            if task not in found:
                known = [value for value in map(examiner.alone, items) if value is not None]
                found[task] = cell(known)
                self.path.parent.mkdir(parents=True, exist_ok=True)
                self.path.write_text(json.dumps(found), encoding="utf-8")


def delay(model: LoadedModel) -> str:
    """Seconds that a picture adds to the first token: looking at it, and reading the longer prompt."""
    picture = Image.effect_noise((1024, 768), 60).convert("RGB")
    ask_ = [{"role": "user", "content": "What is this?"}]
    part = {"type": "image", "read": ""} if model.sees_in_words else {"type": "image"}
    seen = [{"role": "user", "content": [part, {"type": "text", "text": "What is this?"}]}]
    sizes = []

    def first(messages: list, images: list[Image.Image]) -> float:
        began = time.perf_counter()
        inputs = model.prepare(messages, images)
        model.decoder.forward(model.decoder.new_cache(), inputs.ids, inputs.embeds)
        sizes.append(len(inputs))
        return time.perf_counter() - began

    first(seen, [BLANK])
    plain = min(first(ask_, []) for _ in range(5))
    fresh = [first(seen, [picture.rotate(turn)]) for turn in (1, 2, 3, 4, 5)]
    again = min(first(seen, [picture.rotate(5)]) for _ in range(3))
    return (
        f'First token of "What is this?": {plain:.3f} s without a picture, {sorted(fresh)[2]:.3f} s with a new one '
        f"(median of 5), {again:.3f} s with one seen before ({torch.get_num_threads()} threads); the prompt has "
        f"{sizes[1]} tokens without and {sizes[-1]} with a picture."
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    for name in ("--model", "--out", "--drawings", "--wheels"):
        parser.add_argument(name, type=Path, required=True)
    parser.add_argument(
        "--questions", type=int, default=24, help="of nothing there; others have two to ten times as many"
    )
    parser.add_argument(
        "--limit", type=int, default=0, help="at most so many questions of a task (arms are asked shares)"
    )
    parser.add_argument("--arms", nargs="+", choices=dict.fromkeys(_SPREAD))
    parser.add_argument("--tasks", nargs="+", help="only tasks whose name contains one of these")
    parser.add_argument("--threads", type=int)
    parser.add_argument(
        "--development", action="store_true", help="pictures for choosing between wordings instead"
    )
    parser.add_argument(
        "--print", action="store_true", help="only make the table of the replies that are there"
    )
    parser.add_argument("--alone", action="store_true", help="measure perception alone, too")
    parser.add_argument("--write", type=Path, help="a page whose part between the table's marks is replaced")
    parser.add_argument("--section", default="what the starter sees")
    args = parser.parse_args()
    pool = pictures.DEVELOPMENT if args.development else pictures.REPORTED
    asked = tasks(args.drawings, args.wheels, args.questions, pool)
    if args.tasks:
        asked = {task: items for task, items in asked.items() if any(one in task for one in args.tasks)}
    alone, lines = Alone(args.out / "perception-alone.json"), []
    with tempfile.TemporaryDirectory() as scratch:
        if args.print:
            kinds = (
                STARTER_ARMS
                if (args.out / "line-only").is_dir() or (args.out / "tokens-only").is_dir()
                else TELLER_ARMS
            )
        else:
            model = loader.load(args.model, model_id=args.model.name, threads=args.threads)
            examiner = Examiner(model, Path(scratch))
            kinds = examiner.arms
            if args.alone:
                alone.measure(examiner, asked)
            ask(examiner, asked, {arm: kinds[arm] for arm in args.arms or kinds}, args.limit, args.out)
            lines = ["", delay(model)]
    arms = [arm for arm in args.arms or kinds if arm in kinds]
    text = "\n".join([table(asked, arms, args.out, alone), *lines])
    print(text)
    if args.write:
        write_section(args.write, args.section, text)


if __name__ == "__main__":
    main()
