"""The log file: rotating, in the data folder, without what the user writes or any secret.

Code logs ids, sizes, durations and the kinds of errors, never texts of messages; keys and tokens that an
error's text carries are blotted out here as a last defence.
"""

from __future__ import annotations

import logging
import os
import re
import sys
from logging.handlers import RotatingFileHandler
from pathlib import Path

MAX_BYTES = 1_000_000
BACKUPS = 3

_SECRET = re.compile(
    r"""(?ix)
    (?P<name>
        bearer\s+
        | (?:api[_-]?key|token|secret|password|authorization)["']?\s*[:=]\s*["']?(?:(?:bearer|basic)\s+)?
    ) [^\s"',;]+
    | \b(?:sk|hf|ghp)[-_][A-Za-z0-9_-]{8,}"""
)


class _Formatter(logging.Formatter):
    """One line a record (tracebacks indented), secrets blotted out, the home folder shortened."""

    def format(self, record: logging.LogRecord) -> str:
        text = super().format(record)
        text = _SECRET.sub(lambda match: (match["name"] or "") + "[secret]", text)
        home = os.path.expanduser("~")
        if len(home) > 1:
            text = text.replace(home, "~")
        return text.replace("\n", "\n    ")


class _QuietFileHandler(RotatingFileHandler):
    """A full disk must not turn into an error of its own at every log line."""

    def handleError(self, record: logging.LogRecord) -> None:
        if not isinstance(sys.exc_info()[1], OSError):
            super().handleError(record)


def start(folder: Path, name: str = "attune", level: str = "INFO", *, to_stderr: bool = False) -> Path | None:
    """Log to ``<folder>/<name>.log``; the file, or None if it cannot be written (logging is then off).

    Calling it again replaces the handlers of the call before.
    """
    root = logging.getLogger()
    for handler in list(root.handlers):
        if getattr(handler, "_attune", False):
            root.removeHandler(handler)
            handler.close()
    root.setLevel(logging.getLevelNamesMapping().get(level.upper(), logging.INFO))
    handlers: list[logging.Handler] = []
    path: Path | None = folder / f"{name}.log"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        handlers.append(
            _QuietFileHandler(
                folder / f"{name}.log", maxBytes=MAX_BYTES, backupCount=BACKUPS, encoding="utf-8"
            )
        )
    except OSError:
        path = None
        handlers.append(logging.NullHandler())
    if to_stderr:
        handlers.append(logging.StreamHandler(sys.stderr))
    for handler in handlers:
        handler.setFormatter(_Formatter("%(asctime)s %(process)d %(levelname)s %(name)s: %(message)s"))
        handler._attune = True  # type: ignore[attr-defined]
        root.addHandler(handler)
    return path
