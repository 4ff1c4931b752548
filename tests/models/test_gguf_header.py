"""Hostile and damaged GGUF headers: refused from the header, in one sentence, with little time and memory."""

from __future__ import annotations

import random
import struct
import subprocess
import sys
from pathlib import Path

import gguf
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.errors import ModelRefused
from models.gguf.header import MAX_DIMENSION, read_header

HUGE = 1 << 60
ROOT = Path(__file__).resolve().parents[2]
# Much less than a hostile count would ask for; enough for Python itself.
CHILD = """
import resource, sys
from pathlib import Path
resource.setrlimit(resource.RLIMIT_AS, (600 << 20, 600 << 20))
resource.setrlimit(resource.RLIMIT_CPU, (20, 20))
from models.errors import ModelRefused
from models.gguf.model import examine
for path in sys.argv[1:]:
    try:
        examine(Path(path))
    except ModelRefused as error:
        print(error)
    else:
        print("ACCEPTED", path)
"""


def text(value: str) -> bytes:
    raw = value.encode()
    return struct.pack("<Q", len(raw)) + raw


def setting(name: str, kind: int, value: bytes) -> bytes:
    return text(name) + struct.pack("<I", kind) + value


def array(kind: int, length: int, items: bytes = b"") -> bytes:
    return struct.pack("<IQ", kind, length) + items


def tensor(name: str = "t", sizes: tuple[int, ...] = (32,), kind: int = 0, offset: int = 0) -> bytes:
    return text(name) + struct.pack(f"<I{len(sizes)}QIQ", len(sizes), *sizes, kind, offset)


def file(
    parts: bytes = b"", n_tensors: int = 0, n_settings: int = 0, *, version: int = 3, data: int = 4096
) -> bytes:
    head = b"GGUF" + struct.pack("<IQQ", version, n_tensors, n_settings) + parts
    return head + bytes(-len(head) % 32) + bytes(data)


ARCH = setting("general.architecture", 8, text("llama"))
HOSTILE: dict[str, bytes] = {
    "tensors": file(ARCH, HUGE, 1),
    "settings": file(ARCH, 0, HUGE),
    "more tensors than bytes": file(ARCH, 1000, 1),
    "settings that would fit": file(ARCH, 0, 300),
    "length of a name": file(struct.pack("<Q", HUGE) + b"x", 0, 1),
    "length of a text": file(text("a") + struct.pack("<IQ", 8, HUGE), 0, 1),
    "negative length": file(text("a") + struct.pack("<Iq", 8, -1), 0, 1),
    "array of numbers": file(setting("a", 9, array(5, HUGE)), 0, 1),
    "array of texts": file(setting("a", 9, array(8, HUGE)), 0, 1),
    "array of empty texts": file(setting("a", 9, array(8, 500, bytes(4000))) + ARCH, 0, 2),
    "array of arrays": file(setting("a", 9, array(9, 2, array(9, 2, array(9, HUGE)))), 0, 1),
    "array of nothing known": file(setting("a", 9, array(77, 3)), 0, 1),
    "text in an array": file(setting("a", 9, array(8, 2, struct.pack("<Q", HUGE))), 0, 1),
    "lengths that wrap around": file(setting("a", 9, array(8, 2, struct.pack("<Qq", 4, -20))), 0, 1),
    "type of a setting": file(setting("a", 99, b"1234"), 0, 1),
    "two settings of a name": file(ARCH + ARCH, 0, 2),
    "text that is not UTF-8": file(setting("a", 8, struct.pack("<Q", 2) + b"\xff\xfe"), 0, 1),
    "dimensions": file(ARCH + text("t") + struct.pack("<I", 1 << 31), 1, 1),
    "no dimensions": file(ARCH + text("t") + struct.pack("<IIQ", 0, 0, 0), 1, 1),
    "size": file(ARCH + tensor(sizes=(HUGE,)), 1, 1),
    "size that wraps around": file(ARCH + tensor(sizes=(1 << 27, 1 << 27, 1 << 27, 1 << 27)), 1, 1),
    "size zero": file(ARCH + tensor(sizes=(0, 32)), 1, 1),
    "part of a block": file(ARCH + tensor(sizes=(100, 2), kind=12), 1, 1),
    "type of a tensor": file(ARCH + tensor(kind=4242), 1, 1),
    "offset": file(ARCH + tensor(offset=HUGE - HUGE % 32), 1, 1),
    "offset between": file(ARCH + tensor(offset=7), 1, 1),
    "end": file(ARCH + tensor(sizes=(2048,)), 1, 1),
    "two tensors of a name": file(ARCH + tensor("t") + tensor("t", offset=128), 2, 1),
    "tensors on each other": file(ARCH + tensor("t") + tensor("u", offset=64), 2, 1),
    "alignment": file(ARCH + setting("general.alignment", 4, struct.pack("<I", 0)) + tensor(), 1, 2),
    "alignment of three": file(ARCH + setting("general.alignment", 4, struct.pack("<I", 3)) + tensor(), 1, 2),
    "version": file(ARCH, 0, 1, version=1),
    "byte order": b"GGUF" + struct.pack(">IQQ", 3, 1, 1) + bytes(4096),
    "nothing": b"GGUF",
    "no tensors": file(ARCH, 0, 1),
    "no architecture": file(b"", 0, 0),
    # What hung `models add` for minutes and grew past 5 GB: 94 bytes that promise 2^60 words.
    "94 bytes": (file(ARCH + setting("tokenizer.ggml.tokens", 9, array(8, HUGE)), 0, 2, data=0) + bytes(94))[
        :94
    ],
}


