"""The page docs/commands.md, from the parser: `python -m assistant.cli.reference > docs/commands.md`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator

from assistant.cli import parser as grammar


def page() -> str:
    """The page as Markdown, from the parser's contents: its help text varies with the Python version."""
    root = grammar.build()
    parts = [
        "# Commands",
        "Made by `python -m assistant.cli.reference > docs/commands.md`; a test holds it in step.",
        root.description or "",
        root.epilog or "",
        "Anywhere, before or after the command:",
        _options(root),
    ]
    for command in _commands(root):
        parts += [f"## {_usage(command)}", command.description or "", _options(command, skip_globals=True)]
    return "\n\n".join(part for part in parts if part) + "\n"


def _commands(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    """The commands that do something, in order, those within groups too."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for command in action.choices.values():
                nested = list(_commands(command))
                yield from nested or [command]


def _usage(parser: argparse.ArgumentParser) -> str:
    words = [parser.prog]
    for action in _own(parser, skip_globals=True):
        name = str(action.metavar or action.dest.upper())
        if action.option_strings:
            value = "" if action.nargs == 0 else f" {name}"
            words.append(f"[{action.option_strings[-1]}{value}]")
        else:
            words.append(f"[{name}]" if action.nargs == "?" else name)
    return "`" + " ".join(words) + "`"


def _options(parser: argparse.ArgumentParser, *, skip_globals: bool = False) -> str:
    lines = []
    for action in _own(parser, skip_globals):
        if action.help:
            name = ", ".join(action.option_strings) or str(action.metavar)
            lines.append(f"- `{name}`: {action.help}")
    return "\n".join(lines)


def _own(parser: argparse.ArgumentParser, skip_globals: bool) -> list[argparse.Action]:
    common = {"data_dir", "offline", "log_level"} if skip_globals else set()
    return [
        action
        for action in parser._actions
        if action.dest not in common | {"help"} and not isinstance(action, argparse._SubParsersAction)
    ]


if __name__ == "__main__":
    sys.stdout.write(page())
