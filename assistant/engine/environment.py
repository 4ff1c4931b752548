"""What the engine process sets up before anything heavy is imported.

The variables are read by torch, transformers and the hub client when they are imported; setting them later
has no effect, so this runs first thing in the child.
"""

from __future__ import annotations

import ctypes
import faulthandler
import logging
import os
import signal
import sys
from pathlib import Path

from models.thread_count import physical_cores

_VARIABLES = {
    "HF_HUB_OFFLINE": "1",  # models come from folders; downloads are another, user-started process
    "TRANSFORMERS_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "DO_NOT_TRACK": "1",
    "DISABLE_SAFETENSORS_CONVERSION": "1",  # or transformers asks a web service to convert pickled weights
    "TOKENIZERS_PARALLELISM": "false",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "TQDM_DISABLE": "1",
    "TRANSFORMERS_VERBOSITY": "error",
}
_STRAY_OUTPUT_BYTES = 1_000_000


def prepare(log_dir: Path | None, log_level: str) -> None:
    """Variables, signals, standard streams and logging of the engine process."""
    os.environ.update(_VARIABLES)
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(name, str(physical_cores()))
    # Ctrl-C in a terminal reaches the whole group; the front decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _keep_freed_memory()
    _divert_output(log_dir)
    if log_dir is None:
        logging.basicConfig(handlers=[logging.NullHandler()])
    else:
        from assistant import logs

        logs.start(log_dir, "engine", log_level)


def _keep_freed_memory() -> None:
    """glibc: keep up to 64 MB of freed memory. The logits of each step (3 MB for sixteen replies) would else be given
    back to the system and cleared anew every time, a twentieth of a batched step."""
    trim_threshold, mmap_threshold = -1, -3  # M_TRIM_THRESHOLD, M_MMAP_THRESHOLD of malloc.h
    if sys.platform == "linux":
        mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
        if mallopt is not None:
            mallopt(trim_threshold, 64 << 20)
            mallopt(mmap_threshold, 32 << 20)


def _divert_output(log_dir: Path | None) -> None:
    """Standard output belongs to the command line's JSON: whatever libraries print goes to a file of its
    own."""
    target = os.devnull
    if log_dir is not None:
        try:
            log_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
            path = log_dir / "engine-output.log"
            if path.exists() and path.stat().st_size > _STRAY_OUTPUT_BYTES:
                path.replace(path.with_suffix(".old.log"))
            path.touch(mode=0o600)
            target = str(path)
        except OSError:
            target = os.devnull
    output = os.open(target, os.O_WRONLY | os.O_APPEND)
    for descriptor in (1, 2):
        os.dup2(output, descriptor)
    os.close(output)
    sys.stdout = open(1, "w", encoding="utf-8", errors="replace", buffering=1, closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", encoding="utf-8", errors="replace", buffering=1, closefd=False)  # noqa: SIM115
    faulthandler.enable(sys.stderr)  # a crash in native code leaves the Python stack there


def resident_bytes() -> int:
    """Memory of this process that is in RAM (0 where the system does not say cheaply)."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, AttributeError):
        pass
    try:
        import resource
    except ImportError:
        return 0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return int(peak) if sys.platform == "darwin" else int(peak) * 1024
