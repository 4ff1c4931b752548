"""A GGUF file's settings as a Hugging Face configuration, for every family that the fast decoders know.

llama.cpp's names of the settings are those of gguf's ``constants.py``. What a file states is taken; what it leaves open
is what llama.cpp assumes for that family (``src/llama-model.cpp``), never a default of the configuration class.
"""

from __future__ import annotations

import math
import struct
from typing import Any

from models.errors import ModelRefused
from models.gguf.header import Header

# GGUF's architecture: Hugging Face's model type
FAMILIES = {
    "llama": "llama",
    "mistral": "mistral",
    "qwen2": "qwen2",
    "qwen3": "qwen3",
    "gemma": "gemma",
    "gemma2": "gemma2",
    "gemma3": "gemma3_text",
}
_CLASSES = {
    "llama": "LlamaForCausalLM",
    "mistral": "MistralForCausalLM",
    "qwen2": "Qwen2ForCausalLM",
    "qwen3": "Qwen3ForCausalLM",
    "gemma": "GemmaForCausalLM",
    "gemma2": "Gemma2ForCausalLM",
    "gemma3_text": "Gemma3ForCausalLM",
}
# No model comes near these (``models.fetch.trust`` has the same).
_LIMITS = {
    "block_count": 1024,
    "attention.head_count": 1024,
    "attention.head_count_kv": 1024,
    "context_length": 1 << 28,
}
_MOST = 1 << 20
_ROPE_FACTORS = "rope_freqs.weight"
# Llama 3.1 and later: (low_freq_factor, high_freq_factor, original_max_position_embeddings)
_LLAMA3 = (1.0, 4.0, 8192)
# The largest Gemmas scale queries by hidden / heads, all others by the head's size: (family, layers).
_SCALED_BY_HIDDEN = {("gemma2", 46), ("gemma3_text", 62)}


def config_of(header: Header) -> dict[str, Any]:
    """Every field of the configuration that is read anywhere. Raises ModelRefused where the file lacks or contradicts one.

    Written without transformers' classes, whose import takes seconds; a test compares the two.
    """
    fields = _fields(header)
    family = fields["model_type"]
    if fields["num_attention_heads"] % fields["num_key_value_heads"]:
        raise _refused(header, "its numbers of heads do not fit together")
    if family in ("qwen2", "qwen3"):
        fields["layer_types"] = ["full_attention"] * fields["num_hidden_layers"]
    elif family in ("gemma2", "gemma3_text"):
        every = 2 if family == "gemma2" else 6  # one layer in so many attends to everything
        fields["layer_types"] = [
            "sliding_attention" if (layer + 1) % every else "full_attention"
            for layer in range(fields["num_hidden_layers"])
        ]
    return fields


def _refused(header: Header, why: str) -> ModelRefused:
    return ModelRefused(f"{header.path.name} cannot be used: {why}.")


