"""What the stress command tries: processes killed at their work, hostile inputs, erasing. Each try holds or says why not."""

from __future__ import annotations

import hashlib
import io
import os
import random
import string
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from PIL import Image

from assistant import imports
from assistant.errors import AttuneError
from assistant.paths import DataPaths
from assistant.store import Store, archive
from models.errors import ModelError
from tests.stress import full_disk, processes

Try = Callable[
    [Path, random.Random], None
]  # a fresh folder and a seeded draw; an AssertionError says what broke
Session = Callable[[Path], Iterator[Try]]  # a try that needs something made once


@dataclass(frozen=True, slots=True)
class Check:
    name: str
    kind: str  # kill | disk | hostile | erase
    quick: int  # tries
    full: int
    start: Session


def plain(one: Try) -> Session:
    def session(_folder: Path) -> Iterator[Try]:
        yield one

    return session


# --- kills -------------------------------------------------------------------------------------------------


def killed_writer(folder: Path, draw: random.Random) -> None:
    from test_store_safety import kill_while_writing

    kill_while_writing(DataPaths(folder / "data").ensure(), draw)


def killed_at(work: str) -> Try:
    def one(folder: Path, draw: random.Random) -> None:
        from test_store_safety import killed_at_work

        killed_at_work(folder, work, draw)

    return one


def killed_snapshot(work: str) -> Try:
    def one(folder: Path, draw: random.Random) -> None:
        from test_store_snapshots import kill_while_taking

        kill_while_taking(DataPaths(folder / "data"), work, draw)

    return one


def killed_engine(folder: Path) -> Iterator[Try]:
    from test_engine_deaths import kill_in_mid_reply
    from tiny_model import make_tiny_model
    from watched_engine import Watched

    watched = Watched(folder / "logs")
    watched.load(make_tiny_model(folder / "tiny"))

    def one(_folder: Path, draw: random.Random) -> None:
        kill_in_mid_reply(watched, draw.uniform(0.0, 1.5))

    try:
        yield one
    finally:
        watched.client.shutdown()


# --- hostile inputs ----------------------------------------------------------------------------------------


def refused_or_right(call: Callable[[], Any]) -> None:
    """What comes in can at worst be refused, in one sentence."""
    try:
        call()
    except (AttuneError, ModelError) as error:
        assert str(error).strip() and "\n" not in str(error), repr(error)


def spoilt(data: bytes, draw: random.Random) -> bytes:
    """Cut off, bits flipped, a piece doubled or left out."""
    made = bytearray(data)
    for _ in range(draw.choice([1, 2, 20])):
        if not made:
            break
        place = draw.randrange(len(made))
        way = draw.randrange(5)
        if way == 0:
            del made[place:]
        elif way == 1:
            made[place] ^= draw.randrange(1, 256)
        elif way == 2:
            made[place:place] = made[place : place + draw.randrange(1, 200)]
        elif way == 3:
            del made[place : place + draw.randrange(1, 200)]
        else:
            made[place : place + 4] = draw.choice([b"\xff\xff\xff\xff", b"\0\0\0\0", b"1e99", b'"[{'])
    return bytes(made)


def damaged_database(folder: Path, draw: random.Random) -> None:
    from test_store_safety import flip_and_open

    flip_and_open(folder, draw.randrange(2**32))


def spoilt_export(folder: Path) -> Iterator[Try]:
    """Exports of every program, ours too."""
    from samples import exchange
    from test_imports import every_program

    files = every_program(folder, _png())
    with Store.open(DataPaths(folder / "own")) as store:
        _, reply = exchange(store)
        store.add_rating("thumb", 1, reply.id)
        store.export_json(folder / "own.json")
    files["Attune"] = folder / "own.json"

    def one(inner: Path, draw: random.Random) -> None:
        source = draw.choice(list(files.values()))
        file = inner / f"x{source.suffix}"
        assert imports.read(source).trees  # whole, it is taken in
        file.write_bytes(spoilt(source.read_bytes(), draw))
        with Store.open(DataPaths(inner / "data")) as store:
            refused_or_right(lambda: imports.read(file))
            refused_or_right(lambda: store.import_file(file))
            assert [row[0] for row in store.db.conn.execute("PRAGMA foreign_key_check")] == []

    yield one


def spoilt_backup(folder: Path) -> Iterator[Try]:
    from samples import exchange

    with Store.open(DataPaths(folder / "own")) as store:
        exchange(store)
        store.backup_to(folder / "all.attune")
    data = (folder / "all.attune").read_bytes()

    def one(inner: Path, draw: random.Random) -> None:
        paths = DataPaths(inner / "data")
        with Store.open(paths) as store:
            _, reply = exchange(store, "mine", "stays")
        (inner / "x.attune").write_bytes(spoilt(data, draw))
        try:
            archive.restore(paths, inner / "x.attune")
        except AttuneError:
            with Store.open(paths) as store:
                assert store.message(reply.id).text == "stays"
        outside = {path.name for path in inner.iterdir()}
        assert outside <= {"data", "data-snapshots", "x.attune"}, outside

    yield one


