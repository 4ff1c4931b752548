"""The access token of the API: made once, kept in a file that only the user can read."""

from __future__ import annotations

import os
import re
import secrets
from pathlib import Path

from assistant.errors import BadInput, StoreError

FILE = "serve-token"
_TOKEN = re.compile(r"[\x21-\x7e]{8,512}")  # what stands in a header as it is


def checked(token: str) -> str:
    """A token that somebody chose. Raises BadInput for one that cannot be sent, or is guessed too easily."""
    if not _TOKEN.fullmatch(token):
        raise BadInput(
            "The access token must have 8 to 512 characters: letters, digits and signs, no spaces."
        )
    return token


def kept(folder: Path) -> str:
    """The token in the data folder, made where there is none yet. Raises StoreError, BadInput for a damaged file."""
    path = folder / FILE
    try:
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            if os.name == "posix" and path.stat().st_mode & 0o077:
                path.chmod(0o600)
            found = path.read_bytes()[:1024].decode("utf-8", "replace").strip()
            if not _TOKEN.fullmatch(found):
                raise BadInput(
                    f"The file {path} holds no access token; delete it and a new one is made."
                ) from None
            return found
        with os.fdopen(handle, "w", encoding="ascii") as file:
            token = secrets.token_urlsafe(32)
            file.write(token + "\n")
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise StoreError(f"The access token {path} cannot be kept: {error.strerror or error}.") from error
    return token
