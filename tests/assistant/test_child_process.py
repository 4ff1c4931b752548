"""Children end with their parent, whatever they are doing: in Python code, in C code that holds Python's lock, in torch."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

PARENT = """
import sys, threading
import tests_children as children
from assistant.child_process import ChildProcess

if __name__ == "__main__":
    started = []

    def start():
        started.append(ChildProcess(children.body, sys.argv[1], name="child"))

    if sys.argv[2] == "thread":  # one that has ended while the child lives
        starter = threading.Thread(target=start)
        starter.start()
        starter.join()
    else:
        start()
    child = started[0]
    print(child.pid, child.connection.recv(), flush=True)
    child.join(600.0)
"""
CHILDREN = """
import sys

if "watched" in sys.argv:  # as on systems where the kernel does not help
    from assistant import child_process

    child_process._let_kernel_kill = lambda sentinel: None


def body(connection, work):
    if work == "torch":
        import torch

        torch.set_num_threads(1)
        x = torch.ones(6000, 6000)
    connection.send("busy")
    if work in ("python", "watched"):
        while True:
            pass
    elif work == "locked":
        10 ** 10 ** 9  # one call into C that keeps Python's lock for hours
    else:
        while True:
            x @ x  # seconds each
"""


def gone(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return True
    return state == "Z"  # ended; the next parent up has yet to ask


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc")
@pytest.mark.parametrize("work", ["python", "watched", "locked", "torch"])
@pytest.mark.parametrize("started_by", ["main", "thread"])
def test_a_child_ends_with_its_killed_parent(work: str, started_by: str, tmp_path: Path) -> None:
    (tmp_path / "tests_children.py").write_text(CHILDREN)
    (tmp_path / "parent.py").write_text(PARENT)
    root = Path(__file__).resolve().parents[2]
    parent = subprocess.Popen(
        [sys.executable, str(tmp_path / "parent.py"), work, started_by],
        stdout=subprocess.PIPE, text=True, env=os.environ | {"PYTHONPATH": f"{tmp_path}:{root}"},
    )  # fmt: skip
    assert parent.stdout is not None
    pid = 0
    try:
        words = parent.stdout.readline().split()
        pid = int(words[0])
        assert words[1] == "busy"
        time.sleep(0.5)  # into the long call
        assert not gone(pid) and parent.poll() is None  # a parent that lives keeps it
        parent.send_signal(signal.SIGKILL)
        parent.wait(10)
        end = time.monotonic() + 30
        while not gone(pid) and time.monotonic() < end:
            time.sleep(0.05)
        assert gone(pid)
    finally:
        parent.kill()
        parent.stdout.close()
        if pid and not gone(pid):
            os.kill(pid, signal.SIGKILL)
