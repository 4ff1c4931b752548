"""The last layers of a language model in plain torch, with gradients: what learning trains on top of a fast decoder.

The decoder runs the frozen layers below and the output layer from its own weights; only these few layers are held a second
time, in float32 on a processor. Modules have the names that transformers gives them, so that an adapter on them is an
adapter on the whole model.

Texts are packed one after the other without padding: replies to one prompt share it (``Packing``). Linear maps see all
tokens at once, attention goes text by text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models.adapters.lora import LowRank, Style, projection_shape
from models.decoders.config import DecoderConfig
from models.decoders.weights import WeightSource, norm_weight


@dataclass(frozen=True, slots=True)
class Text:
    """A prompt and what follows it: each of ``replies`` (numbers of tokens) is read right behind the prompt."""

    prompt: int  # tokens
    replies: tuple[int, ...]
    sees: bool = False  # a picture is in the prompt: the model's adapter for pictures is on

    @property
    def tokens(self) -> int:
        return self.prompt + sum(self.replies)


class Packing:
    """Several texts, one after the other: the position of each token, and where it may look."""

    def __init__(self, texts: Sequence[Text], windows: Sequence[int], device: torch.device) -> None:
        self.texts = tuple(texts)
        self.spans: list[tuple[int, int]] = []
        self.masks: dict[int, list[Tensor]] = {window: [] for window in windows}
        positions: list[Tensor] = []
        end = 0
        for text in self.texts:
            self.spans.append((end, end + text.tokens))
            end += text.tokens
            at = torch.cat(
                [torch.arange(text.prompt)] + [text.prompt + torch.arange(n) for n in text.replies]
            )
            parts = (0, *range(1, len(text.replies) + 1))
            part = torch.tensor(parts).repeat_interleave(torch.tensor([text.prompt, *text.replies]))
            order = torch.arange(text.tokens)
            looks = (order[None] <= order[:, None]) & ((part[None] == 0) | (part[None] == part[:, None]))
            for window, masks in self.masks.items():
                near = looks & (at[None] > at[:, None] - window) if window else looks
                masks.append(near.to(device))
            positions.append(at)
        self.positions = torch.cat(positions).to(device)  # (tokens,)
        sees = torch.tensor([text.sees for text in self.texts])
        tokens = torch.tensor([text.tokens for text in self.texts])
        self.sees = (
            sees.repeat_interleave(tokens).to(device) if bool(sees.any()) else None
        )  # (tokens,) or none


class Sight(nn.Module):
    """The model's own frozen low-rank product for pictures, beside one linear map."""

    def __init__(self, product: LowRank, dtype: torch.dtype, device: str) -> None:
        super().__init__()
        self.a, self.b = product.a.to(device, dtype), product.b.to(device, dtype)

    def forward(self, x: Tensor, sees: Tensor) -> Tensor:
        added: Tensor = F.linear(F.linear(x, self.a), self.b)
        return added * sees.unsqueeze(-1)


class Projections(nn.Module):
    """Some linear maps of a layer, by name, with the model's adapter for pictures where it has one."""

    def __init__(self, names: Sequence[str], prefix: str, index: int, made: _Maker) -> None:
        super().__init__()
        self._sights: dict[str, Sight] = {}
        for name in names:
            setattr(self, name, made.linear(index, f"{prefix}.{name}"))
            product = made.sight.products.get((index, f"{prefix}.{name}"))
            if product is not None:
                self._sights[name] = Sight(product, made.dtype, made.device)

    def project(self, name: str, x: Tensor, sees: Tensor | None) -> Tensor:
        y: Tensor = getattr(self, name)(x)
        return y if sees is None or name not in self._sights else y + self._sights[name](x, sees)


class Attention(Projections):
    def __init__(self, index: int, made: _Maker) -> None:
        super().__init__(("q_proj", "k_proj", "v_proj", "o_proj"), "self_attn", index, made)
        self._config, self._window = made.config, made.config.windows[index]
        self._norms = [
            made.norm(f"layers.{index}.self_attn.{name}_norm") if made.config.qk_norm else None
            for name in "qk"
        ]

    def forward(self, x: Tensor, packing: Packing, turns: tuple[Tensor, Tensor]) -> Tensor:
        """``x`` (tokens, hidden); ``turns``: cosines and sines (tokens, 1, head_dim / 2)."""
        c, sees = self._config, packing.sees
        q, k, v = (self.project(f"{name}_proj", x, sees).view(len(x), -1, c.head_dim) for name in "qkv")
        if self._norms[0] is not None and self._norms[1] is not None:
            q, k = _rms(q, self._norms[0], c.eps), _rms(k, self._norms[1], c.eps)
        q, k = _turn(q, *turns), _turn(k, *turns)
        k, v = (part.repeat_interleave(c.group, dim=1) for part in (k, v))
        q, k, v = (part.transpose(0, 1) for part in (q, k, v))
        found = [
            self._attend(q[:, start:end], k[:, start:end], v[:, start:end], mask)
            for (start, end), mask in zip(packing.spans, packing.masks[self._window], strict=True)
        ]
        return self.project("o_proj", torch.cat(found), sees)

    def _attend(self, q: Tensor, k: Tensor, v: Tensor, mask: Tensor) -> Tensor:
        """(heads, n, head_dim) each -> (n, heads * head_dim)."""
        c = self._config
        if not c.attention_softcap:
            out = F.scaled_dot_product_attention(
                q[None], k[None], v[None], attn_mask=mask, scale=c.attention_scale
            )[0]
        else:
            scores = (q @ k.transpose(1, 2)).float() * (c.attention_scale / c.attention_softcap)
            scores = (torch.tanh(scores) * c.attention_softcap).masked_fill(~mask, float("-inf"))
            out = scores.softmax(-1).to(v.dtype) @ v
        return out.transpose(0, 1).flatten(1)


