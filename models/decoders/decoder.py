"""The decoder interface, and the choice of the fastest decoder that can run a model here.

``build`` makes a decoder from a model folder without instantiating the Hugging Face language model. It knows the
families of ``decoder_config.FAMILIES``; for anything else it returns None and the caller uses transformers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from torch import Tensor

from models.adapters.lora import Style
from models.decoders.config import DecoderConfig, from_hf
from models.decoders.weights import SafetensorsSource, WeightSource, weight_files
from models.errors import ModelRefused
from models.gguf.folder import gguf_in, header_in, is_quantized, stored_as
from models.gguf.source import GgufSource
from models.memory import available_bytes
from models.packing.quantized import BITS, GROUP, Kind
from models.packing.weight_shapes import CheckedShapes
from models.thread_count import physical_cores

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


class FastDecoder(Decoder, Protocol):
    """A decoder that can be cut in two: what learning needs of the frozen weights, so that it keeps none of its own."""

    config: DecoderConfig
    sight: Style | None  # see ``set_sight``

    @property
    def quantization(self) -> str:
        """The kind of most of its weights: int4, int8, ..., or a native format such as q4_k."""

    def lower(self, cache: Any, ids: Tensor, embeds: Tensor | None = None, *, layers: int) -> Tensor:
        """Append to ``cache`` through the first ``layers`` layers of the base model (its sight included) only.

        The residual stream behind them (batch, n, hidden), float32, before any norm. Such a cache is of no use to
        ``forward``.
        """

    def logits_of(self, residual: Tensor) -> Tensor:
        """The last norm and the output layer on a residual stream (m, hidden): logits (m, vocab), float32."""


def build(
    folder: Path,
    config: Any,
    quantization: str = "auto",
    threads: int | None = None,
    *,
    device: str = "cpu",
    prefer: str = "auto",
    progress: Progress | None = None,
) -> FastDecoder | None:
    """A decoder for the model in ``folder`` whose Hugging Face ``config`` is given; None: not a supported family.

    ``quantization``: auto | int4 | int8 | bfloat16 | float32. ``threads`` None: one per physical core.
    ``prefer``: auto | native | eager (tests). Raises ModelRefused when weights are missing or damaged.
    """
    sizes = from_hf(config)
    if sizes is None:
        return None
    kind = choose_quantization(sizes, quantization, folder, device)
    native = _runs_natively(sizes, device, prefer)
    if native and kind in ("int4", "int8"):
        return _packed(folder, sizes, kind, threads or physical_cores(), progress)
    with open_weights(folder, sizes) as source:
        if source is None:
            return None
        if native:
            from models.decoders.native_decoder import NativeDecoder
            from models.packing.pack_file import PackedNow

            return NativeDecoder(sizes, PackedNow(source), kind, threads or physical_cores(), progress)
        from models.decoders.eager import EagerDecoder

        if kind == "int4" and not _exact_as_int4(folder):
            kind = "int8"  # five- and six-bit values lose nothing worth speaking of
        return EagerDecoder(sizes, source, kind, device, progress)


@contextmanager
def open_weights(folder: Path, sizes: DecoderConfig) -> Iterator[WeightSource | None]:
    """The language weights in ``folder``, each checked to be as large as ``sizes`` says; None: not found by their names.

    Raises ModelRefused when they are damaged.
    """
    gguf = gguf_in(folder)
    if gguf is not None:
        yield CheckedShapes(GgufSource(gguf, sizes), sizes)
        return
    with SafetensorsSource(folder) as source:
        yield CheckedShapes(source, sizes) if source.usable else None


def _runs_natively(sizes: DecoderConfig, device: str, prefer: str) -> bool:
    if device != "cpu" or prefer == "eager":
        return False
    from models.decoders import native_decoder

    if native_decoder.supports(sizes) and (prefer == "native" or native_decoder.worthwhile()):
        return True
    if prefer == "native":
        raise RuntimeError("the native decoder is not built or does not support this model")
    return False


def _packed(
    folder: Path, sizes: DecoderConfig, kind: Kind, threads: int, progress: Progress | None
) -> FastDecoder | None:
    """The native decoder on the pack beside the weights, which is made now where there is none yet."""
    from models.decoders.native_decoder import NativeDecoder
    from models.packing import pack_file

    gguf = gguf_in(folder)
    as_it_is = gguf is not None and is_quantized(header_in(folder))
    pack_kind: pack_file.PackKind = "gguf" if as_it_is else "int4" if kind == "int4" else "int8"
    path = folder / pack_file.file_name(pack_kind)
    try:
        stamp = pack_file.Stamp.of([gguf] if gguf else weight_files(folder))
    except OSError as error:
        raise ModelRefused(f"The weights of {folder.name} cannot be read ({error.strerror}).") from error
    pack = pack_file.open_pack(path, stamp, sizes)
    if pack is None:
        with open_weights(folder, sizes) as source:
            if source is None:
                return None
            tell = progress or (lambda phase, done, total: None)
            pack = pack_file.make_pack(path, stamp, source, pack_kind, sizes, tell)
    decoder = NativeDecoder(sizes, pack, kind, threads)
    decoder.quantization = pack.most_used
    return decoder


def _exact_as_int4(folder: Path) -> bool:
    """Whether four bits hold the folder's weights as well as its file does."""
    if gguf_in(folder) is None:
        return True
    header = header_in(folder)
    return not is_quantized(header) or stored_as(header) in ("Q4_0", "Q4_1")


def choose_quantization(sizes: DecoderConfig, wanted: str, folder: Path, device: str = "cpu") -> Kind:
    """The kind of weights to keep. auto: what the file has, else the best quality that is small and quick enough.

    int4 reads least memory a token; a model of up to 1 billion weights that fills under a quarter of the free memory
    as int8 gets int8, which costs nearly no quality. Graphics processors keep bfloat16 (Apple's: float32). A quantised
    GGUF file is kept as it is by auto, int4 and int8.
    """
    if device.startswith("mps"):
        return "float32"
    if device.startswith("cuda"):
        return "bfloat16"
    if wanted in ("int4", "int8", "bfloat16", "float32"):
        kind: Kind = wanted  # type: ignore[assignment]
    elif gguf_in(folder) is not None and is_quantized(header_in(folder)):
        kind = "int4"
    else:
        weights = sizes.parameters()
        fits = weights * BITS["int8"] / 8 < (available_bytes() or 8 << 30) / 4
        kind = "int8" if weights <= 1_000_000_000 and fits else "int4"
    if kind in ("int4", "int8") and any(n % GROUP for n in (sizes.hidden, sizes.intermediate)):
        return "bfloat16"
    return kind
