"""From the packages' own formats to tensors and a tokenizer in the Hugging Face layout.

GGUF stores a Llama's query and key rows interleaved for its own rotary embedding; they are put back into the
two-halves order that transformers uses.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from models.errors import ModelRefused
from models.starter.weights_file import Maker

if TYPE_CHECKING:
    from gguf import GGUFReader, ReaderTensor
    from tokenizers import Tokenizer

# One of SmolLM2's reserved, never trained tokens (for data sets' bookkeeping) stands for image positions.
# Taking an existing id keeps the vocabulary, and with it every tensor shape, as it was.
IMAGE_TOKEN_ID = 16
IMAGE_TOKEN = "<|image|>"

_LAYER_NAMES = {
    "attn_norm": "input_layernorm",
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "ffn_norm": "post_attention_layernorm",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
}


def read_gguf(path: Path) -> GGUFReader:
    """Open a GGUF file (memory-mapped). Raises ModelRefused for anything else."""
    from gguf import GGUFReader

    try:
        return GGUFReader(path)
    except (ValueError, IndexError, KeyError, OSError) as error:
        raise ModelRefused(f"{path.name} is not a readable GGUF file ({error}).") from error


def text_config(reader: GGUFReader) -> dict[str, Any]:
    """Keyword arguments of a LlamaConfig."""
    if _field(reader, "general.architecture") != "llama":
        raise ModelRefused("The language model's file is not of the Llama family.")
    heads = int(_field(reader, "llama.attention.head_count"))
    hidden = int(_field(reader, "llama.embedding_length"))
    return {
        "model_type": "llama",
        "architectures": ["LlamaForCausalLM"],
        "vocab_size": int(_field(reader, "llama.vocab_size")),
        "hidden_size": hidden,
        "intermediate_size": int(_field(reader, "llama.feed_forward_length")),
        "num_hidden_layers": int(_field(reader, "llama.block_count")),
        "num_attention_heads": heads,
        "num_key_value_heads": int(_field(reader, "llama.attention.head_count_kv")),
        "head_dim": hidden // heads,
        "max_position_embeddings": int(_field(reader, "llama.context_length")),
        "rms_norm_eps": float(f"{_field(reader, 'llama.attention.layer_norm_rms_epsilon'):.6g}"),
        "rope_parameters": {
            "rope_type": "default",
            "rope_theta": float(_field(reader, "llama.rope.freq_base")),
        },
        "hidden_act": "silu",
        "attention_bias": False,
        "mlp_bias": False,
        "tie_word_embeddings": True,
        "bos_token_id": int(_field(reader, "tokenizer.ggml.bos_token_id")),
        "eos_token_id": int(_field(reader, "tokenizer.ggml.eos_token_id")),
        "pad_token_id": int(_field(reader, "tokenizer.ggml.padding_token_id")),
        "dtype": "float32",
    }


def text_tensors(reader: GGUFReader, prefix: str) -> dict[str, tuple[tuple[int, ...], Maker]]:
    """``{name under prefix: (shape, function that dequantises it)}`` in transformers' Llama layout."""
    heads = int(_field(reader, "llama.attention.head_count"))
    kv_heads = int(_field(reader, "llama.attention.head_count_kv"))
    tensors: dict[str, tuple[tuple[int, ...], Maker]] = {}
    for tensor in reader.tensors:
        shape = tuple(int(size) for size in reversed(tensor.shape))
        parts = tensor.name.split(".")
        if tensor.name == "token_embd.weight":
            name = "embed_tokens.weight"
        elif tensor.name == "output_norm.weight":
            name = "norm.weight"
        elif parts[0] == "blk" and parts[2] in _LAYER_NAMES and parts[3] == "weight":
            name = f"layers.{parts[1]}.{_LAYER_NAMES[parts[2]]}.weight"
        else:
            raise ModelRefused(f"The language model's file has an unknown tensor, {tensor.name}.")
        rotary_heads = {"attn_q": heads, "attn_k": kv_heads}.get(parts[2] if len(parts) > 2 else "")
        tensors[prefix + name] = (shape, _maker(tensor, shape, rotary_heads))
    return tensors


def _maker(tensor: ReaderTensor, shape: tuple[int, ...], rotary_heads: int | None) -> Maker:
    def make() -> np.ndarray:
        from gguf import dequantize

        weight = dequantize(tensor.data, tensor.tensor_type).reshape(shape)
        return weight if rotary_heads is None else _two_halves(weight, rotary_heads)

    return make


def _two_halves(weight: np.ndarray, heads: int) -> np.ndarray:
    """Rows (heads, head_dim/2, 2) of GGUF -> (heads, 2, head_dim/2) of transformers' rotate_half."""
    pairs = weight.reshape(heads, weight.shape[0] // heads // 2, 2, *weight.shape[1:])
    return pairs.swapaxes(2, 1).reshape(weight.shape)


def tokenizer(reader: GGUFReader) -> Tokenizer:
    """SmolLM2's byte-level BPE tokenizer (digits one by one); one reserved token is renamed IMAGE_TOKEN."""
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

    tokens: list[str] = list(_field(reader, "tokenizer.ggml.tokens"))
    kinds = [int(kind) for kind in _field(reader, "tokenizer.ggml.token_type")]
    merges = [tuple(merge.split(" ")) for merge in _field(reader, "tokenizer.ggml.merges")]
    if kinds[IMAGE_TOKEN_ID] != _CONTROL:
        raise ModelRefused("The language model's vocabulary is not the expected one.")
    tokens[IMAGE_TOKEN_ID] = IMAGE_TOKEN
    bpe = models.BPE(vocab={token: index for index, token in enumerate(tokens)}, merges=merges)
    result = Tokenizer(bpe)
    result.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Digits(individual_digits=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True),
        ]
    )
    result.decoder = decoders.ByteLevel()
    control = [token for token, kind in zip(tokens, kinds, strict=True) if kind == _CONTROL]
    result.add_special_tokens([AddedToken(token, special=True, normalized=False) for token in control])
    return result


_CONTROL = 3  # gguf.TokenType.CONTROL


def chat_template(reader: GGUFReader) -> str:
    return str(_field(reader, "tokenizer.chat_template"))


def _field(reader: GGUFReader, name: str) -> Any:
    field = reader.get_field(name)
    if field is None:
        raise ModelRefused(f"The language model's file lacks {name}.")
    return field.contents()


def pretty(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"
