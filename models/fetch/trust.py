"""Look at a model folder before anything in it is used; what is unsafe, damaged or unknown is refused.

Nothing here loads weights or runs anything of the folder's; only JSON and file headers are read. Torch-free.
"""

from __future__ import annotations

import importlib.util
import json
import math
import struct
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from models.errors import ModelNotFound, ModelRefused
from models.gguf.folder import header_in, is_gguf_model

STARTER_TYPE = "attune_starter"

# Families whose code is part of transformers itself; everything else is refused, whatever its config asks
# for.
VISION_TYPES = frozenset(
    {
        STARTER_TYPE,
        *(
            "smolvlm",
            "idefics3",
            "lfm2_vl",
            "qwen2_vl",
            "qwen2_5_vl",
            "qwen3_vl",
            "gemma3",
            "gemma3n",
            "gemma4",
        ),
        *("internvl", "llava", "llava_next", "llava_onevision", "mistral3", "paligemma"),
    }
)
TEXT_TYPES = frozenset(
    {
        *(
            "llama",
            "smollm3",
            "qwen2",
            "qwen3",
            "gemma",
            "gemma2",
            "gemma3_text",
            "gemma3n_text",
            "gemma4_text",
            "gpt2",
        ),
        *("mistral", "phi3", "granite", "olmo2", "lfm2"),
    }
)
# Families whose language half the fast decoders run, quantised (``models.decoders.config``), pictures included.
FAST_TYPES = frozenset(
    {
        *(STARTER_TYPE, "llama", "mistral", "qwen2", "qwen3", "gemma", "gemma2", "gemma3_text"),
        *("smolvlm", "idefics3", "internvl", "llava", "llava_next", "llava_onevision", "mistral3"),
    }
)
# Families whose pictures transformers prepares with a package that Attune does not bring.
_NEEDED = {"lfm2_vl": "torchvision", "mistral3": "torchvision", "gemma3n": "timm"}
HEARING_TYPES = frozenset({"gemma3n", "gemma4"})

_PICKLES = (".bin", ".pt", ".pth", ".pkl", ".pickle", ".ckpt", ".h5", ".msgpack")
_JSON_FILES = (
    "config.json",
    "generation_config.json",
    "tokenizer_config.json",
    "processor_config.json",
    "preprocessor_config.json",
    "video_preprocessor_config.json",
)
_FORBIDDEN_KEYS = ("auto_map", "trust_remote_code", "attn_implementation", "custom_generate")
# What transformers itself writes under keys of the third kind; a kernel to be fetched is named OWNER/NAME.
_OWN_ATTENTION = ("eager", "sdpa", "flash_attention_2")
# No model comes near these; a damaged or hostile number would fill the memory before any weight is looked at.
_NUMBER_LIMITS = {
    **dict.fromkeys(("num_hidden_layers", "n_layer", "depth", "num_attention_heads", "n_head"), 1024),
    **dict.fromkeys(("hidden_size", "n_embd", "intermediate_size", "head_dim"), 1 << 20),
    **dict.fromkeys(("vocab_size", "vocab_size_per_layer_input", "image_size"), 1 << 24),
    **dict.fromkeys(("max_position_embeddings", "n_positions"), 1 << 28),
}
_JSON_LIMIT = 64 * 1024 * 1024  # bytes; a big vocabulary may lie in a tokenizer's config
_TEMPLATE_LIMIT = 256 * 1024
_MOST_GROWTH = 1000.0  # of a text by a tokenizer's normalisers; usual ones make it twice as long at most
_LARGEST_TABLE = 4096.0  # of a usual sentencepiece table 300,000 characters make a growth of 75
_HEADER_LIMIT = 100 * 1024 * 1024  # the safetensors library's own limit


@dataclass(frozen=True, slots=True)
class Checked:
    """A folder that may be loaded."""

    folder: Path
    config: dict[str, Any]
    model_type: str
    weights: tuple[Path, ...]
    weight_bytes: int
    gguf: bool = False  # the weights are a GGUF file, used as it is

    @property
    def can_see(self) -> bool:
        return self.model_type in VISION_TYPES and self.config.get("vision_config", True) is not None

    @property
    def can_hear(self) -> bool:
        return self.model_type in HEARING_TYPES and self.config.get("audio_config") is not None


