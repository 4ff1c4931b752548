"""How quick the store is with 100,000 messages: ``python tests/benchmarks/store.py [MESSAGES] [--import]``.

With ``--import`` only an import of an export with that many messages, and the search behind it.

Fills a fresh data folder with random English and Chinese messages in conversations of 100 (the seed is fixed)
and prints a Markdown table: median and worst of repeated calls, or seconds for what runs once.
"""

from __future__ import annotations

import json
import random
import resource
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

from assistant.paths import DataPaths
from assistant.store import Store, recovery
from assistant.store.indexing import index

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


def imported(folder: Path, rng: random.Random, words: list[str], signs: str) -> None:
    """Import ``all.json`` into a new data folder and search in it, before and after it is indexed."""
    paths = DataPaths(folder / "imported")

    def searches(when: str) -> None:
        repeated(f"search: a word, {when}", lambda: new.search(rng.choice(words)))
        repeated(f"search: two words, {when}", lambda: new.search(f"{rng.choice(words)} {rng.choice(words)}"))
        repeated(f"search: three Chinese signs, {when}", lambda: new.search("".join(rng.choices(signs, k=3))))
        repeated(f"search: two Chinese signs, {when}", lambda: new.search("".join(rng.choices(signs, k=2))))
        repeated(f"search: one Chinese sign, {when}", lambda: new.search(rng.choice(signs)))
        repeated(f"search: one sign that is nowhere, {when}", lambda: new.search("ж"))

    with Store.open(paths) as new:
        new._indexing.start = lambda: None  # type: ignore[method-assign] # measured by itself below
        once("import the export", lambda: new.import_file(folder / "all.json"))
        searches("not yet indexed")
        once("index it, in the background", lambda: index(paths, threading.Event()))
        searches("indexed so")


def write_export(path: Path, messages: int, rng: random.Random, words: list[str], signs: str) -> None:
    """An export as ``Store.export_json`` writes it, without a store."""
    at, chats = "2026-01-01T00:00:00+00:00", []
    for number in range(messages // TURNS):
        said: list[dict[str, str | None]] = []
        for turn in range(TURNS):
            chinese = rng.random() < 0.2
            text = "".join(rng.choices(signs, k=150)) if chinese else " ".join(rng.choices(words, k=70))
            above = said[-1]["id"] if said else None
            role = "assistant" if turn % 2 else "user"
            id = f"{number * TURNS + turn + 1:032x}"
            said.append({"id": id, "parent_id": above, "role": role, "text": text, "created_at": at})
        chat = {"id": f"{number + (1 << 64):032x}", "title": f"conversation {number}", "messages": said}
        chats.append({**chat, "created_at": at, "updated_at": at, "leaf_id": said[-1]["id"]})
    whole = {"format": "attune-export", "version": 1, "conversations": chats}
    path.write_text(json.dumps(whole, ensure_ascii=False), "utf-8")


def main(messages: int, import_only: bool) -> None:
    rng = random.Random(1)
    words = ["".join(rng.choices(LETTERS, k=rng.randint(2, 9))) for _ in range(20_000)]
    signs = "".join(chr(0x4E00 + n) for n in range(3000))
    with tempfile.TemporaryDirectory() as folder:
        paths = DataPaths(Path(folder) / "data")
        print(f"| {messages:,} messages | median | worst |\n|---|---|---|")
        if import_only:
            write_export(Path(folder) / "all.json", messages, rng, words, signs)
            imported(Path(folder), rng, words, signs)
            return
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
            imported(Path(folder), rng, words, signs)
            size = paths.database.stat().st_size / 1e6
            print(f"| database, with its search index | {size:.0f} MB | |")
        once("open again, with today's backup", lambda: Store.open(paths).close())
        once("open again", lambda: Store.open(paths).close())


if __name__ == "__main__":
    numbers = [int(argument) for argument in sys.argv[1:] if argument != "--import"]
    main(numbers[0] if numbers else 100_000, "--import" in sys.argv)
