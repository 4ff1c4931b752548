"""Longer replies about a picture, so that the adapter doesn't make every reply a short answer.

The language model itself, without adapter, is told in words what a picture shows and writes what is asked for; with the
picture in place of the words it shall write the same (self-distillation).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from transformers import LlamaConfig

from models.decoders.config import from_hf
from models.decoders.eager import EagerDecoder
from models.decoders.native_decoder import NativeDecoder, supports, worthwhile
from models.gguf.source import GgufSource
from models.packing.pack_file import PackedNow
from models.perception import concepts
from models.perception.english import with_article

COUNT = 90
MOST_TOKENS = 60
SEED = 5
TEMPERATURE = 0.6
REQUESTS = (
    "Write a short poem about it.", "Tell me a short story about it.", "What can you tell me about it?",
    "What is it used for?", "Give me three facts about it.", "Write a caption for this picture.",
    "Explain to a child what this is.", "Why do people like it?", "Write a funny sentence about it.",
    "Write a message to a friend about this picture.", "What could I do with it?", "Where would I find one?",
    "Write a haiku about this.", "Invent a name for it.", "What does it remind you of?",
)  # fmt: skip
Talk = tuple[str, str, str]  # name, request, reply


@torch.inference_mode()
def collect(
    folder: Path,
    gguf: Path,
    config: dict[str, Any],
    encode: Callable[[str], list[int]],
    decode: Callable[[list[int]], str],
    count: int = COUNT,
) -> list[Talk]:
    """``count`` talks, kept in a file."""
    path = folder / "talks.json"
    if path.is_file():
        return [(name, asked, said) for name, asked, said in json.loads(path.read_text(encoding="utf-8"))]
    sizes = from_hf(LlamaConfig(**config))
    assert sizes is not None
    native = supports(sizes) and worthwhile()
    source = GgufSource(gguf, sizes)
    model: Any = (
        NativeDecoder(sizes, PackedNow(source), "int4", 1) if native else EagerDecoder(sizes, source, "int4")
    )
    end = encode("<|im_end|>")[0]
    random = torch.Generator().manual_seed(SEED)
    talks: list[Talk] = []
    for number in range(count):
        name = concepts.names()[int(torch.randint(len(concepts.names()), (1,), generator=random))]
        request = REQUESTS[number % len(REQUESTS)]
        prompt = (
            "<|im_start|>system\nYou are a helpful AI assistant.<|im_end|>\n<|im_start|>user\n"
            f"I am looking at a picture of {with_article(name)}. {request}<|im_end|>\n<|im_start|>assistant\n"
        )
        cache = model.new_cache()
        logits = model.forward(cache, torch.tensor([encode(prompt)]))
        written: list[int] = []
        while len(written) < MOST_TOKENS:
            token = int(torch.multinomial((logits[0] / TEMPERATURE).softmax(0), 1, generator=random))
            if token == end:
                break
            written.append(token)
            logits = model.forward(cache, torch.tensor([[token]]))
        reply = decode(written).strip()
        if len(written) == MOST_TOKENS:  # cut back to its last whole sentence
            reply = reply[: max(reply.rfind(mark) for mark in ".!?") + 1]
        if reply:
            talks.append((name, request, reply))
    path.write_text(json.dumps(talks, ensure_ascii=False, indent=1), encoding="utf-8")
    return talks
