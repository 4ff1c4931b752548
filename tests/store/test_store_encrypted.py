"""Encrypted backups: by passphrase and recovery key; what is wrong, cut off, changed or exchanged changes nothing."""

from __future__ import annotations

import io
import json
import os
import random
import shutil
import subprocess
import sys
import textwrap

import pytest
from samples import exchange

from assistant.cli import main
from assistant.errors import BadInput, StoreError
from assistant.paths import DataPaths
from assistant.services.library import LibraryService, is_encrypted, restore
from assistant.store import Store, archive, sealed_file

PASSPHRASE = "correct horse battery"
SECRET = "xyzzy-plugh"


@pytest.fixture
def quick(monkeypatch):
    """Scrypt with little memory: these tests are about something else."""
    monkeypatch.setattr(sealed_file, "_SCRYPT_N", 1 << 10)


@pytest.fixture
def sealed(paths, tmp_path, picture, quick):
    """A data folder with several chunks of data, its encrypted backup and recovery key, and texts by id."""
    picture.data += random.Random(1).randbytes(250_000)
    with Store.open(paths) as store:
        photo = store.add_attachment(picture)
        conversation = store.create_conversation(title=SECRET)
        store.add_message(conversation.id, None, "user", SECRET, [photo])
        _, reply = exchange(store, "hello", SECRET)
        _, words = LibraryService(store, paths).encrypted_backup(tmp_path / "all.attune", PASSPHRASE)
    return tmp_path / "all.attune", words, reply.id


def state(paths: DataPaths) -> dict[str, bytes]:
    return {
        str(f.relative_to(paths.root)): f.read_bytes()
        for f in paths.root.rglob("*")
        if f.is_file() and f.name not in ("open.lock", "attune.db-shm")
    }


def test_a_backup_comes_back_by_passphrase_and_by_recovery_key(sealed, tmp_path):
    file, words, reply = sealed
    assert is_encrypted(file) and SECRET.encode() not in file.read_bytes()
    assert b"attune.db" not in file.read_bytes()
    if os.name == "posix":
        assert file.stat().st_mode & 0o077 == 0
    typed = words.lower().replace("-", " ")
    for number, secrets in enumerate(
        ({"passphrase": PASSPHRASE}, {"recovery_key": words}, {"recovery_key": typed})
    ):
        there = DataPaths(tmp_path / f"other {number}")
        report = restore(there, file, **secrets)
        assert report.conversations == 2
        with Store.open(there) as store:
            assert store.message(reply).text == SECRET
        assert [p for p in there.root.rglob("*") if "opened" in p.name or p.name == "restore.tmp"] == []


def test_one_recovery_key_opens_later_backups_until_a_new_one_is_made(sealed, paths, tmp_path):
    _, words, _ = sealed
    with Store.open(paths) as store:
        library = LibraryService(store, paths)
        assert library.encrypted_backup(tmp_path / "second", PASSPHRASE)[1] == ""
        _, third = library.encrypted_backup(tmp_path / "third", PASSPHRASE, new_key=True)
    assert third and third != words
    restore(DataPaths(tmp_path / "a"), tmp_path / "second", recovery_key=words)
    restore(DataPaths(tmp_path / "b"), tmp_path / "third", recovery_key=third)
    with pytest.raises(BadInput, match="does not open"):
        restore(DataPaths(tmp_path / "c"), tmp_path / "third", recovery_key=words)
    # A stranger's backup must not bring a stranger's key along.
    kept = paths.recovery_key.read_bytes()
    restore(paths, tmp_path / "second", PASSPHRASE)
    assert paths.recovery_key.read_bytes() == kept
    assert words.encode() not in b"".join(state(paths).values())


@pytest.mark.parametrize(
    ("secrets", "said"),
    [
        ({}, "is encrypted"),
        ({"passphrase": "correct horse batter"}, "passphrase does not open"),
        ({"recovery_key": sealed_file.new_recovery_key().words}, "recovery key does not open"),
        ({"recovery_key": "ABCD"}, "no recovery key"),
        ({"recovery_key": "ÄÖÜ!"}, "no recovery key"),
    ],
)
def test_a_wrong_key_is_said_in_one_sentence_and_nothing_changes(sealed, paths, secrets, said):
    before = state(paths)
    with pytest.raises(BadInput, match=said) as refused:
        restore(paths, sealed[0], **secrets)
    assert "\n" not in str(refused.value) and state(paths) == before