def check(folder: Path, name: str = "") -> Checked:
    """Check a model folder. Raises ModelNotFound or ModelRefused with one sentence saying why.

    ``name`` is what a refusal calls the model ("": its folder).
    """
    config, model_type = check_settings(folder, name)
    if is_gguf_model(folder):
        header = header_in(folder)
        return Checked(folder, config, model_type, (header.path,), header.size_bytes, gguf=True)
    weights = _weights(folder)
    return Checked(folder, config, model_type, weights, sum(path.stat().st_size for path in weights))


def check_settings(folder: Path, name: str = "") -> tuple[dict[str, Any], str]:
    """(config, model type) of a folder whose weights may not be there yet; raises like ``check``."""
    name = name or folder.name
    if not folder.is_dir():
        raise ModelNotFound(f"There is no model folder {folder}.")
    if not (folder / "config.json").is_file():
        raise ModelRefused(f"{name} is not a model folder: it has no config.json.")
    config: dict[str, Any] = {}
    for file in _JSON_FILES:
        path = folder / file
        if path.is_file():
            settings = read_json(path)
            _refuse_code(settings, f"{name}/{file}")
            if file == "config.json":
                _refuse_numbers(settings, f"{name}/{file}")
                config = settings
    model_type = config.get("model_type")
    if not isinstance(model_type, str) or model_type not in VISION_TYPES | TEXT_TYPES:
        raise ModelRefused(f"{name} is of the kind {str(model_type)[:60]!r}, which Attune does not know.")
    if importlib.util.find_spec(_NEEDED.get(model_type, "json")) is None:
        raise ModelRefused(
            f"{name} needs the package {_NEEDED[model_type]}, which Attune does not come with."
        )
    quantized = config.get("quantization_config")
    if quantized:
        method = quantized.get("quant_method") if isinstance(quantized, dict) else quantized
        raise ModelRefused(
            f"{name} is already quantised ({str(method)[:40]}); get its unquantised version instead."
        )
    for template in folder.glob("*.jinja"):
        if template.stat().st_size > _TEMPLATE_LIMIT:
            raise ModelRefused(f"The chat template {template.name} of {name} is far too long.")
    return config, model_type


def check_tokenizer(folder: Path) -> None:
    """Refuse a tokenizer.json whose steps, one after the other, could make a text of any length out of a short one.

    Raises ModelRefused.
    """
    path = folder / "tokenizer.json"
    if not path.is_file():
        return
    settings = read_json(path)
    for part in ("normalizer", "decoder"):
        if _growth(settings.get(part), depth=0) > _MOST_GROWTH:
            raise ModelRefused(f"The tokenizer of {folder.name} makes texts far longer, so it is not used.")


def _growth(step: Any, depth: int) -> float:
    """How many times longer a text may be after a step of a tokenizer, which may be a list of steps."""
    if not isinstance(step, dict):
        return 1.0
    if depth > 8:
        return math.inf
    kind, content = step.get("type"), str(step.get("content", ""))
    if kind == "Sequence":
        parts = step.get("normalizers") or step.get("decoders")
        return math.prod(_growth(part, depth + 1) for part in parts) if isinstance(parts, list) else 1.0
    if kind == "Replace":
        pattern = step.get("pattern")
        plain = pattern.get("String") if isinstance(pattern, dict) else None
        # A regular expression, or an empty text, may be found before every character.
        return max(1.0, len(content) / len(plain)) if plain else 1.0 + len(content)
    if kind == "Prepend":
        return 1.0 + len(str(step.get("prepend", "")))
    if kind == "Precompiled":  # a table of what stands for what, at most a few characters each
        return 2.0 + len(str(step.get("precompiled_charsmap", ""))) / _LARGEST_TABLE
    return 1.0


def read_json(path: Path) -> dict[str, Any]:
    """A JSON object of a model's. Raises ModelRefused when it is damaged or far too large."""
    if path.stat().st_size > _JSON_LIMIT:
        raise ModelRefused(f"{path.name} in {path.parent.name} is far too large.")
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise ModelRefused(f"{path.name} in {path.parent.name} is damaged ({error}).") from error
    if not isinstance(data, dict):
        raise ModelRefused(f"{path.name} in {path.parent.name} is damaged (not an object).")
    return data


