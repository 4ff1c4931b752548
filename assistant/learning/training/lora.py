"""Low-rank adapters (Hu et al. 2021, arXiv 2106.09685, eq. 3) on the linear layers of the top decoder layers.

Own modules rather than peft's: no hooks and no casts in the hot loop. Saved folders are plain PEFT adapters that stock
``peft.PeftModel.from_pretrained`` loads (a test holds that).
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.nn import functional as F

from assistant.errors import BadInput
from assistant.learning.training import precision
from models import durable
from models.adapters import adapter_files
from models.adapters.adapter_files import CONFIG, WEIGHTS
from models.decoders.top_layers import TopLayers
from models.errors import ModelRefused

_PREFIX = "base_model.model."


class LoraLinear(nn.Module):
    """y = W x + b + strength * alpha/r * B A x. ``base`` stays frozen; A (r, in), B (out, r) in float32."""

    def __init__(self, base: nn.Linear, rank: int, alpha: float, generator: torch.Generator) -> None:
        super().__init__()
        self.base = base
        bound = 1.0 / math.sqrt(base.in_features)  # kaiming uniform with a = sqrt(5), as in the paper's code
        a = (torch.rand(rank, base.in_features, generator=generator) * 2 - 1) * bound
        self.a = nn.Parameter(a.to(base.weight.device))
        self.b = nn.Parameter(torch.zeros(base.out_features, rank, device=base.weight.device))
        self.scale = alpha / rank
        self.strength = 1.0  # 0: the base model
        self.fast: Tensor | None = None  # the frozen weight in bfloat16, where that is faster

    def forward(self, x: Tensor) -> Tensor:
        if self.fast is None:
            y = self.base(x)
        else:
            y = F.linear(x.bfloat16(), self.fast).to(x.dtype)
            y = y if self.base.bias is None else y + self.base.bias
        if self.strength == 0.0:
            return y
        return y + (F.linear(F.linear(x.float(), self.a), self.b) * (self.scale * self.strength)).to(y.dtype)


def _is_decoder_layer(module: nn.Module) -> bool:
    """Attention as most families call it, or as GPT-2 does (whose layers have no other name in common)."""
    return hasattr(module, "self_attn") or (hasattr(module, "attn") and hasattr(module, "ln_1"))


def decoder_layers(module: nn.Module) -> tuple[str, nn.ModuleList]:
    """(path, list) of the language model's layers. Raises BadInput when the model has none that we know."""
    best: tuple[str, nn.ModuleList] | None = None
    for path, child in module.named_modules():
        if isinstance(child, nn.ModuleList) and len(child) and _is_decoder_layer(child[0]):
            vision = any(part in path for part in ("vision", "visual", "audio", "encoder"))
            if not vision and (best is None or len(child) > len(best[1])):
                best = (path, child)
    if best is None:
        raise BadInput("This model's layers are of a kind that learning does not know.")
    return best


