"""How many threads pay on this machine. Torch-free, so that it can be asked before torch is imported."""

from __future__ import annotations

import math
import os
import subprocess
import sys
from pathlib import Path

_CGROUP_QUOTA = Path("/sys/fs/cgroup/cpu.max")


def physical_cores() -> int:
    """Cores this process may use, hyper-threads counted once and a container's quota kept to.

    The threads of one core share the units that do the work: more threads than this slow a decoder down.
    """
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(usable, _cores_of_machine(usable), _cgroup_quota(usable)))


def _cores_of_machine(otherwise: int) -> int:
    try:
        if sys.platform == "linux":
            cores = set()
            for cpu in os.sched_getaffinity(0):
                folder = Path(f"/sys/devices/system/cpu/cpu{cpu}/topology")
                package = (folder / "physical_package_id").read_text().strip()
                cores.add((package, (folder / "core_id").read_text().strip()))
            return len(cores) or otherwise
        if sys.platform == "darwin":
            command = ["/usr/sbin/sysctl", "-n", "hw.physicalcpu"]
            return int(subprocess.run(command, capture_output=True, check=True, timeout=5).stdout)
    except (OSError, ValueError, subprocess.SubprocessError):
        return otherwise
    return max(1, otherwise // 2) if sys.platform == "win32" and otherwise > 2 else otherwise


def _cgroup_quota(otherwise: int) -> int:
    """CPUs a container is limited to (cgroup v2 ``cpu.max``: quota and period in microseconds)."""
    try:
        quota, period = _CGROUP_QUOTA.read_text().split()
        return otherwise if quota == "max" else max(1, math.ceil(int(quota) / int(period)))
    except (OSError, ValueError):
        return otherwise
