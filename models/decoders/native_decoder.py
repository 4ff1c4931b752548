"""The native decoder: one C++ call for all layers of a forward pass, on its own threads, without Python's lock.

Activations are quantised to int8 by groups of 32 where the weights are int4 or int8 (as llama.cpp does); norms, rotary
embedding, attention, sums and the style's low-rank products are float32. Keys and values are float16 (float32 where
the weights are float32).
"""

from __future__ import annotations

import ctypes
import weakref
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from models.adapters.lora import Style, joined, projection_shape, read_style
from models.decoders import native_library as native
from models.decoders.config import DecoderConfig
from models.decoders.native_cache import NativeCache
from models.decoders.native_library import Packed, pointer
from models.decoders.weights import PROJECTIONS, norm_weight
from models.packing.pack_file import PackedWeights
from models.packing.quantized import GROUP, Kind, quantize

Progress = Callable[[str, float, float], None]
MAX_ROWS = 512  # tokens (of all sequences) in one native call


def supports(config: DecoderConfig) -> bool:
    """Whether the native step can run a model of these sizes (it wants head sizes by the 16)."""
    return config.head_dim % 16 == 0 and config.head_dim <= 1024 and len(config.ropes) <= 2


def worthwhile() -> bool:
    """Whether it is built and has vector kernels for this processor."""
    return native.kernels() in ("avx2", "avx512")


@dataclass(eq=False)
class _Adapters:
    """A style and its native forms (the adapters and what they point to), with and without the adapter for pictures."""

    stamp: int  # the file's time of change
    style: Style
    plain: tuple[Any, list[Packed]] = field(default_factory=lambda: (None, []))
    seeing: tuple[Any, list[Packed]] | None = None


