"""A PEFT LoRA adapter and its base become one checkpoint: W + (alpha / r) B A (Hu et al., arXiv 2106.09685, eq. 3).

Done on the files, one at a time: neither transformers nor peft builds a model, and no code of the adapter's can run.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.adapters import adapter_files
from models.errors import ModelRefused
from models.fetch import catalog, trust
from models.starter.sources import Progress

_OTHER_HALF = ("vision", "visual", "audio")
_NOT_COPIED = (".safetensors", ".gguf", ".bin", ".pt", ".pth")


@dataclass(frozen=True, slots=True)
class Adapter:
    """A checked adapter with the base it belongs to, and the base's weight each of its modules changes."""

    folder: Path
    base: Path
    base_name: str
    weights: tuple[Path, ...]  # of the base
    targets: dict[str, str]  # module of the adapter -> tensor of the base
    transposed: bool  # GPT-2 stores its linear layers (in, out)


def plan(folder: Path, models_dir: Path) -> Adapter:
    """Check an adapter folder and find its base. Raises ModelRefused in one sentence."""
    name = folder.name
    settings = adapter_files.settings_of(folder)
    modules = adapter_files.modules_of(folder)
    checked = trust.check(_base(settings.base, models_dir, name))
    names = [key for path in checked.weights for key in trust.check_safetensors(path)]
    targets = {module: _target(module, names, name) for module in modules}
    return Adapter(
        folder, checked.folder, settings.base, checked.weights, targets, checked.model_type == "gpt2"
    )


def _base(wanted: str, models_dir: Path, name: str) -> Path:
    """The installed model that an adapter was made for, by repository, id, folder or the folder's name."""
    for entry in catalog.installed(models_dir):
        names = {entry.id, entry.source, str(entry.folder), entry.folder.name if entry.folder else ""}
        if entry.folder is not None and (
            wanted in names or Path(wanted).name in (entry.id, entry.source.split("/")[-1])
        ):
            return entry.folder
    raise ModelRefused(
        f"{name} is an adapter for {wanted[:100] or 'a model it does not name'}, which is not on this machine; "
        "get or add that one first."
    )


def _target(module: str, names: list[str], adapter: str) -> str:
    """The base's tensor that a module's weight is: the same name, or the only one that ends alike."""
    if f"{module}.weight" in names:
        return f"{module}.weight"
    other = any(part in module for part in _OTHER_HALF)
    same_half = [name for name in names if any(part in name for part in _OTHER_HALF) == other]
    parts = module.split(".")
    for start in range(1, len(parts) - 1):
        found = [name for name in same_half if name.endswith("." + ".".join(parts[start:]) + ".weight")]
        if len(found) == 1:
            return found[0]
    raise ModelRefused(f"{adapter} does not fit its base: that has no {module[:80]}.")


def merge(adapter: Adapter, folder: Path, progress: Progress) -> None:
    """Write the merged checkpoint into ``folder``. Raises ModelRefused when a shape does not fit."""
    from safetensors import safe_open
    from safetensors.torch import save_file

    settings, modules = adapter_files.read(adapter.folder)
    changes = {adapter.targets[module]: (module, pair) for module, pair in modules.items()}
    for number, path in enumerate(adapter.weights):
        progress("Merging the adapter", number, len(adapter.weights))
        with safe_open(str(path), framework="pt") as file:
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
            metadata = file.metadata()
        for name in tensors.keys() & changes.keys():
            module, (a, b) = changes[name]
            scale = settings.scale(module, a.shape[0])
            tensors[name] = _changed(tensors[name], a, b, scale, adapter.transposed, name)
        save_file(tensors, str(folder / path.name), metadata=metadata or {"format": "pt"})
    for path in adapter.base.iterdir():
        if path.is_file() and path.suffix not in _NOT_COPIED and not path.name.startswith((".", "attune-")):
            shutil.copyfile(path, folder / path.name)
    told = {"base": adapter.base_name, "adapter": adapter.folder.name}
    (folder / "attune-merged.json").write_text(json.dumps(told), encoding="utf-8")


def _changed(weight: Any, a: Any, b: Any, scale: float, transposed: bool, name: str) -> Any:
    delta = (b @ a) * scale  # (out, in)
    if transposed:
        delta = delta.t()
    if delta.shape != weight.shape:
        raise ModelRefused(f"The adapter does not fit its base: {name[:80]} has another size.")
    return (weight.float() + delta).to(weight.dtype).contiguous()
