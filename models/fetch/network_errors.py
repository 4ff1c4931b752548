"""An error of the network as one sentence for a person, without numbers and names of the system."""

from __future__ import annotations

import errno
import re
import socket
import ssl

NO_INTERNET = "No internet connection"  # what begins the sentence where that is why
_UNREACHABLE = {errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EHOSTDOWN}
_BROKEN = {errno.ECONNRESET, errno.ECONNABORTED, errno.EPIPE}
# Libraries put the system's error into their own text, where only the words are left of it.
_NO_NAME = re.compile(
    r"name or service|getaddrinfo|name resolution|nodename nor servname|no address associated", re.I
)
_NO_ROUTE = re.compile(r"network is (?:unreachable|down)|no route to host|host is (?:unreachable|down)", re.I)
_REFUSED = re.compile(r"connection refused|actively refused", re.I)
_CUT = re.compile(r"connection (?:reset|aborted|broken)|disconnected without|peer closed|incomplete", re.I)


def sentence(host: str, error: BaseException) -> str:
    """Why ``host`` cannot be reached."""
    chain = _chain(error)
    text = " ".join(str(part) for part in chain)
    codes = {part.errno for part in chain if isinstance(part, OSError)}
    if any(isinstance(part, socket.gaierror) for part in chain) or _NO_NAME.search(text):
        return f"{NO_INTERNET}: {host} cannot be found."
    if codes & _UNREACHABLE or _NO_ROUTE.search(text):
        return f"{NO_INTERNET}: {host} cannot be reached."
    if errno.ECONNREFUSED in codes or _REFUSED.search(text):
        return f"{host} refuses the connection; try again later."
    if any(isinstance(part, ssl.SSLCertVerificationError) for part in chain) or "certificate" in text.lower():
        return f"The certificate of {host} cannot be verified, so nothing is downloaded from it."
    if any(isinstance(part, TimeoutError) for part in chain):
        return f"{host} does not answer; is there a connection?"
    if codes & _BROKEN or _CUT.search(text):
        return f"The connection to {host} broke off; try again."
    return f"{host} cannot be reached ({short(error)})."


def short(error: BaseException) -> str:
    """The first line of an error's text, without ``[Errno -2]``."""
    line = (str(error).strip().splitlines() or [""])[0]
    line = re.sub(r"\[(?:Errno|WinError) -?\d+\]\s*", "", line)[:160].strip().rstrip(".")
    return line or type(error).__name__


def plain(error: OSError | MemoryError) -> str:
    """What went wrong, in the system's own words but without its numbers."""
    return (error.strerror if isinstance(error, OSError) and error.strerror else short(error)).rstrip(".")


def _chain(error: BaseException) -> list[BaseException]:
    """The error and what caused it."""
    found: list[BaseException] = []
    at: BaseException | None = error
    while at is not None and at not in found:
        found.append(at)
        at = at.__cause__ or at.__context__
    return found
