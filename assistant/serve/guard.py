"""Who may ask: the door in front of all routes, and how much a request may bring.

A page in a browser can send requests to this computer. Three things keep it out: the access token, which it does not
know; the Origin that browsers add; and the Host, which names the attacker's domain where a DNS name was made to point
here (DNS rebinding). An address in digits as Host needs no DNS and is therefore no danger.
"""

from __future__ import annotations

import asyncio
import hmac
import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.serve.errors import ApiError
from assistant.serve.responses import encoded

MOST_BODY_BYTES = 32_000_000  # one picture of the largest kind in base64, and more
MOST_HELD_BYTES = 256_000_000  # of all requests together, while they wait and are answered
BODY_TIMEOUT_S = 60.0
OPEN_PATHS = ("/health",)  # say nothing that is anybody's


@dataclass(frozen=True, slots=True)
class Access:
    token: str
    hosts: frozenset[str] = frozenset()  # names, beside localhost and addresses in digits
    origins: frozenset[str] = frozenset()  # of pages that may ask


def refusal(error: ApiError) -> Response:
    """The answer that says why."""
    return Response(encoded(error.body()), error.status, error.headers(), "application/json")


class Guard:
    """ASGI middleware: Host, Origin, then the token."""

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self._app, self._access = app, access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        origin = headers.get("origin")
        try:
            self._check_place(headers, origin)
            if scope["method"] == "OPTIONS" and origin and "access-control-request-method" in headers:
                await Response(None, 204, _preflight(origin))(scope, receive, send)
                return
            if scope["path"] not in OPEN_PATHS:
                self._check_token(headers)
        except ApiError as error:
            await refusal(error)(scope, receive, _for_page(send, origin if error.status == 401 else None))
            return
        await self._app(scope, receive, _for_page(send, origin))

    def _check_place(self, headers: Headers, origin: str | None) -> None:
        host = headers.get("host", "")
        name = host_name(host)
        if not (name == "localhost" or name in self._access.hosts or _is_address(name)):
            raise ApiError(403, "Requests to this host name are not served.", code="host_not_allowed")
        if origin is None or origin in self._access.origins or origin == f"http://{host}":
            return
        raise ApiError(
            403,
            "Web pages of this origin may not ask; start attune serve with --allow-origin for those that may.",
            code="origin_not_allowed",
        )

    def _check_token(self, headers: Headers) -> None:
        scheme, _, given = headers.get("authorization", "").partition(" ")
        expected = self._access.token.encode()
        if scheme.lower() != "bearer" or not hmac.compare_digest(given.strip().encode(), expected):
            raise ApiError(
                401,
                "The access token is missing or wrong; attune serve prints it when it starts.",
                code="invalid_api_key",
            )


def host_name(host: str) -> str:
    """The name or address in a Host header, without its port."""
    if host.startswith("["):
        return host[1:].partition("]")[0].lower()
    name, colon, port = host.rpartition(":")
    return (name if colon and port.isdigit() and ":" not in name else host).lower().rstrip(".")


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _preflight(origin: str) -> dict[str, str]:
    return {
        "Access-Control-Allow-Origin": origin,
        "Access-Control-Allow-Methods": "GET, POST",
        "Access-Control-Allow-Headers": "authorization, content-type, *",
        "Access-Control-Max-Age": "600",
        "Vary": "Origin",
    }


def _for_page(send: Send, origin: str | None) -> Send:
    """Answers that a page of an allowed origin may read."""
    if origin is None:
        return send

    async def with_origin(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers["Access-Control-Allow-Origin"] = origin
            headers["Vary"] = "Origin"
        await send(message)

    return with_origin


class Held:
    """Bytes of one request that count as held until ``release``."""

    def __init__(self, bodies: Bodies) -> None:
        self._bodies, self.size = bodies, 0

    def add(self, size: int) -> None:
        self.size += size
        self._bodies.held += size

    def release(self) -> None:
        self._bodies.held -= self.size
        self.size = 0


class Bodies:
    """Reads bodies within the limits of one request and of all together."""

    def __init__(self, most: int = MOST_BODY_BYTES, most_held: int = MOST_HELD_BYTES) -> None:
        self._most, self._most_held = most, most_held
        self.held = 0

    async def read(self, request: Request, held: Held) -> bytes:
        """Raises ApiError for one that is too large, too slow, or too much beside the others, ClientDisconnect."""
        announced = request.headers.get("content-length", "")
        if announced.isdigit() and int(announced[:20]) > self._most:
            raise self._too_large()
        parts: list[bytes] = []
        try:
            async with asyncio.timeout(BODY_TIMEOUT_S):
                async for part in request.stream():
                    if held.size + len(part) > self._most:
                        raise self._too_large()
                    if self.held + len(part) > self._most_held:
                        raise ApiError(
                            429, "Too much is being sent at once; try again in 5 s.", retry_after_s=5
                        )
                    held.add(len(part))
                    parts.append(part)
        except TimeoutError as error:
            raise ApiError(408, f"The body did not come within {BODY_TIMEOUT_S:.0f} s.") from error
        return b"".join(parts)

    def _too_large(self) -> ApiError:
        return ApiError(413, f"The body is larger than {self._most // 1_000_000} MB, which is the limit.")


def names(values: Iterable[str]) -> frozenset[str]:
    """Host names as ``Guard`` compares them."""
    return frozenset(host_name(value) for value in values if value)


__all__ = ["Access", "Bodies", "ClientDisconnect", "Guard", "Held", "host_name", "names", "refusal"]
