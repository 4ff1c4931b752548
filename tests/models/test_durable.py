"""A file is written whole or not at all, and only for this user where that is asked."""

from __future__ import annotations

import os
import stat

import pytest

from models import durable


def test_a_file_is_replaced_whole(tmp_path):
    path = tmp_path / "settings.json"
    durable.write(path, b"one")
    durable.write(path, b"two", private=True)
    assert path.read_bytes() == b"two" and [file.name for file in tmp_path.iterdir()] == ["settings.json"]
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_what_cannot_be_flushed_leaves_the_old_file_and_nothing_beside_it(tmp_path, monkeypatch):
    path = tmp_path / "settings.json"
    durable.write(path, b"old")

    def full(_handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("models.durable.os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        durable.write(path, b"new")
    assert path.read_bytes() == b"old" and [file.name for file in tmp_path.iterdir()] == ["settings.json"]


def test_files_and_folders_can_be_flushed(tmp_path):
    (tmp_path / "file").write_bytes(b"x")
    durable.sync(tmp_path / "file")
    durable.sync(tmp_path)
    with pytest.raises(OSError):
        durable.sync(tmp_path / "none")
