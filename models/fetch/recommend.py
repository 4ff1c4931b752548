"""Which model of the catalogue suits this machine, and why. Torch-free: nothing is loaded to find out."""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from models import memory
from models.fetch import catalog
from models.fetch.catalog import Entry
from models.fetch.default_model import SMALL_DEFAULT_ID, default_id, is_default
from models.fetch.transfer import SPARE_BYTES

SHARE_OF_MEMORY = (
    0.5  # of the machine's memory that a model may take: the rest is for everything else that runs
)
SHARE_OF_GPU = 0.85


@dataclass(frozen=True, slots=True)
class Machine:
    """What matters for the choice, in bytes; None: the system does not say."""

    memory: int | None
    gpu_memory: int  # of the largest graphics processor that torch can use, 0: none
    disk_free: int | None


@dataclass(frozen=True, slots=True)
class Advice:
    entry: Entry
    why: str  # one sentence


def this_machine(models_dir: Path) -> Machine:
    """Memory, graphics memory and disk space of this machine."""
    place = next((p for p in (models_dir, *models_dir.parents) if p.is_dir()), Path.home())
    try:
        free: int | None = shutil.disk_usage(place).free
    except OSError:
        free = None
    return Machine(memory.total_bytes(), gpu_bytes(), free)


def gpu_bytes() -> int:
    """Memory of the largest NVIDIA card, or what an Apple GPU may use of the shared memory; 0 where there is none.

    Asked of the driver, not of torch, whose import takes seconds; whether torch can use it shows when a model is loaded.
    """
    if sys.platform == "darwin":
        import platform

        return int((memory.total_bytes() or 0) * 0.65) if platform.machine() == "arm64" else 0
    command = ["nvidia-smi", "--query-gpu=memory.total", "--format=csv,noheader,nounits"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=5, check=True)
        return max((int(line) for line in done.stdout.split()), default=0) * 1024 * 1024
    except (OSError, subprocess.SubprocessError, ValueError):
        return 0


def recommend(machine: Machine) -> Advice:
    """On a graphics card the last model that sees, is free to get, fits and is larger than the default; else the default.

    With the reason. A default that does not fit gives way to the smaller one, and that to the starter.
    """
    starter = catalog.entries()[0]
    candidates = _candidates(machine)
    # A small model on a small card is no gain over the default on the processor.
    least = max(entry.parameters for entry in catalog.entries() if is_default(entry.id))
    on_gpu = [
        e
        for e in candidates
        if e.parameters > least and need_bytes(e, gpu=True) <= machine.gpu_memory * SHARE_OF_GPU
    ]
    if on_gpu:
        best = on_gpu[-1]
        return Advice(
            best,
            f"It sees pictures and is the best here that fits the {machine.gpu_memory / 1e9:.0f} GB of graphics memory "
            f"(it needs about {need_bytes(best, gpu=True) / 1e9:.1f} GB).",
        )
    if machine.memory is None:
        return Advice(
            starter, "This system does not say how much memory it has, and the starter runs everywhere."
        )
    fitting = {
        entry.id: entry for entry in candidates if need_bytes(entry) <= machine.memory * SHARE_OF_MEMORY
    }
    for model_id in (default_id(machine.memory), SMALL_DEFAULT_ID):
        if model_id in fitting:
            best = fitting[model_id]
            return Advice(
                best,
                f"It writes well in English and Chinese and needs about {need_bytes(best) / 1e9:.1f} of the "
                f"{machine.memory / 1e9:.0f} GB of memory.",
            )
    return Advice(starter, "There is not enough memory or disk space here for a larger model.")


def _candidates(machine: Machine) -> list[Entry]:
    """Models that may be recommended: they see or are a default, ask for no account, and there is disk space for them."""
    return [
        entry
        for entry in catalog.entries()
        if (entry.can_see or entry.gguf is not None)
        and not entry.gated
        and entry.parameters
        and (machine.disk_free is None or disk_bytes(entry) + SPARE_BYTES < machine.disk_free)
    ]


def disk_bytes(entry: Entry) -> int:
    """What it takes on the disk: a GGUF file is kept once more in this processor's order. By parameters where unknown."""
    if entry.gguf is not None:
        return 2 * entry.gguf.size_bytes
    return entry.download_mb * 1_000_000 or entry.parameters * 2


def need_bytes(entry: Entry, *, gpu: bool = False) -> int:
    """Memory that the engine needs with this model and a conversation of some length."""
    return entry.memory_estimate_mb("bfloat16" if gpu else entry.cpu_quantization) * 1_000_000
