"""Where a model goes and in which precision, decided before anything of it is read.

Weights are counted from the files' headers, the cache from the model's configuration. What does not fit as it is gets a
smaller setting instead: finer weights give way to coarser ones, then graphics memory to main memory, main memory to the
disk (accelerate's device map). Only when nothing is left is the model refused.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models import memory
from models.errors import DoesNotFit
from models.fetch import trust
from models.fetch.trust import Checked
from models.gguf.folder import header_in, is_quantized, matrix_bytes
from models.memory import cache_bytes_a_token

if TYPE_CHECKING:
    from models.decoders.config import DecoderConfig

HEADROOM = 0.88  # of free memory that a model may take
GPU_HEADROOM = 0.87  # accelerate's own advice: buffers of kernels, fragmentation
CACHE_TOKENS = 8192  # of conversation that must have room, at most
RUNTIME_BYTES = 250_000_000  # buffers of one step, the tokenizer, the picture at work
TRAINED_TOGETHER = 1000  # tokens of a batch's part, see ``assistant.learning.training.policy.Hyper.part``
RECORDED = 8000  # tokens of all batches
SHORTLIST = 8000  # tokens of the vocabulary that the output layer is restricted to
_BYTES = {"float32": 4.0, "bfloat16": 2.0, "float16": 2.0, "int8": 1.0625 + 0.1, "int4": 0.625 + 0.1}


@dataclass(frozen=True, slots=True)
class Size:
    """What a model takes, in numbers: weights by part, bytes of cache a token."""

    language: int  # weights
    others: int  # weights of encoders and projectors, never quantised
    cache_bytes_a_token: int
    context: int
    stored_bytes: int = 0  # of a quantised GGUF file's weights, kept as they are; 0: quantised here

    def bytes(self, kind: str, *, others: str = "float32", fast: bool = False) -> int:
        """Memory with weights as ``kind`` (its encoders as ``others``) and room for a conversation.

        ``fast``: on a fast decoder; otherwise everything has the same kind.
        """
        encoders = self.others * _BYTES[others if fast else kind]
        cache = self.cache_bytes_a_token * min(self.context, CACHE_TOKENS)
        if self.stored_bytes and kind in ("auto", "int4", "int8"):
            return self.stored_bytes + int(encoders + cache) + RUNTIME_BYTES
        return int(self.language * _BYTES[kind] + encoders + cache) + RUNTIME_BYTES

    def learning_bytes(self) -> int:
        """What an update takes on top on a processor where transformers runs the model: its weights in float32, activations."""
        return int(self.language * 4.0 * 1.1) + RUNTIME_BYTES


def learning_bytes(config: DecoderConfig, top: int) -> int:
    """What an update takes on top on a processor where a fast decoder runs the model: the ``top`` last layers in float32,
    their activations and gradients for the positions that are trained together, and what is noted of the batches."""
    layer = config.parameters(embeddings=False) // config.layers
    width = (
        8 * config.hidden + 4 * config.intermediate + 2 * (config.heads + config.kv_heads) * config.head_dim
    )
    activations = TRAINED_TOGETHER * (top * width + 3 * SHORTLIST)
    noted = RECORDED * (2 * config.hidden + SHORTLIST // 2)
    rows = SHORTLIST * config.hidden
    return 4 * (top * layer + activations + noted + rows) + RUNTIME_BYTES


@dataclass(frozen=True, slots=True)
class Placement:
    """How to load: ``kind`` of weights on ``device``; a ``max_memory`` makes accelerate spread the model."""

    device: str
    kind: str  # of the weights: auto | int4 | int8 | bfloat16 | float16 | float32
    max_memory: dict[Any, int] = field(default_factory=dict)  # empty: all on ``device``
    offload: Path | None = None
    why: str = ""  # what gave way, one sentence; empty: nothing

    @property
    def spread(self) -> bool:
        return bool(self.max_memory)


def size_of(checked: Checked, config: Any) -> Size:
    """Count a checked model folder's weights from the headers of its files."""
    language = others = stored = 0
    if checked.gguf:
        header = header_in(checked.folder)
        language = header.parameters()
        stored = matrix_bytes(header) if is_quantized(header) else 0
    for path in () if checked.gguf else checked.weights:
        for name, (_, shape) in trust.check_safetensors(path).items():
            count = 1
            for n in shape:
                count *= n
            if any(
                part in name
                for part in ("vision", "visual", "audio", "projector", "connector", "embed_vision")
            ):
                others += count
            else:
                language += count
    text = config.get_text_config(decoder=True)
    context = int(getattr(text, "max_position_embeddings", 0) or getattr(text, "n_positions", 0) or 2048)
    return Size(language, others, cache_bytes_a_token(config), context, stored)


