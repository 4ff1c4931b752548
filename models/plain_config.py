"""A model's config.json as it stands, for reading only: what replying needs of a configuration.

A family's own configuration class checks and completes more, but importing the first of them takes transformers a
second or two (it brings in its model loading and distributed tensors). The starter writes every field that is read, and
so does the folder of a GGUF file.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


class PlainConfig:
    """Fields of a config.json as attributes; a missing one raises AttributeError as usual."""

    def __init__(self, fields: dict[str, Any]) -> None:
        self.__dict__.update(fields)
        self._fields = fields

    @classmethod
    def read(cls, folder: Path) -> PlainConfig:
        """Raises OSError or ValueError for a missing or damaged file."""
        return cls(json.loads((folder / "config.json").read_text(encoding="utf-8")))

    def get_text_config(self, **_: Any) -> PlainConfig:
        """The language half; of a text model the whole."""
        text = self._fields.get("text_config")
        return self if text is None else PlainConfig(text)

    def to_dict(self) -> dict[str, Any]:
        return dict(self._fields)


def has_plain_rope(fields: dict[str, Any]) -> bool:
    """Whether the rotary embedding needs none of transformers' functions of a configuration of their own class."""
    rope = fields.get("rope_parameters")
    if not isinstance(rope, dict):
        return False
    kinds = [rope] if "rope_type" in rope else list(rope.values())
    return all(isinstance(kind, dict) and kind.get("rope_type") == "default" for kind in kinds)
