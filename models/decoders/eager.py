"""The fast decode path in plain torch: fused projections, static cache, no module calls.

It runs where the native extension was not built, and on graphics processors. int4 products use torch's packed CPU
kernel in bfloat16 (its float32 form has no vector code), an int8 weight is two int4 products (16 * high nibble + low
nibble): codes are kept bit for bit, scales and activations are rounded to bfloat16. The native decoder rounds neither.
The CUDA and Apple paths follow the same code in bfloat16 or float32;
they have not been run on such hardware yet.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

from models.adapters.lora import LowRank, Style, joined, read_style
from models.decoders.config import DecoderConfig
from models.decoders.weights import WeightSource, norm_weight
from models.packing.quantized import GROUP, Kind, Weight

Progress = Callable[[str, float, float], None]
_PRODUCTS = {  # fused projections: the outputs of one product, in this order
    "qkv": ("self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"),
    "o": ("self_attn.o_proj",),
    "gate_up": ("mlp.gate_proj", "mlp.up_proj"),
    "down": ("mlp.down_proj",),
}


class Int4Product:
    """``x (m, cols) -> (m, rows)`` with torch's packed int4 kernel, groups of 32, computed in bfloat16."""

    def __init__(self, codes: Tensor, scale: Tensor, zero: Tensor) -> None:
        """``codes`` (rows, cols) of 0..15; weight = (code - 8) * scale + zero, both (rows, cols / 32)."""
        self.rows = codes.shape[0]
        pad = -self.rows % 32  # the kernel wants rows by the 32; the padding's products are cut off
        codes, scale, zero = (F.pad(tensor, (0, 0, 0, pad)) for tensor in (codes, scale, zero))
        self._packed = torch.ops.aten._convert_weight_to_int4pack_for_cpu(codes.int().contiguous(), 1)
        self._scales = torch.stack((scale.t(), zero.t()), dim=-1).to(torch.bfloat16).contiguous()

    def __call__(self, x: Tensor) -> Tensor:
        y = torch.ops.aten._weight_int4pack_mm_for_cpu(
            x.to(torch.bfloat16), self._packed, GROUP, self._scales
        )
        return y[:, : self.rows].to(x.dtype)


@dataclass(frozen=True, eq=False)
class Linear:
    """A product with a matrix of any kind, with bias."""

    products: tuple[Int4Product, ...]  # summed; empty: ``dense``
    dense: Tensor | None
    bias: Tensor | None

    def __call__(self, x: Tensor) -> Tensor:
        """``x`` (m, cols) -> (m, rows), in x's type."""
        if self.dense is not None:
            return F.linear(x, self.dense, self.bias)
        y = self.products[0](x)
        for product in self.products[1:]:
            y = y + product(x)
        return y if self.bias is None else y + self.bias


def make_linear(
    weights: list[Weight], biases: list[Tensor | None], dtype: torch.dtype, device: str
) -> Linear:
    """One product for several matrices of equal width, stacked."""
    bias = None
    if any(part is not None for part in biases):
        parts = [
            torch.zeros(w.rows) if part is None else part for w, part in zip(weights, biases, strict=True)
        ]
        bias = torch.cat(parts).to(device, dtype)
    kinds = {weight.kind for weight in weights}
    if kinds == {"int4"}:
        q, scale, zero = (torch.cat(parts) for parts in zip(*map(_int4_terms, weights), strict=True))
        return Linear((Int4Product(q, scale, zero),), None, bias)
    if kinds == {"int8"}:
        q = torch.cat([weight.q for weight in weights]).to(torch.int16)
        scale = torch.cat([weight.scale.float() for weight in weights if weight.scale is not None])
        low, high = q & 15, (q >> 4) + 8  # q == 16 * (high - 8) + low
        return Linear(
            (Int4Product(high, scale * 16, torch.zeros_like(scale)), Int4Product(low, scale, scale * 8)),
            None,
            bias,
        )
    dense = torch.cat([weight.dequantize() for weight in weights])
    return Linear((), dense.to(device, dtype), bias)