def _refuse_code(value: Any, where: str) -> None:
    """Refuse keys that make a library load code or another attention kernel, at any depth (CVE-2026-4372)."""
    if isinstance(value, dict):
        for key, inner in value.items():
            lowered = str(key).lower().lstrip("_")
            own = lowered.startswith("attn_") and (isinstance(inner, bool) or str(inner) in _OWN_ATTENTION)
            if lowered.startswith(_FORBIDDEN_KEYS) and inner is not None and inner is not False and not own:
                raise ModelRefused(f"{where} asks for code that is not part of Attune ({str(key)[:40]}).")
            _refuse_code(inner, where)
    elif isinstance(value, list):
        for inner in value:
            _refuse_code(inner, where)


def _refuse_numbers(value: Any, where: str) -> None:
    """Refuse sizes that no model has, at any depth."""
    if isinstance(value, dict):
        for key, inner in value.items():
            limit = _NUMBER_LIMITS.get(str(key))
            for number in inner if isinstance(inner, list) else [inner]:
                if limit is None or number is None:
                    continue
                if isinstance(number, bool) or not isinstance(number, int) or not 0 < number <= limit:
                    raise ModelRefused(f"{where} has an impossible {key} ({str(number)[:40]}).")
            _refuse_numbers(inner, where)
    elif isinstance(value, list):
        for inner in value:
            _refuse_numbers(inner, where)


def _weights(folder: Path) -> tuple[Path, ...]:
    index = folder / "model.safetensors.index.json"
    if index.is_file():
        files = sorted(indexed_weights(index))
        for file in files:
            if not (folder / file).is_file():
                raise ModelRefused(f"{folder.name} is not complete: {file} is missing.")
        paths = tuple(folder / file for file in files)
    elif (folder / "model.safetensors").is_file():
        paths = (folder / "model.safetensors",)
    elif any(
        path.suffix in _PICKLES and not path.name.startswith("packed-")  # ours, of weights that are gone
        for path in folder.iterdir()
    ):
        raise ModelRefused(
            f"{folder.name} has its weights only as pickle files, which can run code; safetensors are needed."
        )
    else:
        raise ModelRefused(f"{folder.name} has no weights (no model.safetensors).")
    for path in paths:
        check_safetensors(path)
    return paths


def indexed_weights(index: Path) -> set[str]:
    """The weight files that an index names. Raises ModelRefused when it is damaged or leaves its folder."""
    names = read_json(index).get("weight_map")
    if not isinstance(names, dict) or not names:
        raise ModelRefused(f"The weights' index of {index.parent.name} is damaged.")
    files = {str(name) for name in names.values()}
    for file in files:
        if PurePosixPath(file).name != file or "\\" in file or not file.endswith(".safetensors"):
            raise ModelRefused(f"The weights' index of {index.parent.name} names a file outside its folder.")
    return files


def check_safetensors(path: Path) -> dict[str, tuple[str, tuple[int, ...]]]:
    """``{tensor: (dtype, shape)}`` of a whole safetensors file; ModelRefused when it is damaged or cut off."""
    size = path.stat().st_size
    damaged = ModelRefused(f"{path.name} in {path.parent.name} is damaged or was not downloaded completely.")
    with path.open("rb") as file:
        start = file.read(8)
        if len(start) < 8:
            raise damaged
        (length,) = struct.unpack("<Q", start)
        if length > min(size - 8, _HEADER_LIMIT):
            raise damaged
        try:
            header = json.loads(file.read(length))
            entries = {
                str(name): (str(entry["dtype"]), tuple(int(n) for n in entry["shape"]), entry["data_offsets"])
                for name, entry in header.items()
                if name != "__metadata__"
            }
            end = max((int(offsets[1]) for _, _, offsets in entries.values()), default=0)
        except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError) as error:
            raise damaged from error
    if not entries or end != size - 8 - length:
        raise damaged
    return {name: (dtype, shape) for name, (dtype, shape, _) in entries.items()}


def count_parameters(checked: Checked) -> int:
    """Stored numbers in the weight files (a tied head is stored, and counted, once)."""
    if checked.gguf:
        return header_in(checked.folder).parameters()
    total = 0
    for path in checked.weights:
        for _, shape in check_safetensors(path).values():
            total += math.prod(shape)
    return total
