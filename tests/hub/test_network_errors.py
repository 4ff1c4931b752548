"""Errors of the network are told in plain words, without the system's numbers."""

from __future__ import annotations

import errno
import socket
import ssl

import pytest

from models.errors import DownloadFailed
from models.fetch import network_errors
from models.fetch.hub import Access, telling

HOST = "https://huggingface.co"
CERTIFICATE = f"The certificate of {HOST} cannot be verified, so nothing is downloaded from it."


class Wrapped(Exception):
    """A library's error around the system's."""


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (socket.gaierror(-2, "Name or service not known"), f"No internet connection: {HOST} cannot be found."),
        (Wrapped("[Errno -3] Temporary failure in name resolution"), f"No internet connection: {HOST} cannot be found."),
        (OSError(errno.ENETUNREACH, "Network is unreachable"), f"No internet connection: {HOST} cannot be reached."),
        (Wrapped("[Errno 111] Connection refused"), f"{HOST} refuses the connection; try again later."),
        (ConnectionResetError(errno.ECONNRESET, "Connection reset by peer"), f"The connection to {HOST} broke off; try again."),
        (ssl.SSLCertVerificationError("self-signed certificate"), CERTIFICATE),
        (Wrapped("[Errno 5] Input/output error"), f"{HOST} cannot be reached (Input/output error)."),
        (Wrapped(), f"{HOST} cannot be reached (Wrapped)."),
    ],
    ids=str,
)  # fmt: skip
def test_each_error_is_a_sentence(error, said):
    assert network_errors.sentence(HOST, error) == said
    outer = Wrapped("all attempts failed")
    outer.__cause__ = error
    assert "Errno" not in network_errors.sentence(HOST, outer)


def test_a_hub_that_cannot_be_found_is_told_so():
    import httpx2

    with pytest.raises(DownloadFailed) as raised, telling("a/b", Access(HOST, "", "")):
        raise httpx2.ConnectError("[Errno -2] Name or service not known")
    assert str(raised.value) == f"No internet connection: {HOST} cannot be found."