def _int4_terms(weight: Weight) -> tuple[Tensor, Tensor, Tensor]:
    assert weight.scale is not None and weight.offset is not None
    scale = weight.scale.float()
    return weight.q, scale, weight.offset.float() + 8 * scale


class Embedding:
    """Rows of the embedding table in float32, from int8 blocks or a dense table."""

    def __init__(self, weight: Weight, device: str) -> None:
        self._q = weight.q.to(device)
        self._scale = None if weight.scale is None else weight.scale.to(device)
        self._offset = None if weight.offset is None else weight.offset.to(device)
        self._kind: Kind = weight.kind

    def __call__(self, ids: Tensor) -> Tensor:
        """``ids`` (m,) -> (m, hidden) float32."""
        scale = None if self._scale is None else self._scale[ids]
        offset = None if self._offset is None else self._offset[ids]
        return Weight(self._kind, self._q[ids], scale, offset).dequantize()


@dataclass(frozen=True, eq=False)
class Layer:
    linears: dict[str, Linear]  # by the names of _PRODUCTS
    norms: dict[str, Tensor]  # by their Hugging Face names


class EagerDecoder:
    """Implements ``models.decoders.decoder.Decoder`` in torch."""

    name = "eager"

    def __init__(
        self,
        config: DecoderConfig,
        source: WeightSource,
        kind: Kind,
        device: str = "cpu",
        progress: Progress | None = None,
    ) -> None:
        self.config, self.device, self.quantization = config, device, kind
        self.vocab_size, self.context_length = config.vocab, config.context_length
        plain = torch.bfloat16 if kind == "bfloat16" else torch.float32
        self.dtype = plain
        self.layers = []
        for index in range(config.layers):
            if progress is not None:
                progress("Packing weights", index, config.layers)
            self.layers.append(self._layer(source, index, kind))
        table_kind: Kind = "int8" if kind == "int4" else kind
        table = source.matrix("embed_tokens", table_kind)
        self.embedding = Embedding(table, device)
        head = table if config.tied else source.matrix("lm_head", table_kind)
        self.head = make_linear([head], [None], self.dtype, device)
        self.norm = norm_weight(source, "norm", config).to(device)
        self._tables: list[tuple[Tensor, Tensor]] = []
        self._style = Style({})
        self.sight: Style | None = None
        self._seeing = Style({})  # both together
        self._active = self._style  # what the pass that is going on adds
        self.style: Path | None = None

    def _layer(self, source: WeightSource, index: int, kind: Kind) -> Layer:
        base = f"layers.{index}."
        linears = {}
        for name, projections in _PRODUCTS.items():
            weights = [source.matrix(base + projection, kind) for projection in projections]
            biases = [source.vector(f"{base}{projection}.bias") for projection in projections]
            linears[name] = make_linear(weights, biases, self.dtype, self.device)
        names = ["input_layernorm", "post_attention_layernorm"]
        if self.config.sandwich_norms:
            names += ["pre_feedforward_layernorm", "post_feedforward_layernorm"]
        if self.config.qk_norm:
            names += ["self_attn.q_norm", "self_attn.k_norm"]
        norms = {name: norm_weight(source, base + name, self.config).to(self.device) for name in names}
        return Layer(linears, norms)

    def new_cache(self, batch: int = 1, capacity: int = 0) -> EagerCache:
        return EagerCache(self.config, batch, capacity, self.dtype, self.device)

    def set_style(self, folder: Path | None) -> None:
        """Apply a PEFT LoRA folder beside the weights; None: the base model. Raises ModelRefused if it doesn't fit."""
        if folder == self.style:
            return
        self._style, self.style = Style({}), None
        if folder is not None:
            self._style = self._placed(read_style(folder, self.config))
            self.style = folder
        self._seeing = joined(self._style, self.sight or Style({}))

    def set_sight(self, sight: Style) -> None:
        """See ``Decoder.set_sight``."""
        self.sight = self._placed(sight)
        self._seeing = joined(self._style, self.sight or Style({}))

    def _placed(self, style: Style) -> Style:
        return Style(
            {
                place: LowRank(one.a.to(self.device, self.dtype), one.b.to(self.device, self.dtype))
                for place, one in style.products.items()
            }
        )

    @torch.inference_mode()
    def forward(
        self,
        cache: EagerCache,
        ids: Tensor,
        embeds: Tensor | None = None,
        extra: dict[str, Tensor] | None = None,
        all_logits: bool = False,
        reach: float | None = None,  # every logit is exact here
    ) -> Tensor:
        """See ``Decoder.forward``. ``extra`` is for decoders that take pictures themselves; it must be empty."""
        if extra:
            raise ValueError("this decoder takes embeddings, not pictures")
        cache.sees = cache.sees or embeds is not None
        self._active = self._seeing if cache.sees else self._style
        x = self._run(cache, ids, embeds)
        if not all_logits:
            x = x[:, -1:]
        batch, n, hidden = x.shape
        logits = self.logits(x.reshape(-1, hidden)).view(batch, n, -1).cpu()
        return logits if all_logits else logits[:, 0]

    def logits(self, x: Tensor) -> Tensor:
        """The stack's output (m, hidden) -> logits (m, vocab) float32."""
        logits = self.head(self._norm(x, self.norm)).float()
        if self.config.logit_softcap:
            logits = torch.tanh(logits / self.config.logit_softcap) * self.config.logit_softcap
        return logits

    @torch.inference_mode()
    def hidden(self, ids: Tensor) -> Tensor:
        """See ``Decoder.hidden``."""
        self._active = Style({})
        x = self._run(self.new_cache(), ids, None)
        return self._norm(x[0], self.norm).float().cpu()

    @torch.no_grad()  # not inference mode: what comes out may enter layers that are trained
    def lower(self, cache: EagerCache, ids: Tensor, embeds: Tensor | None = None, *, layers: int) -> Tensor:
        """See ``FastDecoder.lower``."""
        cache.sees = cache.sees or embeds is not None
        self._active = (cache.sees and self.sight) or Style({})
        return self._run(cache, ids, embeds, layers).float()

    @torch.no_grad()
    def logits_of(self, residual: Tensor) -> Tensor:
        """See ``FastDecoder.logits_of``."""
        return self.logits(residual.to(self.device, self.dtype))

    def _run(self, cache: EagerCache, ids: Tensor, embeds: Tensor | None, last: int | None = None) -> Tensor:
        """The stack (its layers below ``last``) without its last norm: (batch, n, hidden)."""
        batch, n = ids.shape
        if embeds is None:
            x = self.embed(ids)
        else:
            x = embeds.to(self.device, self.dtype).reshape(batch * n, -1)
        start = cache.reserve(n)
        rotations = [
            (cos[start : start + n].view(1, n, 1, -1), sin[start : start + n].view(1, n, 1, -1))
            for cos, sin in self.rope_tables(start + n)
        ]
        masks = {window: self._mask(n, start + n, window) for window in set(self.config.windows)}
        x = self.layers_forward(x, cache, rotations, masks, (batch, n), last)
        cache.length = start + n
        return x.view(batch, n, -1)

    def embed(self, ids: Tensor) -> Tensor:
        """``ids`` (batch, n) -> (batch * n, hidden)."""
        return self.embedding(ids.to(self.device).reshape(-1)).to(self.dtype) * self.config.embedding_scale

    def layers_forward(
        self,
        x: Tensor,
        cache: EagerCache,
        rotations: list[tuple[Tensor, Tensor]],
        masks: Mapping[int, Tensor | None],
        shape: tuple[int, int],
        last: int | None = None,
    ) -> Tensor:
        """All layers (those below ``last``) on ``x`` (batch * n, hidden). ``masks``: where a query may look, by windows."""
        config = self.config
        for index, layer in enumerate(self.layers[:last]):
            mask = masks[config.windows[index]]
            x = self._attention(index, layer, x, cache, rotations[config.layer_rope[index]], mask, shape)
            x = self._mlp(index, layer, x)
        return x

    def _attention(
        self,
        index: int,
        layer: Layer,
        x: Tensor,
        cache: EagerCache,
        rotation: tuple[Tensor, Tensor],
        mask: Tensor | None,
        shape: tuple[int, int],
    ) -> Tensor:
        config, (batch, n) = self.config, shape
        h = self._norm(x, layer.norms["input_layernorm"])
        qkv = self._linear(index, layer, "qkv", h).view(batch, n, -1, config.head_dim)
        q, k, v = qkv.split((config.heads, config.kv_heads, config.kv_heads), dim=2)
        if config.qk_norm:
            q = self._norm(q, layer.norms["self_attn.q_norm"])
            k = self._norm(k, layer.norms["self_attn.k_norm"])
        q, k = _rotate(q, rotation), _rotate(k, rotation)
        keys, values = cache.append(index, k.transpose(1, 2), v.transpose(1, 2))
        out = self._attend(q.transpose(1, 2), keys, values, mask)
        out = self._linear(index, layer, "o", out.transpose(1, 2).reshape(batch * n, -1))
        if config.sandwich_norms:
            out = self._norm(out, layer.norms["post_attention_layernorm"])
        return x + out

    def _mask(self, n: int, total: int, window: int) -> Tensor | None:
        """Where the last n of ``total`` positions may look, (n, total); None: everywhere."""
        if n == 1 and not (window and total > window):
            return None
        at = torch.arange(total - n, total, device=self.device).unsqueeze(1)
        key = torch.arange(total, device=self.device)
        mask = key <= at
        return mask & (key > at - window) if window else mask

    def _attend(self, q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None) -> Tensor:
        """``q`` (batch, heads, n, d) against keys and values (batch, kv_heads, m, d)."""
        scale, cap = self.config.attention_scale, self.config.attention_softcap
        if not cap:
            return F.scaled_dot_product_attention(q, k, v, attn_mask=mask, scale=scale, enable_gqa=True)
        k, v = (tensor.repeat_interleave(self.config.group, dim=1) for tensor in (k, v))
        scores = torch.tanh((q @ k.transpose(2, 3)).float() * (scale / cap)) * cap
        if mask is not None:
            scores = scores.masked_fill(~mask, float("-inf"))
        return scores.softmax(-1).to(v.dtype) @ v

    def _mlp(self, index: int, layer: Layer, x: Tensor) -> Tensor:
        sandwich = self.config.sandwich_norms
        before = "pre_feedforward_layernorm" if sandwich else "post_attention_layernorm"
        gate, up = self._linear(index, layer, "gate_up", self._norm(x, layer.norms[before])).chunk(2, dim=-1)
        if self.config.activation == "silu":
            gate = F.silu(gate)
        else:
            gate = F.gelu(gate, approximate="tanh" if self.config.activation == "gelu_tanh" else "none")
        out = self._linear(index, layer, "down", (gate * up).contiguous())
        if sandwich:
            out = self._norm(out, layer.norms["post_feedforward_layernorm"])
        return x + out

    def _linear(self, index: int, layer: Layer, name: str, x: Tensor) -> Tensor:
        y = layer.linears[name](x)
        if not self._active.products:
            return y
        at = 0
        for projection in _PRODUCTS[name]:
            product = self._active.products.get((index, projection))
            rows = self._rows(projection)
            if product is not None:
                y[:, at : at + rows] += F.linear(F.linear(x, product.a), product.b)
            at += rows
        return y

    def _rows(self, projection: str) -> int:
        from models.adapters.lora import projection_shape

        return projection_shape(self.config, projection)[0]

    def _norm(self, x: Tensor, weight: Tensor) -> Tensor:
        if x.dtype == torch.float32:
            return F.rms_norm(x, (x.shape[-1],), weight, self.config.eps)
        return F.rms_norm(x.float(), (x.shape[-1],), weight, self.config.eps).to(x.dtype)

    def rope_tables(self, positions: int) -> list[tuple[Tensor, Tensor]]:
        """Cosines and sines (at least ``positions``, head_dim) of each rotary embedding."""
        if not self._tables or self._tables[0][0].shape[0] < positions:
            size = max(1024, 1 << (positions - 1).bit_length())
            self._tables = [
                (
                    torch.cat((cos, cos), -1).to(self.device, self.dtype),
                    torch.cat((sin, sin), -1).to(self.device, self.dtype),
                )
                for cos, sin in (rope.table(size) for rope in self.config.ropes)
            ]
        return self._tables