def test_a_mistyped_recovery_key_is_told_apart_from_a_wrong_one():
    key = sealed_file.new_recovery_key()
    assert sealed_file.read_recovery_key(key.words) == key
    for at, letter in enumerate(key.words):
        if letter != "-":
            wrong = key.words[:at] + ("A" if letter != "A" else "C") + key.words[at + 1 :]
            with pytest.raises(BadInput):
                sealed_file.read_recovery_key(wrong)


def chunks(data: bytes) -> tuple[bytes, list[bytes]]:
    start = data.index(b"\n", len(sealed_file.MAGIC)) + 1
    size = sealed_file.CHUNK_BYTES + 16
    return data[:start], [data[at : at + size] for at in range(start, len(data), size)]


def test_a_backup_that_was_changed_is_refused_and_nothing_changes(sealed, paths, tmp_path):
    data = sealed[0].read_bytes()
    head, parts = chunks(data)
    assert len(parts) > 3
    rng = random.Random(7)
    spoilt = [
        head + b"".join(parts[:-1]),  # the last chunk is missing
        head + b"".join([parts[1], parts[0], *parts[2:]]),  # two are exchanged
        head + b"".join([parts[0], *parts]),  # one is doubled
        head + b"".join([parts[0], *parts[2:]]),  # one is left out
        head + parts[-1],
        head,
        data + b"x",
        data + parts[-1],
        data[: len(sealed_file.MAGIC)],
        data[: len(head) // 2],
        b"",
    ]
    spoilt += [data[: rng.randrange(len(data))] for _ in range(20)]
    for _ in range(60):
        bad, at = bytearray(data), rng.randrange(len(data) if rng.random() < 0.5 else len(head))
        bad[at] ^= 1 << rng.randrange(8)
        spoilt.append(bytes(bad))
    before = state(paths)
    other = tmp_path / "other.attune"
    with Store.open(DataPaths(tmp_path / "o")) as store:
        LibraryService(store, DataPaths(tmp_path / "o")).encrypted_backup(other, PASSPHRASE)
    spoilt.append(head + b"".join(chunks(other.read_bytes())[1]))  # the content of another backup
    for bad in spoilt:
        if bad == data:
            continue
        (tmp_path / "bad.attune").write_bytes(bad)
        with pytest.raises(BadInput) as refused:
            restore(paths, tmp_path / "bad.attune", PASSPHRASE)
        assert "\n" not in str(refused.value) and state(paths) == before
    # What only the recovery key's part lost can be opened by the passphrase no more: all of the header is bound.
    header = json.loads(head.split(b"\n")[1])
    header["x25519"]["key"] = header["scrypt"]["key"]
    (tmp_path / "bad.attune").write_bytes(
        sealed_file.MAGIC + json.dumps(header).encode() + b"\n" + b"".join(parts)
    )
    with pytest.raises(BadInput):
        restore(paths, tmp_path / "bad.attune", PASSPHRASE)


@pytest.mark.parametrize("n", [2**40, 3, 0, -1, "x", None, 2**21])
def test_a_strangers_file_cannot_ask_for_all_memory(sealed, paths, tmp_path, n):
    head, parts = chunks(sealed[0].read_bytes())
    header = json.loads(head.split(b"\n")[1])
    header["scrypt"]["n"] = n
    (tmp_path / "bad").write_bytes(sealed_file.MAGIC + json.dumps(header).encode() + b"\n" + b"".join(parts))
    with pytest.raises(BadInput, match="damaged"):
        restore(paths, tmp_path / "bad", PASSPHRASE)


def test_a_short_passphrase_makes_no_backup(paths, tmp_path, quick):
    with Store.open(paths) as store:
        exchange(store)
        with pytest.raises(BadInput, match="8 characters"):
            LibraryService(store, paths).encrypted_backup(tmp_path / "all", "short")
    assert not (tmp_path / "all").exists() and not paths.recovery_key.exists()
    assert list(tmp_path.glob("*.tmp")) == [] and list(paths.backups.glob("*.tmp")) == []


@pytest.mark.parametrize("size", [0, 1, 65_535, 65_536, 65_537, 131_072])
def test_the_stream_gives_back_what_was_written(tmp_path, quick, size):
    data = random.Random(size).randbytes(size)
    key = sealed_file.new_recovery_key()
    target = io.BytesIO()
    sealing = sealed_file.Sealing(target, PASSPHRASE, key.public)
    for at in range(0, size, 7777):
        sealing.write(data[at : at + 7777])
    sealing.close()
    file = tmp_path / "x"
    file.write_bytes(target.getvalue())
    assert b"".join(sealed_file.opened(file, PASSPHRASE)) == data
    assert b"".join(sealed_file.opened(file, key)) == data


@pytest.mark.skipif(sys.platform != "linux", reason="RLIMIT_DATA")
def test_a_large_backup_takes_little_memory(tmp_path, paths):
    """120 MB through a process that may have 80 MB more than it begins with."""
    with Store.open(paths) as store:
        exchange(store)
    (paths.styles / "v1").mkdir()
    with (paths.styles / "v1" / "adapter_model.safetensors").open("wb") as file:
        for _ in range(120):
            file.write(os.urandom(1_000_000))
    code = textwrap.dedent(
        """
        import resource, sys
        from pathlib import Path
        from assistant.paths import DataPaths
        from assistant.services.library import LibraryService, restore
        from assistant.store import Store, archive, sealed_file
        sealed_file._SCRYPT_N = 1 << 10
        paths, there = DataPaths(Path(sys.argv[1])), DataPaths(Path(sys.argv[2]))
        with Store.open(paths) as store:
            used = int(next(l for l in open("/proc/self/status") if l.startswith("VmData")).split()[1]) * 1024
            resource.setrlimit(resource.RLIMIT_DATA, (used + 80_000_000,) * 2)
            LibraryService(store, paths).encrypted_backup(Path(sys.argv[3]), "correct horse battery")
        print(restore(there, Path(sys.argv[3]), "correct horse battery").size_bytes)
        """
    )
    arguments = [str(paths.root), str(tmp_path / "there"), str(tmp_path / "all.attune")]
    done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 120_000_000


def test_a_restore_for_later_happens_at_the_next_start(sealed, paths, tmp_path):
    """As the window does it, whose store is open."""
    file, _, reply = sealed
    with Store.open(paths) as store:
        store.purge_conversation(store.message(reply).conversation_id)
        with pytest.raises(StoreError, match="close it first"):
            restore(paths, file, PASSPHRASE)
        report = restore(paths, file, PASSPHRASE, later=True)
        assert report.conversations == 2 and store.conversation_count() == 1
        with Store.open(paths) as second:  # another process comes along meanwhile
            assert second.conversation_count() == 1
    with Store.open(paths) as store:
        assert store.message(reply).text == SECRET
    assert (paths.backups.glob("before-restore-*")) and not (paths.root / "restore.tmp").exists()
    with Store.open(paths) as store, pytest.raises(BadInput):
        restore(paths, file, "another passphrase", later=True)
    assert not (paths.root / "restore.tmp").exists()


def test_by_command(attune_home, tmp_path, quick, capsys):
    paths = DataPaths(attune_home)
    with Store.open(paths) as store:
        _, reply = exchange(store, "hello", SECRET)
    key_file, file = tmp_path / "passphrase", str(tmp_path / "all.attune")
    key_file.write_text(f"{PASSPHRASE}\n")
    assert main(["backup", file, "--encrypt", "--passphrase-file", str(key_file), "--json"], None) == 0
    words = json.loads(capsys.readouterr().out)["recovery_key"]
    shutil.rmtree(attune_home)
    assert main(["restore", file], None) == 1  # nobody to ask
    assert "--passphrase-file" in capsys.readouterr().err
    (tmp_path / "words").write_text(words)
    assert main(["restore", file, "--passphrase-file", str(tmp_path / "words")], None) == 1
    said = capsys.readouterr().err
    assert said.strip() == "That passphrase does not open all.attune."
    assert main(["restore", file, "--recovery-key", "--passphrase-file", str(tmp_path / "words")], None) == 0
    with Store.open(paths) as store:
        assert store.message(reply.id).text == SECRET
    assert main(["restore", str(tmp_path / "missing")], None) == 1
    assert main(["backup", file, "--encrypt", "--passphrase-file", str(tmp_path / "missing")], None) == 1
    assert archive.FORMAT not in capsys.readouterr().err
