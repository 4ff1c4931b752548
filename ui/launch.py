"""The `attune` command: where a process starts. It hands the command line a way to open the window.

Nothing of Qt is imported until a window is really opened; the spawned engine process imports this module too.
"""

from __future__ import annotations

import multiprocessing
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from assistant.cli.options import WindowOptions


def open_window(options: WindowOptions) -> int:
    """Open the window and run it until it is closed; the exit code. Raises AttuneError in one sentence."""
    from assistant.errors import AttuneError
    from assistant.qt_libraries import window_problem

    if problem := window_problem():  # Qt itself would abort without a word for a person
        raise AttuneError(problem)
    from ui import app

    return app.run(options)


def main() -> int:
    """Console script. Returns the exit code."""
    multiprocessing.freeze_support()  # the engine of a bundled program starts through here
    from assistant.cli import main as command_line

    return command_line(sys.argv[1:], open_window)


if __name__ == "__main__":
    raise SystemExit(main())