def spoilt_picture(folder: Path) -> Iterator[Try]:
    from assistant.vision import intake

    noise = Image.effect_noise((160, 120), 80).convert("RGB")
    samples = []
    for kind in ("PNG", "JPEG", "WEBP", "GIF"):
        file = io.BytesIO()
        noise.save(file, kind)
        samples.append(file.getvalue())
        assert intake(samples[-1], "picture").width == 160  # whole, it is taken in

    def one(_folder: Path, draw: random.Random) -> None:
        refused_or_right(lambda: intake(spoilt(draw.choice(samples), draw), "picture"))

    yield one


def spoilt_ratings(folder: Path, draw: random.Random) -> None:
    lines = b"""{"prompt": "Say hello", "reply": "hello", "rating": 1, "at": "2026-01-01T00:00:00Z"}
{"prompt": "Say", "chosen": "a", "rejected": "b", "history": [{"role": "user", "content": "x"}], "images": ["y.png"]}
{"prompt": "Say", "reply": "x", "stars": 4, "note": "n", "style": "Work"}
"""
    (folder / "r.jsonl").write_bytes(spoilt(lines, draw))
    with Store.open(DataPaths(folder / "data")) as store:
        refused_or_right(lambda: store.import_ratings(folder / "r.jsonl"))


def strange_query(folder: Path) -> Iterator[Try]:
    from samples import exchange

    signs = (
        string.punctuation
        + 'aB9 \0\n"*():^-京都樱é\u0301\ud83d🎉'
        + "NEAR AND OR NOT has: after:2026 rated:up".replace(" ", "")
    )
    with Store.open(DataPaths(folder / "data")) as store:
        for text in ("A trip to Kyoto", "我想去京都", 'print("100%")'):
            exchange(store, "question", text)

        def one(_folder: Path, draw: random.Random) -> None:
            longest = draw.choice([1, 3, 12, 300, 10_000])
            store.search("".join(draw.choices(signs, k=draw.randrange(1, longest + 1))))

        yield one


def hostile_template(_folder: Path, draw: random.Random) -> None:
    """Under the limit of memory of this command."""
    from test_template_sandbox import HOSTILE, MESSAGES

    from models import chat_template

    tokenizer = SimpleNamespace(added_tokens_decoder={}, all_special_tokens=[], special_tokens_map={})
    refused_or_right(lambda: chat_template.render(draw.choice(HOSTILE), tokenizer, MESSAGES, False))


# --- erasing -----------------------------------------------------------------------------------------------


def erased(folder: Path, draw: random.Random) -> None:
    """After restores, an import, damage and crashes no file of the data folder holds a byte of it."""
    from test_store_attacks import told, traces

    png = _png()
    picture = SimpleNamespace(data=png, mime="image/png", name="cat.png", width=8, height=6, note="")
    paths = DataPaths(folder / "data")
    conversation = told(paths, folder, picture)
    assert len(traces(paths)) > 12, "the secret was not there to begin with"
    with Store.open(paths) as store:
        if draw.random() < 0.5:
            store.erase(conversations=[conversation])
        else:
            store.erase_everything()
    assert traces(paths) == [], traces(paths)


def _png() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (8, 6), (200, 120, 40)).save(file, "PNG")
    return file.getvalue()


CHECKS = (
    Check("a writer of messages and ratings", "kill", 6, 40, plain(killed_writer)),
    Check("the window, in use", "kill", 2, 30, plain(processes.killed_window)),
    Check("the engine, in mid reply", "kill", 3, 25, killed_engine),
    Check("a real update of the style", "kill", 1, 15, processes.killed_update),
    Check("an update that writes its versions", "kill", 3, 20, plain(processes.killed_learner)),
    Check("an import", "kill", 2, 20, plain(killed_at("import"))),
    Check("a migration", "kill", 2, 20, plain(killed_at("migration"))),
    Check("a backup", "kill", 1, 5, plain(killed_at("backup"))),
    Check("an erasing", "kill", 2, 10, plain(killed_at("erasing"))),
    Check("snapshots being taken and thinned", "kill", 1, 10, plain(killed_snapshot("take"))),
    Check("snapshots being restored", "kill", 1, 5, plain(killed_snapshot("restore"))),
    Check("eighteen places that write, the disk full", "disk", 18, 120, plain(full_disk.full_disk)),
    Check("databases with flipped bits and missing ends", "hostile", 15, 300, plain(damaged_database)),
    Check("exports of nine programs, spoilt", "hostile", 60, 900, spoilt_export),
    Check("backups, spoilt", "hostile", 20, 250, spoilt_backup),
    Check("pictures, spoilt", "hostile", 60, 700, spoilt_picture),
    Check("ratings.jsonl, spoilt", "hostile", 20, 250, plain(spoilt_ratings)),
    Check("search queries", "hostile", 60, 500, strange_query),
    Check("chat templates that multiply", "hostile", 40, 100, plain(hostile_template)),
    Check("erasing after restores, imports, damage and crashes", "erase", 2, 10, plain(erased)),
)


def seed_of(check: Check, number: int, seed: int) -> int:
    return int.from_bytes(hashlib.sha256(f"{seed} {check.name} {number}".encode()).digest()[:8], "big")


def folder_for(check: Check) -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix=f"attune-stress-{check.kind}-{os.getpid()}-")
