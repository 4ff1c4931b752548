"""JSON as every program reads it (RFC 8259): no NaN, no infinity, no number that does not fit, no endless nesting.

And dataclasses that are kept as JSON: of another version of the program, or damaged, they are read as far as they fit.
"""

from __future__ import annotations

import functools
import json
import math
import typing
from dataclasses import MISSING, asdict, fields, is_dataclass
from typing import Any, TypeVar

import msgspec

_Record = TypeVar("_Record")

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


def differing(record: Any) -> dict[str, Any]:
    """The fields of a dataclass that are not at their defaults, as plain data; the same of dataclasses within it."""
    found = {}
    for field in fields(record):
        value = getattr(record, field.name)
        default = field.default_factory() if field.default_factory is not MISSING else field.default
        if value != default:
            found[field.name] = differing(value) if is_dataclass(value) else _plain(value)
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return [_plain(part) for part in value]
    return asdict(value) if is_dataclass(value) and not isinstance(value, type) else value


def fitting(kind: type[_Record], data: Any) -> _Record:
    """A dataclass, all of whose fields have defaults, from JSON that may be older, newer or damaged.

    A field that is missing or does not fit keeps its default, one that is unknown is left out.
    """
    if not isinstance(data, dict):
        return kind()
    try:
        return msgspec.convert(data, kind)
    except _UNFIT:
        pass
    found = {}
    hints: dict[str, Any] = _hints(kind)  # type: ignore[arg-type]
    for name, wanted in hints.items():
        if name not in data:
            continue
        within: list[Any] = [part for part in (wanted, *typing.get_args(wanted)) if is_dataclass(part)]
        try:
            found[name] = msgspec.convert(data[name], wanted)
        except _UNFIT:
            if isinstance(data[name], dict) and within and _has_defaults(within[0]):
                found[name] = fitting(within[0], data[name])
    return kind(**found)


_UNFIT = (
    msgspec.ValidationError,
    UnicodeEncodeError,
)  # the latter: half of a surrogate pair, as JSON may hold it
_hints = functools.cache(typing.get_type_hints)


def _has_defaults(kind: Any) -> bool:
    return all(f.default is not MISSING or f.default_factory is not MISSING for f in fields(kind))


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
