"""The routes: OpenAI's models and chat completions, and ratings of Attune's own."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from functools import partial

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from assistant.engine.protocol import Token
from assistant.errors import AttuneError
from assistant.serve import responses
from assistant.serve.errors import ApiError, of_attune
from assistant.serve.guard import Access, Bodies, Guard, Held, refusal
from assistant.serve.replies import GONE, Desk, InStore, Order, Reply
from assistant.serve.requests import ChatRequest, Extension, RatingRequest, read, said_of
from assistant.serve.responses import Finished, Head
from assistant.services.completions import CompletionService, Writer
from models.errors import ModelError

log = logging.getLogger(__name__)

ID_PREFIX = "chatcmpl-"
_STREAM_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


@dataclass(frozen=True, slots=True)
class Defaults:
    """What holds where a request says nothing."""

    model: str
    keep: bool = False
    style: bool = True
    card: bool = True
    search: bool = True


class Api:
    """The routes' functions. Belongs to one event loop."""

    def __init__(
        self,
        desk: Desk,
        service: CompletionService,
        in_store: InStore,
        defaults: Defaults,
        bodies: Bodies | None = None,
    ) -> None:
        self._desk, self._service, self._in_store, self._defaults = desk, service, in_store, defaults
        self._bodies = bodies or Bodies()

    def app(self, access: Access) -> Starlette:
        """The application, with its guard in front."""
        routes = [
            Route("/health", self._health),
            Route("/v1/models", self._models),
            Route("/v1/models/{name:path}", self._model),
            Route("/v1/chat/completions", self._chat, methods=["POST"]),
            Route("/v1/embeddings", self._embeddings, methods=["POST"]),
            Route("/v1/attune/ratings", self._rate, methods=["POST"]),
        ]
        return Starlette(
            routes=routes,
            middleware=[Middleware(Guard, access=access)],
            exception_handlers={
                ApiError: _api_error,
                AttuneError: _attune_error,
                ModelError: _model_error,
                HTTPException: _http_error,
                ClientDisconnect: _gone,
                Exception: _unexpected,
            },
        )

    async def _health(self, request: Request) -> Response:
        return _json({"status": "ok"})

    async def _models(self, request: Request) -> Response:
        found = await self._in_store(self._service.names)
        return _json({"object": "list", "data": [responses.model(named) for named in found]})

    async def _model(self, request: Request) -> Response:
        name = request.path_params["name"]
        for named in await self._in_store(self._service.names):
            if named.name == name:
                return _json(responses.model(named))
        raise ApiError(
            404, "There is no model of this name; /v1/models lists those that are.", code="model_not_found"
        )

    async def _embeddings(self, request: Request) -> Response:
        raise ApiError(501, "Embeddings are not served: the engine gives none.", code="not_implemented")

    async def _rate(self, request: Request) -> Response:
        held = Held(self._bodies)
        try:
            asked = read(await self._bodies.read(request, held), RatingRequest)
            reply_id = asked.id.removeprefix(ID_PREFIX)
            rating = await self._in_store(lambda: self._service.rate(reply_id, asked.rating, asked.note))
        finally:
            held.release()
        return _json(
            {
                "object": "attune.rating",
                "id": rating.id,
                "reply": asked.id,
                "kind": rating.kind,
                "value": rating.value,
            }
        )

    # --- chat -------------------------------------------------------------------------------------------

    async def _chat(self, request: Request) -> Response:
        self._desk.check_room()
        held = Held(self._bodies)
        try:
            asked = read(await self._bodies.read(request, held), ChatRequest)
            reply = self._desk.submit(await self._order(asked, request))
        except BaseException:
            held.release()
            raise
        watcher = asyncio.ensure_future(self._watch(request, reply))

        def finish() -> None:
            watcher.cancel()
            held.release()
            self._desk.cancel(reply)

        head = Head(ID_PREFIX + reply.id, reply.created, asked.model or self._defaults.model)
        streams = False
        try:
            # Only with the first word it is sure that the request can be answered: until then the status can say no.
            first = await reply.events.get()
            if isinstance(first, ApiError):
                raise first
            if asked.stream:
                with_usage = bool(asked.stream_options and asked.stream_options.include_usage)
                streams = True
                parts = _parts(head, reply, first, with_usage, finish)
                return StreamingResponse(parts, media_type="text/event-stream", headers=_STREAM_HEADERS)
            event: Token | Finished | ApiError = first
            while not isinstance(event, Finished):
                event = await reply.events.get()
                if isinstance(event, ApiError):
                    raise event
            return _json(responses.completion(head, event))
        finally:
            if not streams:
                finish()

    async def _order(self, asked: ChatRequest, request: Request) -> Order:
        asked.refuse_what_is_not_served()
        defaults, own = self._defaults, asked.attune or Extension()
        writer = await self._writer(asked.model or defaults.model)
        if not _said(own.style, defaults.style) and writer.style == "own" and not writer.line:
            writer = Writer(writer.model, "base", name=writer.name)
        agent = request.headers.get("user-agent", "")
        host = request.client.host if request.client else ""
        return Order(
            program=f"user {asked.user}" if asked.user else f"{host} {agent}",
            writer=writer,
            said=await asyncio.to_thread(said_of, asked),
            sampled=asked.sampled,
            card=_said(own.card, defaults.card),
            search=_said(own.search, defaults.search),
            keep=_said(own.keep, bool(asked.store) or defaults.keep),
        )

    async def _writer(self, name: str) -> Writer:
        try:
            return await self._in_store(partial(self._service.writer, name))
        except AttuneError as error:
            raise ApiError(404, str(error), param="model", code="model_not_found") from error

    async def _watch(self, request: Request, reply: Reply) -> None:
        """Stop the reply when its client is gone."""
        while (await request.receive())["type"] != "http.disconnect":
            continue
        self._desk.cancel(reply)


async def _parts(
    head: Head, reply: Reply, first: Token | Finished, with_usage: bool, finish: Callable[[], None]
) -> AsyncIterator[bytes]:
    """A reply as server-sent events. An error on the way is an event too, and the end."""
    part = partial(responses.chunk, head, with_usage=with_usage)
    try:
        yield responses.event(part({"role": "assistant", "content": ""}))
        written = ""
        event: Token | Finished | ApiError = first
        while isinstance(event, Token):
            written += event.text
            if event.text:
                yield responses.event(part({"content": event.text}))
            event = await reply.events.get()
        if isinstance(event, ApiError):
            yield responses.event(event.body())
            return
        if rest := event.text[len(written) :]:
            yield responses.event(part({"content": rest}))
        yield responses.event(part({}, finished=event))
        if with_usage:
            yield responses.event(responses.usage_chunk(head, event.made))
        yield responses.DONE
    finally:
        finish()


def _said(value: bool | None, otherwise: bool) -> bool:
    return otherwise if value is None else value


def _json(value: dict[str, object], status: int = 200) -> Response:
    return Response(responses.encoded(value), status, media_type="application/json")


async def _api_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, ApiError)
    return refusal(error)


async def _attune_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, AttuneError)
    return refusal(of_attune(error))


async def _model_error(request: Request, error: Exception) -> Response:
    return refusal(ApiError(500, str(error)))


async def _gone(request: Request, error: Exception) -> Response:
    return refusal(GONE)


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    sentences = {404: "There is nothing at this address.", 405: "This address does not answer that method."}
    return refusal(ApiError(error.status_code, sentences.get(error.status_code, f"{error.detail}.")))


async def _unexpected(request: Request, error: Exception) -> Response:
    return refusal(ApiError(500, "The server failed for a reason that its log tells."))
