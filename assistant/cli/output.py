"""How a command answers: one JSON object or words on standard output, progress on standard error."""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Iterable, Sequence
from typing import Any

from assistant import strict_json

# What a terminal could take for a command (C0 and C1), but tabs and the ends of lines.
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def printable(text: str) -> str:
    """``text`` without what would steer a terminal: titles, names and replies may come from anywhere."""
    return _CONTROL.sub("\ufffd", text)


def print_json(value: dict[str, Any]) -> None:
    """The one object of ``--json``. Text keeps its own script (中文 stays 中文)."""
    plain = strict_json.without_nan(value)
    text = json.dumps(plain, ensure_ascii=False, allow_nan=False)
    # What JSON itself leaves as it is: C1, as some terminals obey it.
    sys.stdout.write(_CONTROL.sub(lambda found: f"\\u{ord(found[0]):04x}", text) + "\n")
    sys.stdout.flush()


def say(text: str = "") -> None:
    """A line for a person, on standard output."""
    sys.stdout.write(printable(text) + "\n")


def note(text: str) -> None:
    """A line about what is going on, on standard error."""
    sys.stderr.write(printable(text) + "\n")
    sys.stderr.flush()


def table(rows: Iterable[Sequence[str]], indent: str = "") -> str:
    """Rows in columns, the last one ragged."""
    lines = [tuple(str(cell) for cell in row) for row in rows]
    widths = [max(len(line[i]) for line in lines) for i in range(len(lines[0]) - 1)] if lines else []
    return "\n".join(
        indent
        + "  ".join(
            [*(cell.ljust(width) for cell, width in zip(line, widths, strict=False)), line[-1]]
        ).rstrip()
        for line in lines
    )


def size(n_bytes: float) -> str:
    """1536 -> "1.5 kB" (powers of 1000, as disks are sold)."""
    for unit in ("B", "kB", "MB", "GB"):
        if abs(n_bytes) < 1000:
            return f"{n_bytes:.0f} {unit}" if unit == "B" else f"{n_bytes:.1f} {unit}"
        n_bytes /= 1000
    return f"{n_bytes:.1f} TB"


def duration(seconds: float) -> str:
    """75 -> "1 min 15 s"; coarser the longer it is."""
    seconds = round(seconds)
    if seconds < 60:
        return f"{seconds} s"
    if seconds < 3600:
        return f"{seconds // 60} min {seconds % 60} s" if seconds < 600 else f"{seconds // 60} min"
    return f"{seconds // 3600} h {seconds % 3600 // 60} min"


class ProgressLine:
    """Progress on standard error: one line rewritten on a terminal, a line a phase elsewhere."""

    def __init__(self) -> None:
        self._tty = sys.stderr.isatty()
        self._phase = ""
        self._last = 0.0
        self._open = False

    def show(self, phase: str, done: float = 0.0, total: float = 0.0, detail: str = "") -> None:
        """``done`` of ``total`` (0: unknown) of ``phase``, with a ``detail`` behind it on a terminal."""
        phase, detail = printable(phase), printable(detail)
        if self._tty:
            now = time.monotonic()
            if phase == self._phase and now - self._last < 0.1 and done < total:
                return
            self._last = now
            share = f" {min(100, 100 * done / total):3.0f} %" if total > 0 else ""
            sys.stderr.write(f"\r\x1b[K{phase}{share}" + (f"  {detail}" if detail else ""))
            self._open = True
        elif phase != self._phase:
            sys.stderr.write(phase + "\n")
        sys.stderr.flush()
        self._phase = phase

    def clear(self) -> None:
        if self._open:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
            self._open = False
