"""The proof that nothing uses the network: it notices what does, says what it cannot show, and holds for the program."""

from __future__ import annotations

import sys

import pytest

from assistant import offline_proof
from assistant.errors import AttuneError
from assistant.offline_proof import Proof, Step

TRACE = """\
123 connect(3, {sa_family=AF_UNIX, sun_path="/tmp/.X11-unix/X0"}, 20) = 0
123 connect(4, {sa_family=AF_INET, sin_port=htons(443), sin_addr=inet_addr("192.0.2.1")}, 16) = -1 ENETUNREACH
124 connect(4, {sa_family=AF_INET, sin_port=htons(80), sin_addr=inet_addr("127.0.0.1")}, 16) = 0
124 sendto(5, "...", 29, MSG_NOSIGNAL, {sa_family=AF_INET6, inet_pton(AF_INET6, "2001:db8::1", &sin6_addr)}, 28) = 29
124 sendmsg(5, {msg_name=NULL, msg_namelen=0}, 0) = 4
"""
COUNTED = """\
Ip: Forwarding OutNoRoutes ReasmTimeout
Ip: 2 3 0
Icmp: InMsgs
Icmp: 0
Ip6OutNoRoutes                  \t4
"""

needs_both = pytest.mark.skipif(
    not (offline_proof.can_cut() and offline_proof.can_trace()), reason="needs unshare -rn and strace"
)


def test_calls_that_leave_the_computer_are_told_from_those_that_do_not(tmp_path):
    (tmp_path / "trace").write_text(TRACE)
    assert [line[:11] for line in offline_proof._tries(tmp_path / "trace")] == ["123 connect", "124 sendto("]
    (tmp_path / "counted").write_text(COUNTED)
    assert offline_proof._no_route(tmp_path / "counted") == 7
    assert list(offline_proof._tries(tmp_path / "no")) == [] and offline_proof._no_route(tmp_path / "no") == 0


def test_it_holds_only_if_all_worked_nothing_was_tried_and_the_control_was_noticed():
    good = Step("chat", True, 1.0, "", (), 0)
    control = Step("control", False, 1.0, "", ("connect",), 1)
    assert Proof(True, True, control, (good,), ()).holds
    assert Proof(False, True, None, (good,), ()).holds
    assert not Proof(True, True, control, (), ()).holds
    assert not Proof(True, True, Step("control", False, 1.0, "", (), 0), (good,), ()).holds
    for bad in (
        Step("x", False, 1.0, "", (), 0),
        Step("x", True, 1.0, "", ("c",), 0),
        Step("x", True, 1.0, "", (), 1),
    ):
        assert not Proof(True, True, control, (good, bad), ()).holds


@needs_both
def test_a_program_that_calls_home_is_caught(tmp_path):
    """Another program in Attune's place: its child process calls home, and passes over that it could not."""
    call = "import socket; s = socket.socket(); s.connect_ex(('192.0.2.7', 443))"
    program = [
        sys.executable,
        "-c",
        f"import subprocess, sys; subprocess.run([sys.executable, '-c', {call!r}])",
    ]
    (tmp_path / "models" / "m").mkdir(parents=True)
    proof = offline_proof.prove(program, tmp_path / "models", "m")
    assert proof.cut and proof.traced and proof.noticed and not proof.holds
    assert all(step.worked and "192.0.2.7" in step.tries[0] and step.counted == 1 for step in proof.steps)


def test_where_nothing_can_be_shown_that_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr(offline_proof, "can_cut", lambda: False)
    monkeypatch.setattr(offline_proof, "can_trace", lambda: False)
    with pytest.raises(AttuneError, match="Nothing can be shown here"):
        offline_proof.prove(["true"], tmp_path, "m")


@needs_both
@pytest.mark.slow
def test_the_program_works_without_a_network_and_tries_none(starter_models):
    proof = offline_proof.prove([sys.executable, "-m", "ui.launch"], starter_models, "starter")
    assert proof.holds, proof
    assert [step.name for step in proof.steps] == [
        "chat", "picture", "rating", "more ratings", "learning", "search", "export",
    ]  # fmt: skip
