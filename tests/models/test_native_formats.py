"""GGUF blocks in the native tiles: the same weights bit for bit, and products by every set of kernels."""

from __future__ import annotations

import gguf
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from models.decoders import native_library as native
from models.decoders.native_library import Packed, format_of, gguf_size, pack_gguf, packed_size

TYPES = ["F32", "F16", "BF16", "Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0", "Q4_K", "Q5_K", "Q6_K"]
pytestmark = pytest.mark.skipif(native.library() is None, reason="the native step is not built")


def blocks(name: str, rows: int, cols: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """A tensor's bytes, any codes with ordinary scales, and the weights that gguf reads from them."""
    random = np.random.default_rng(seed)
    kind = gguf.GGMLQuantizationType[name]
    if name in ("F32", "F16", "BF16"):
        data = gguf.quants.quantize(random.normal(size=(rows, cols)).astype(np.float32), kind)
    else:
        size = gguf.GGML_QUANT_SIZES[kind][1]
        data = random.integers(0, 256, (gguf_size(name, rows, cols) // size, size), dtype=np.uint8)
        halves = random.uniform(-0.1, 0.1, (len(data), 2)).astype(np.float16).view(np.uint8)
        two = name in ("Q4_1", "Q5_1", "Q4_K", "Q5_K")
        if name == "Q6_K":
            data[:, -2:] = halves[:, :2]
        else:
            data[:, : 4 if two else 2] = halves[:, : 4 if two else 2]
    weights = gguf.quants.dequantize(data, kind).reshape(rows, cols)
    return np.ascontiguousarray(data).view(np.uint8).reshape(-1), weights


def packed(
    name: str, rows: int, cols: int, seed: int, order: np.ndarray | None = None
) -> tuple[Packed, np.ndarray]:
    data, weights = blocks(name, rows, cols, seed)
    kind = format_of(name)
    assert kind is not None
    out = np.full(packed_size(kind, rows, cols), 255, np.uint8)
    pack_gguf(name, data, rows, cols, out, order, threads=2)
    return Packed.mapped(kind, rows, cols, out), weights


@settings(max_examples=60, deadline=None)
@given(
    name=st.sampled_from(TYPES),
    rows=st.integers(1, 50),
    blocks_wide=st.integers(1, 3),
    seed=st.integers(0, 2**32 - 1),
    shuffled=st.booleans(),
)
def test_every_row_is_what_gguf_reads(name, rows, blocks_wide, seed, shuffled):
    cols = blocks_wide * (256 if name.endswith("_K") else 32)
    order = np.random.default_rng(seed).permutation(rows).astype(np.int32) if shuffled else None
    matrix, weights = packed(name, rows, cols, seed, order)
    expected = weights if order is None else weights[order]
    for row in range(rows):
        assert np.array_equal(matrix.row(row).numpy(), expected[row])


@pytest.mark.parametrize(
    ("name", "bits"),
    [
        ("Q4_0", 4.5),
        ("Q4_1", 5),
        ("Q5_0", 5.5),
        ("Q8_0", 8.5),
        ("Q4_K", 4.5),
        ("Q5_K", 5.5),
        ("Q6_K", 6.5625),
    ],
)
def test_the_tiles_are_no_larger_than_the_file(name, bits):
    kind = format_of(name)
    assert kind is not None and packed_size(kind, 64, 2048) * 8 / (64 * 2048) == bits


def test_what_cannot_be_packed_is_refused():
    assert format_of("IQ2_XS") is None
    with pytest.raises(ValueError, match="no q4_k matrix"):
        packed_size("q4_k", 16, 128)
    out = np.zeros(packed_size("q4_k", 16, 256), np.uint8)
    data = np.zeros(gguf_size("Q4_K", 16, 256), np.uint8)
    with pytest.raises(ValueError, match="no Q4_K tensor"):
        pack_gguf("Q4_K", data[:-1], 16, 256, out)
    with pytest.raises(ValueError, match="wrong size"):
        pack_gguf("Q4_K", data, 16, 256, out[:-64])
    with pytest.raises(ValueError, match="order"):
        pack_gguf("Q4_K", data, 16, 256, out, np.full(16, 16, np.int32))
    with pytest.raises(ValueError, match="no packed"):
        Packed.mapped("q4_k", 16, 256, out[:-64])


def test_every_set_of_kernels_passes_its_check():
    """The check compares products of all formats and numbers of rows with the plain kernels' (native/choose.cpp)."""
    try:
        assert native.choose_kernels("plain")
        flags = torch.backends.cpu.get_cpu_capability()
        if flags in ("AVX2", "AVX512"):
            assert native.choose_kernels("avx2")
    finally:
        assert native.choose_kernels("")


def test_a_sketch_is_near_its_head():
    matrix, weights = packed("Q6_K", 40, 512, 3)
    sketch = native.Sketch.of(matrix, 1)
    assert sketch.size_bytes == 3 * (512 * 16 // 4 + 4 * 32) + 40 * 4
    lengths = np.sqrt((weights**2).mean(1))
    # Four levels leave about a third of a normal variable; these weights are nearly uniform, which suits them better.
    assert np.all(sketch.spread.numpy() < 0.45 * lengths) and np.all(sketch.spread.numpy() > 0.2 * lengths)
