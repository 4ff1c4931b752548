"""A disk that is full at every place that writes: one sentence, nothing half written, and it works when there is room."""

from __future__ import annotations

import random
import resource
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

from assistant import settings
from assistant.errors import AttuneError
from assistant.learning import versions
from assistant.paths import DataPaths
from assistant.records import UpdateReport
from assistant.services.library import LibraryService
from assistant.services.library import restore as put_back
from assistant.services.reports import compose, save
from assistant.services.snapshots import SnapshotService
from assistant.store import Store, recovery, sealed_file
from assistant.store.snapshots import snapshot

LIMITS = (0, 100, 5_000, 60_000, 400_000)  # bytes that a file may have
PASSPHRASE = "correct horse battery"


def _filled(paths: DataPaths, place: Path) -> str:
    """A data folder with half a megabyte in it, and a backup, an export and a snapshot of it; a reply's id."""
    from samples import exchange

    with Store.open(paths) as store:
        for n in range(6):
            _, reply = exchange(store, f"question {n}", random.Random(n).randbytes(50_000).hex())
        store.add_rating("thumb", 1, reply.id)
        store.export_json(place / "all.json")
        store.backup_to(place / "all.attune")
        store.export_ratings(place / "ratings.jsonl")
        snapshot.take(paths, "asked")
        exchange(store, "since")
    return reply.id


def _sites(paths: DataPaths, place: Path, store: Store, reply: str) -> dict[str, Callable[[], object]]:
    """Every place that writes, by name; each may be called again."""
    library, long = LibraryService(store, paths), "words " * 30_000
    data = random.Random(9).randbytes(500_000)
    picture = SimpleNamespace(data=data, mime="image/png", name="x.png", width=1, height=1, note="")
    chat = store.message(reply).conversation_id

    def version() -> None:
        with versions.learning(paths.styles):
            folder = versions.begin(paths.styles, f"v{len(store.styles(deleted=True))}")
            try:
                for name in ("adapter_config.json", "adapter_model.safetensors"):
                    (folder / name).write_bytes(data)
                made = versions.finish(folder, {"base": "starter"})
            except OSError as error:
                raise AttuneError(f"The disk is full: {error.strerror}.") from error
            versions.register(store, "starter", UpdateReport(accepted=True, version=made.name))

    return {
        "a message": lambda: store.add_message(chat, None, "user", long),
        "a rating": lambda: store.add_rating("edit", 1, reply, text=long),
        "a picture": lambda: store.add_attachment(picture),
        "an export": lambda: library.export(place / "out.json"),
        "a page to read": lambda: library.export(place / "out.html", "html"),
        "ratings out": lambda: library.export_ratings(place / "out.jsonl"),
        "a backup": lambda: library.backup(place / "out.attune"),
        "an encrypted backup": lambda: library.encrypted_backup(place / "out.sealed", PASSPHRASE),
        "a snapshot": lambda: snapshot.take(paths, "asked"),
        "a snapshot restored": lambda: SnapshotService(store, paths).restore(snapshot.ids(paths)[0]),
        "a chat restored": lambda: SnapshotService(store, paths).restore(snapshot.ids(paths)[0], chat),
        "a backup to be restored": lambda: put_back(paths, place / "all.attune", later=True),
        "an import": lambda: library.import_file(place / "all.json"),
        "ratings in": lambda: library.import_ratings(place / "ratings.jsonl"),
        "settings": lambda: settings.save(paths.settings, settings.Settings(system_prompt=long)),
        "a version of a style": version,
        "a report": lambda: save(compose(paths), place / "report.txt"),
        "an erasing": lambda: store.erase(conversations=[chat]),
    }


def full_disk(folder: Path, draw: random.Random) -> None:
    place, paths = folder / "out", DataPaths(folder / "data")
    place.mkdir()
    sealed_file._SCRYPT_N = 1 << 10  # it is the disk that is tried here
    reply = _filled(paths, place)
    with Store.open(paths) as store:
        sites = _sites(paths, place, store, reply)
        name = draw.choice(list(sites))
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (draw.choice(LIMITS), hard))
        try:
            sites[name]()
        except AttuneError as error:
            assert str(error).strip() and "\n" not in str(error), f"{name}: {error!r}"
        except OSError as error:
            raise AssertionError(f"{name}: a bare {error!r}") from error
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        if name != "an erasing":  # of which only the rest may be left
            assert store.message(reply).text, f"{name}: something is lost"
        sites[name]()  # there is room again
    if name != "a backup to be restored":
        assert not list(paths.snapshots.rglob("*.tmp")), f"{name}: left half written"
    left = [path.name for path in (*place.iterdir(), *paths.backups.iterdir()) if path.suffix == ".tmp"]
    assert not left, f"{name}: left half written: {left}"
    with Store.open(paths):
        assert recovery.problems(paths.database) == [], name
