"""Reading JSON that came from elsewhere: each value is checked for its type, and refused in a sentence."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from assistant import strict_json
from assistant.errors import BadInput
from assistant.store.connection import clean

MAX_FILE_BYTES = 1_000_000_000
_ID = re.compile(r"[0-9a-f]{32}")
_SHA256 = re.compile(r"[0-9a-f]{64}")


def read_text(path: Path) -> str:
    """The text of a file; BadInput if it is missing, too large or no text."""
    try:
        if not path.is_file():
            raise BadInput(f"There is no file {path}.")
        if path.stat().st_size > MAX_FILE_BYTES:
            raise BadInput(f"{path.name} is larger than {MAX_FILE_BYTES // 1_000_000} MB.")
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise BadInput(f"{path.name} cannot be read: {error.strerror or error}.") from error
    except UnicodeDecodeError as error:
        raise BadInput(f"{path.name} is not a text file.") from error


def parse(text: str, what: str) -> Any:
    """JSON without NaN, numbers out of all bounds and endless nesting; BadInput naming ``what``."""
    try:
        return strict_json.read(text)
    except ValueError as error:
        raise BadInput(f"{what} is not JSON, or is cut off.") from error


class Fields:
    """The values of one JSON object, asked for by name. ``what`` begins the sentence of a refusal."""

    def __init__(self, data: Any, what: str) -> None:
        if not isinstance(data, dict):
            raise BadInput(f"{what} is not a JSON object.")
        self.data: dict[str, Any] = data
        self.what = what

    def __contains__(self, name: str) -> bool:
        return self.data.get(name) is not None

    def refuse(self, name: str, needed: str) -> BadInput:
        return BadInput(f"{self.what}: {name!r} must be {needed}.")

    def text(self, name: str, default: str | None = None) -> str:
        """A string; the default (None: required) where it is missing or null."""
        value = self.data.get(name)
        if value is None and default is not None:
            return default
        if not isinstance(value, str):
            raise self.refuse(name, "a text")
        return clean(value)

    def optional_text(self, name: str) -> str | None:
        return self.text(name) if name in self else None

    def choice(self, name: str, choices: tuple[str, ...], default: str | None = None) -> str:
        value = self.text(name, default)
        if value not in choices:
            raise self.refuse(name, "one of " + ", ".join(choices))
        return value

    def id(self, name: str) -> str:
        value = self.text(name)
        if not _ID.fullmatch(value):
            raise self.refuse(name, "an id of 32 hex digits")
        return value

    def optional_id(self, name: str) -> str | None:
        return self.id(name) if name in self else None

    def sha256(self, name: str) -> str:
        value = self.text(name)
        if not _SHA256.fullmatch(value):
            raise self.refuse(name, "a SHA-256")
        return value

    def whole(self, name: str, low: int, high: int, default: int | None = None) -> int:
        """A whole number from ``low`` to ``high``."""
        value = self.data.get(name)
        if value is None and default is not None:
            return default
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise self.refuse(name, f"a whole number from {low} to {high}")
        return value

    def flag(self, name: str) -> bool:
        value = self.data.get(name, False)
        if not isinstance(value, bool):
            raise self.refuse(name, "true or false")
        return value

    def items(self, name: str) -> list[Any]:
        value = self.data.get(name)
        if value is None:
            return []
        if not isinstance(value, list):
            raise self.refuse(name, "a list")
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        if not all(isinstance(value, str) for value in self.items(name)):
            raise self.refuse(name, "a list of texts")
        return tuple(clean(value) for value in self.items(name))

    def time(self, name: str, default: str | None = None) -> str:
        """An ISO-8601 time, as it is stored: in UTC with milliseconds."""
        value = self.text(name, default)
        try:
            moment = datetime.fromisoformat(value)
            if moment.tzinfo is None:
                moment = moment.replace(tzinfo=UTC)
            return moment.astimezone(UTC).isoformat(timespec="milliseconds")
        except (ValueError, OverflowError) as error:
            raise self.refuse(name, "an ISO-8601 time") from error

    def history(self, name: str) -> tuple[dict[str, str], ...]:
        """Turns before the prompt: [{"role": ..., "content": ...}]."""
        turns = []
        for item in self.items(name):
            turn = Fields(item, f"{self.what}: {name!r}")
            role = turn.choice("role", ("system", "user", "assistant"))
            turns.append({"role": role, "content": turn.text("content")})
        return tuple(turns)
