"""A tiny Llama as one GGUF file: random weights, a byte-level vocabulary; whole, so that it loads and writes."""

from __future__ import annotations

from pathlib import Path

import gguf
import numpy as np

_WIDTH, _LAYERS, _HEADS, _FORWARD = 64, 2, 2, 128
_TEMPLATE = "{% for m in messages %}{{ m['role'] }}: {{ m['content'] }}\n{% endfor %}assistant:"


def write_tiny_gguf(path: Path, *, padding: int = 0) -> bytes:
    """Write the file and give its bytes; ``padding`` more words make it larger."""
    vocabulary = ["<pad>", "<s>", "</s>", *_byte_letters(), "Ġt", "he", *(f"word{n}" for n in range(padding))]
    vocabulary += [f"<x{n}>" for n in range(-len(vocabulary) % 32)]
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_context_length(256)
    writer.add_embedding_length(_WIDTH)
    writer.add_block_count(_LAYERS)
    writer.add_feed_forward_length(_FORWARD)
    writer.add_head_count(_HEADS)
    writer.add_head_count_kv(_HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_freq_base(10000.0)
    writer.add_vocab_size(len(vocabulary))
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("default")
    writer.add_token_list(vocabulary)
    writer.add_token_types([3 if n < 3 else 1 for n in range(len(vocabulary))])
    writer.add_token_merges(["Ġ t", "h e"])
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_pad_token_id(0)
    writer.add_chat_template(_TEMPLATE)
    shapes = {"token_embd": (len(vocabulary), _WIDTH)}
    for layer in range(_LAYERS):
        shapes |= {f"blk.{layer}.attn_{name}": (_WIDTH, _WIDTH) for name in ("q", "k", "v", "output")}
        shapes |= {f"blk.{layer}.ffn_{name}": (_FORWARD, _WIDTH) for name in ("gate", "up")}
        shapes |= {f"blk.{layer}.ffn_down": (_WIDTH, _FORWARD)}
        shapes |= {f"blk.{layer}.{name}_norm": (_WIDTH,) for name in ("attn", "ffn")}
    shapes |= {"output_norm": (_WIDTH,)}
    random = np.random.default_rng(0)
    for name, shape in shapes.items():
        if len(shape) == 1:
            writer.add_tensor(f"{name}.weight", np.ones(shape, np.float32))
        else:
            kind = gguf.GGMLQuantizationType.Q8_0
            weights = random.standard_normal(shape).astype(np.float32) * 0.05
            writer.add_tensor(f"{name}.weight", gguf.quants.quantize(weights, kind), raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path.read_bytes()


def _byte_letters() -> list[str]:
    """The 256 letters that stand for bytes in GPT-2's vocabulary."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [256 + n for n in range(256 - len(plain))]
    return [chr(code) for code in [*plain, *others]]
