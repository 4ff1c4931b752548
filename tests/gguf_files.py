"""Tiny language models as llama.cpp would store them: its names, its order of rotary pairs, its norms, its settings.

Weights of types that the gguf package cannot quantise (the K types) are random valid blocks; what they hold is what
gguf's own dequantisation says.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gguf
import numpy as np
import torch

ARCHITECTURES = {"gemma3_text": "gemma3", "mistral": "llama"}  # others are called as transformers calls them
_NAMES = {
    "self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k", "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output", "self_attn.q_norm": "attn_q_norm", "self_attn.k_norm": "attn_k_norm",
    "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up", "mlp.down_proj": "ffn_down",
    "input_layernorm": "attn_norm", "post_attention_layernorm": "ffn_norm",
}  # fmt: skip
_SANDWICH = {
    "post_attention_layernorm": "post_attention_norm", "pre_feedforward_layernorm": "ffn_norm",
    "post_feedforward_layernorm": "post_ffw_norm",
}  # fmt: skip
_OUTER = {"embed_tokens": "token_embd", "norm": "output_norm", "lm_head": "output"}
TYPES = ("F32", "F16", "BF16", "Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0", "Q4_K", "Q5_K", "Q6_K")

KindOf = Callable[[str], str]  # a GGUF tensor's name -> GGML's name of its type


def name_of(key: str, family: str) -> str:
    """llama.cpp's name of a parameter of transformers."""
    base, _, part = key.removeprefix("model.").rpartition(".")
    if not base.startswith("layers."):
        return f"{_OUTER[base]}.{part}"
    _, number, rest = base.split(".", 2)
    names = _NAMES | _SANDWICH if family in ("gemma2", "gemma3_text") else _NAMES
    return f"blk.{number}.{names[rest]}.{part}"


def write(
    path: Path, model: Any, kind: str | KindOf = "F32", *, tokenizer: Path | None = None, architecture: str = "",
    **settings: Any,
) -> dict[str, torch.Tensor]:  # fmt: skip
    """Write ``model`` to ``path``; its state as the file holds it (dequantised, by transformers' names).

    ``tokenizer``: a folder with a byte-level tokenizer.json; without it the vocabulary is made of numbers.
    ``settings``: more of them, without the architecture's name in front.
    """
    config = model.config
    family = config.model_type
    writer = gguf.GGUFWriter(path, architecture or ARCHITECTURES.get(family, family))
    _settings(writer, config, family)
    for name, value in settings.items():
        add = writer.add_string if isinstance(value, str) else writer.add_float32
        add(f"{writer.arch}.{name}", value)
    _vocabulary(writer, config, tokenizer)
    kind_of = kind if callable(kind) else lambda name: kind
    held = {}
    random = np.random.default_rng(5)
    state = model.state_dict()
    for key, tensor in state.items():
        if key.startswith("lm_head") and config.tie_word_embeddings:
            continue
        data, name = tensor.float().numpy(), name_of(key, family)
        if family.startswith("gemma") and key.endswith("norm.weight"):
            data = data + 1
        turned = family in ("llama", "mistral") and ("self_attn.q_proj" in key or "self_attn.k_proj" in key)
        if turned:
            heads = data.shape[0] // config.head_dim
            data = data.reshape(heads, 2, config.head_dim // 2, -1).swapaxes(1, 2).reshape(data.shape)
        type_name = "F32" if data.ndim == 1 else kind_of(name)
        blocks, exact = encode(np.ascontiguousarray(data), type_name, random)
        writer.add_tensor(name, blocks, raw_dtype=gguf.GGMLQuantizationType[type_name])
        if turned:
            exact = exact.reshape(heads, config.head_dim // 2, 2, -1).swapaxes(1, 2).reshape(exact.shape)
        if family.startswith("gemma") and key.endswith("norm.weight"):
            exact = exact - 1
        held[key] = torch.from_numpy(exact.copy())
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return held


def encode(data: np.ndarray, type_name: str, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """(bytes, what they hold) of a tensor stored as ``type_name``."""
    quant = gguf.GGMLQuantizationType[type_name]
    if type_name == "F32":
        return data.astype(np.float32), data.astype(np.float32)
    if type_name.endswith("_K"):
        blocks = random_blocks(type_name, data.shape, random)
    else:
        blocks = gguf.quants.quantize(data, quant)
    exact = gguf.quants.dequantize(blocks, quant).reshape(data.shape)
    return blocks, exact.astype(np.float32)


def random_blocks(type_name: str, shape: tuple[int, ...], random: np.random.Generator) -> np.ndarray:
    """Valid blocks with weights around zero, about as large as those of the tiny models."""
    rows, cols = shape
    size = {"Q4_K": 144, "Q5_K": 176, "Q6_K": 210}[type_name]
    blocks = random.integers(0, 256, (rows, cols // 256, size), dtype=np.uint8)

    def put(at: int, low: float, high: float) -> None:
        values = random.uniform(low, high, (rows, cols // 256, 1)).astype(np.float16)
        blocks[..., at : at + 2] = values.view(np.uint8)

    if type_name == "Q6_K":
        put(208, 0.00003, 0.00006)  # times scales of -128..127 and codes of -32..31
    else:  # a middle code of 7.5 (or 15.5) cancels the minimum on average
        scale = 0.001 if type_name == "Q4_K" else 0.0005
        put(0, scale, 1.2 * scale)
        put(2, 8 * scale, 9 * scale)
    return blocks.reshape(rows, -1)


def _settings(writer: Any, config: Any, family: str) -> None:
    writer.add_name("Tiny")
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_block_count(config.num_hidden_layers)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(config.num_attention_heads)
    writer.add_head_count_kv(config.num_key_value_heads)
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    writer.add_key_length(
        config.head_dim if hasattr(config, "head_dim") else config.hidden_size // config.num_attention_heads
    )
    rope = config.rope_parameters
    rope = rope if "rope_type" in rope else rope["full_attention"]
    writer.add_rope_freq_base(rope["rope_theta"])
    if getattr(config, "sliding_window", None):
        writer.add_sliding_window(config.sliding_window)
    if family == "gemma2":
        writer.add_attn_logit_softcapping(config.attn_logit_softcapping)
        writer.add_final_logit_softcapping(config.final_logit_softcapping)


def _vocabulary(writer: Any, config: Any, folder: Path | None) -> None:
    if folder is None:
        add_numbered_vocabulary(writer, config.vocab_size)
        return
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder)
    tokens = [token for token, _ in sorted(tokenizer.get_vocab().items(), key=lambda item: item[1])]
    merges = json.loads((folder / "tokenizer.json").read_text())["model"]["merges"]
    if tokenizer.chat_template:
        writer.add_chat_template(tokenizer.chat_template)
    _words(writer, tokens, [" ".join(pair) if isinstance(pair, list) else pair for pair in merges])


def add_numbered_vocabulary(writer: Any, size: int) -> None:
    """A vocabulary of every byte and of words that nobody says."""
    letters = [chr(c) for c in (*range(33, 127), *range(161, 173), *range(174, 256), *range(256, 324))]
    tokens = ["<a>", "<b>", "<c>", *letters, *(f"aa{n}" for n in range(size))][:size]
    _words(writer, [*tokens[:-1], "aa"], ["a a"])


def _words(writer: Any, tokens: list[str], merges: list[str]) -> None:
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("default")
    writer.add_token_list(tokens)
    writer.add_token_types([3 if id < 3 else 1 for id in range(len(tokens))])
    writer.add_token_merges(merges)
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_pad_token_id(2)