def _rotate(x: Tensor, rotation: tuple[Tensor, Tensor]) -> Tensor:
    """Rotary embedding on (batch, n, heads, d), halves layout."""
    cos, sin = rotation
    half = x.shape[-1] // 2
    turned = torch.cat((-x[..., half:], x[..., :half]), dim=-1)
    return x * cos + turned * sin


# --- its cache of keys and values: one tensor per layer, grown in chunks ---

CHUNK = 256  # tokens


class EagerCache:
    """Keys and values (batch, kv_heads, capacity, head_dim) of each layer."""

    def __init__(
        self, config: DecoderConfig, batch: int, capacity: int, dtype: torch.dtype, device: str
    ) -> None:
        self.batch, self.length = batch, 0
        self.sees = False  # pictures were read: the model's adapter for them is on
        self._config, self._dtype, self._device = config, dtype, device
        self._keys, self._values = self._empty(capacity), self._empty(capacity)

    def _empty(self, capacity: int) -> list[Tensor]:
        capacity = max(CHUNK, -(-capacity // CHUNK) * CHUNK)
        shape = (self.batch, self._config.kv_heads, capacity, self._config.head_dim)
        # Zeros: a masked position still takes part in a product, and what is not a number would spread.
        return [
            torch.zeros(shape, dtype=self._dtype, device=self._device) for _ in range(self._config.layers)
        ]

    def truncate(self, length: int) -> None:
        """Forget everything from token ``length`` on."""
        self.length = min(self.length, max(0, length))
        self.sees = self.sees and self.length > 0

    def fork(self, batch: int) -> EagerCache:
        """A copy whose one sequence is repeated ``batch`` times (or a plain copy when ``batch`` is the same)."""
        if self.batch not in (1, batch):
            raise ValueError("only a cache of one sequence can be forked into more")
        other = EagerCache(self._config, batch, self.length, self._dtype, self._device)
        other.length, other.sees = self.length, self.sees
        for mine, theirs in ((self._keys, other._keys), (self._values, other._values)):
            for source, target in zip(mine, theirs, strict=True):
                target[:, :, : self.length] = source[:, :, : self.length]
        return other

    def reserve(self, n: int) -> int:
        """Make room for ``n`` more tokens; the position of the first of them."""
        if self.length + n > self._keys[0].shape[2]:
            wanted = max(self.length + n, self._keys[0].shape[2] * 3 // 2)
            for tensors in (self._keys, self._values):
                for index, grown in enumerate(self._empty(wanted)):
                    grown[:, :, : self.length] = tensors[index][:, :, : self.length]
                    tensors[index] = grown
        return self.length

    def append(self, layer: int, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
        """Put (batch, kv_heads, n, head_dim) behind what is there; all keys and values of the layer so far.

        ``length`` moves once a forward pass, by the decoder.
        """
        end = self.length + keys.shape[2]
        self._keys[layer][:, :, self.length : end] = keys
        self._values[layer][:, :, self.length : end] = values
        return self._keys[layer][:, :, :end], self._values[layer][:, :, :end]
