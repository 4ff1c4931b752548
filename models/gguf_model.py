"""A GGUF file becomes a checkpoint folder: transformers dequantises the weights and rebuilds the tokenizer.

For Llamas in Q4_0, Q4_1 or Q8_0 the file is kept beside them, so that the int4 decoder takes its blocks over bit for bit
instead of quantising a second time. Text models only: the projector files of vision models (mmproj) are refused.
"""

from __future__ import annotations

import json
import shutil
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models import memory, trust
from models.decoder_weights import GGUF_NAME
from models.errors import ModelRefused
from models.starter.sources import Progress

# What transformers 5.23 reads from GGUF and this program knows otherwise.
ARCHITECTURES = frozenset({"llama", "mistral", "qwen2", "qwen3", "gemma2", "gemma3", "phi3", "gpt2"})
_EXACT = frozenset(
    {"F32", "F16", "BF16", "Q4_0", "Q4_1", "Q8_0"}
)  # models.quantized takes these over as they are
_TEMPLATE_LIMIT = 256 * 1024


@dataclass(frozen=True, slots=True)
class Found:
    """A GGUF file whose structure is whole."""

    path: Path
    architecture: str
    parameters: int
    types: frozenset[str]  # GGML names of its tensors' kinds

    @property
    def dtype(self) -> str:
        """What holds the dequantised weights without loss worth speaking of: their scales are float16."""
        matrices = self.types - {"F32"}
        return "float32" if not matrices else "bfloat16" if matrices == {"BF16"} else "float16"

    @property
    def exact(self) -> bool:
        return (
            self.architecture == "llama"
            and self.types <= _EXACT
            and bool(self.types & {"Q4_0", "Q4_1", "Q8_0"})
        )

    @property
    def unpacked_bytes(self) -> int:
        kept = self.path.stat().st_size if self.exact else 0
        return self.parameters * (4 if self.dtype == "float32" else 2) + kept


def examine(path: Path) -> Found:
    """Look at a GGUF file without unpacking anything. Raises ModelRefused: not GGUF, cut off, of an unknown kind."""
    from gguf import GGUFReader

    damaged = ModelRefused(f"{path.name} is damaged or was not downloaded completely.")
    with path.open("rb") as file:
        if file.read(4) != b"GGUF":
            raise ModelRefused(
                f"{path.name} is no GGUF file; a model is a GGUF file or a folder with safetensors."
            )
    try:
        reader = GGUFReader(path)
        architecture = _text(reader, "general.architecture")
        tensors = [
            (tensor.tensor_type.name, int(tensor.n_elements), int(tensor.data_offset) + int(tensor.n_bytes))
            for tensor in reader.tensors
        ]
    except (
        ValueError,
        IndexError,
        KeyError,
        OverflowError,
        OSError,
        struct.error,
        UnicodeDecodeError,
    ) as error:
        raise damaged from error
    if not tensors or max(end for _, _, end in tensors) > path.stat().st_size:
        raise damaged
    if architecture in ("clip", "mmproj"):
        raise ModelRefused(
            f"{path.name} is only the picture half of a model; get the model as safetensors instead."
        )
    if architecture not in ARCHITECTURES:
        raise ModelRefused(
            f"{path.name} is of the kind {architecture[:60]!r}, which Attune cannot read from GGUF."
        )
    kinds = frozenset(kind for kind, _, _ in tensors)
    return Found(path, architecture, sum(count for _, count, _ in tensors), kinds)


def unpack(found: Found, folder: Path, progress: Progress) -> None:
    """Write the checkpoint into ``folder``. Raises ModelRefused when it cannot be unpacked here."""
    from models.loader import quiet_transformers

    left = memory.available_bytes()
    need = found.parameters * 4 * 5 // 4  # transformers dequantises to float32
    if left is not None and need > left:
        raise ModelRefused(
            f"Unpacking {found.path.name} needs {need / 1e9:.1f} GB of memory, {left / 1e9:.1f} GB are free."
        )
    quiet_transformers()
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer, GgufConfig

    where: dict[str, Any] = {
        "gguf_file": found.path.name,
        "local_files_only": True,
        "trust_remote_code": False,
    }
    source = str(found.path.parent)
    try:
        progress("Reading the vocabulary", 0, 3)
        tokenizer = AutoTokenizer.from_pretrained(source, **where)
        progress("Unpacking the weights", 1, 3)
        plain = GgufConfig(dequantize=True)
        dtype = getattr(torch, found.dtype)
        model = AutoModelForCausalLM.from_pretrained(source, dtype=dtype, quantization_config=plain, **where)
        progress("Writing the model", 2, 3)
        model.save_pretrained(folder)
        tokenizer.save_pretrained(folder)
    except (ValueError, RuntimeError, KeyError, TypeError, AttributeError, IndexError, ImportError) as error:
        why = (str(error).strip().splitlines() or [type(error).__name__])[0][:200].rstrip(".")
        raise ModelRefused(f"{found.path.name} could not be unpacked ({why}).") from error
    _finish(found, folder)
    if found.exact:
        shutil.copyfile(found.path, folder / GGUF_NAME)
    trust.check(folder, found.path.name)


def _finish(found: Found, folder: Path) -> None:
    """The file's own chat template and end token where transformers did not take them over."""
    from gguf import GGUFReader

    reader = GGUFReader(found.path)
    template = _text(reader, "tokenizer.chat_template")
    if template and len(template) <= _TEMPLATE_LIMIT and not (folder / "chat_template.jinja").is_file():
        (folder / "chat_template.jinja").write_text(template, encoding="utf-8")
    end = reader.get_field("tokenizer.ggml.eos_token_id")
    if end is not None:
        path = folder / "generation_config.json"
        settings = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
        path.write_text(json.dumps({**settings, "eos_token_id": int(end.contents())}), encoding="utf-8")


def _text(reader: Any, name: str) -> str:
    field = reader.get_field(name)
    return "" if field is None else str(field.contents())
