"""Quantised weights: exact GGUF blocks, bounded error, and packing that keeps every bit."""

from __future__ import annotations

import gguf
import numpy as np
import pytest
import torch

from models.decoders.native_library import GROUP, TILE, pack
from models.packing.quantized import from_gguf, quantize


def matrix(rows: int, cols: int) -> torch.Tensor:
    return torch.randn(rows, cols, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("name", ["Q4_0", "Q4_1", "Q8_0", "F16", "F32", "BF16"])
def test_gguf_blocks_are_taken_over_exactly(name):
    kind = gguf.GGMLQuantizationType[name]
    data = gguf.quants.quantize(matrix(5, 96).numpy(), kind)
    weight = from_gguf(data, name, 5, 96)
    expected = gguf.quants.dequantize(data, kind).reshape(5, 96)
    assert np.array_equal(weight.dequantize().numpy(), expected)


def test_unknown_gguf_type_is_none():
    assert from_gguf(np.zeros(10, np.uint8), "IQ2_XS", 1, 32) is None


@pytest.mark.parametrize(
    ("kind", "bound"), [("int8", 0.01), ("int4", 0.1), ("bfloat16", 0.004), ("float32", 0.0)]
)
def test_error_of_each_kind(kind, bound):
    weight = matrix(8, 256)
    error = (quantize(weight, kind).dequantize() - weight).norm() / weight.norm()
    assert error <= bound


@pytest.mark.parametrize("kind", ["int4", "int8"])
def test_constant_and_zero_rows_survive(kind):
    weight = torch.zeros(3, 64)
    weight[1] = 2.5
    back = quantize(weight, kind).dequantize()
    torch.testing.assert_close(back, weight, atol=2e-3, rtol=1e-3)


def test_odd_widths_fall_back_to_bfloat16():
    assert quantize(matrix(4, 40), "int4").kind == "bfloat16"


def test_int4_tiles_hold_every_code_where_the_kernels_look():
    weight = quantize(matrix(19, 64), "int4")
    packed = pack(weight).view(2, 2, 320)  # tiles, groups, bytes
    assert weight.scale is not None and weight.offset is not None
    for row, col in [(0, 0), (3, 7), (15, 31), (18, 63), (16, 36)]:
        block = packed[row // TILE, col // GROUP]
        halves = block[:64].view(torch.float16)
        byte = int(block[64 + col % GROUP // 8 * 64 + row % TILE * 4 + col % 4])
        assert (byte & 15 if col % 8 < 4 else byte >> 4) == int(weight.q[row, col])
        assert halves[row % TILE] == weight.scale[row, col // GROUP]
        assert halves[TILE + row % TILE] == weight.offset[row, col // GROUP]
    assert int(packed[1, :, 64:].view(2, 4, TILE, 4)[:, :, 3:].sum()) == 0  # padding rows
