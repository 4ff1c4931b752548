"""What a client may send: the fields of OpenAI's API that are served here, checked before anything is done.

Fields that nobody knows are passed over, as OpenAI's server does; fields that would change the reply and are not
served are refused, so that nobody takes an answer for what it is not.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass, replace
from typing import Annotated, Any, TypeVar

import msgspec
from msgspec import Meta, Struct

from assistant.records import Role, Sampling
from assistant.serve.errors import ApiError
from assistant.services.completions import Picture, Said
from assistant.vision.intake import intake

MOST_CHARACTERS = 1_000_000  # of all messages; more than any model here can read
MOST_MESSAGES = 4096
MOST_PICTURES = 16
_ROLES: dict[str, Role] = {
    "system": "system",
    "developer": "system",
    "user": "user",
    "assistant": "assistant",
}
_PLACE = re.compile(r"^(?P<what>.*?)(?: - at `\$\.?(?P<where>.*)`)?$", re.DOTALL)
_MISSING = re.compile(r"missing required field `(\w+)`")
_DATA_URL = re.compile(r"data:[\w.+/;=-]*;base64,", re.IGNORECASE)

Whole = Annotated[int, Meta(ge=1, le=1_000_000)]
Share = Annotated[float, Meta(gt=0.0, le=1.0)]
T = TypeVar("T")


class ImageUrl(Struct):
    url: str


class TextPart(Struct, tag_field="type", tag="text"):
    text: str


class ImagePart(Struct, tag_field="type", tag="image_url"):
    image_url: ImageUrl


class ChatMessage(Struct):
    role: str
    content: str | list[TextPart | ImagePart] | None = None
    tool_calls: list[Any] | None = None


class StreamOptions(Struct):
    include_usage: bool | None = None


class Extension(Struct):
    """The field "attune": what OpenAI's API has no words for. None: as the server was started."""

    keep: bool | None = None
    style: bool | None = None
    card: bool | None = None
    search: bool | None = None


class ChatRequest(Struct):
    """The body of POST /v1/chat/completions."""

    messages: Annotated[list[ChatMessage], Meta(min_length=1, max_length=MOST_MESSAGES)]
    model: str = ""
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    stop: str | Annotated[list[str], Meta(max_length=16)] | None = None
    seed: int | None = None
    temperature: Annotated[float, Meta(ge=0.0, le=2.0)] | None = None
    top_p: Share | None = None
    top_k: Annotated[int, Meta(ge=0, le=100_000)] | None = None
    min_p: Annotated[float, Meta(ge=0.0, le=1.0)] | None = None
    repetition_penalty: Annotated[float, Meta(ge=0.5, le=3.0)] | None = None
    max_tokens: Whole | None = None
    max_completion_tokens: Whole | None = None
    n: int | None = None
    logprobs: bool | None = None
    top_logprobs: int | None = None
    presence_penalty: float | None = None
    frequency_penalty: float | None = None
    logit_bias: dict[str, float] | None = None
    tools: list[Any] | None = None
    functions: list[Any] | None = None
    response_format: dict[str, Any] | None = None
    modalities: list[str] | None = None
    user: str | None = None
    store: bool | None = None
    attune: Extension | None = None

    def sampled(self, base: Sampling) -> Sampling:
        """How this reply is drawn: what the request says, else as ``base``."""
        said: dict[str, Any] = {
            "temperature": self.temperature,
            "top_p": self.top_p,
            "top_k": self.top_k,
            "min_p": self.min_p,
            "repetition_penalty": self.repetition_penalty,
            "max_tokens": self.max_completion_tokens or self.max_tokens,
            "seed": None if self.seed is None else self.seed % 2**31,
        }
        stops = [self.stop] if isinstance(self.stop, str) else self.stop or []
        said["stop"] = tuple(stop for stop in stops if stop) or None
        return replace(base, **{name: value for name, value in said.items() if value is not None})

    def refuse_what_is_not_served(self) -> None:
        """Raises ApiError for the first field that asks for something that is not here."""
        refused = (
            ("n", self.n not in (None, 1), "Only one reply per request is written: n must be 1."),
            ("logprobs", bool(self.logprobs), "Log-probabilities of tokens are not served."),
            ("top_logprobs", bool(self.top_logprobs), "Log-probabilities of tokens are not served."),
            ("tools", bool(self.tools), "Tools are not served; leave tools out."),
            ("functions", bool(self.functions), "Functions are not served; leave functions out."),
            ("logit_bias", bool(self.logit_bias), "logit_bias is not served."),
            (
                "presence_penalty",
                bool(self.presence_penalty),
                "presence_penalty is not served; use repetition_penalty.",
            ),
            (
                "frequency_penalty",
                bool(self.frequency_penalty),
                "frequency_penalty is not served; use repetition_penalty.",
            ),
            (
                "response_format",
                self.response_format is not None and self.response_format.get("type") != "text",
                "Only response_format text is served.",
            ),
            ("modalities", self.modalities not in (None, [], ["text"]), "Replies are text only."),
        )
        for name, asked, sentence in refused:
            if asked:
                raise ApiError(400, sentence, param=name, code="unsupported_value")


