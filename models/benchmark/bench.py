"""Measures a loaded model: speed of reading and writing, time to the first token, memory. Nothing is estimated.

Speeds are medians over repetitions in one process; other programs that run at the same time lower them. The limits of the
machine (``models.benchmark.roofline``) are measured in turn with what is compared with them, several times, and the fractions are
medians over these rounds: a machine that gets slower for a while spoils a round and no fraction.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from torch import Tensor

from models.adapters.lora import projection_shape
from models.benchmark import roofline
from models.benchmark.bench_report import BenchOptions, BenchReport, FirstToken
from models.decoders.config import DecoderConfig
from models.decoders.weights import PROJECTIONS

Progress = Callable[[str, float, float], None]
_ROUNDS = 5  # in which limits and speeds take turns
_PROBE_S = 0.3  # of each limit in each round


def run(model: Any, options: BenchOptions, progress: Progress) -> BenchReport:
    """Measure ``model`` (a LoadedModel)."""
    decoder = model.decoder
    room = max(32, decoder.context_length - options.new_tokens - 64)
    ids = _ids(decoder, min(options.prompt_tokens, room))
    new, repeats = options.new_tokens, max(1, options.repeats)
    report: dict[str, Any] = {
        "model": model.id,
        "quantization": getattr(decoder, "quantization", "float32"),
        "decoder": decoder.name,
        "threads": int(getattr(decoder, "threads", torch.get_num_threads())),
        "prompt_tokens": ids.shape[1],
        "new_tokens": new,
    }
    previous = getattr(decoder, "style", None)
    total = 6.0
    with tempfile.TemporaryDirectory(prefix="attune-bench-") as scratch:
        style = options.style or sample_style(
            decoder, Path(scratch), options.style_layers, options.style_rank
        )
        try:
            _measure(decoder, ids, new, repeats, style, report, lambda what, n: progress(what, n, total))
        finally:
            decoder.set_style(previous)
    return BenchReport(**report)


def _measure(
    decoder: Any,
    ids: Tensor,
    new: int,
    repeats: int,
    style: Any,
    report: dict[str, Any],
    progress: Callable[[str, float], None],
) -> None:
    """Fill ``report``. Memory is taken before the bandwidth test, whose own array would count in it."""
    decoder.set_style(None)
    progress("Measuring reading", 0)
    report["prefill_tokens_per_s"] = ids.shape[1] / prefill_s(decoder, ids, repeats)
    progress("Measuring the time to the first token", 1)
    cold, second = ttft_s(decoder, ids)
    report["ttft_s"] = FirstToken(cold, second)
    progress("Measuring writing", 2)
    report["decode_tokens_per_s"] = 1 / token_s(decoder, ids, new, 1)
    progress("Measuring sixteen replies at once", 3)
    report["batch16_tokens_per_s"] = 16 / token_s(decoder, ids, max(8, new // 2), 16)
    progress("Measuring memory", 4)
    report["rss_bytes"] = rss_bytes()
    report |= _limits(decoder, ids, new) if decoder.name == "native" else {}
    if style is not None:
        progress("Measuring with a style", 5)
        plain, styled = _with_and_without(decoder, ids, max(8, new // 4), Path(style), rounds=4)
        report["decode_tokens_per_s_with_style"] = report["decode_tokens_per_s"] * plain / styled
        report["style_cost"] = styled / plain - 1
        report["prefill_tokens_per_s_with_style"] = ids.shape[1] / prefill_s(decoder, ids, repeats)


def _limits(decoder: Any, ids: Tensor, new: int) -> dict[str, float]:
    """The machine's limits and the fractions of them that the native decoder reaches; empty where they are unknown."""
    threads, n = decoder.threads, ids.shape[1]
    each = roofline.token_bytes(decoder, n + new // 2)
    products = roofline.prompt_products(decoder.config, n)
    bandwidths, peaks, decoding, reading = [], [], [], []
    for _ in range(_ROUNDS):
        bandwidth = roofline.read_bandwidth(threads, _PROBE_S)
        peak = roofline.dot_peak(threads, _PROBE_S)
        if bandwidth is None or peak is None:
            return {}
        bandwidths.append(bandwidth)
        peaks.append(peak)
        decoding.append(each / token_s(decoder, ids, new, 1) / bandwidth)
        reading.append(products / prefill_s(decoder, ids, 1) / peak)
    middle = statistics.median
    return {
        "bytes_per_token": each,
        "bandwidth_gb_s": middle(bandwidths) / 1e9,
        "bandwidth_limit_tokens_per_s": middle(bandwidths) / each,
        "fraction_of_bandwidth_limit": middle(decoding),
        "int8_products_g_per_s": middle(peaks) / 1e9,
        "prefill_limit_tokens_per_s": middle(peaks) * n / products,
        "fraction_of_prefill_limit": middle(reading),
    }


def _with_and_without(decoder: Any, ids: Tensor, new: int, style: Path, rounds: int) -> tuple[float, float]:
    """Seconds a token without and with the style, medians of turns taken alternately; the style is on afterwards."""
    plain: list[float] = []
    styled: list[float] = []
    for _ in range(rounds):
        for folder, times in ((None, plain), (style, styled)):
            decoder.set_style(folder)
            times.append(token_s(decoder, ids, new, 1))
    return statistics.median(plain), statistics.median(styled)


def sample_style(decoder: Any, folder: Path, layers: int, rank: int) -> Path | None:
    """A random adapter on every linear map of the last ``layers`` layers; None where the shapes are not known.

    What a style costs depends on its size, not on what it learned.
    """
    config = getattr(decoder, "config", None)
    if not isinstance(config, DecoderConfig):
        return None
    generator = torch.Generator().manual_seed(2)
    tensors = {}
    for layer in range(max(0, config.layers - layers), config.layers):
        for projection in PROJECTIONS:
            rows, cols = projection_shape(config, projection)
            name = f"base_model.model.model.layers.{layer}.{projection}"
            tensors[f"{name}.lora_A.weight"] = torch.randn(rank, cols, generator=generator) / cols**0.5
            tensors[f"{name}.lora_B.weight"] = torch.randn(rows, rank, generator=generator) * 0.01
    save_file(tensors, folder / "adapter_model.safetensors")
    (folder / "adapter_config.json").write_text(
        json.dumps({"peft_type": "LORA", "r": rank, "lora_alpha": 2 * rank}), encoding="utf-8"
    )
    return folder


def _ids(decoder: Any, count: int) -> Tensor:
    """(1, count) token ids spread over the vocabulary, the same on every run."""
    generator = torch.Generator().manual_seed(1)
    return torch.randint(0, decoder.vocab_size, (1, count), generator=generator)


def prefill_s(decoder: Any, ids: Tensor, repeats: int) -> float:
    """Median seconds to read ``ids`` (1, n) into an empty cache."""
    times = []
    for _ in range(repeats + 1):  # the first run warms up
        cache = decoder.new_cache(capacity=ids.shape[1])
        start = time.perf_counter()
        decoder.forward(cache, ids)
        times.append(time.perf_counter() - start)
    return statistics.median(times[1:])


def ttft_s(decoder: Any, ids: Tensor, new: int = 32) -> tuple[float, float]:
    """Seconds to the first token of a prompt (1, n), cold, and of ``new`` more tokens behind it, cache reused."""
    cache = decoder.new_cache(capacity=ids.shape[1] + new)
    start = time.perf_counter()
    decoder.forward(cache, ids).argmax(-1)
    cold = time.perf_counter() - start
    start = time.perf_counter()
    decoder.forward(cache, ids[:, :new]).argmax(-1)
    return cold, time.perf_counter() - start


def token_s(decoder: Any, ids: Tensor, new: int, batch: int) -> float:
    """Median seconds a step of ``batch`` greedy replies behind the prompt ``ids`` (1, n)."""
    cache = decoder.new_cache(capacity=ids.shape[1] + new)
    token = decoder.forward(cache, ids).argmax(-1, keepdim=True)
    if batch > 1:
        cache = cache.fork(batch)
        token = token.repeat(batch, 1)
    times = []
    for _ in range(new):
        start = time.perf_counter()
        token = decoder.forward(cache, token, reach=0.0).argmax(-1, keepdim=True)
        times.append(time.perf_counter() - start)
    return statistics.median(times[1:] or times)


def rss_bytes() -> int:
    """Resident memory of this process (0 where the system does not say)."""
    try:
        status = Path("/proc/self/status").read_text("ascii")
    except OSError:
        if sys.platform == "win32":
            return 0
        import resource

        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak if sys.platform == "darwin" else peak * 1024
    return next((int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmRSS:")), 0)
