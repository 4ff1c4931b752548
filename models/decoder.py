"""The decoder interface, and the choice of the fastest decoder that can run a model here.

``build`` makes a decoder from a model folder without instantiating the Hugging Face language model. It knows the
families of ``decoder_config.FAMILIES``; for anything else it returns None and the caller uses transformers.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

from torch import Tensor

from models.cores import physical_cores
from models.decoder_config import DecoderConfig, from_hf
from models.decoder_weights import GgufSource, SafetensorsSource, WeightSource, gguf_beside
from models.lora import Style
from models.memory import available_bytes
from models.quantized import BITS, GROUP, Kind

Progress = Callable[[str, float, float], None]


class Cache(Protocol):
    """Keys and values of the tokens read so far, for ``batch`` sequences of equal length."""

    batch: int

    @property
    def length(self) -> int:
        """Tokens in it."""

    def truncate(self, length: int) -> None:
        """Forget everything from token ``length`` on."""

    def fork(self, batch: int) -> Cache:
        """A cache of ``batch`` sequences that all begin with this one's tokens; this one stays as it is."""


class Decoder(Protocol):
    """A causal language model that reads tokens into a cache and gives logits."""

    name: str  # native | eager | transformers
    vocab_size: int
    context_length: int
    style: Path | None  # the adapter folder that is applied

    def new_cache(self, batch: int = 1, capacity: int = 0) -> Any:
        """An empty cache with room for at least ``capacity`` tokens before it has to grow."""

    def forward(
        self,
        cache: Any,
        ids: Tensor,
        embeds: Tensor | None = None,
        extra: dict[str, Tensor] | None = None,
        all_logits: bool = False,
        reach: float | None = None,
    ) -> Tensor:
        """Append ``ids`` (batch, n) int64 to ``cache``; float32 logits (batch, vocab), or (batch, n, vocab) if all.

        ``embeds`` (batch, n, hidden), when given, takes the place of the ids' embeddings. ``reach``: only logits within
        so much of the best one need be exact, the others may be approximate (each decoder may still give all exactly).
        """

    def set_style(self, folder: Path | None) -> None:
        """Apply the PEFT LoRA adapter in ``folder`` beside the weights; None: the base model."""

    def set_sight(self, sight: Style) -> None:
        """An adapter of the model's own that is on, beside the style, in caches that have been given ``embeds``."""

    def hidden(self, ids: Tensor) -> Tensor:
        """Last hidden states (n, hidden) float32 of ``ids`` (1, n) under the base weights."""


def build(
    folder: Path,
    config: Any,
    quantization: str = "auto",
    threads: int | None = None,
    *,
    device: str = "cpu",
    prefer: str = "auto",
    progress: Progress | None = None,
) -> Decoder | None:
    """A decoder for the model in ``folder`` whose Hugging Face ``config`` is given; None: not a supported family.

    ``quantization``: auto | int4 | int8 | bfloat16 | float32. ``threads`` None: one per physical core.
    ``prefer``: auto | native | eager (tests). Raises ModelRefused when weights are missing or damaged.
    """
    sizes = from_hf(config)
    if sizes is None:
        return None
    kind = choose_quantization(sizes, quantization, folder, device)
    gguf = gguf_beside(folder, sizes) if kind == "int4" else None
    if gguf is not None:
        return _make(sizes, GgufSource(gguf, sizes), kind, threads, device, prefer, progress)
    with SafetensorsSource(folder) as source:
        if not source.usable:
            return None
        return _make(sizes, source, kind, threads, device, prefer, progress)


def _make(
    sizes: DecoderConfig,
    source: WeightSource,
    kind: Kind,
    threads: int | None,
    device: str,
    prefer: str,
    progress: Progress | None,
) -> Decoder:
    from models.eager_decoder import EagerDecoder
    from models.weight_shapes import CheckedShapes

    source = CheckedShapes(source, sizes)
    if device == "cpu" and prefer != "eager":
        from models import native_decoder

        if native_decoder.supports(sizes) and (prefer == "native" or native_decoder.worthwhile()):
            return native_decoder.NativeDecoder(sizes, source, kind, threads or physical_cores(), progress)
        if prefer == "native":
            raise RuntimeError("the native decoder is not built or does not support this model")
    return EagerDecoder(sizes, source, kind, device, progress)


def choose_quantization(sizes: DecoderConfig, wanted: str, folder: Path, device: str = "cpu") -> Kind:
    """The kind of weights to keep. auto: what the file has, else the best quality that is small and quick enough.

    int4 reads least memory a token; a model of up to 1 billion weights that fills under a quarter of the free memory
    as int8 gets int8, which costs nearly no quality. Graphics processors keep bfloat16 (Apple's: float32).
    """
    if device.startswith("mps"):
        return "float32"
    if device.startswith("cuda"):
        return "bfloat16"
    if wanted in ("int4", "int8", "bfloat16", "float32"):
        kind: Kind = wanted  # type: ignore[assignment]
    elif gguf_beside(folder, sizes) is not None:
        kind = "int4"
    else:
        weights = sizes.parameters()
        fits = weights * BITS["int8"] / 8 < (available_bytes() or 8 << 30) / 4
        kind = "int8" if weights <= 1_000_000_000 and fits else "int4"
    if kind in ("int4", "int8") and any(n % GROUP for n in (sizes.hidden, sizes.intermediate)):
        return "bfloat16"
    return kind