class NativeDecoder:
    """Implements ``models.decoders.decoder.Decoder`` with the native step."""

    name = "native"

    def __init__(
        self,
        config: DecoderConfig,
        source: PackedWeights,
        kind: Kind,
        threads: int,
        progress: Progress | None = None,
    ) -> None:
        library = native.library()
        if library is None:
            raise RuntimeError("the native decoder is not built")
        self.config, self.threads = config, threads
        self.quantization: str = kind
        self.vocab_size, self.context_length = config.vocab, config.context_length
        self._library = library
        self._keep: list[Any] = []  # everything the native structures point to
        self._cache_dtype = torch.float32 if kind == "float32" or not worthwhile() else torch.float16
        layers = (native.LayerStruct * config.layers)()
        for index in range(config.layers):
            if progress is not None:
                progress("Packing weights", index, config.layers)
            self._fill_layer(layers[index], source, index, kind)
        table_kind: Kind = "int8" if kind == "int4" else kind
        table = self._packed(source, "embed_tokens", table_kind)
        head = table if config.tied else self._packed(source, "lm_head", table_kind)
        self._table, self._head = table, head
        self._sketch = source.sketch(head)
        spec = native.SpecStruct(
            config.hidden,
            config.layers,
            config.heads,
            config.kv_heads,
            config.head_dim,
            config.intermediate,
            config.vocab,
            native.ACTIVATIONS[config.activation],
            config.eps,
            config.embedding_scale,
            config.attention_scale,
            config.attention_softcap,
            config.logit_softcap,
            threads,
            layers,
            self._hold(norm_weight(source, "norm", config)),
            table.struct,
            head.struct,
            native.LinearStruct() if self._sketch is None else self._sketch.struct,
            None if self._sketch is None else pointer(self._sketch.spread),
        )
        self._handle = library.attune_create(ctypes.byref(spec))
        if not self._handle:
            raise MemoryError("the native decoder could not be made")
        weakref.finalize(self, library.attune_free, self._handle)
        self._tables: list[tuple[Tensor, Tensor]] = []
        self._styles: dict[Path | None, _Adapters] = {None: _Adapters(0, Style({}))}
        self.sight: Style | None = None
        self.style: Path | None = None

    @property
    def weight_bytes(self) -> int:
        """Bytes of matrices that one greedy token reads: of the embedding one row, of a sketched head the sketch."""
        total = sum(part.size_bytes for part in self._keep if isinstance(part, Packed))
        if self._table is not self._head:
            total -= self._table.size_bytes
        return total if self._sketch is None else total - self._head.size_bytes + self._sketch.size_bytes

    def _hold(self, tensor: Tensor | None) -> int | None:
        self._keep.append(tensor)
        return pointer(tensor)

    def _packed(self, source: PackedWeights, name: str, kind: Kind) -> Packed:
        packed = source.packed(name, kind)
        self._keep.append(packed)
        return packed

    def _fill_layer(self, layer: Any, source: PackedWeights, index: int, kind: Kind) -> None:
        base, sandwich = f"layers.{index}.", self.config.sandwich_norms
        for slot, projection in enumerate(PROJECTIONS):
            layer.linear[slot] = self._packed(source, base + projection, kind).struct
        after = "post_attention_layernorm"
        names = {
            "input_norm": "input_layernorm",
            "mlp_norm": "pre_feedforward_layernorm" if sandwich else after,
        }
        if sandwich:
            names |= {"attention_post_norm": after, "mlp_post_norm": "post_feedforward_layernorm"}
        if self.config.qk_norm:
            names |= {"query_norm": "self_attn.q_norm", "key_norm": "self_attn.k_norm"}
        for slot_name, name in names.items():
            setattr(layer, slot_name, self._hold(norm_weight(source, base + name, self.config)))
        layer.window = self.config.windows[index]
        layer.rope = self.config.layer_rope[index]

    def new_cache(self, batch: int = 1, capacity: int = 0) -> NativeCache:
        return NativeCache(self.config, batch, capacity, self._cache_dtype)

    def set_style(self, folder: Path | None) -> None:
        """Apply a PEFT LoRA folder beside the weights; None: the base model. Raises ModelRefused if it doesn't fit.

        The packed form of the last few styles is kept, so that switching costs nothing.
        """
        if folder is not None:
            try:
                stamp = (folder / "adapter_model.safetensors").stat().st_mtime_ns
            except OSError:
                stamp = 0  # read_style says what is wrong
            known = self._styles.get(folder)
            if known is None or known.stamp != stamp:
                known = _Adapters(stamp, read_style(folder, self.config))
                known.plain = self._packed_style(known.style)
                self._styles.pop(folder, None)
                self._styles[folder] = known
                if len(self._styles) > 4:  # three styles, and none
                    del self._styles[next(folder for folder in self._styles if folder is not None)]
        self.style = folder

    def set_sight(self, sight: Style) -> None:
        """See ``Decoder.set_sight``."""
        self.sight = sight
        for known in self._styles.values():
            known.seeing = None

    def _adapters(self, sees: bool, style: Path | None) -> Any:
        """The native adapters of a style, with the model's own for pictures beside it if ``sees``."""
        known = self._styles[style]
        if not sees or self.sight is None:
            return known.plain[0]
        if known.seeing is None:
            known.seeing = self._packed_style(joined(known.style, self.sight))
        return known.seeing[0]

    def _packed_style(self, style: Style) -> tuple[Any, list[Packed]]:
        """The low-rank factors in tiles: a like the activations it meets (int8 or float32), b bfloat16 or float32."""
        adapters = (native.AdapterStruct * (self.config.layers * len(PROJECTIONS)))()
        held = []
        exact = self.quantization in ("float32", "bfloat16")
        for (layer, projection), product in style.products.items():
            pad = -product.rank % native.TILE
            a, b = F.pad(product.a, (0, 0, 0, pad)), F.pad(product.b, (0, pad))
            cols = projection_shape(self.config, projection)[1]
            first = Packed(quantize(a, "float32" if exact or cols % GROUP else "int8"))
            second = Packed(quantize(b, "float32" if exact else "bfloat16"))
            held += [first, second]
            slot = layer * len(PROJECTIONS) + PROJECTIONS.index(projection)
            adapters[slot] = native.AdapterStruct(first.struct, second.struct)
        return adapters, held

    def forward(
        self,
        cache: NativeCache,
        ids: Tensor,
        embeds: Tensor | None = None,
        extra: dict[str, Tensor] | None = None,
        all_logits: bool = False,
        reach: float | None = None,
    ) -> Tensor:
        """See ``Decoder.forward``. ``extra`` is for decoders that take pictures themselves; it must be empty."""
        if extra:
            raise ValueError("this decoder takes embeddings, not pictures")
        cache.sees = cache.sees or embeds is not None
        adapters = self._adapters(cache.sees, self.style)
        batch, n = ids.shape
        rows = max(1, MAX_ROWS // batch)
        parts = []
        for start in range(0, n, rows):
            last = start + rows >= n
            end = min(n, start + rows)
            logits = None
            if all_logits or last:
                logits = torch.empty((batch, end - start if all_logits else 1, self.vocab_size))
                parts.append(logits)
            part = None if embeds is None else embeds[:, start:end]
            self._step(
                cache, ids[:, start:end], part, adapters, logits=logits, all_logits=all_logits, reach=reach
            )
        if all_logits:
            return parts[0] if len(parts) == 1 else torch.cat(parts, dim=1)
        return parts[0][:, 0]

    def hidden(self, ids: Tensor) -> Tensor:
        """See ``Decoder.hidden``."""
        out = torch.empty((ids.shape[1], self.config.hidden))
        cache = self.new_cache(capacity=ids.shape[1])
        for start in range(0, ids.shape[1], MAX_ROWS):
            self._step(cache, ids[:, start : start + MAX_ROWS], None, None, hidden=out[start:])
        return out

    def lower(self, cache: NativeCache, ids: Tensor, embeds: Tensor | None = None, *, layers: int) -> Tensor:
        """See ``FastDecoder.lower``."""
        if not 0 <= layers <= self.config.layers:
            raise ValueError(f"the model has {self.config.layers} layers")
        cache.sees = cache.sees or embeds is not None
        adapters = self._adapters(cache.sees, None)
        batch, n = ids.shape
        out = torch.empty((batch, n, self.config.hidden))
        rows = max(1, MAX_ROWS // batch)
        for start in range(0, n, rows):
            end = min(n, start + rows)
            read = out if end - start == n else torch.empty((batch, end - start, self.config.hidden))
            part = None if embeds is None else embeds[:, start:end]
            self._step(cache, ids[:, start:end], part, adapters, residual=read, last=layers)
            if read is not out:
                out[:, start:end] = read
        return out

    def logits_of(self, residual: Tensor) -> Tensor:
        """See ``FastDecoder.logits_of``."""
        found = torch.empty((len(residual), self.vocab_size))
        for start in range(0, len(residual), MAX_ROWS):
            part = residual[start : start + MAX_ROWS].unsqueeze(0)
            nowhere = self.new_cache(1, part.shape[1])  # no layer is run, so nothing is written to it
            ids = torch.zeros(part.shape[:2], dtype=torch.int64)
            first = self.config.layers
            self._step(nowhere, ids, part, None, logits=found[start:], all_logits=True, first=first)
        return found

    def _step(
        self,
        cache: NativeCache,
        ids: Tensor,
        embeds: Tensor | None,
        adapters: Any,
        *,
        logits: Tensor | None = None,
        hidden: Tensor | None = None,
        residual: Tensor | None = None,
        all_logits: bool = False,
        first: int = 0,
        last: int | None = None,
        reach: float | None = None,
    ) -> None:
        batch, n = ids.shape
        if batch != cache.batch:
            raise ValueError(f"the cache holds {cache.batch} sequences, not {batch}")
        cache.reserve(n)
        cos, sin = self._rope_tables(cache.length + n)
        ids = ids.contiguous()
        if embeds is None:
            if ids.dtype != torch.int64 or int(ids.min()) < 0 or int(ids.max()) >= self.vocab_size:
                raise ValueError("token ids must be int64 and within the vocabulary")
        else:
            embeds = embeds.float().contiguous()
            if embeds.shape != (batch, n, self.config.hidden):
                raise ValueError("embeds must be (batch, n, hidden)")
        prefix = cache.prefix if cache.shared else None
        starts = cache.lengths
        step = native.StepStruct(
            batch,
            n,
            cache.length,
            cache.shared,
            int(self._cache_dtype == torch.float16),
            cache.own.capacity,
            prefix.capacity if prefix else 0,
            int(all_logits),
            None if embeds is not None else ids.data_ptr(),
            pointer(embeds),
            cache.own.keys.data_ptr(),
            cache.own.values.data_ptr(),
            prefix.keys.data_ptr() if prefix else None,
            prefix.values.data_ptr() if prefix else None,
            cos,
            sin,
            adapters,
            pointer(logits),
            pointer(hidden),
            pointer(residual),
            first,
            self.config.layers if last is None else last,
            pointer(starts),
            -1.0 if reach is None else max(0.0, reach),
        )
        if self._library.attune_step(self._handle, ctypes.byref(step)):
            raise MemoryError("not enough memory for this many tokens")
        cache.advance(n)

    def _rope_tables(self, positions: int) -> tuple[Any, Any]:
        if not self._tables or self._tables[0][0].shape[0] < positions:
            size = max(1024, 1 << (positions - 1).bit_length())
            self._tables = [rope.table(size) for rope in self.config.ropes]
            pointers = [(cos.data_ptr(), sin.data_ptr()) for cos, sin in self._tables]
            pointers += pointers[:1] * (2 - len(pointers))
            self._cos = (ctypes.c_void_p * 2)(*(cos for cos, _ in pointers))
            self._sin = (ctypes.c_void_p * 2)(*(sin for _, sin in pointers))
        return self._cos, self._sin
