"""The guard that every test runs under is there and works: nothing of this process leaves the computer."""

from __future__ import annotations

import socket

import pytest


@pytest.mark.parametrize("host", ["192.0.2.1", "example.invalid", "2001:db8::1"])
def test_another_computer_is_not_reached_and_the_try_is_noted(no_network, host):
    with pytest.raises(ConnectionRefusedError, match="no test may reach"):
        socket.create_connection((host, 80), timeout=1)
    assert no_network == [host]
    no_network.clear()


def test_this_computer_is_reached():
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()):
        pass
