"""From arguments to an exit code: parse, call the one handler, turn every known error into one sentence."""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from assistant.cli import parser
from assistant.cli.options import WindowOptions
from assistant.cli.output import printable
from assistant.errors import AttuneError, NotFound

if TYPE_CHECKING:
    from assistant.services.models import ModelChoice

OpenWindow = Callable[[WindowOptions], int]


def main(argv: Sequence[str], open_window: OpenWindow | None = None) -> int:
    """Run one command. ``open_window`` opens the window when no command is given. Returns the exit code."""
    _utf8()
    try:
        arguments = parser.build().parse_args(list(argv))
    except SystemExit as leaving:  # argparse has printed help (0) or what was wrong (2)
        return leaving.code if isinstance(leaving.code, int) else 2
    from models.errors import ModelError

    try:
        if arguments.show_version:
            from assistant.cli.version import version

            sys.stdout.write(f"attune {version()}\n")
            return 0
        if not arguments.handler:
            return _window(arguments, open_window)
        module, function = arguments.handler.split(".")
        handler = getattr(importlib.import_module(f"assistant.cli.{module}"), function)
        code: int = handler(arguments)
        sys.stdout.flush()
        return code
    except (AttuneError, ModelError) as error:
        return fail(str(error))
    except KeyboardInterrupt:
        return fail("Stopped.")
    except BrokenPipeError:  # `attune search x | head`: the reader left, and that is fine
        sys.stderr.close()
        return 0


def fail(sentence: str) -> int:
    """Say one sentence on standard error; exit code 1."""
    sys.stderr.write(printable(" ".join(sentence.split())) + "\n")
    return 1


def _window(arguments: argparse.Namespace, open_window: OpenWindow | None) -> int:
    from assistant.paths import DataPaths
    from assistant.paths import data_dir as find_data_dir

    if open_window is None:
        raise NotFound("This installation has no window; use the commands instead (attune --help).")
    paths = DataPaths(find_data_dir(arguments.data_dir))
    return open_window(WindowOptions(paths, arguments.offline, arguments.log_level, arguments.fetch_default))


def announce(model: ModelChoice) -> None:
    """Say on the terminal what the window has begun to fetch, since the command line was the consent."""
    from assistant.cli.output import note, size

    begun = f", {size(model.fetched_bytes)} of them are here" if model.fetched_bytes else ""
    note(
        f"The window fetches {model.name} in the background ({size(model.size_bytes)}{begun}; "
        f"licence {model.licence}); --starter does without it."
    )


def _utf8() -> None:
    """Replies are in any language; a console of another encoding must not stop one half-way."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None and (stream.encoding or "").lower().replace("-", "") != "utf8":
            reconfigure(encoding="utf-8", errors="replace")
