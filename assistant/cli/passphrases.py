"""Passphrases and recovery keys on the command line: asked for without showing them, or read from a file."""

from __future__ import annotations

import getpass
import sys
from pathlib import Path

from assistant.errors import BadInput
from assistant.store.sealed_file import check_passphrase

_LONGEST = 10_000


def new(file: str) -> str:
    """A passphrase for a new backup, asked for twice. Raises BadInput."""
    passphrase = _read(file) if file else _ask("Passphrase: ")
    check_passphrase(passphrase)
    if not file and _ask("The same again: ") != passphrase:
        raise BadInput("The two passphrases are not the same.")
    return passphrase


def known(file: str, *, recovery_key: bool = False) -> str:
    """The passphrase, or the recovery key, of a backup. Raises BadInput."""
    found = _read(file) if file else _ask("Recovery key: " if recovery_key else "Passphrase: ")
    if not found:
        raise BadInput("Without its passphrase or recovery key the backup cannot be opened.")
    return found


def _ask(prompt: str) -> str:
    if not sys.stdin.isatty():
        raise BadInput("There is no terminal to ask for the passphrase; use --passphrase-file.")
    try:
        return getpass.getpass(prompt)
    except EOFError as error:
        raise BadInput("No passphrase was given.") from error


def _read(file: str) -> str:
    try:
        if file == "-":
            line = sys.stdin.readline(_LONGEST)
        else:
            with Path(file).open(encoding="utf-8") as lines:
                line = lines.readline(_LONGEST)
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"The passphrase could not be read from {file}.") from error
    return line.rstrip("\r\n")
