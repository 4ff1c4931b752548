"""Measures a loaded model: speed of reading and writing, time to the first token, memory. Nothing is estimated.

Speeds are medians over repetitions in one process; other programs that run at the same time lower them.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

Progress = Callable[[str, float, float], None]
_DEFAULTS: dict[str, Any] = {"prompt_tokens": 512, "new_tokens": 64, "repeats": 3, "style": None}


def run(model: Any, options: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """Measure ``model`` (a LoadedModel). ``options``: prompt_tokens, new_tokens, repeats, style (adapter folder).

    Gives the JSON of ``attune bench --json``; speeds in tokens a second, times in seconds, memory in bytes. The keys
    ``*_with_style`` are there when a style folder was given.
    """
    settings = _DEFAULTS | {key: value for key, value in options.items() if value is not None}
    decoder = model.decoder
    room = max(32, decoder.context_length - int(settings["new_tokens"]) - 64)
    ids = _ids(decoder, min(int(settings["prompt_tokens"]), room))
    new, repeats = int(settings["new_tokens"]), max(1, int(settings["repeats"]))
    report: dict[str, Any] = {
        "model": model.id,
        "quantization": getattr(decoder, "quantization", "float32"),
        "decoder": decoder.name,
        "threads": int(getattr(decoder, "threads", torch.get_num_threads())),
        "prompt_tokens": ids.shape[1],
        "new_tokens": new,
    }
    style = settings["style"]
    previous = getattr(decoder, "style", None)
    total = 5.0 if style is None else 6.0
    try:
        decoder.set_style(None)
        progress("Measuring reading", 0, total)
        report["prefill_tokens_per_s"] = ids.shape[1] / prefill_s(decoder, ids, repeats)
        progress("Measuring the time to the first token", 1, total)
        cold, second = ttft_s(decoder, ids)
        report["ttft_s"] = {"cold": cold, "second_turn": second}
        progress("Measuring writing", 2, total)
        report["decode_tokens_per_s"] = 1 / token_s(decoder, ids, new, 1)
        progress("Measuring sixteen replies at once", 3, total)
        report["batch16_tokens_per_s"] = 16 / token_s(decoder, ids, max(8, new // 4), 16)
        progress("Measuring memory", 4, total)
        report["rss_bytes"] = rss_bytes()
        report["bandwidth_gb_s"] = bandwidth_gb_s(report["threads"])
        weights = getattr(decoder, "weight_bytes", 0)
        if weights:
            limit = report["bandwidth_gb_s"] * 1e9 / weights
            report["bandwidth_limit_tokens_per_s"] = limit
            report["fraction_of_bandwidth_limit"] = report["decode_tokens_per_s"] / limit
        else:
            report["fraction_of_bandwidth_limit"] = None
        if style is not None:
            progress("Measuring with the style", 5, total)
            decoder.set_style(Path(style))
            report["decode_tokens_per_s_with_style"] = 1 / token_s(decoder, ids, new, 1)
            report["prefill_tokens_per_s_with_style"] = ids.shape[1] / prefill_s(decoder, ids, repeats)
    finally:
        decoder.set_style(previous)
    return report


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
        token = decoder.forward(cache, token).argmax(-1, keepdim=True)
        times.append(time.perf_counter() - start)
    return statistics.median(times[1:] or times)


def bandwidth_gb_s(threads: int, size_bytes: int = 1 << 28, repeats: int = 4) -> float:
    """Best speed of reading ``size_bytes`` of memory once with ``threads`` threads, in 10^9 bytes a second."""
    before = torch.get_num_threads()
    data = torch.ones(size_bytes // 8, dtype=torch.int64)
    try:
        torch.set_num_threads(threads)
        best = float("inf")
        for _ in range(repeats + 1):
            start = time.perf_counter()
            data.sum()
            best = min(best, time.perf_counter() - start)
    finally:
        torch.set_num_threads(before)
    return size_bytes / best / 1e9


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
