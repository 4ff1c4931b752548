"""One end of the pipe between front and engine: whole frames of protocol messages, safe from several
threads."""

from __future__ import annotations

import threading
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

from assistant.engine.codec import MAX_FRAME_BYTES, decode_event, decode_request, encode


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
