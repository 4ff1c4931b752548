"""Errors of the API, in the form that OpenAI's clients read: one sentence, a type, the field it is about, a code."""

from __future__ import annotations

from assistant.engine.protocol import Failed
from assistant.errors import AttuneError, BadInput, NotFound, OutOfMemory, StoreError

SERVER_ERROR = "server_error"
BAD_REQUEST = "invalid_request_error"
CLOSING = "The server is shutting down."


class ApiError(Exception):
    """What a client is told. ``status`` is the HTTP status, ``retry_after_s`` when to try again (0: not said)."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        param: str | None = None,
        code: str | None = None,
        retry_after_s: int = 0,
    ) -> None:
        super().__init__(message)
        self.status, self.message, self.param, self.code = status, message, param, code
        self.retry_after_s = retry_after_s

    @property
    def type(self) -> str:
        if self.status == 429:
            return "rate_limit_error"
        if self.status == 401:
            return "authentication_error"
        if self.status == 403:
            return "permission_error"
        return BAD_REQUEST if self.status < 500 else SERVER_ERROR

    def body(self) -> dict[str, object]:
        """The JSON object of the answer, and of an error within a stream."""
        error = {"message": self.message, "type": self.type, "param": self.param, "code": self.code}
        return {"error": error}

    def headers(self) -> dict[str, str]:
        headers = {}
        if self.retry_after_s:
            headers["Retry-After"] = str(self.retry_after_s)
        if self.status == 401:
            headers["WWW-Authenticate"] = "Bearer"
        return headers


def of_attune(error: AttuneError) -> ApiError:
    """The answer for an error that a service raised."""
    if isinstance(error, BadInput):
        return ApiError(400, str(error))
    if isinstance(error, NotFound):
        return ApiError(404, str(error), code="not_found")
    if isinstance(error, (OutOfMemory, StoreError)):
        return ApiError(503, str(error))
    return ApiError(500, str(error))


def of_failed(failed: Failed) -> ApiError:
    """The answer for a request that the engine refused or could not finish."""
    if failed.kind == "bad_input":
        too_long = "please shorten it" in failed.reason
        return ApiError(400, failed.reason, code="context_length_exceeded" if too_long else None)
    if failed.kind in ("memory", "busy", "cancelled"):
        return ApiError(503, failed.reason)
    return ApiError(500, failed.reason)
