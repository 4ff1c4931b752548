"""Protocol dataclasses to bytes and back, checked field by field.

MessagePack by msgspec rather than pickle: a frame can only ever become one of the dataclasses named in ``protocol``, with
fields of the declared types, whatever the process at the other end has become. A text that is no valid Unicode (a file
name may hold half of a surrogate pair) cannot be in it: such a message goes as JSON, with the same checks.
"""

from __future__ import annotations

import dataclasses
import functools
import json
import threading
import typing
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

import msgspec

from assistant.engine import protocol

MAX_FRAME_BYTES = 256 * 1024 * 1024
_PLAIN = (str, int, float, bool, type(None))


class ProtocolError(Exception):
    """What came through the pipe is not a message of this version's protocol."""


REQUESTS: dict[str, type] = {kind.__name__: kind for kind in typing.get_args(protocol.Request)}
EVENTS: dict[str, type] = {kind.__name__: kind for kind in typing.get_args(protocol.Event)}


def _as_plain(value: Any) -> Any:
    """What msgspec does not take as it is: a number or a text of a type of its own (numpy's, say)."""
    for kind in (float, int, str):
        if isinstance(value, kind):
            return kind(value)
    raise TypeError(type(value).__name__)


_encoder = msgspec.msgpack.Encoder(enc_hook=_as_plain)
_frames = msgspec.msgpack.Decoder(tuple[str, msgspec.Raw])
_names = msgspec.msgpack.Decoder(dict[str, msgspec.Raw])


def encode(message: Any) -> bytes:
    """Raise ``ProtocolError`` for anything but a protocol dataclass of plain content."""
    kind: Any = type(message)
    name = kind.__name__
    if kind not in (REQUESTS.get(name), EVENTS.get(name)):
        raise ProtocolError(f"{name} is not a message of the engine's protocol")
    try:
        for field in _kind(kind).free:
            _check_plain(getattr(message, field))
        return _encoder.encode((name, message))
    except UnicodeEncodeError:
        return json.dumps([name, dataclasses.asdict(message)]).encode()  # escaped, so that it is ASCII
    except (TypeError, ValueError, OverflowError, RecursionError) as error:
        raise ProtocolError(f"{name} holds something that is not plain data: {error}") from error


def decode_request(frame: bytes) -> Any:
    return _decode(frame, REQUESTS)


def decode_event(frame: bytes) -> Any:
    return _decode(frame, EVENTS)


def _decode(frame: bytes, known: dict[str, type]) -> Any:
    as_json = frame[:1] == b"["
    content: Any
    try:
        name, content = _json_frame(frame) if as_json else _frames.decode(frame)
        kind = known.get(name)
        if kind is None:
            raise ProtocolError(f"unknown message {name[:60]!r}")
        how = _kind(kind)
        unknown = (content if as_json else _names.decode(content)).keys() - how.fields
        if unknown:
            raise ProtocolError(f"{name} has no field {sorted(unknown)[0]!r}")
        return msgspec.convert(content, kind) if as_json else how.decoder.decode(content)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise ProtocolError(f"a frame of {len(frame)} bytes is no message: {error}") from error


def _json_frame(frame: bytes) -> tuple[str, dict[str, Any]]:
    """The name and the fields of a message that was sent as JSON."""
    try:
        content = json.loads(frame)
    except (ValueError, RecursionError) as error:
        raise ProtocolError(f"a frame of {len(frame)} bytes is not JSON: {error}") from error
    if not (isinstance(content, list) and len(content) == 2 and isinstance(content[0], str)):
        raise ProtocolError("a frame is not a pair of name and fields")
    if not isinstance(content[1], dict):
        raise ProtocolError(f"{content[0][:60]} is not a set of fields")
    return content[0], content[1]


class _Kind(typing.NamedTuple):
    """How a kind of message is read and what of it has to be looked at before it is sent."""

    fields: frozenset[str]
    free: tuple[str, ...]  # fields of which msgspec knows no more than that they are dictionaries
    decoder: msgspec.msgpack.Decoder[Any]


@functools.cache
def _kind(kind: type) -> _Kind:
    hints = typing.get_type_hints(kind)
    names = [field.name for field in dataclasses.fields(kind)]
    free = tuple(name for name in names if typing.get_origin(hints[name]) is dict)
    return _Kind(frozenset(names), free, msgspec.msgpack.Decoder(kind))


def _check_plain(value: Any) -> None:
    """Raise TypeError for what would come out as something else: sets, dates, bytes."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if not isinstance(key, str):
                raise TypeError(f"a key is {type(key).__name__}")
            _check_plain(inner)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            if type(inner) not in _PLAIN:
                _check_plain(inner)
    elif not isinstance(value, _PLAIN):
        raise TypeError(type(value).__name__)


# --- one end of the pipe: whole frames, safe from several threads ---


class Closed(Exception):
    """The other end is gone."""


class Channel:
    """Sends from any thread, receives from one. The connection frames each message by its length."""

    def __init__(self, connection: Connection, decode: Callable[[bytes], Any]) -> None:
        self._connection = connection
        self._decode = decode
        self._sending = threading.Lock()

    @classmethod
    def to_engine(cls, connection: Connection) -> Channel:
        return cls(connection, decode_event)

    @classmethod
    def to_front(cls, connection: Connection) -> Channel:
        return cls(connection, decode_request)

    def send(self, message: Any) -> None:
        """Block until the other end's buffer took it. Raise ``ProtocolError`` (nothing sent) or
        ``Closed``."""
        frame = encode(message)
        try:
            with self._sending:
                self._connection.send_bytes(frame)
        except (OSError, ValueError) as error:
            raise Closed(str(error)) from error

    def receive(self) -> Any:
        """The next message. Raise ``Closed`` at the end, ``ProtocolError`` for a frame that is no message."""
        try:
            frame = self._connection.recv_bytes(MAX_FRAME_BYTES)
        except (EOFError, OSError) as error:
            raise Closed(str(error)) from error
        return self._decode(frame)

    def close(self) -> None:
        self._connection.close()
