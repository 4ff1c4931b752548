"""Protocol dataclasses to bytes and back, checked field by field.

JSON rather than pickle: a frame can only ever become one of the dataclasses named in ``protocol``, with
fields of the declared types, whatever the process at the other end has become.
"""

from __future__ import annotations

import dataclasses
import functools
import json
import types
import typing
from typing import Any, Literal, Union

from assistant.engine import protocol

MAX_FRAME_BYTES = 256 * 1024 * 1024


class ProtocolError(Exception):
    """What came through the pipe is not a message of this version's protocol."""


REQUESTS: dict[str, type] = {kind.__name__: kind for kind in typing.get_args(protocol.Request)}
EVENTS: dict[str, type] = {kind.__name__: kind for kind in typing.get_args(protocol.Event)}


def encode(message: Any) -> bytes:
    """Raise ``ProtocolError`` for anything but a protocol dataclass of JSON-able content."""
    kind: Any = type(message)
    name = kind.__name__
    if kind not in (REQUESTS.get(name), EVENTS.get(name)):
        raise ProtocolError(f"{name} is not a message of the engine's protocol")
    try:
        return json.dumps([name, dataclasses.asdict(message)], ensure_ascii=False).encode(
            "utf-8", "surrogatepass"
        )
    except (TypeError, ValueError) as error:
        raise ProtocolError(f"{name} holds something that is not plain data: {error}") from error


def decode_request(frame: bytes) -> Any:
    return _decode(frame, REQUESTS)


def decode_event(frame: bytes) -> Any:
    return _decode(frame, EVENTS)


def _decode(frame: bytes, known: dict[str, type]) -> Any:
    try:
        content = json.loads(frame.decode("utf-8", "surrogatepass"))
    except (ValueError, RecursionError) as error:
        raise ProtocolError(f"a frame of {len(frame)} bytes is not JSON: {error}") from error
    if not (isinstance(content, list) and len(content) == 2 and isinstance(content[0], str)):
        raise ProtocolError("a frame is not a pair of name and fields")
    kind = known.get(content[0])
    if kind is None:
        raise ProtocolError(f"unknown message {content[0][:60]!r}")
    return _build(kind, content[1], kind.__name__)


@functools.cache
def _fields(kind: type) -> dict[str, Any]:
    hints = typing.get_type_hints(kind)
    return {field.name: hints[field.name] for field in dataclasses.fields(kind)}


def _build(hint: Any, value: Any, where: str) -> Any:
    if hint is Any:
        return value
    origin = typing.get_origin(hint)
    if origin is Union or origin is types.UnionType:
        return _build_union(typing.get_args(hint), value, where)
    if origin is Literal:
        if value in typing.get_args(hint):
            return value
        raise ProtocolError(f"{where} cannot be {value!r}")
    if origin is tuple:
        return _build_tuple(typing.get_args(hint), value, where)
    if origin is dict:
        if isinstance(value, dict):
            item = typing.get_args(hint)[1]
            return value if item is Any else {key: _build(item, v, where) for key, v in value.items()}
        raise ProtocolError(f"{where} is not a dictionary")
    if dataclasses.is_dataclass(hint):
        if not isinstance(value, dict):
            raise ProtocolError(f"{where} is not a set of fields")
        fields = _fields(hint)  # type: ignore[arg-type]
        unknown = value.keys() - fields.keys()
        if unknown:
            raise ProtocolError(f"{where} has no field {sorted(unknown)[0]!r}")
        try:
            return typing.cast(type, hint)(
                **{name: _build(fields[name], v, f"{where}.{name}") for name, v in value.items()}
            )
        except TypeError as error:
            raise ProtocolError(f"{where} lacks fields: {error}") from error
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if type(value) is hint:
        return value
    raise ProtocolError(f"{where} is {type(value).__name__}, not {getattr(hint, '__name__', hint)}")


def _build_union(options: tuple[Any, ...], value: Any, where: str) -> Any:
    if value is None and type(None) in options:
        return None
    real = [option for option in options if option is not type(None)]
    for option in real:
        try:
            return _build(option, value, where)
        except ProtocolError:
            if option is real[-1]:
                raise
    raise ProtocolError(f"{where} cannot be {value!r}")


def _build_tuple(arguments: tuple[Any, ...], value: Any, where: str) -> tuple[Any, ...]:
    if not isinstance(value, (list, tuple)):
        raise ProtocolError(f"{where} is not a list")
    if len(arguments) == 2 and arguments[1] is Ellipsis:
        item = arguments[0]
        if item in (int, float, str):  # ids, log-probabilities and vectors come by the thousand
            if item is float:
                value = [float(v) if type(v) is int else v for v in value]
            if all(type(v) is item for v in value):
                return tuple(value)
            raise ProtocolError(f"{where} holds something other than {item.__name__}")
        return tuple(_build(item, v, f"{where}[{i}]") for i, v in enumerate(value))
    if len(value) != len(arguments):
        raise ProtocolError(f"{where} has {len(value)} items, not {len(arguments)}")
    return tuple(_build(a, v, f"{where}[{i}]") for i, (a, v) in enumerate(zip(arguments, value, strict=True)))
