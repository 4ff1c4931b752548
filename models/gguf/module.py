"""transformers' own language model with the weights of a GGUF folder, dequantised one after the other."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from models.decoders.config import from_hf
from models.decoders.decoder import open_weights
from models.errors import ModelRefused

if TYPE_CHECKING:
    from transformers import PreTrainedModel


def module_of(folder: Path, dtype: torch.dtype, device: str) -> PreTrainedModel:
    """The model in ``folder`` in evaluation mode, without gradients. Raises ModelRefused when weights are missing."""
    from transformers import AutoConfig, AutoModelForCausalLM

    config = AutoConfig.from_pretrained(str(folder), local_files_only=True, trust_remote_code=False)
    sizes = from_hf(config)
    if sizes is None:
        raise ModelRefused(f"{folder.name} is of a kind that cannot be used from GGUF.")
    before = torch.get_default_dtype()
    try:
        torch.set_default_dtype(dtype)
        with _no_init():
            module: Any = AutoModelForCausalLM.from_config(config, attn_implementation="sdpa")
    finally:
        torch.set_default_dtype(before)
    with open_weights(folder, sizes) as source, torch.no_grad():
        assert source is not None  # a GGUF file's names are always known
        for key, parameter in module.named_parameters():
            name = key.removeprefix("model.")
            base, _, part = name.rpartition(".")
            if part == "weight" and parameter.dim() == 2:
                parameter.copy_(source.matrix(base, "float32").q)
                continue
            vector = source.vector(name)
            if vector is None:
                raise ModelRefused(f"The model's weights lack {base}.")
            parameter.copy_(vector)
    module.tie_weights()
    return module.to(device).eval().requires_grad_(False)


def _no_init() -> Any:
    from transformers.initialization import no_init_weights

    return no_init_weights()
