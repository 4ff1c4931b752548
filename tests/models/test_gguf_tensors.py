"""Stepping over a GGUF's vocabulary changes nothing about its tensors."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from gguf import GGUFReader, GGUFWriter

from models.gguf_tensors import TensorReader


def test_tensors_equal_those_of_the_stock_reader(tmp_path: Path) -> None:
    path = tmp_path / "small.gguf"
    writer = GGUFWriter(path, "llama")
    writer.add_token_list(["a", "bc", "", "图"])
    writer.add_token_types([1, 1, 3, 1])
    writer.add_token_scores([0.5, 1.0, 0.0, 2.0])
    writer.add_block_count(1)
    writer.add_tensor("first", np.arange(64, dtype=np.float32).reshape(2, 32))
    writer.add_tensor("second", np.arange(32, dtype=np.float16))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    stock, ours = GGUFReader(path), TensorReader(path)
    assert [(t.name, t.tensor_type) for t in ours.tensors] == [(t.name, t.tensor_type) for t in stock.tensors]
    assert all(np.array_equal(a.data, b.data) for a, b in zip(ours.tensors, stock.tensors, strict=True))