class Adapter:
    """The LoRA modules put into a model, and the way back. One at a time a model."""

    def __init__(
        self, module: nn.Module, *, top: int, rank: int = 16, alpha: float = 32.0, seed: int = 0
    ) -> None:
        """Put adapters on every linear layer of the ``top`` last decoder layers; the base is frozen."""
        self.module, self.rank, self.alpha = module, rank, alpha
        self.layers_path, layers = decoder_layers(module)
        left_out = 0  # layers below those that the module has
        if isinstance(module, TopLayers):
            self.layers_path, left_out = module.layers_path, module.first
        self.first = max(0, len(layers) - top)
        self.parts: dict[str, LoraLinear] = {}
        self._homes: list[tuple[nn.Module, str, LoraLinear]] = []
        for parameter in module.parameters():
            parameter.requires_grad_(False)
        generator = torch.Generator().manual_seed(seed)
        for index in range(self.first, len(layers)):
            for parent_path, parent in list(layers[index].named_modules()):
                for name, child in list(parent.named_children()):
                    if isinstance(child, nn.Linear):
                        lora = LoraLinear(child, rank, alpha, generator)
                        self._homes.append((parent, name, lora))
                        inner = f"{parent_path}.{name}" if parent_path else name
                        self.parts[f"{self.layers_path}.{left_out + index}.{inner}"] = lora
        if not self.parts:
            raise BadInput("This model has no linear layers that an adapter could be put on.")
        first = next(iter(self.parts.values())).base.weight
        if first.dtype == torch.float32 and precision.pays(first.shape[1], first.device):
            for part in self.parts.values():
                part.fast = part.base.weight.bfloat16()
        self.attached = False
        self.attach()

    def parameters(self) -> list[nn.Parameter]:
        return [p for part in self.parts.values() for p in (part.a, part.b)]

    def set_strength(self, strength: float) -> None:
        for part in self.parts.values():
            part.strength = strength

    @property
    def strength(self) -> float:
        return next(iter(self.parts.values())).strength

    @contextmanager
    def off(self) -> Iterator[None]:
        """The reference: the same model with the adapter switched off."""
        before = self.strength
        self.set_strength(0.0)
        try:
            yield
        finally:
            self.set_strength(before)

    def attach(self) -> None:
        """Put the adapter's layers (back) in the places of the model's own."""
        for parent, name, lora in self._homes:
            setattr(parent, name, lora)
        self.attached = True

    def detach(self) -> None:
        """Give the model its own layers back; ``attach`` is the way back in."""
        for parent, name, lora in self._homes:
            setattr(parent, name, lora.base)
        self.attached = False

    def state(self) -> dict[str, Tensor]:
        """Tensors under the names PEFT uses; the strength is multiplied into B."""
        found: dict[str, Tensor] = {}
        for path, part in self.parts.items():
            found[f"{_PREFIX}{path}.lora_A.weight"] = part.a.detach().float().cpu().clone().contiguous()
            b = part.b.detach().float().cpu() * part.strength
            found[f"{_PREFIX}{path}.lora_B.weight"] = b.clone().contiguous()
        return found

    def weights_in(self, folder: Path) -> dict[str, Tensor] | None:
        """The tensors of a saved adapter on the very same layers; None if it has others or cannot be read."""
        try:
            state = load_weights(folder)
        except BadInput:
            return None
        mine = self.state()
        same = set(state) == set(mine) and all(state[name].shape == mine[name].shape for name in mine)
        return state if same else None

    def load_state(self, state: dict[str, Tensor]) -> None:
        """Raises BadInput if the tensors belong to another model or other layers."""
        wanted = {f"{_PREFIX}{path}.lora_{x}.weight" for path in self.parts for x in "AB"}
        if set(state) != wanted:
            raise BadInput("This style belongs to another model.")
        with torch.no_grad():
            for path, part in self.parts.items():
                for x, parameter in (("A", part.a), ("B", part.b)):
                    tensor = state[f"{_PREFIX}{path}.lora_{x}.weight"]
                    if tensor.shape != parameter.shape:
                        raise BadInput("This style belongs to another model.")
                    parameter.copy_(tensor)

    def save(self, folder: Path, base: str) -> None:
        """Write a PEFT adapter into ``folder`` (which must exist); fsynced."""
        save_file(self.state(), str(folder / WEIGHTS), metadata={"format": "pt"})
        config: dict[str, Any] = {
            "peft_type": "LORA", "task_type": "CAUSAL_LM", "base_model_name_or_path": base, "inference_mode": True,
            "r": self.rank, "lora_alpha": self.alpha, "lora_dropout": 0.0, "bias": "none", "fan_in_fan_out": False,
            "use_rslora": False, "use_dora": False, "target_modules": sorted(self.parts),
        }  # fmt: skip
        (folder / CONFIG).write_text(json.dumps(config, indent=1), encoding="utf-8")
        for name in (WEIGHTS, CONFIG):
            durable.sync(folder / name)


def load_weights(folder: Path) -> dict[str, Tensor]:
    """Tensors of a saved adapter. Raises BadInput if the folder holds none that can be read."""
    try:
        return adapter_files.tensors_of(folder)
    except ModelRefused as error:
        raise BadInput(str(error)) from error
