"""JSON as every program reads it (RFC 8259): no NaN, no infinity, no number that does not fit, no endless nesting."""

from __future__ import annotations

import json
import math
from typing import Any

MAX_DEPTH = 32  # of a value that is kept and written out again
_MOST_DIGITS = 21  # a 64-bit whole number with its sign


def read(text: str | bytes) -> Any:
    """Parse JSON from anywhere. ValueError for what is none, and for NaN, 1e999 and a number of a thousand digits."""
    try:
        return json.loads(text, parse_constant=_refuse, parse_float=_finite, parse_int=_whole)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def write(value: Any) -> str:
    """One line of JSON; what is no finite number becomes null."""
    try:
        return _dump(value)
    except ValueError:
        return _dump(without_nan(value))


def _dump(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def without_nan(value: Any) -> Any:
    """The same value with None for every number that is not finite, at any depth."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {name: without_nan(part) for name, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [without_nan(part) for part in value]
    return value


def is_deeper(value: Any, most: int = MAX_DEPTH) -> bool:
    """Are lists and objects nested in each other more than ``most`` times?"""
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return bool(parts) and (most == 0 or any(is_deeper(part, most - 1) for part in parts))


def _refuse(name: str) -> Any:
    raise ValueError(f"{name} is no number")


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError("a number that is too large")
    return number


def _whole(digits: str) -> int:
    if len(digits) > _MOST_DIGITS:
        raise ValueError("a number that is too large")
    return int(digits)
