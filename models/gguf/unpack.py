"""The old way for GGUF files of families that only transformers can run (Phi-3, GPT-2): unpacked into safetensors.

transformers dequantises all weights and writes a checkpoint folder of its own, without the GGUF file. Everything else
is used as it is (``gguf_model``).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from models import memory
from models.errors import ModelRefused
from models.fetch import trust
from models.gguf.header import Header
from models.starter.sources import Progress

ARCHITECTURES = frozenset({"phi3", "gpt2"})
_TEMPLATE_LIMIT = 256 * 1024


def dtype_of(header: Header) -> str:
    """What holds the dequantised weights without loss worth speaking of: their scales are float16."""
    kinds = {tensor.type for tensor in header.tensors.values()} - {"F32"}
    return "float32" if not kinds else "bfloat16" if kinds == {"BF16"} else "float16"


def unpacked_bytes(header: Header) -> int:
    return header.parameters() * (4 if dtype_of(header) == "float32" else 2)


def unpack(header: Header, folder: Path, progress: Progress) -> None:
    """Write the checkpoint into ``folder``. Raises ModelRefused when it cannot be unpacked here."""
    from models.loader import quiet_transformers

    path = header.path
    left = memory.available_bytes()
    need = header.parameters() * 4 * 5 // 4  # transformers dequantises to float32
    if left is not None and need > left:
        raise ModelRefused(
            f"Unpacking {path.name} needs {need / 1e9:.1f} GB of memory, {left / 1e9:.1f} GB are free."
        )
    quiet_transformers()
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer, GgufConfig

    where: dict[str, Any] = {"gguf_file": path.name, "local_files_only": True, "trust_remote_code": False}
    source = str(path.parent)
    try:
        progress("Reading the vocabulary", 0, 3)
        tokenizer = AutoTokenizer.from_pretrained(source, **where)
        progress("Unpacking the weights", 1, 3)
        plain = GgufConfig(dequantize=True)
        dtype = getattr(torch, dtype_of(header))
        model = AutoModelForCausalLM.from_pretrained(source, dtype=dtype, quantization_config=plain, **where)
        progress("Writing the model", 2, 3)
        model.save_pretrained(folder)
        tokenizer.save_pretrained(folder)
    except (ValueError, RuntimeError, KeyError, TypeError, AttributeError, IndexError, ImportError) as error:
        why = (str(error).strip().splitlines() or [type(error).__name__])[0][:200].rstrip(".")
        raise ModelRefused(f"{path.name} could not be unpacked ({why}).") from error
    _finish(header, folder)
    trust.check(folder, path.name)


def _finish(header: Header, folder: Path) -> None:
    """The file's own chat template and end token where transformers did not take them over."""
    template = header.text("tokenizer.chat_template")
    if template and len(template) <= _TEMPLATE_LIMIT and not (folder / "chat_template.jinja").is_file():
        (folder / "chat_template.jinja").write_text(template, encoding="utf-8")
    end = header.number("tokenizer.ggml.eos_token_id")
    if end is not None:
        path = folder / "generation_config.json"
        settings = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
        path.write_text(json.dumps({**settings, "eos_token_id": end}), encoding="utf-8")
