"""What `attune bench` measures, on a tiny model: the keys are there, the figures fit together, nothing is left behind."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from tiny_model import make_tiny_model

from models.benchmark import bench, roofline
from models.benchmark.bench_report import BenchOptions
from models.loader import load

NEEDED = {
    "decode_tokens_per_s", "prefill_tokens_per_s", "ttft_s", "batch16_tokens_per_s", "rss_bytes", "model",
    "quantization", "threads", "bandwidth_gb_s", "fraction_of_bandwidth_limit", "decode_tokens_per_s_with_style",
    "prefill_tokens_per_s_with_style", "style_cost",
}  # fmt: skip


def test_every_promised_figure_is_measured_and_the_style_is_taken_off_again(tmp_path: Path) -> None:
    model = load(make_tiny_model(tmp_path / "tiny"), model_id="tiny", threads=1)
    phases: list[str] = []
    options = BenchOptions(prompt_tokens=24, new_tokens=4, repeats=1, style_layers=1, style_rank=2)
    report = bench.run(model, options, lambda phase, done, total: phases.append(phase))
    assert all(getattr(report, name) is not None for name in NEEDED) and len(phases) == 6
    read = model.decoder.weight_bytes + 26 * roofline.cache_token_bytes(
        model.decoder
    )  # halfway through four tokens
    assert report.bytes_per_token == read
    assert report.bandwidth_limit_tokens_per_s == pytest.approx(report.bandwidth_gb_s * 1e9 / read)
    assert report.fraction_of_bandwidth_limit > 0 and 0 < report.fraction_of_prefill_limit < 1
    assert model.decoder.style is None


def test_what_a_token_reads_and_a_prompt_multiplies_is_counted_from_the_model(tmp_path: Path) -> None:
    decoder = load(make_tiny_model(tmp_path / "tiny"), model_id="tiny", threads=1).decoder
    width = 2 if decoder.quantization != "float32" else 4
    assert (
        roofline.cache_token_bytes(decoder) == 2 * 2 * 2 * 16 * width
    )  # keys and values, layers, heads, numbers
    layer = 64 * 64 * 2 + 64 * 32 * 2 + 3 * 64 * 128  # query and output, key and value, the three of the MLP
    assert roofline.prompt_products(decoder.config, 10) == 2 * layer * 10 + 512 * 64


def test_the_limits_of_the_machine_are_positive_and_grow_with_the_threads_at_most_in_proportion() -> None:
    if roofline.read_bandwidth(1, 0.01) is None:
        pytest.skip("the native library is not built here")
    one, two = roofline.dot_peak(1, 0.05), roofline.dot_peak(2, 0.05)
    assert one is not None and two is not None and 1e8 < one < 1e13 and two < 2.6 * one
    assert roofline.buffer_bytes() >= 2 * min(roofline.last_cache_bytes(), 1 << 25)


def test_a_sample_style_changes_what_is_written(tmp_path: Path) -> None:
    """Or its cost would be that of a style that is not there."""
    decoder = load(make_tiny_model(tmp_path / "tiny"), model_id="tiny", threads=1).decoder
    folder = tmp_path / "style"
    folder.mkdir()
    assert bench.sample_style(decoder, folder, layers=1, rank=2) == folder
    ids = torch.tensor([[3, 4, 5]])
    before = decoder.forward(decoder.new_cache(), ids)
    decoder.set_style(folder)
    assert not torch.equal(before, decoder.forward(decoder.new_cache(), ids))