def _fields(header: Header) -> dict[str, Any]:
    architecture = header.architecture
    family = FAMILIES[architecture]

    def whole(name: str, default: int | None = None) -> int:
        found = header.number(f"{architecture}.{name}")
        value = default if found is None else found
        if value is None:
            raise _refused(header, f"its header lacks {architecture}.{name}")
        if not 0 < value <= _LIMITS.get(name, _MOST):
            raise _refused(header, f"its {architecture}.{name} is impossible ({value})")
        return value

    if header.number(f"{architecture}.expert_count"):
        raise _refused(header, "mixtures of experts are not supported")
    heads, hidden = whole("attention.head_count"), whole("embedding_length")
    head_dim = whole("attention.key_length", hidden // heads or None)
    if (header.number(f"{architecture}.attention.value_length") or head_dim) != head_dim:
        raise _refused(header, "its keys and values differ in size")
    if (header.number(f"{architecture}.rope.dimension_count") or head_dim) != head_dim:
        raise _refused(header, "it rotates only a part of each head")
    words = header.length("tokenizer.ggml.tokens") or header.number(f"{architecture}.vocab_size")
    table = header.tensors.get("token_embd.weight")
    if table is None or len(table.shape) != 2:
        raise _refused(header, "it has no table of embeddings")
    if words is None or words > table.shape[0]:
        raise _refused(header, "its vocabulary and its table of embeddings do not fit together")
    layers = whole("block_count")
    eps = header.real(f"{architecture}.attention.layer_norm_rms_epsilon") or 1e-6
    if not 0 < eps < 1:
        raise _refused(header, f"its {architecture}.attention.layer_norm_rms_epsilon is impossible")
    fields: dict[str, Any] = {
        "model_type": family,
        "architectures": [_CLASSES[family]],
        "hidden_size": hidden,
        "intermediate_size": whole("feed_forward_length"),
        "num_hidden_layers": layers,
        "num_attention_heads": heads,
        "num_key_value_heads": whole("attention.head_count_kv", heads),
        "head_dim": head_dim,
        "max_position_embeddings": whole("context_length"),
        "rms_norm_eps": eps,
        "vocab_size": table.shape[0],
        "tie_word_embeddings": "output.weight" not in header.tensors,
        "attention_bias": "blk.0.attn_q.bias" in header.tensors,
        "rope_parameters": _rope(header, family, head_dim),
        "dtype": "float32",
    }
    for field, name in (("bos", "bos"), ("eos", "eos"), ("pad", "padding")):
        id = header.number(f"tokenizer.ggml.{name}_token_id")
        fields[f"{field}_token_id"] = id if id is not None and 0 <= id < table.shape[0] else None
    if family.startswith("gemma"):
        return fields | _gemma(header, family, hidden, heads, head_dim, layers)
    fields["hidden_act"] = "silu"
    if family == "mistral":
        fields["sliding_window"] = header.number(f"{architecture}.attention.sliding_window")
    elif family in ("qwen2", "qwen3"):
        fields |= {"use_sliding_window": False, "sliding_window": None}
    return fields


def _gemma(
    header: Header, family: str, hidden: int, heads: int, head_dim: int, layers: int
) -> dict[str, Any]:
    if family == "gemma":
        return {"hidden_act": "gelu_pytorch_tanh", "hidden_activation": "gelu_pytorch_tanh"}
    architecture = header.architecture
    scalar = hidden // heads if (family, layers) in _SCALED_BY_HIDDEN else head_dim
    fields: dict[str, Any] = {"hidden_activation": "gelu_pytorch_tanh", "query_pre_attn_scalar": scalar}
    window = header.number(f"{architecture}.attention.sliding_window")
    if window is None and family == "gemma3_text":
        raise _refused(header, f"its header lacks {architecture}.attention.sliding_window")
    fields["sliding_window"] = window or 4096
    for field, name in (
        ("attn_logit_softcapping", "attn_logit_softcapping"),
        ("final_logit_softcapping", "final_logit_softcapping"),
    ):
        default = {"attn_logit_softcapping": 50.0, "final_logit_softcapping": 30.0}[field]
        fields[field] = header.real(f"{architecture}.{name}") or (default if family == "gemma2" else None)
    return fields


def _rope(header: Header, family: str, head_dim: int) -> dict[str, Any]:
    """``rope_parameters``. Raises ModelRefused for a scaling that is not known."""
    key = f"{header.architecture}.rope."
    theta = header.real(f"{key}freq_base") or (1e6 if family == "gemma3_text" else 10_000.0)
    kind = header.text(f"{key}scaling.type")
    factor = header.real(f"{key}scaling.factor") or header.real(f"{key}scale_linear") or 1.0
    if not (math.isfinite(theta) and theta > 0 and math.isfinite(factor) and factor > 0):
        raise _refused(header, "the settings of its rotary embedding are impossible")
    rope: dict[str, Any] = {"rope_type": "default", "rope_theta": theta}
    if _ROPE_FACTORS in header.tensors:
        rope |= _llama3(header, theta, head_dim)
    elif kind == "yarn":
        original = header.number(f"{key}scaling.original_context_length")
        if original is None:
            raise _refused(header, f"its header lacks {key}scaling.original_context_length")
        rope |= {"rope_type": "yarn", "factor": factor, "original_max_position_embeddings": original}
    elif kind in ("", "none", "linear"):
        if kind != "none" and factor != 1.0:
            rope |= {"rope_type": "linear", "factor": factor}
    else:
        raise _refused(header, f"its rotary embedding of the kind {kind[:40]!r} is not known")
    if family != "gemma3_text":
        return rope
    return {
        "full_attention": rope,
        "sliding_attention": {"rope_type": "default", "rope_theta": 10_000.0},
    }


def _llama3(header: Header, theta: float, head_dim: int) -> dict[str, Any]:
    """Llama 3.1's scaling, recognised by the factors that llama.cpp stores instead of its parameters."""
    tensor = header.tensors[_ROPE_FACTORS]
    if tensor.type != "F32" or tensor.count != head_dim // 2:
        raise _refused(header, "the factors of its rotary embedding have another size")
    with header.path.open("rb") as file:
        file.seek(tensor.start)
        stored = struct.unpack(f"<{tensor.count}f", file.read(tensor.size_bytes))
    low, high, original = _LLAMA3
    factor = max(stored)
    if not all(math.isfinite(one) for one in stored) or factor < 1.0:
        raise _refused(header, "the factors of its rotary embedding are impossible")
    for i, found in enumerate(stored):
        turns = original / (2 * math.pi * theta ** (2 * i / head_dim))  # in the original context
        smooth = min(1.0, max(0.0, (turns - low) / (high - low)))
        if not abs(1 / ((1 - smooth) / factor + smooth) - found) < 1e-3 * factor:
            raise _refused(header, "its rotary embedding is scaled in a way that is not known")
    return {
        "rope_type": "llama3",
        "factor": factor,
        "low_freq_factor": low,
        "high_freq_factor": high,
        "original_max_position_embeddings": original,
    }