class RatingRequest(Struct):
    """The body of POST /v1/attune/ratings."""

    id: str
    rating: str | int
    note: Annotated[str, Meta(max_length=10_000)] = ""


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in the body something stands, as errors name it."""

    name: str

    def error(self, sentence: str) -> ApiError:
        return ApiError(400, f"{self.name} {sentence}", param=self.name)


def read(body: bytes, kind: type[T]) -> T:
    """The body as ``kind``. Raises ApiError, which names the field, for what is no JSON or does not fit."""
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.ValidationError as error:
        found = _PLACE.match(str(error))
        what, where = (found["what"], found["where"]) if found else (str(error), None)
        missing = _MISSING.search(what)
        param = ".".join(part for part in (where, missing[1] if missing else None) if part) or None
        sentence = f"{param} is missing" if missing else f"{param or 'The body'}: {what.replace('`', '')}"
        raise ApiError(400, f"{sentence}.", param=param) from error
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise ApiError(400, "The body is not valid JSON.", code="invalid_json") from error


def said_of(request: ChatRequest) -> tuple[Said, ...]:
    """The messages, their pictures through the intake. Blocks while these are decoded.

    Raises ApiError for what cannot be answered, BadInput for a picture that cannot be used.
    """
    said: list[Said] = []
    characters = pictures = 0
    for number, message in enumerate(request.messages):
        place = _Place(f"messages[{number}]")
        role = _ROLES.get(message.role)
        if role is None:
            raise place.error(
                "has a role other than system, developer, user and assistant, which are served."
            )
        if message.tool_calls:
            raise place.error("has tool calls, which are not served.")
        parts = [TextPart(message.content)] if isinstance(message.content, str) else message.content or []
        texts = [part.text for part in parts if isinstance(part, TextPart)]
        images = [part.image_url.url for part in parts if isinstance(part, ImagePart)]
        characters += sum(map(len, texts))
        pictures += len(images)
        if characters > MOST_CHARACTERS:
            raise ApiError(
                400,
                f"The messages have more than {MOST_CHARACTERS:,} characters; please shorten them.",
                param="messages",
                code="context_length_exceeded",
            )
        if pictures > MOST_PICTURES:
            raise place.error(f"has one picture too many: a request may have {MOST_PICTURES}.")
        if images and role != "user":
            raise place.error("has a picture, but only messages of the user can have one.")
        taken = tuple(_picture(url, place, pictures) for url in images)
        said.append(Said(role, "\n".join(texts), taken))
    spoken = [one for one in said if one.role != "system"]
    if not spoken or spoken[-1].role != "user" or not (spoken[-1].text.strip() or spoken[-1].pictures):
        raise ApiError(
            400, "The last message must be the user's, with a text or a picture.", param="messages"
        )
    return tuple(said)


def _picture(url: str, place: _Place, number: int) -> Picture:
    head = _DATA_URL.match(url[:200])
    if head is None:
        raise place.error(
            "has a picture that is no data URL (data:image/png;base64,...); nothing is fetched from the network."
        )
    try:
        data = base64.b64decode(url[head.end() :], validate=True)
    except (binascii.Error, ValueError) as error:
        raise place.error("has a picture whose base64 is damaged.") from error
    image = intake(data, f"Picture {number}")
    return Picture(image, hashlib.sha256(image.data).hexdigest())
