"""System libraries that Qt needs on Linux and that no Python package brings. Knows them without importing Qt.

Read off PySide6-Essentials 6.11 (objdump -p of QtGui, QtWidgets and the xcb plugin) on Debian 12.
`python -m assistant.qt_libraries` prints the Debian packages that a window here lacks, or nothing;
dev.py installs them.
"""

from __future__ import annotations

import ctypes
import os
import sys

# soname -> Debian and Ubuntu package
ALWAYS = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libglib-2.0.so.0": "libglib2.0-0",
}
X11 = {
    "libX11-xcb.so.1": "libx11-xcb1",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
}


def missing(*, with_x11: bool = True) -> list[str]:
    """Debian packages of the libraries that are not there, in order; empty on other systems than Linux."""
    if not sys.platform.startswith("linux"):
        return []
    wanted = {**ALWAYS, **(X11 if with_x11 else {})}
    return [package for soname, package in wanted.items() if not _loads(soname)]


def has_display() -> bool:
    """Is there a screen to open a window on (or a Qt platform chosen that needs none)?"""
    if not sys.platform.startswith("linux"):
        return True
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))


def missing_here() -> list[str]:
    """Debian packages that a window on this very screen lacks; none where there is no screen anyway."""
    platform = os.environ.get("QT_QPA_PLATFORM", "")
    x11 = platform.startswith("xcb") or (not platform and not os.environ.get("WAYLAND_DISPLAY"))
    return missing(with_x11=x11) if has_display() else []


def window_problem() -> str:
    """Why no window can open here, in one sentence with what to do; empty if one can."""
    if not has_display():
        return "There is no display to open a window on; the commands work without one (attune --help)."
    if packages := missing_here():
        return f"Qt needs system libraries that are missing: sudo apt-get install {' '.join(packages)}."
    return ""


def _loads(soname: str) -> bool:
    try:
        ctypes.CDLL(soname)
    except OSError:
        return False
    return True


if __name__ == "__main__":
    sys.stdout.write(" ".join(missing_here()))
