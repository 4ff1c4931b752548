"""Is this computer plugged in? Asked before work that can wait. Loads nothing heavy."""

from __future__ import annotations

import ctypes
import subprocess
import sys
from pathlib import Path

_SUPPLIES = Path("/sys/class/power_supply")


def on_mains(supplies: Path = _SUPPLIES) -> bool:
    """True when plugged in, when there is no battery, and when the system does not say."""
    if sys.platform == "win32":
        return _windows()
    if sys.platform == "darwin":
        return _mac()
    mains, batteries = [], []
    for supply in sorted(supplies.glob("*")):
        kind = _read(supply / "type")
        if kind == "Mains":
            mains.append(_read(supply / "online") == "1")
        elif kind == "Battery" and _read(supply / "scope") != "Device":  # not that of a mouse
            batteries.append(_read(supply / "status"))
    if mains:
        return any(mains)
    return "Discharging" not in batteries


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="ascii", errors="replace").strip()
    except OSError:
        return ""


def _windows() -> bool:
    # SYSTEM_POWER_STATUS: its first byte is ACLineStatus, 0 on battery, 1 plugged in, 255 unknown.
    status = (ctypes.c_ubyte * 12)()
    windll = getattr(ctypes, "windll", None)
    if windll is None or not windll.kernel32.GetSystemPowerStatus(ctypes.byref(status)):
        return True
    return status[0] != 0


def _mac() -> bool:
    try:
        said = subprocess.run(["pmset", "-g", "batt"], capture_output=True, text=True, timeout=5, check=False)
    except (OSError, subprocess.SubprocessError):
        return True
    return "Battery Power" not in said.stdout
