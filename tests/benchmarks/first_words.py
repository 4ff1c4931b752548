"""How soon the first words come, and how fast a reply is shown: without a style, with the style card, as shown by default.

    python tests/benchmarks/first_words.py --data-dir DIR --model ID [--rounds 3] [--write docs/performance.md]

DIR is a data folder with the model and at least three ratings (`attune ratings import`). Each line asks the same messages as
new chats, in turn within a round: every message another one, so that no line finds another's prompt in the cache. "Read
ahead": the engine has read what the prompt begins with before the message is sent, as it does in the window while the user
types. Seconds are the front's: from sending to the first text. Speed is over what is shown from the first words on.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from assistant.engine.client import Client
from assistant.engine.protocol import Done, Event, Token, Turn
from assistant.learning.fitted_head import CurrentHead
from assistant.learning_records import SteeringRequest
from assistant.paths import DataPaths
from assistant.records import Sampling
from assistant.settings import Settings
from assistant.store import Store
from tests.benchmarks.docs_section import write_section

MESSAGES = (
    "How do I keep bread fresh?", "Why do leaves fall in autumn?", "What is a good way to learn a poem?",
    "How does a bicycle stay upright?", "What should I pack for a day in the hills?", "Why is the sea salty?",
    "How do I write a short thank-you note?", "What makes a good soup?", "How do birds find their way?",
)  # fmt: skip
TOKENS = 80
WITHOUT, CARD, SHOWN = "no style", "style card", "as shown by default: card and search"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data-dir", type=Path, required=True)
    parser.add_argument("--model", required=True)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--write", type=Path)
    arguments = parser.parse_args()
    paths = DataPaths(arguments.data_dir)
    with Store.open(paths) as store:
        shown = CurrentHead(store).steering(arguments.model, Settings())
    if shown is None:
        raise SystemExit("There are too few ratings for a style; import some first.")
    lines: dict[str, SteeringRequest | None] = {
        WITHOUT: None, CARD: replace(shown, best_of=False, guide=False), SHOWN: shown,
    }  # fmt: skip
    first: dict[tuple[str, bool], list[float]] = {}
    speed: dict[tuple[str, bool], list[float]] = {}
    heard: dict[int, float] = {}

    def on_event(event: Event) -> None:
        if isinstance(event, Token):
            heard.setdefault(event.id, time.monotonic())

    with Client(None, on_event) as client:
        warm = Sampling(max_tokens=TOKENS)
        client.result(client.load(paths.models / arguments.model, arguments.model), 600)
        client.result(client.generate((Turn("user", "What is rain?"),), warm, steering=shown), 600)
        for number in range(arguments.rounds):
            for name, steering in lines.items():
                for ahead in (False, True):
                    # A line of its own in the system prompt: nothing of it is in a cache unless it was read ahead.
                    system = Turn(
                        "system", f"You are a helpful assistant. Note {len(first)}-{number}-{ahead}."
                    )
                    message = MESSAGES[number % len(MESSAGES)]
                    if ahead:
                        client.result(client.prefill((system,), steering=steering), 600)
                    id = client.new_id()
                    sent = time.monotonic()
                    sampling = Sampling(max_tokens=TOKENS)  # no seed: with one, a search draws in fixed sizes
                    client.generate((system, Turn("user", message)), sampling, steering=steering, id=id)
                    done = client.result(id, 600)
                    ended = time.monotonic()
                    assert isinstance(done, Done)
                    first.setdefault((name, ahead), []).append(heard[id] - sent)
                    tokens = done.generation.completion_tokens
                    speed.setdefault((name, ahead), []).append((tokens - 1) / max(ended - heard[id], 1e-9))
    plain = statistics.median(speed[WITHOUT, False] + speed[WITHOUT, True])
    rows = [
        "| reply | first words, s | read ahead, s | tokens per second | of the speed without a style |",
        "|---|---|---|---|---|",
    ]
    for name in lines:
        shown_speed = statistics.median(speed[name, False] + speed[name, True])
        rows.append(
            f"| {name} | {statistics.median(first[name, False]):.2f} | {statistics.median(first[name, True]):.2f} | "
            f"{shown_speed:.1f} | {shown_speed / plain:.0%} |"
        )
    load = f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"
    rows += [
        "",
        f"{arguments.model}, medians of {arguments.rounds} messages, load average at the end {load}.",
    ]
    print("\n".join(rows))
    if arguments.write:
        write_section(arguments.write, f"first words, {arguments.model}", "\n".join(rows))


if __name__ == "__main__":
    main()
