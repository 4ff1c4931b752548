"""What suits a model where the user has chosen nothing: its system prompt and how its words are drawn. Torch-free."""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class SamplingAdvice:
    """Recommended values; None: the model recommends nothing, the program's default holds."""

    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    min_p: float | None = None
    repetition_penalty: float | None = None

    def given(self) -> dict[str, float]:
        """The values that are there, by name."""
        return {f.name: value for f in fields(self) if (value := getattr(self, f.name)) is not None}


@dataclass(frozen=True, slots=True)
class ReplyDefaults:
    """``system_prompt`` goes before a conversation that brings none; empty: what the chat template says by itself."""

    system_prompt: str = ""
    sampling: SamplingAdvice = SamplingAdvice()
    follows_instructions: bool = (
        False  # sentences of style in the system prompt are followed, and left where they do not fit
    )


def defaults_of(model_id: str, architecture: str, folder: Path) -> ReplyDefaults:
    """By the model's id, else by what its folder recommends, else by its architecture."""
    rows = _rows()
    own = next((row for row in rows if row.get("id") == model_id), {})
    family = next((row for row in rows if row.get("architecture") == architecture), {})
    sampling = own.get("sampling") or _of_folder(folder) or family.get("sampling") or {}
    return ReplyDefaults(
        own.get("system_prompt") or family.get("system_prompt") or "",
        SamplingAdvice(**sampling),
        bool(own.get("follows_instructions", family.get("follows_instructions", False))),
    )


@cache
def _rows() -> tuple[dict[str, Any], ...]:
    with Path(__file__).with_suffix(".toml").open("rb") as file:
        return tuple(tomllib.load(file)["row"])


def _of_folder(folder: Path) -> dict[str, float]:
    """Sampling of generation_config.json, if it says that replies should be sampled; numbers that make sense only."""
    try:
        given = json.loads((folder / "generation_config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    if not isinstance(given, dict) or given.get("do_sample") is not True:
        return {}
    found: dict[str, float] = {}
    for name, low, high in _RANGES:
        value = given.get(name)
        if isinstance(value, (int, float)) and not isinstance(value, bool) and low <= value <= high:
            found[name] = int(value) if name == "top_k" else float(value)
    return found


_RANGES = (
    ("temperature", 0.0, 5.0), ("top_p", 0.01, 1.0), ("top_k", 0, 100_000), ("min_p", 0.0, 1.0),
    ("repetition_penalty", 0.5, 3.0),
)  # fmt: skip
