"""What ``models.benchmark.bench`` is asked and what it gives: plain data that a front can hold without loading torch."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BenchOptions:
    prompt_tokens: int = 512
    new_tokens: int = 64
    repeats: int = 3
    style: str | None = None  # an adapter folder; None: a random one of the size below
    style_rank: int = 16
    style_layers: int = 8  # the last ones, as a quick update trains them


@dataclass(frozen=True, slots=True)
class FirstToken:
    """Seconds to the first token: of a prompt that nothing is cached of, and of a second turn behind it."""

    cold: float
    second_turn: float


@dataclass(frozen=True, slots=True)
class BenchReport:
    """Speeds in tokens per second, memory in bytes.

    None: with a style, where none can be tried (decoders on transformers, no folder given); the limits of the machine,
    where the decoder is not the native one.
    """

    model: str
    quantization: str
    decoder: str
    threads: int
    prompt_tokens: int
    new_tokens: int
    prefill_tokens_per_s: float
    ttft_s: FirstToken
    decode_tokens_per_s: float
    batch16_tokens_per_s: float
    rss_bytes: int
    bytes_per_token: float | None = None
    bandwidth_gb_s: float | None = None
    bandwidth_limit_tokens_per_s: float | None = None
    fraction_of_bandwidth_limit: float | None = None
    int8_products_g_per_s: float | None = None
    prefill_limit_tokens_per_s: float | None = None
    fraction_of_prefill_limit: float | None = None
    decode_tokens_per_s_with_style: float | None = None
    style_cost: float | None = None  # share by which a token takes longer with a style
    prefill_tokens_per_s_with_style: float | None = None