def options(
    size: Size, wanted: str, device: str, fast: bool, free: int | None, gpu_free: int = 0
) -> list[Placement]:
    """Ways to load, best first, those that cannot fit left out. Raises DoesNotFit when none is left.

    ``fast``: a fast decoder knows the family. ``free``, ``gpu_free``: bytes; None: unknown, then nothing is left out.
    """
    if device != "cpu":
        return _on_gpu(size, wanted, device, free, gpu_free)
    if wanted != "auto":
        kinds = [wanted]
    elif fast:
        kinds = ["auto", "int4"]
    else:
        kinds = ["float32", "bfloat16"]
    found = []
    for kind in kinds:
        smallest = "int4" if kind == "auto" else kind
        if not fast and smallest in ("int4", "int8"):
            smallest = kind = "bfloat16"  # no such layers for this family: the coarsest there is
        if free is None or size.bytes(smallest, fast=fast) <= free * HEADROOM:
            why = "" if kind == kinds[0] else "Memory is short, so the weights are kept in a coarser form."
            found.append(Placement("cpu", kind, why=why))
    if not found and not fast and wanted in ("auto", "bfloat16") and free is not None:
        found.append(_with_disk("cpu", "bfloat16", {"cpu": int(free * HEADROOM * 0.9)}))
    if not found:
        need = size.bytes("int4" if fast else "bfloat16", fast=fast)
        raise DoesNotFit(
            f"it needs about {need / 1e9:.1f} GB of memory, {(free or 0) / 1e9:.1f} GB are free."
        )
    return found


def _on_gpu(size: Size, wanted: str, device: str, free: int | None, gpu_free: int) -> list[Placement]:
    kind = "float32" if wanted == "float32" else half_of(device)
    need, room = size.bytes(kind), int(gpu_free * GPU_HEADROOM)
    here = [Placement(device, kind)] if need <= room else []
    why = "The graphics memory is too small for the whole model, so part of it stays in main memory."
    main = int((free or 0) * HEADROOM)
    if device.startswith("cuda") and need <= room + main:
        here.append(Placement(device, kind, {0: room, "cpu": main}, why=why))
    elif device.startswith("cuda"):
        here.append(_with_disk(device, kind, {0: room, "cpu": main}))
    if not here:
        raise DoesNotFit(
            f"it needs about {need / 1e9:.1f} GB of graphics memory, {gpu_free / 1e9:.1f} GB are free."
        )
    return here


def _with_disk(device: str, kind: str, limits: dict[Any, int]) -> Placement:
    folder = Path(tempfile.gettempdir()) / "attune-offload"
    why = "The memory is too small for the whole model, so part of it is read from the disk for every word: slow."
    return Placement(device, kind, limits, folder, why)


def half_of(device: str) -> str:
    """The half precision a device is good at: bfloat16, or float16 on cards from before 2020 and Apple's."""
    import torch

    if device.startswith("cuda"):
        return "bfloat16" if torch.cuda.is_bf16_supported() else "float16"
    return "float16" if device.startswith("mps") else "bfloat16"


def gpu_free_bytes(device: str) -> int:
    """Free memory of a device; of an Apple GPU what the system recommends to use."""
    import torch

    if device.startswith("cuda"):
        return int(torch.cuda.mem_get_info(device)[0])
    if device.startswith("xpu"):
        return int(torch.xpu.mem_get_info(device)[0])
    if device.startswith("mps"):
        return int(torch.mps.recommended_max_memory() - torch.mps.driver_allocated_memory())
    return 0


def free_bytes() -> int | None:
    """Main memory that can still be used."""
    return memory.available_bytes()
