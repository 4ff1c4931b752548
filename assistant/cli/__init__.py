"""The command line: `attune` and everything after it. Drives the same parts as the window."""

from assistant.cli.entry import main

__all__ = ["main"]
