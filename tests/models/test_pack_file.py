"""Packed weights: made once, used again, made anew when anything about them does not fit, in memory if need be."""

from __future__ import annotations

import logging
import os
import shutil
import sys
import time
from pathlib import Path
from typing import Any

import gguf_files
import pytest
import torch
from tiny_model import make_tiny_model
from transformers import AutoModelForCausalLM, Qwen2Config

from models import loader
from models.decoders import decoder, native_library
from models.errors import ModelRefused
from models.fetch import catalog, trust
from models.gguf.folder import GGUF_NAME
from models.gguf.model import make_folder
from models.packing import pack_index
from models.packing.pack_file import PHASE

pytestmark = pytest.mark.skipif(
    native_library.kernels() not in ("avx2", "avx512"), reason="the native decoder is not used here"
)
IDS = torch.tensor([[5, 9, 33, 120, 7, 64]])


def silent(phase: str, done: float, total: float) -> None:
    pass


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a tiny GGUF model and no pack."""
    torch.manual_seed(1)
    config = Qwen2Config(
        vocab_size=331, hidden_size=64, intermediate_size=96, num_hidden_layers=2, num_attention_heads=4,
        num_key_value_heads=2, max_position_embeddings=256, initializer_range=0.2, eos_token_id=2,
    )  # fmt: skip
    folder = tmp_path_factory.mktemp("original")
    gguf_files.write(folder / GGUF_NAME, AutoModelForCausalLM.from_config(config), "Q5_0")
    make_folder(folder / GGUF_NAME, folder, silent)
    return folder


@pytest.fixture
def folder(original: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(original, tmp_path / "model"))


def load(folder: Path) -> tuple[torch.Tensor, bool]:
    """(logits, whether the weights were packed for it)."""
    phases: list[str] = []
    model = loader.load(folder, model_id="m", progress=lambda phase, done, total: phases.append(phase))
    assert model.decoder.name == "native"
    return model.decoder.forward(model.decoder.new_cache(), IDS)[0], PHASE in phases


def pack_of(folder: Path) -> Path:
    (path,) = folder.glob("packed-*.bin")
    return path


def test_packed_once_and_mapped_at_every_start(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, packed = load(folder)
    assert packed
    path = pack_of(folder)
    written = path.stat().st_mtime_ns, path.stat().st_ino
    second, packed = load(folder)
    assert not packed and torch.equal(first, second)
    assert (path.stat().st_mtime_ns, path.stat().st_ino) == written
    assert not list(folder.glob(".*"))
    # The matrices are not read from the source any more.
    monkeypatch.setattr(decoder, "open_weights", None)
    third, packed = load(folder)
    assert not packed and torch.equal(first, third)


def test_another_file_or_another_time_is_packed_anew(folder: Path) -> None:
    first, _ = load(folder)
    os.utime(folder / GGUF_NAME, ns=(1, 1))
    again, packed = load(folder)
    assert packed and torch.equal(first, again)


@pytest.mark.parametrize("harm", ["cut", "index", "magic", "empty", "data cut", "nonsense index", "swapped"])
def test_a_damaged_pack_is_made_anew(harm: str, folder: Path) -> None:
    first, _ = load(folder)
    path = pack_of(folder)
    data = bytearray(path.read_bytes())
    if harm == "cut":
        data = data[: len(data) // 2]
    elif harm == "index":
        data[40] ^= 1
    elif harm == "magic":
        data[0] ^= 1
    elif harm == "empty":
        data = bytearray()
    elif harm == "data cut":
        data = data[:-64]
    else:
        _rewrite_index(path, data, harm)
    path.write_bytes(data)
    again, packed = load(folder)
    assert packed and torch.equal(first, again)


def _rewrite_index(path: Path, data: bytearray, harm: str) -> None:
    """A pack whose index is whole by its checksum and says what cannot be."""
    import json
    import struct
    import zlib

    stamp, places = pack_index.read_index(path) or ({}, {})
    rows: dict[str, Any] = {
        name: [one.format, list(one.shape), one.start, one.size_bytes, one.crc32]
        for name, one in places.items()
    }
    if harm == "swapped":
        rows["embed_tokens"][1] = rows["embed_tokens"][1][::-1]
    else:
        rows["embed_tokens"][2] = 1 << 40
    raw = json.dumps({"stamp": stamp, "places": rows}).encode()
    data[: 20 + len(raw)] = struct.pack("<8sIII", b"ATTUNEPK", 1, len(raw), zlib.crc32(raw)) + raw


def test_another_version_is_made_anew_and_the_old_one_goes(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load(folder)
    old = pack_of(folder)
    stale = folder / ".packed-gguf-0-tiles16.bin.1.tmp"
    stale.write_bytes(b"half")
    os.utime(stale, (time.time() - 3600, time.time() - 3600))
    fresh = folder / ".packed-gguf-0-tiles16.bin.2.tmp"
    fresh.write_bytes(b"being written by another process")
    other = old.with_name(
        old.name.replace(f"-{native_library.INTERFACE}-", f"-{native_library.INTERFACE + 1}-")
    )
    old.rename(other)
    _, packed = load(folder)
    assert packed and pack_of(folder) == old
    assert not stale.exists() and fresh.exists()
    monkeypatch.setattr(pack_index, "_VERSION", 2)
    _, packed = load(folder)
    assert packed


@pytest.mark.skipif(sys.platform == "win32", reason="no such limit there")
def test_a_full_disk_leaves_the_weights_in_memory(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    import resource
    import signal

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, before[1]))
        with caplog.at_level(logging.WARNING):
            first, packed = load(folder)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)
    assert packed and not list(folder.glob("*packed-*"))
    assert "prepared again at every start" in caplog.text
    again, packed = load(folder)
    assert packed and torch.equal(first, again)


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_for_reading_only(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    folder.chmod(0o500)
    try:
        with caplog.at_level(logging.WARNING):
            first, packed = load(folder)
        assert packed and "prepared again at every start" in caplog.text
    finally:
        folder.chmod(0o700)
    again, _ = load(folder)
    assert torch.equal(first, again)


def test_weights_quantised_here_are_packed_once_too(tmp_path: Path) -> None:
    folder = make_tiny_model(tmp_path / "tiny")
    first, packed = load(folder)
    assert packed and pack_of(folder).name.startswith("packed-int8-")
    second, packed = load(folder)
    assert not packed and torch.equal(first, second)
    coarse = loader.load(folder, model_id="m", quantization="int4")
    assert coarse.quantization == "int4" and len(list(folder.glob("packed-*.bin"))) == 2
    exact = loader.load(folder, model_id="m", quantization="float32")
    assert exact.quantization == "float32" and len(list(folder.glob("packed-*.bin"))) == 2
    assert trust.check(folder).weights == (folder / "model.safetensors",)


def test_weights_of_another_size_never_reach_the_pack(folder: Path) -> None:
    import json

    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"intermediate_size": 128}))
    with pytest.raises(ModelRefused, match="do not fit together"):
        load(folder)
    assert not list(folder.glob("*packed-*"))


def test_verify_finds_what_a_failing_disk_did(folder: Path, tmp_path: Path) -> None:
    models_dir = tmp_path / "models"
    models_dir.mkdir()
    model = folder.rename(models_dir / "m")
    first, _ = load(model)
    assert catalog.verify("m", models_dir) == []
    path = pack_of(model)
    with path.open("r+b") as file:
        file.seek(-100, 2)
        file.write(b"\xff" * 8)
    (problem,) = catalog.verify("m", models_dir)
    assert "made anew" in problem and not path.exists()
    again, packed = load(model)
    assert packed and torch.equal(first, again)
    with (model / GGUF_NAME).open("r+b") as file:
        file.seek(-100, 2)
        file.write(b"\xff" * 8)
    assert catalog.verify("m", models_dir) == ["source.gguf is not the file that was added."]
    (model / GGUF_NAME).unlink()
    assert any("gone" in problem or "no weights" in problem for problem in catalog.verify("m", models_dir))