class Mlp(Projections):
    def __init__(self, index: int, made: _Maker) -> None:
        super().__init__(("gate_proj", "up_proj", "down_proj"), "mlp", index, made)
        self._activation = made.config.activation

    def forward(self, x: Tensor, packing: Packing) -> Tensor:
        gate, up = (self.project(name, x, packing.sees) for name in ("gate_proj", "up_proj"))
        if self._activation == "silu":
            gate = F.silu(gate)
        else:
            gate = F.gelu(gate, approximate="tanh" if self._activation == "gelu_tanh" else "none")
        return self.project("down_proj", gate * up, packing.sees)


class Layer(nn.Module):
    def __init__(self, index: int, made: _Maker) -> None:
        super().__init__()
        self.self_attn, self.mlp = Attention(index, made), Mlp(index, made)
        self._eps = made.config.eps
        self.rope = made.config.layer_rope[index]
        names = ["input_layernorm", "post_attention_layernorm"]
        if made.config.sandwich_norms:
            names += ["pre_feedforward_layernorm", "post_feedforward_layernorm"]
        self._norms = [made.norm(f"layers.{index}.{name}") for name in names]

    def forward(self, x: Tensor, packing: Packing, turns: tuple[Tensor, Tensor]) -> Tensor:
        if len(self._norms) == 2:
            x = x + self.self_attn(_rms(x, self._norms[0], self._eps), packing, turns)
            added: Tensor = self.mlp(_rms(x, self._norms[1], self._eps), packing)
            return x + added
        before, after, before_mlp, after_mlp = self._norms
        x = x + _rms(self.self_attn(_rms(x, before, self._eps), packing, turns), after, self._eps)
        return x + _rms(self.mlp(_rms(x, before_mlp, self._eps), packing), after_mlp, self._eps)


class TopLayers(nn.Module):
    """The layers from ``first`` on, and the last norm."""

    def __init__(
        self,
        config: DecoderConfig,
        source: WeightSource,
        count: int,
        layers_path: str,
        *,
        sight: Style | None = None,
        device: str = "cpu",
        dtype: torch.dtype = torch.float32,
    ) -> None:
        """``layers_path``: where transformers has the layers (``model.layers``); ``sight``: the model's adapter for pictures."""
        super().__init__()
        made = _Maker(config, source, sight or Style({}), dtype, device)
        self.config, self.layers_path, self.dtype = config, layers_path, dtype
        self.first = max(0, config.layers - count)
        self.layers = nn.ModuleList(Layer(index, made) for index in range(self.first, config.layers))
        self._norm = made.norm("norm")
        self._windows = tuple(sorted(set(config.windows[self.first :])))
        self.requires_grad_(False)

    @property
    def device(self) -> torch.device:
        return self._norm.device

    def pack(self, texts: Sequence[Text]) -> Packing:
        return Packing(texts, self._windows, self.device)

    def forward(self, hidden: Tensor, packing: Packing) -> Tensor:
        """``hidden`` (tokens, hidden), what enters the first of these layers, through all of them."""
        x = hidden.to(self.dtype)
        turns = []
        for rope in self.config.ropes:
            table = rope.table(int(packing.positions.max()) + 1)
            turns.append(
                tuple(part.to(self.device)[packing.positions].unsqueeze(1).to(x.dtype) for part in table)
            )
        for layer in self.layers:
            assert isinstance(layer, Layer)
            x = layer(x, packing, turns[layer.rope])
        return x

    def norm(self, x: Tensor) -> Tensor:
        """The last norm, in float32."""
        return F.rms_norm(x.float(), (x.shape[-1],), self._norm, self.config.eps)


@dataclass(frozen=True, eq=False)
class _Maker:
    """Takes modules' weights from a source."""

    config: DecoderConfig
    source: WeightSource
    sight: Style
    dtype: torch.dtype
    device: str

    def norm(self, name: str) -> Tensor:
        return norm_weight(self.source, name, self.config).to(self.device)

    def linear(self, index: int, projection: str) -> nn.Linear:
        name = f"layers.{index}.{projection}"
        bias = self.source.vector(f"{name}.bias")
        rows, cols = projection_shape(self.config, projection)
        linear = nn.Linear(cols, rows, bias=bias is not None, device="meta")
        weight = self.source.matrix(name, "float32").dequantize()
        linear.weight = nn.Parameter(weight.to(self.device, self.dtype), requires_grad=False)
        if bias is not None:
            linear.bias = nn.Parameter(bias.to(self.device, self.dtype), requires_grad=False)
        return linear


def _rms(x: Tensor, weight: Tensor, eps: float) -> Tensor:
    return F.rms_norm(x.float(), (x.shape[-1],), weight, eps).to(x.dtype)


def _turn(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Rotary embedding on (tokens, heads, head_dim), halves layout."""
    a, b = x.chunk(2, dim=-1)
    return torch.cat((a * cos - b * sin, b * cos + a * sin), dim=-1)
