"""What `attune bench` measures, on a tiny model: the keys are there, the figures fit together, nothing is left behind."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from tiny_model import make_tiny_model

from models import bench
from models.loader import load

NEEDED = {
    "decode_tokens_per_s", "prefill_tokens_per_s", "ttft_s", "batch16_tokens_per_s", "rss_bytes", "model",
    "quantization", "threads", "bandwidth_gb_s", "fraction_of_bandwidth_limit", "decode_tokens_per_s_with_style",
    "prefill_tokens_per_s_with_style", "style_cost",
}  # fmt: skip


def test_every_promised_figure_is_measured_and_the_style_is_taken_off_again(tmp_path: Path) -> None:
    model = load(make_tiny_model(tmp_path / "tiny"), model_id="tiny", threads=1)
    phases: list[str] = []
    options = {"prompt_tokens": 24, "new_tokens": 4, "repeats": 1, "style_layers": 1, "style_rank": 2}
    report = bench.run(model, options, lambda phase, done, total: phases.append(phase))
    assert report.keys() >= NEEDED and len(phases) == 6
    limit = report["bandwidth_gb_s"] * 1e9 / model.decoder.weight_bytes
    assert report["fraction_of_bandwidth_limit"] == pytest.approx(report["decode_tokens_per_s"] / limit)
    assert model.decoder.style is None


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