@pytest.mark.skipif(sys.platform == "win32", reason="no such limits there")
def test_hostile_headers_are_refused_under_a_memory_limit(tmp_path: Path) -> None:
    paths = []
    for number, data in enumerate(HOSTILE.values()):
        paths.append(tmp_path / f"{number}.gguf")
        paths[-1].write_bytes(data)
    done = subprocess.run(
        [sys.executable, "-c", CHILD, *map(str, paths)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    lines = done.stdout.splitlines()
    assert done.returncode == 0, done.stderr[-2000:]
    assert len(lines) == len(HOSTILE)
    for name, line in zip(HOSTILE, lines, strict=True):
        assert not line.startswith("ACCEPTED"), name
        assert line.endswith(".") and line.count(". ") == 0, (name, line)


def small_model(path: Path) -> None:
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_token_list(["a", "bc", "", "图"] * 400)
    writer.add_token_types([1, 1, 3, 1] * 400)
    writer.add_token_scores([0.5, 1.0, 0.0, 2.0] * 400)
    writer.add_array("general.languages", ["en", "zh"])
    writer.add_bool("tokenizer.ggml.add_bos_token", True)
    writer.add_float64("llama.x", 0.25)
    writer.add_block_count(1)
    writer.add_tensor("first", np.arange(64, dtype=np.float32).reshape(2, 32))
    writer.add_tensor("second", np.arange(32, dtype=np.float16))
    blocks = gguf.quants.quantize(np.ones((3, 64), dtype=np.float32), gguf.GGMLQuantizationType.Q8_0)
    writer.add_tensor("third", blocks, raw_dtype=gguf.GGMLQuantizationType.Q8_0)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def test_a_whole_header_is_read_as_gguf_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "small.gguf"
    small_model(path)
    header, stock = read_header(path), gguf.GGUFReader(path)
    for name, field in stock.fields.items():
        if name.startswith("GGUF."):
            continue
        value = header.settings.get(name, header.array(name))
        expected = field.contents()
        assert (list(value) if isinstance(value, tuple) else value) == expected, name
    assert header.length("tokenizer.ggml.tokens") == 1600 and header.length("nothing") is None
    assert list(header.tensors) == [one.name for one in stock.tensors]
    for one in stock.tensors:
        ours = header.tensors[one.name]
        assert (ours.type, ours.start, ours.size_bytes, ours.count) == (
            one.tensor_type.name, one.data_offset, one.n_bytes, one.n_elements,
        )  # fmt: skip
        assert ours.shape == tuple(int(n) for n in one.shape[::-1])


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("whole") / "small.gguf"
    small_model(path)
    return path.read_bytes()


def read(tmp_path: Path, data: bytes) -> None:
    """Read ``data`` as a file; whatever it holds, it is read or refused."""
    path = tmp_path / "m.gguf"
    path.write_bytes(data)
    try:
        header = read_header(path)
        for name in ("tokenizer.ggml.tokens", "tokenizer.ggml.scores"):
            header.array(name)
    except ModelRefused as error:
        assert str(error).startswith("m.gguf ")
        return
    assert all(
        0 < one.start <= one.start + one.size_bytes <= len(data) and max(one.shape) <= MAX_DIMENSION
        for one in header.tensors.values()
    )


@settings(max_examples=150)
@given(cut=st.integers(0, 40_000))
def test_cut_off_anywhere(cut: int, whole: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    read(tmp_path_factory.mktemp("cut"), whole[:cut])


@settings(max_examples=300)
@given(data=st.data())
def test_numbers_changed_anywhere(
    data: st.DataObject, whole: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """One to three numbers of 1, 4 or 8 bytes replaced by zeros, ones, large or random ones."""
    changed = bytearray(whole)
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.one_of(st.integers(0, 400), st.integers(0, len(whole) - 8)))
        width = data.draw(st.sampled_from([1, 4, 8]))
        most = (1 << 8 * width) - 1
        value = data.draw(
            st.sampled_from([0, 1, most, most >> 1, HUGE & most, 1 << 31 & most]) | st.integers(0, most)
        )
        changed[at : at + width] = value.to_bytes(width, "little")
    read(tmp_path_factory.mktemp("changed"), bytes(changed))


def test_many_random_mutations(whole: bytes, tmp_path: Path) -> None:
    """The same without hypothesis' bookkeeping, thousands of times."""
    random.seed(4)
    for _ in range(3000):
        changed = bytearray(whole)
        for _ in range(random.randint(1, 8)):
            changed[random.randrange(min(len(whole), random.choice([64, 400, len(whole)])))] = random.choice(
                [0, 1, 127, 128, 255, random.randrange(256)]
            )
        read(tmp_path, bytes(changed))


def test_a_vocabulary_too_long_for_the_file_costs_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sum over several arrays counts, not each alone."""
    from models.gguf import header as gguf_header

    monkeypatch.setattr(gguf_header, "MAX_ITEMS", 1000)
    parts = b"".join(setting(f"a{n}", 9, array(0, 400, bytes(400))) for n in range(3))
    path = tmp_path / "m.gguf"
    path.write_bytes(file(parts, 0, 3))
    with pytest.raises(ModelRefused, match="impossible length"):
        read_header(path)
