"""Holds what the user asks of the engine while no model is loaded, and hands it on when one is.

It stands between ``assistant.services.chat.ChatService`` and the engine client, so that a prompt sent in the first second
of the first run is kept and answered. Used on one thread, the chat's.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from assistant.engine.client import Client
from assistant.engine.protocol import Event, Failed, Turn
from assistant.learning_records import SteeringRequest
from assistant.records import Sampling


class EngineGate:
    """``answer`` takes the events of requests that never reach the engine."""

    def __init__(self, client: Client, answer: Callable[[Event], None]) -> None:
        self._client, self._answer = client, answer
        self._open = False
        self._waiting: dict[int, Callable[[], object]] = {}

    def new_id(self) -> int:
        return self._client.new_id()

    def generate(
        self,
        turns: tuple[Turn, ...],
        sampling: Sampling,
        *,
        style: str | None = None,
        style_name: str | None = None,
        steering: SteeringRequest | None = None,
        comparing: Literal["", "side", "base"] = "",
        id: int | None = None,
    ) -> int:
        made = self._client.new_id() if id is None else id
        return self._pass(
            made,
            lambda: self._client.generate(
                turns,
                sampling,
                style=style,
                style_name=style_name,
                steering=steering,
                comparing=comparing,
                id=made,
            ),
        )

    def prefill(
        self,
        turns: tuple[Turn, ...],
        *,
        style: str | None = None,
        steering: SteeringRequest | None = None,
        id: int | None = None,
    ) -> int:
        """Asked again when a model is loaded: while none is, there is nothing to read ahead with."""
        made = self._client.new_id() if id is None else id
        if self._open:
            self._client.prefill(turns, style=style, steering=steering, id=made)
        return made

    def recognise(self, image: str, *, id: int | None = None) -> int:
        made = self._client.new_id() if id is None else id
        return self._pass(made, lambda: self._client.recognise(image, id=made))

    def cancel(self, target: int) -> None:
        """Stop a request; one that still waits is answered as cancelled."""
        if self._waiting.pop(target, None) is not None:
            self._answer(Failed(target, "cancelled", "Stopped."))
        else:
            self._client.cancel(target)

    def open(self) -> None:
        """A model is loaded: hand on what waited, in order."""
        self._open = True
        waiting, self._waiting = self._waiting, {}
        for ask in waiting.values():
            ask()

    def close(self) -> None:
        """No model is loaded: keep what comes."""
        self._open = False

    def fail(self, reason: str) -> None:
        """There will be no model: answer what waited with ``reason``."""
        self.close()
        waiting, self._waiting = self._waiting, {}
        for request_id in waiting:
            self._answer(Failed(request_id, "model", reason))

    def _pass(self, request_id: int, ask: Callable[[], object]) -> int:
        if self._open:
            ask()
        else:
            self._waiting[request_id] = ask
        return request_id
