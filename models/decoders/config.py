"""What the fast decoders need to know of a model, read from its Hugging Face configuration.

One dataclass covers Llama, Mistral, Qwen2, Qwen3 and the Gemma text models; ``from_hf`` says None for all others.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

FAMILIES = frozenset({"llama", "mistral", "qwen2", "qwen3", "gemma", "gemma2", "gemma3_text"})
# Rotary embeddings whose frequencies do not depend on the length of the text.
_STATIC_ROPE = frozenset({"default", "linear", "llama3", "yarn"})
_ACTIVATIONS = {
    "silu": "silu",
    "swish": "silu",
    "gelu_pytorch_tanh": "gelu_tanh",
    "gelu_new": "gelu_tanh",
    "gelu": "gelu",
}


@dataclass(frozen=True, eq=False)
class Rope:
    """Rotary position embedding (Su et al., arXiv 2104.09864): angles are position * inv_freq."""

    inv_freq: Tensor  # (head_dim / 2,) float32
    scale: float  # of cosines and sines (YaRN's attention factor)

    def table(self, positions: int) -> tuple[Tensor, Tensor]:
        """Cosines and sines of positions 0..positions-1, each (positions, head_dim / 2) float32."""
        angles = torch.outer(torch.arange(positions, dtype=torch.float32), self.inv_freq)
        return (angles.cos() * self.scale).contiguous(), (angles.sin() * self.scale).contiguous()


@dataclass(frozen=True, eq=False)
class DecoderConfig:
    """Sizes and switches of one decoder-only language model."""

    family: str
    hidden: int
    layers: int
    heads: int
    kv_heads: int
    head_dim: int
    intermediate: int
    vocab: int
    context_length: int  # tokens
    eps: float  # of every RMS norm
    activation: str  # silu | gelu_tanh | gelu
    qk_norm: bool  # RMS norm of each query and key head (Qwen3, Gemma 3)
    sandwich_norms: bool  # a norm after attention and after the MLP too (Gemma 2 and 3)
    norm_offset: float  # added to every norm weight (1 for Gemma)
    embedding_scale: float
    attention_scale: float  # of the query-key products
    attention_softcap: float  # 0: none
    logit_softcap: float  # 0: none
    tied: bool  # the output projection is the embedding table
    windows: tuple[int, ...]  # attention window of each layer in tokens, 0: all
    ropes: tuple[Rope, ...]
    layer_rope: tuple[int, ...]  # index into ropes for each layer

    @property
    def group(self) -> int:
        """Query heads that share one key-value head."""
        return self.heads // self.kv_heads

    def parameters(self, *, embeddings: bool = True) -> int:
        """Number of weights in matrices."""
        attention = self.hidden * self.head_dim * 2 * (self.heads + self.kv_heads)
        tables = self.vocab * self.hidden * (1 if self.tied else 2) if embeddings else 0
        return self.layers * (attention + 3 * self.hidden * self.intermediate) + tables


def from_hf(config: Any) -> DecoderConfig | None:
    """The decoder configuration of a Hugging Face config (its language half), None if it is not one of FAMILIES."""
    outer = getattr(config, "model_type", "")
    text = config.get_text_config(decoder=True)
    family = getattr(text, "model_type", "")
    # A Gemma 3 that sees attends to image tokens in both directions, which the fast path does not.
    if family not in FAMILIES or outer in ("gemma3", "paligemma"):
        return None
    activation = _ACTIVATIONS.get(getattr(text, "hidden_activation", None) or text.hidden_act)
    head_dim = getattr(text, "head_dim", None) or text.hidden_size // text.num_attention_heads
    ropes, layer_rope = _ropes(text, head_dim)
    if activation is None or not ropes or getattr(text, "use_bidirectional_attention", None):
        return None
    gemma = family.startswith("gemma")
    query_scalar = getattr(text, "query_pre_attn_scalar", None) or head_dim
    return DecoderConfig(
        family=family,
        hidden=text.hidden_size,
        layers=text.num_hidden_layers,
        heads=text.num_attention_heads,
        kv_heads=getattr(text, "num_key_value_heads", None) or text.num_attention_heads,
        head_dim=head_dim,
        intermediate=text.intermediate_size,
        vocab=text.vocab_size,
        context_length=text.max_position_embeddings,
        eps=text.rms_norm_eps,
        activation=activation,
        qk_norm=family in ("qwen3", "gemma3_text"),
        sandwich_norms=family in ("gemma2", "gemma3_text"),
        norm_offset=1.0 if gemma else 0.0,
        embedding_scale=float(text.hidden_size) ** 0.5 if gemma else 1.0,
        attention_scale=float(query_scalar if family in ("gemma2", "gemma3_text") else head_dim) ** -0.5,
        attention_softcap=float(getattr(text, "attn_logit_softcapping", None) or 0.0),
        logit_softcap=float(getattr(text, "final_logit_softcapping", None) or 0.0),
        tied=bool(getattr(config, "tie_word_embeddings", text.tie_word_embeddings)),
        windows=_windows(text),
        ropes=ropes,
        layer_rope=layer_rope,
    )


def _windows(text: Any) -> tuple[int, ...]:
    window = int(getattr(text, "sliding_window", None) or 0)
    if text.model_type == "mistral":
        return (window,) * text.num_hidden_layers
    kinds = getattr(text, "layer_types", None) or ["full_attention"] * text.num_hidden_layers
    return tuple(window if kind == "sliding_attention" else 0 for kind in kinds)


def _ropes(text: Any, head_dim: int) -> tuple[tuple[Rope, ...], tuple[int, ...]]:
    """The distinct rotary embeddings and which one each layer uses; empty when one of them is not supported."""
    parameters = text.rope_parameters
    if "rope_type" in parameters:
        rope = _rope(text, parameters, head_dim, None)
        return ((rope,), (0,) * text.num_hidden_layers) if rope else ((), ())
    kinds = sorted(set(text.layer_types))
    ropes = [_rope(text, parameters[kind], head_dim, kind) for kind in kinds]
    found = tuple(rope for rope in ropes if rope is not None)
    if len(found) < len(ropes):
        return (), ()
    return found, tuple(kinds.index(kind) for kind in text.layer_types)


def _rope(text: Any, parameters: dict[str, Any], head_dim: int, layer_type: str | None) -> Rope | None:
    kind = parameters["rope_type"]
    if kind not in _STATIC_ROPE or parameters.get("partial_rotary_factor", 1.0) != 1.0:
        return None
    if kind == "default":
        exponents = torch.arange(0, head_dim, 2, dtype=torch.float32) / head_dim
        return Rope(1.0 / (parameters["rope_theta"] ** exponents), 1.0)
    from transformers.modeling_rope_utils import ROPE_INIT_FUNCTIONS

    inv_freq, scale = ROPE_INIT_FUNCTIONS[kind](text, torch.device("cpu"), layer_type=layer_type)
    return Rope(inv_freq.float(), float(scale))
