"""A GGUF file's vocabulary as a Hugging Face tokenizer, written as tokenizer.json and tokenizer_config.json.

transformers builds the tokenizer from llama.cpp's lists of tokens and merges. The lists come from our own reader, which
trusts no length, and only files are written: nothing of the model's weights is touched.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from models.errors import ModelRefused
from models.fetch import trust
from models.gguf.header import Header

# Vocabularies whose own tokenizer composes characters first (Unicode's NFC), which a GGUF file does not state.
_COMPOSED = frozenset({"qwen2", "deepseek-r1-qwen", "megrez"})


def write_tokenizer(header: Header, folder: Path, context_length: int) -> None:
    """Write the two tokenizer files into ``folder``. Raises ModelRefused when the vocabulary makes no sense."""
    from transformers.integrations.gguf import convert_gguf_tokenizer

    parts = _parts(header)
    try:
        backend, _ = convert_gguf_tokenizer(header.architecture, parts)
    except Exception as error:  # the tokenizers library raises plain Exception
        raise _refused(header, error) from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # what it raises on an inner fault
            raise
        raise _refused(header, error) from error
    if parts["pre_tokenizer_type"] in _COMPOSED:
        from tokenizers.normalizers import NFC

        backend.normalizer = NFC()
    named: dict[str, Any] = {}
    for name, setting in (("bos", "bos"), ("eos", "eos"), ("unk", "unknown"), ("pad", "padding")):
        id = header.number(f"tokenizer.ggml.{setting}_token_id")
        if id is not None and 0 <= id < len(parts["tokens"]):
            named[f"{name}_token"] = parts["tokens"][id]
    backend.save(str(folder / "tokenizer.json"), pretty=False)
    settings = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "clean_up_tokenization_spaces": False,
        "model_max_length": context_length,
        **named,
    }
    path = folder / "tokenizer_config.json"
    path.write_text(json.dumps(settings, ensure_ascii=False, indent=2), encoding="utf-8")


def _refused(header: Header, error: BaseException) -> ModelRefused:
    why = (str(error).strip().splitlines() or [type(error).__name__])[0][:160].rstrip(".")
    return ModelRefused(f"The vocabulary of {header.path.name} cannot be used ({why}).")


def read_tokenizer(folder: Path) -> Any:
    """The tokenizer that ``write_tokenizer`` wrote; quicker than transformers' way, which parses the file twice."""
    from transformers import PreTrainedTokenizerFast

    settings = trust.read_json(folder / "tokenizer_config.json")
    settings.pop("tokenizer_class", None)
    template = folder / "chat_template.jinja"
    tokenizer = PreTrainedTokenizerFast(tokenizer_file=str(folder / "tokenizer.json"), **settings)
    if template.is_file():
        tokenizer.chat_template = template.read_text(encoding="utf-8")
    return tokenizer


def _parts(header: Header) -> dict[str, Any]:
    """llama.cpp's tokenizer settings by the names that transformers gives them."""
    tokens = header.array("tokenizer.ggml.tokens")
    if not tokens or not all(isinstance(token, str) for token in tokens):
        raise ModelRefused(f"{header.path.name} has no vocabulary.")
    parts: dict[str, Any] = {
        "tokens": list(tokens),
        "tokenizer_type": header.text("tokenizer.ggml.model"),
        "pre_tokenizer_type": header.text("tokenizer.ggml.pre"),
    }
    for name, kind in (("merges", str), ("scores", (int, float)), ("token_type", int)):
        values = header.array(f"tokenizer.ggml.{name}")
        if values is None:
            continue
        if not all(isinstance(value, kind) for value in values):
            raise ModelRefused(f"The vocabulary of {header.path.name} is damaged ({name}).")
        if name != "merges" and len(values) != len(tokens):
            raise ModelRefused(f"The vocabulary of {header.path.name} is damaged ({name}).")
        parts[name] = list(values)
    for name in ("bos", "eos", "unknown", "padding"):
        id = header.number(f"tokenizer.ggml.{name}_token_id")
        if id is not None:
            parts[f"{ {'unknown': 'unk', 'padding': 'pad'}.get(name, name) }_token_id"] = id
    return parts
