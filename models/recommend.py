"""Which model of the catalogue suits this machine, and why. Torch-free: nothing is loaded to find out."""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from models import catalog, memory
from models.catalog import Entry
from models.download import SPARE_BYTES

SHARE_OF_MEMORY = (
    0.5  # of the machine's memory that a model may take: the rest is for everything else that runs
)
SHARE_OF_GPU = 0.85
LEAST_TOKENS_PER_S = 3.0  # slower than this is not a conversation
# A decoder reads every weight once a token, so its speed is bounded by memory bandwidth over bytes of weights. Two
# channels of laptop memory give 30 to 60 GB/s; half of the lower figure is counted on. Figures of graphics cards lie
# ten times higher, so there memory alone decides.
CPU_BYTES_PER_S = 15e9


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
    """The best model of the catalogue that fits: the largest that sees, is free to get, and answers fast enough."""
    starter = catalog.entries()[0]
    on_gpu = [e for e in _candidates(machine) if need_bytes(e, gpu=True) <= machine.gpu_memory * SHARE_OF_GPU]
    if on_gpu:
        best = max(on_gpu, key=lambda entry: entry.parameters)
        return Advice(
            best,
            f"it sees pictures and is the largest here that fits the {machine.gpu_memory / 1e9:.0f} GB of the graphics "
            f"card (it needs {need_bytes(best, gpu=True) / 1e9:.1f} GB).",
        )
    if machine.memory is None:
        return Advice(starter, "this system does not say how much memory it has.")
    room = machine.memory * SHARE_OF_MEMORY
    fitting = [e for e in _candidates(machine) if need_bytes(e) <= room]
    quick = [e for e in fitting if tokens_per_s(e) >= LEAST_TOKENS_PER_S]
    if not quick:
        return Advice(starter, f"it is the one that runs well in {machine.memory / 1e9:.0f} GB of memory.")
    best = max(quick, key=lambda entry: entry.parameters)
    larger = [e for e in _candidates(machine) if e.parameters > best.parameters]
    limit = "would need a graphics card or more memory" if larger else "are not in the catalogue"
    return Advice(
        best,
        f"it sees pictures, needs {need_bytes(best) / 1e9:.1f} of this machine's {machine.memory / 1e9:.0f} GB of memory "
        f"and should write some {tokens_per_s(best):.0f} words or word parts a second; larger ones {limit}.",
    )


def _candidates(machine: Machine) -> list[Entry]:
    """Models that may be recommended: they see, ask for no account, and there is disk space for them."""
    return [
        entry
        for entry in catalog.entries()
        if entry.can_see
        and not entry.gated
        and entry.parameters
        and (machine.disk_free is None or download_bytes(entry) + SPARE_BYTES < machine.disk_free)
    ]


def download_bytes(entry: Entry) -> int:
    """What has to be fetched; where the catalogue does not know, two bytes a parameter."""
    return entry.download_mb * 1_000_000 or entry.parameters * 2


def need_bytes(entry: Entry, *, gpu: bool = False) -> int:
    """Memory that the engine needs with this model and a conversation of some length."""
    return entry.memory_estimate_mb("bfloat16" if gpu else entry.cpu_quantization) * 1_000_000


def tokens_per_s(entry: Entry) -> float:
    """A rough bound of the writing speed on a processor, from the bytes of weights read a token."""
    weights = catalog.weight_bytes(entry.language_parameters or entry.parameters, entry.cpu_quantization)
    return CPU_BYTES_PER_S / max(1, weights)
