"""Whether replies and typing stay immediate while a style is learned:

    python tests/benchmarks/while_learning.py [--data-dir DIR] [--rounds 8] [--write docs/performance.md]

The starter in its engine process answers the same prompts at rest and while it learns (a deep update on 24 of its own
replies, the shorter half liked); meanwhile keys are pressed in the real composer, in a window process like the
program's, and the time from the key to the painted letter is taken. At rest and while learning in one run.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from docs_section import write_section
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from assistant.engine import protocol as p
from assistant.engine.client import Client
from assistant.learning import feedback
from assistant.learning_records import UpdateJob
from assistant.records import Sampling, Turn
from ui.composer.composer import Composer

THINGS = ("a bridge", "rain", "bread", "a bicycle", "the sea", "a garden", "winter", "a train", "tea", "the moon",
          "a library", "wool", "a harbour", "sleep", "a kite", "honey", "a clock", "snow", "a market", "paper",
          "a river", "chess", "a lamp", "spring")  # fmt: skip
PROMPT = "Write two sentences about {}."
Figures = dict[str, list[float]]


class Watched:
    """A client whose events are kept with the moment they came."""

    def __init__(self) -> None:
        self.first: dict[int, float] = {}
        self.steps: dict[str, int] = {}
        self.client = Client(None, self._on)

    def _on(self, event: p.Event) -> None:
        if isinstance(event, p.Token):
            self.first.setdefault(event.id, time.perf_counter())
        elif isinstance(event, p.LearnStep):
            self.steps[event.phase] = self.steps.get(event.phase, 0) + 1

    def reply(self, prompt: str, seed: int) -> tuple[float, p.Done]:
        """(seconds from asking to the first token as the front sees it, the reply)."""
        id = self.client.new_id()
        asked = time.perf_counter()
        self.client.generate([p.Turn("user", prompt)], Sampling(max_tokens=64, seed=seed), id=id)
        done = self.client.result(id, 300.0)
        assert isinstance(done, p.Done)
        return self.first[id] - asked, done


def rated(replies: list[tuple[str, p.Done]]) -> tuple[feedback.Signal, ...]:
    """Thumbs for the shorter half, as a learning job has them."""
    middle = statistics.median(len(done.text) for _, done in replies)
    found = []
    for number, (prompt, done) in enumerate(replies):
        made = done.generation
        reply = feedback.Reply(done.text, made.reply_ids, made.logprobs, None, made.finish, made.prompt_ids)
        value = 1 if len(done.text) < middle else -1
        asked = (Turn("user", prompt),)
        found.append(
            feedback.Signal(
                str(number), "thumb", value, f"{number:05d}", asked, reply, conversation=str(number)
            )
        )
    return tuple(found)


def observe(watched: Watched, composer: Composer, rounds: int, going: Callable[[], bool]) -> Figures:
    """Replies and key strokes in turn, as long as ``going`` says so, ``rounds`` at most."""
    found: Figures = {"first token": [], "writing": [], "key": []}
    for number in range(rounds):
        if not going():
            break
        for letter in "the quick brown fox ":
            began = time.perf_counter()
            QTest.keyClicks(composer.edit, letter)
            composer.edit.viewport().repaint()
            found["key"].append(1000 * (time.perf_counter() - began))
            QTest.qWait(20)
        first, done = watched.reply(PROMPT.format(THINGS[number % len(THINGS)]), 500 + number)
        if not going():  # the update ended in between: this reply is not one beside it
            break
        found["first token"].append(first)
        found["writing"].append(done.generation.tokens_per_s)
        composer.edit.clear()
    return found


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--data-dir", type=Path, help="with the starter prepared (default: a fresh one)")
    parser.add_argument("--rounds", type=int, default=12)
    parser.add_argument("--write", type=Path)
    arguments = parser.parse_args()
    app = QApplication([])
    composer = Composer()
    composer.show()
    watched = Watched()
    with tempfile.TemporaryDirectory() as scratch:
        data_dir = arguments.data_dir or Path(scratch)
        watched.client.start()
        try:
            folder = data_dir / "models" / "starter"
            if not folder.is_dir():
                watched.client.result(watched.client.prepare(folder.parent), 600.0)
            watched.client.result(watched.client.load(folder, "starter"), 300.0)
            asked = [PROMPT.format(thing) for thing in THINGS]
            replies = [(prompt, watched.reply(prompt, seed)[1]) for seed, prompt in enumerate(asked)]
            rest = observe(watched, composer, arguments.rounds, lambda: True)
            job = UpdateJob("bench", "starter", scratch, rated(replies), deep=True, kl_share=1.0)
            learning = watched.client.learn(job)
            busy = observe(
                watched, composer, arguments.rounds, lambda: learning in watched.client.in_flight()
            )
            watched.client.cancel(learning)
        finally:
            watched.client.shutdown()
            composer.close()
            app.quit()
    if not busy["first token"]:
        raise SystemExit("The update ended before a reply was asked for beside it.")
    lines = ["| what | at rest | while learning | most, while learning |", "|---|---|---|---|"]
    for key, name, unit, digits in (
        ("first token", "first token, as the window sees it", "s", 2),
        ("writing", "writing", "tokens/s", 0),
        ("key", "key pressed to letter painted", "ms", 1),
    ):
        a, b = (statistics.median(side[key]) for side in (rest, busy))
        lines.append(
            f"| {name} | {a:.{digits}f} {unit} | {b:.{digits}f} {unit} | {max(busy[key]):.{digits}f} |"
        )
    steps = ", ".join(f"{phase} {count}" for phase, count in watched.steps.items())
    load = f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"
    lines += ["", f"Medians of {len(rest['first token'])} and {len(busy['first token'])} replies; steps of the update "
              f"meanwhile: {steps}. Load average at the end {load}."]  # fmt: skip
    print("\n".join(lines))
    if arguments.write:
        write_section(arguments.write, "while learning", "\n".join(lines))


if __name__ == "__main__":
    main()
