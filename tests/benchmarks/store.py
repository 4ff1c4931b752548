"""How quick the store is with 100,000 messages: ``python tests/benchmarks/store.py [MESSAGES]``.

Fills a fresh data folder with random English and Chinese messages in conversations of 100 (the seed is fixed)
and prints a Markdown table: median and worst of repeated calls, or seconds for what runs once.
"""

from __future__ import annotations

import random
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from assistant.paths import DataPaths
from assistant.store import Store, recovery

LETTERS = "abcdefghijklmnopqrstuvwxyz"
TURNS = 100  # messages a conversation


def fill(store: Store, messages: int, rng: random.Random, words: list[str], signs: str) -> None:
    for number in range(messages // TURNS):
        with store.transaction():
            conversation = store.create_conversation(title=f"conversation {number}")
            parent = None
            for turn in range(TURNS):
                chinese = rng.random() < 0.2
                text = "".join(rng.choices(signs, k=150)) if chinese else " ".join(rng.choices(words, k=70))
                role = "assistant" if turn % 2 else "user"
                parent = store.add_message(conversation.id, parent, role, text).id


def repeated(name: str, call: Callable[[], object], times: int = 20) -> None:
    spent = []
    for _ in range(times):
        began = time.perf_counter()
        call()
        spent.append((time.perf_counter() - began) * 1000)
    print(f"| {name} | {statistics.median(spent):.1f} ms | {max(spent):.1f} ms |")


def once(name: str, call: Callable[[], object]) -> None:
    began = time.perf_counter()
    call()
    print(f"| {name} | {time.perf_counter() - began:.2f} s | |")


def peak_mb() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def main(messages: int) -> None:
    rng = random.Random(1)
    words = ["".join(rng.choices(LETTERS, k=rng.randint(2, 9))) for _ in range(20_000)]
    signs = "".join(chr(0x4E00 + n) for n in range(3000))
    with tempfile.TemporaryDirectory() as folder:
        paths = DataPaths(Path(folder) / "data")
        print(f"| {messages:,} messages | median | worst |\n|---|---|---|")
        with Store.open(paths) as store:
            once("write all", lambda: fill(store, messages, rng, words, signs))
            page = store.conversations(50)
            leaf = page[0].leaf_id
            repeated("add one message", lambda: store.add_message(page[0].id, None, "user", "hello"))
            repeated("a page of 50 conversations", lambda: store.conversations(50))
            repeated("a branch of 100 messages", lambda: store.branch(leaf))
            repeated("search: a word", lambda: store.search(rng.choice(words)))
            repeated("search: two words", lambda: store.search(f"{rng.choice(words)} {rng.choice(words)}"))
            repeated("search: three Chinese signs", lambda: store.search("".join(rng.choices(signs, k=3))))
            repeated("search: two Chinese signs", lambda: store.search("".join(rng.choices(signs, k=2))))
            repeated("search: one sign that is nowhere", lambda: store.search("ж"))
            once("check the database", lambda: recovery.problems(paths.database))
            before = peak_mb()
            once("export as JSON", lambda: store.export_json(Path(folder) / "all.json"))
            print(f"| memory that the export added | {peak_mb() - before} MB | |")
            once("back up to one file", lambda: store.backup_to(Path(folder) / "all.attune"))
            with Store.open(DataPaths(Path(folder) / "imported")) as new:
                once("import the export", lambda: new.import_file(Path(folder) / "all.json"))
                pair = "".join(rng.choices(signs, k=2))
                repeated(
                    "search: a word, while it waits to be indexed", lambda: new.search(rng.choice(words))
                )
                repeated("search: two Chinese signs, likewise", lambda: new.search(pair))
                once("index it for search, in the background", lambda: new._indexing.wait(3000))
                repeated("search: a word, indexed so", lambda: new.search(rng.choice(words)))
            size = paths.database.stat().st_size / 1e6
            print(f"| database, with its search index | {size:.0f} MB | |")
        once("open again, with today's backup", lambda: Store.open(paths).close())
        once("open again", lambda: Store.open(paths).close())


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
